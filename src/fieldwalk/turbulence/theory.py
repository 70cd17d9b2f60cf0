"""Closed forms of the field's second-order statistics, for comparison with drawn fields."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import special

from fieldwalk.turbulence.spectrum import PowerLaw, Spectrum, wavenumber_range

Floats = NDArray[np.float64]

ALONG: dict[str, str] = {
    "isotropic": "any direction",
    "alfvenic": "any direction",
    "magnetosonic": "any direction",
    "slab": "along the mean field",
    "two_dimensional": "across the mean field",
    "composite": "across the mean field",
    "goldreich_sridhar": "across the mean field",
}
"""The line along which the correlation of each type is taken: the one on which its spectrum G lives."""

_VARIANCES = {
    # mode type: (<b_x^2>, <b_z^2>)/dB^2; <b_y^2> = <b_x^2>
    "isotropic": (1 / 3, 1 / 3),
    "alfvenic": (1 / 2, 0.0),
    "magnetosonic": (1 / 6, 2 / 3),
    "slab": (1 / 2, 0.0),
    "two_dimensional": (1 / 2, 0.0),
    "composite": (1 / 2, 0.0),
    "goldreich_sridhar": (1 / 2, 0.0),
}


def component_variances(mode_type: str) -> tuple[float, float, float]:
    """<b_x^2>, <b_y^2>, <b_z^2> in units of dB^2, averaged over the directions of the modes."""
    across, along = _VARIANCES[mode_type]
    return across, across, along


def energy_spectrum(spectrum: Spectrum, scale_ratio: float, wavenumber: Floats) -> Floats:
    """G(k)/dB^2 in L_c at ``wavenumber`` in 1/L_c: its integral is one; zero outside the sharp ends."""
    k_min, k_max = wavenumber_range(spectrum, scale_ratio)
    density = spectrum.density(wavenumber / k_min) / (k_min * spectrum.power(1.0, scale_ratio))
    return np.where((wavenumber >= k_min) & (wavenumber <= k_max), density, 0.0)


def correlation(
    mode_type: str, spectrum: Spectrum, scale_ratio: float, separation: Floats, slab_fraction: float = 0.2
) -> Floats:
    """Trace of the two-point function, <dB(r0).dB(r0 + r)>/dB^2, along the line that :data:`ALONG` names.

    Uniform directions give the integral of G sin(kr)/(kr), wave vectors along the line G cos(kr), wave vectors
    uniform in the plane of the line G J0(kr) (the average of cos(k.r) over the directions of k); the slab part of a
    composite does not vary across the mean field.

    Parameters
    ----------
    mode_type : str
    spectrum : Spectrum
    scale_ratio : float
    separation : array, shape (n,)
        In L_c.
    slab_fraction : float
        Read for ``composite`` only.

    Returns
    -------
    array, shape (n,)
        One at zero separation.
    """
    k_min, k_max = wavenumber_range(spectrum, scale_ratio)
    # log-k Gauss-Legendre panels fine enough for k r up to the largest separation
    edges = np.linspace(np.log(k_min), np.log(k_max), 2001)
    nodes, weights = np.polynomial.legendre.leggauss(8)
    log_k = (edges[:-1, None] + 0.5 * (edges[1] - edges[0]) * (1 + nodes)).ravel()
    weight = np.tile(0.5 * (edges[1] - edges[0]) * weights, len(edges) - 1)
    k = np.exp(log_k)
    share = weight * k * energy_spectrum(spectrum, scale_ratio, k)
    kernel: Callable[[Floats], Floats]
    if mode_type == "slab":
        kernel = np.cos
    elif ALONG[mode_type] == "any direction":
        kernel = lambda kr: np.sinc(kr / np.pi)  # noqa: E731
    else:
        kernel = special.j0
    result = np.array([np.sum(share * kernel(k * r)) for r in separation])
    return np.asarray(slab_fraction + (1 - slab_fraction) * result) if mode_type == "composite" else result


def resonant_pitch_angle_diffusion(
    spectrum: Spectrum, scale_ratio: float, eta: float, rigidity: float, mu: Floats
) -> Floats:
    """Quasi-linear D_mumu of slab turbulence in units of c/L_c (Jokipii 1966, ApJ 146, 480).

    D_mumu = (pi/4) Omega_0 (1 - mu^2) k_r W(k_r)/B0^2 with Omega_0 = sqrt(1 - eta)/r_g the frequency in the mean
    field, k_r = Omega_0/(v |mu|) and W one-sided, its integral dB^2.

    Parameters
    ----------
    spectrum : Spectrum
    scale_ratio : float
    eta : float
        Level of turbulence, much smaller than one.
    rigidity : float
        r_g in L_c.
    mu : array
        Cosine of the pitch angle.
    """
    frequency = np.sqrt(1 - eta) / rigidity
    with np.errstate(divide="ignore"):
        resonant = frequency / np.abs(mu)
    power = eta / (1 - eta) * energy_spectrum(spectrum, scale_ratio, resonant)
    return np.asarray(np.pi / 4 * frequency * (1 - mu**2) * np.where(np.isfinite(resonant), resonant, 0.0) * power)


def slab_parallel_diffusion(spectral_index: float, scale_ratio: float, eta: float, rigidity: float) -> float:
    """Quasi-linear kappa_parallel of slab turbulence in c L_c, for a power law taken to continue beyond both its ends.

    kappa_parallel = (v^2/8) times the integral over mu of (1 - mu^2)^2/D_mumu = 2 v^2 B0^2 r_L^(1-q)/[pi Omega_0 A
    (2-q)(4-q)] with W = A k^-q and r_L = v/Omega_0. Beyond its ends a real spectrum scatters nothing: for q = 5/3
    half of the integral lies at mu < 0.1.

    Parameters
    ----------
    spectral_index : float
        q < 2.
    scale_ratio : float
    eta : float
        Level of turbulence, much smaller than one.
    rigidity : float
        r_g in L_c.
    """
    q = spectral_index
    spectrum = PowerLaw(q)
    k_min, _ = wavenumber_range(spectrum, scale_ratio)
    amplitude = eta / (1 - eta) * k_min ** (q - 1) / float(spectrum.power(1.0, scale_ratio))
    larmor_radius = rigidity / np.sqrt(1 - eta)
    return float(2 * larmor_radius ** (2 - q) / (np.pi * amplitude * (2 - q) * (4 - q)))


def large_rigidity_mean_free_path(rigidity: float) -> float:
    """Mean free path in L_c without a mean field, isotropic modes, r_g much larger than L_c: lambda = 4 r_g^2/L_c.

    Small-angle scattering: the two field components across the path hold half of the trace's one-sided correlation
    length L_c/2, so the velocity's direction decays at the rate (1/r_g^2) (L_c/4).
    """
    return 4 * rigidity**2
