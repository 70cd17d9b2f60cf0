"""Directions and polarisations of the modes, one function per type of turbulence.

For a wave vector k with polar cosine mu and azimuth phi, k/|k| = (sqrt(1 - mu^2) cos phi, sqrt(1 - mu^2) sin phi, mu),
the two polarisations perpendicular to k are e_phi = (-sin phi, cos phi, 0), along z x k (toroidal), and
e_theta = (mu cos phi, mu sin phi, -sqrt(1 - mu^2)), along k x (k x z) (poloidal). Each type maps uniform random
numbers to wave vectors and unit polarisations. The field has no divergence because every polarisation is
perpendicular to its wave vector.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Modes = tuple[Floats, Floats]

UNIFORMS_PER_MODE = 4
"""Number of uniform random numbers that a mode may use: three for direction and polarisation, one for a sign."""


def toroidal(cosine: Floats, azimuth: Floats) -> Floats:
    """Unit vectors e_phi, shape (n, 3), perpendicular to z and k: the polarisation of Alfven modes.

    Examples
    --------
    >>> toroidal(np.array([0.0]), np.array([np.pi / 2])).round(6) + 0.0
    array([[-1.,  0.,  0.]])
    """
    return np.stack([-np.sin(azimuth), np.cos(azimuth), np.zeros_like(cosine)], axis=1)


def poloidal(cosine: Floats, azimuth: Floats) -> Floats:
    """Unit vectors e_theta, shape (n, 3), perpendicular to k in the plane of k and z: that of magnetosonic modes.

    Examples
    --------
    >>> poloidal(np.array([0.6]), np.array([0.0])).round(6) + 0.0
    array([[ 0.6,  0. , -0.8]])
    """
    return np.stack([cosine * np.cos(azimuth), cosine * np.sin(azimuth), -np.sqrt(1 - cosine**2)], axis=1)


def direction(cosine: Floats, azimuth: Floats) -> Floats:
    """Unit vectors, shape (n, 3), of given polar cosines and azimuths, both of shape (n,).

    Examples
    --------
    >>> direction(np.array([0.6]), np.array([0.0])).round(6)
    array([[0.8, 0. , 0.6]])
    """
    sine = np.sqrt(1 - cosine**2)
    return np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine], axis=1)


def _uniform_sphere(uniform: Floats) -> tuple[Floats, Floats]:
    return 2 * uniform[:, 0] - 1, 2 * np.pi * uniform[:, 1]


def isotropic(wavenumber: Floats, uniform: Floats, k_min: float) -> Modes:
    """Directions uniform on the sphere, polarisation uniform in the plane perpendicular to k.

    Arguments and returned arrays of every type are those that :data:`SIMPLE_TYPES` describes.

    Examples
    --------
    >>> wave_vector, polarisation = isotropic(np.array([2.0]), np.array([[0.8, 0.0, 0.25, 0.0]]), k_min=1.0)
    >>> wave_vector.round(6)
    array([[1.6, 0. , 1.2]])
    >>> polarisation.round(6) + 0.0
    array([[ 0.6,  0. , -0.8]])
    """
    cosine, azimuth = _uniform_sphere(uniform)
    angle = 2 * np.pi * uniform[:, 2, None]
    polarisation = toroidal(cosine, azimuth) * np.cos(angle) + poloidal(cosine, azimuth) * np.sin(angle)
    return wavenumber[:, None] * direction(cosine, azimuth), polarisation


def alfvenic(wavenumber: Floats, uniform: Floats, k_min: float) -> Modes:
    """Directions uniform on the sphere, polarisation along k x B0.

    Examples
    --------
    >>> wave_vector, polarisation = alfvenic(np.array([2.0]), np.array([[0.8, 0.0, 0.0, 0.0]]), k_min=1.0)
    >>> polarisation.round(6) + 0.0
    array([[0., 1., 0.]])
    """
    cosine, azimuth = _uniform_sphere(uniform)
    return wavenumber[:, None] * direction(cosine, azimuth), toroidal(cosine, azimuth)


def magnetosonic(wavenumber: Floats, uniform: Floats, k_min: float) -> Modes:
    """Directions uniform on the sphere, polarisation along k x (k x B0).

    Examples
    --------
    >>> wave_vector, polarisation = magnetosonic(np.array([2.0]), np.array([[0.8, 0.0, 0.0, 0.0]]), k_min=1.0)
    >>> polarisation.round(6) + 0.0
    array([[ 0.6,  0. , -0.8]])
    """
    cosine, azimuth = _uniform_sphere(uniform)
    return wavenumber[:, None] * direction(cosine, azimuth), poloidal(cosine, azimuth)


def slab(wavenumber: Floats, uniform: Floats, k_min: float) -> Modes:
    """Wave vectors along plus or minus z, polarisation uniform in the plane perpendicular to z.

    Examples
    --------
    >>> wave_vector, polarisation = slab(np.array([2.0]), np.array([[0.0, 0.0, 0.25, 0.7]]), k_min=1.0)
    >>> wave_vector.round(6) + 0.0
    array([[ 0.,  0., -2.]])
    >>> polarisation.round(6) + 0.0
    array([[-1.,  0.,  0.]])
    """
    cosine = np.where(uniform[:, 3] < 0.5, 1.0, -1.0)
    return wavenumber[:, None] * direction(cosine, 0 * cosine), toroidal(cosine, 2 * np.pi * uniform[:, 2])


def two_dimensional(wavenumber: Floats, uniform: Floats, k_min: float) -> Modes:
    """Wave vectors uniform in the plane perpendicular to z, polarisation in that plane.

    Examples
    --------
    >>> wave_vector, polarisation = two_dimensional(np.array([2.0]), np.array([[0.0, 0.25, 0.0, 0.0]]), k_min=1.0)
    >>> wave_vector.round(6) + 0.0
    array([[0., 2., 0.]])
    >>> polarisation.round(6) + 0.0
    array([[-1.,  0.,  0.]])
    """
    cosine, azimuth = np.zeros_like(wavenumber), 2 * np.pi * uniform[:, 1]
    return wavenumber[:, None] * direction(cosine, azimuth), toroidal(cosine, azimuth)


def goldreich_sridhar(wavenumber: Floats, uniform: Floats, k_min: float) -> Modes:
    """Critically balanced Alfven cascade.

    ``wavenumber`` is k_perp, and |k_par| is drawn from an exponential distribution with mean k_perp^(2/3) l^(-1/3). The
    modal power is proportional to k_perp^(-10/3) exp(-l^(1/3) |k_par| / k_perp^(2/3)) with l = L_max/2pi = 1/k_min
    (Cho, Lazarian & Vishniac 2002, ApJ 564, 291, eq. 5; Yan & Lazarian 2004, ApJ 614, 757).

    Examples
    --------
    >>> median = np.array([[0.5, 0.0, 0.0, 0.0]])
    >>> wave_vector, polarisation = goldreich_sridhar(np.array([8.0]), median, k_min=1.0)
    >>> wave_vector.round(4)  # the median of |k_par| is ln 2 times its mean, 8^(2/3) = 4
    array([[8.    , 0.    , 2.7726]])
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
"""Types made of one kind of mode.

Each function takes ``wavenumber``, shape (n,), in 1/L_c; ``uniform``, shape (n, UNIFORMS_PER_MODE), random numbers in
[0, 1); and ``k_min`` in 1/L_c. It returns wave vectors in 1/L_c and unit polarisations, both of shape (n, 3).
"""

COMPONENTS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in SIMPLE_TYPES},
    "composite": ("slab", "two_dimensional"),
}
"""The kinds of mode that make up each type, in the order in which they are drawn."""

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
    """Whether no direction is distinguished, that is, the modes are isotropic and there is no mean field (eta = 1).

    Examples
    --------
    >>> no_direction("isotropic", 1.0), no_direction("isotropic", 0.5), no_direction("alfvenic", 1.0)
    (True, False, False)
    """
    return mode_type == "isotropic" and eta == 1
