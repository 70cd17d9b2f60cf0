"""Directions and polarisations of the modes, one function per type of turbulence.

With k = (sin cos phi, sin sin phi, mu) the two polarisations across k are e_phi = (-sin phi, cos phi, 0), along z x k
(toroidal), and e_theta = (mu cos phi, mu sin phi, -sqrt(1 - mu^2)), along k x (k x z) (poloidal). Each type maps
uniform random numbers to wave vectors and unit polarisations; divergence-free because every polarisation is across
its wave vector.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Modes = tuple[Floats, Floats]

UNIFORMS_PER_MODE = 4
"""Columns of uniform random numbers that a mode may use: three for its direction and polarisation, one for its sign."""


def toroidal(cosine: Floats, azimuth: Floats) -> Floats:
    """e_phi, shape (n, 3): across z and k, the polarisation of Alfven modes."""
    return np.stack([-np.sin(azimuth), np.cos(azimuth), np.zeros_like(cosine)], axis=1)


def poloidal(cosine: Floats, azimuth: Floats) -> Floats:
    """e_theta, shape (n, 3): across k in the plane of k and z, the polarisation of magnetosonic modes."""
    return np.stack([cosine * np.cos(azimuth), cosine * np.sin(azimuth), -np.sqrt(1 - cosine**2)], axis=1)


def direction(cosine: Floats, azimuth: Floats) -> Floats:
    """Unit vector, shape (n, 3), of polar cosine and azimuth."""
    sine = np.sqrt(1 - cosine**2)
    return np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine], axis=1)


def _uniform_sphere(uniform: Floats) -> tuple[Floats, Floats]:
    return 2 * uniform[:, 0] - 1, 2 * np.pi * uniform[:, 1]


def isotropic(wavenumber: Floats, uniform: Floats, k_min: float) -> Modes:
    """Directions uniform on the sphere, polarisation uniform across k."""
    cosine, azimuth = _uniform_sphere(uniform)
    angle = 2 * np.pi * uniform[:, 2, None]
    polarisation = toroidal(cosine, azimuth) * np.cos(angle) + poloidal(cosine, azimuth) * np.sin(angle)
    return wavenumber[:, None] * direction(cosine, azimuth), polarisation


def alfvenic(wavenumber: Floats, uniform: Floats, k_min: float) -> Modes:
    """Directions uniform on the sphere, polarisation along k x B0."""
    cosine, azimuth = _uniform_sphere(uniform)
    return wavenumber[:, None] * direction(cosine, azimuth), toroidal(cosine, azimuth)


def magnetosonic(wavenumber: Floats, uniform: Floats, k_min: float) -> Modes:
    """Directions uniform on the sphere, polarisation along k x (k x B0)."""
    cosine, azimuth = _uniform_sphere(uniform)
    return wavenumber[:, None] * direction(cosine, azimuth), poloidal(cosine, azimuth)


def slab(wavenumber: Floats, uniform: Floats, k_min: float) -> Modes:
    """Wave vectors along plus or minus z, polarisation uniform across z."""
    cosine = np.where(uniform[:, 3] < 0.5, 1.0, -1.0)
    return wavenumber[:, None] * direction(cosine, 0 * cosine), toroidal(cosine, 2 * np.pi * uniform[:, 2])


def two_dimensional(wavenumber: Floats, uniform: Floats, k_min: float) -> Modes:
    """Wave vectors uniform in the plane across z, polarisation in that plane."""
    cosine, azimuth = np.zeros_like(wavenumber), 2 * np.pi * uniform[:, 1]
    return wavenumber[:, None] * direction(cosine, azimuth), toroidal(cosine, azimuth)


def goldreich_sridhar(wavenumber: Floats, uniform: Floats, k_min: float) -> Modes:
    """Critically balanced Alfven cascade: ``wavenumber`` is k_perp, |k_par| is exponential with mean k_perp^(2/3)
    l^(-1/3).

    Modal power proportional to k_perp^(-10/3) exp(-l^(1/3) |k_par| / k_perp^(2/3)) with l = L_max/2pi = 1/k_min (Cho,
    Lazarian & Vishniac 2002, ApJ 564, 291, eq. 5; Yan & Lazarian 2004, ApJ 614, 757).
    """
    azimuth = 2 * np.pi * uniform[:, 1]
    parallel = -np.log1p(-uniform[:, 0]) * wavenumber ** (2 / 3) * k_min ** (1 / 3)
    parallel = np.where(uniform[:, 3] < 0.5, parallel, -parallel)
    across = wavenumber[:, None] * direction(np.zeros_like(azimuth), azimuth)
    return across + parallel[:, None] * [0.0, 0.0, 1.0], toroidal(parallel, azimuth)


SIMPLE_TYPES: dict[str, Callable[[Floats, Floats, float], Modes]] = {
    "isotropic": isotropic,
    "alfvenic": alfvenic,
    "magnetosonic": magnetosonic,
    "slab": slab,
    "two_dimensional": two_dimensional,
    "goldreich_sridhar": goldreich_sridhar,
}
"""Types made of one kind of mode. Each takes wavenumber (n,), uniform (n, UNIFORMS_PER_MODE) and k_min, and returns
wave vector and polarisation, both (n, 3).
"""

COMPONENTS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in SIMPLE_TYPES},
    "composite": ("slab", "two_dimensional"),
}
"""The kinds of mode that each type is made of, in the order in which they are drawn."""

MODE_TYPES: tuple[str, ...] = (
    "isotropic",
    "alfvenic",
    "magnetosonic",
    "slab",
    "two_dimensional",
    "composite",
    "goldreich_sridhar",
)


def no_direction(mode_type: str, eta: float) -> bool:
    """Whether no direction is distinguished: isotropic modes without a mean field."""
    return mode_type == "isotropic" and eta == 1
