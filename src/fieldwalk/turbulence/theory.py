"""Second-order statistics of the field in closed form, and the transport coefficients that follow from them in limits.

Drawn fields and simulated particles are compared with these.
"""

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
"""The line along which the correlation of each type is taken: the direction, or plane, of its wave vectors."""

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
    """Variances <b_x^2>, <b_y^2>, <b_z^2> of the field in units of dB^2, averaged over the directions of the modes.

    Parameters
    ----------
    mode_type : str
        One of :data:`fieldwalk.turbulence.MODE_TYPES`.

    Returns
    -------
    (float, float, float)
        They add up to one.

    Raises
    ------
    KeyError
        For an unknown mode type; choose one of :data:`fieldwalk.turbulence.MODE_TYPES`.

    Examples
    --------
    >>> component_variances("alfvenic")
    (0.5, 0.5, 0.0)
    >>> round(sum(component_variances("magnetosonic")), 6)
    1.0
    """
    across, along = _VARIANCES[mode_type]
    return across, across, along


def energy_spectrum(spectrum: Spectrum, scale_ratio: float, wavenumber: Floats) -> Floats:
    """Normalised energy spectrum G(k)/dB^2 in L_c.

    Parameters
    ----------
    spectrum : Spectrum
    scale_ratio : float
        L_max/L_min > 1.
    wavenumber : array
        k in 1/L_c.

    Returns
    -------
    array, of the shape of ``wavenumber``
        Its integral over k is one; zero outside the sharp ends of the spectrum.

    Examples
    --------
    >>> from fieldwalk.turbulence.spectrum import PowerLaw, wavenumber_range
    >>> k = np.geomspace(*wavenumber_range(PowerLaw(), 100.0), 10001)[1:-1]
    >>> round(float(np.trapezoid(energy_spectrum(PowerLaw(), 100.0, k), k)), 2)
    1.0
    """
    k_min, k_max = wavenumber_range(spectrum, scale_ratio)
    density = spectrum.density(wavenumber / k_min) / (k_min * spectrum.power(1.0, scale_ratio))
    return np.where((wavenumber >= k_min) & (wavenumber <= k_max), density, 0.0)


def correlation(
    mode_type: str, spectrum: Spectrum, scale_ratio: float, separation: Floats, slab_fraction: float = 0.2
) -> Floats:
    """Trace of the two-point function, <dB(r0).dB(r0 + r)>/dB^2, along the line that :data:`ALONG` names.

    It is the integral over k of G times the average of cos(k.r) over the directions of k: sin(kr)/(kr) for directions
    uniform on the sphere, cos(kr) for wave vectors along the line, and J0(kr) for wave vectors uniform in a plane that
    contains the line. The slab part of a composite does not vary perpendicular to the mean field.

    Parameters
    ----------
    mode_type : str
        One of :data:`fieldwalk.turbulence.MODE_TYPES`.
    spectrum : Spectrum
    scale_ratio : float
        L_max/L_min > 1.
    separation : array, shape (n,)
        r in L_c.
    slab_fraction : float
        Share of the power in slab modes, used by ``composite`` only.

    Returns
    -------
    array, shape (n,)
        One at zero separation.

    Examples
    --------
    >>> from fieldwalk.turbulence.spectrum import PowerLaw
    >>> r = np.linspace(0.0, 30.0, 301)
    >>> values = correlation("isotropic", PowerLaw(), 10.0, r)
    >>> round(float(values[0]), 6)
    1.0
    >>> round(2 * float(np.trapezoid(values, r)), 2)  # the two-sided correlation length is one
    1.0
    """
    k_min, k_max = wavenumber_range(spectrum, scale_ratio)
    # Gauss-Legendre panels in log k, fine enough for k r up to the largest separation
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

    D_mumu = (pi/4) Omega_0 (1 - mu^2) k_r W(k_r)/B0^2, where Omega_0 = sqrt(1 - eta)/r_g is the gyrofrequency in the
    mean field, k_r = Omega_0/(v |mu|) the resonant wavenumber and W the one-sided spectrum, whose integral is dB^2.

    Parameters
    ----------
    spectrum : Spectrum
    scale_ratio : float
        L_max/L_min > 1.
    eta : float
        Level of turbulence dB^2/(B0^2 + dB^2). The theory is valid where it is much smaller than one.
    rigidity : float
        r_g in L_c.
    mu : array
        Cosine of the pitch angle.

    Returns
    -------
    array, of the shape of ``mu``
        Zero where k_r lies outside the spectrum, so also at mu = 0.

    Examples
    --------
    >>> from fieldwalk.turbulence.spectrum import PowerLaw
    >>> value = resonant_pitch_angle_diffusion(PowerLaw(), 1000.0, 0.01, 0.1, np.array([0.0, 0.25, 0.5, 1.0]))
    >>> value[[0, 3]] + 0.0
    array([0., 0.])
    >>> round(float(value[2] / value[1] / 2 ** (2 / 3)), 6)  # (1 - mu^2) |mu|^(q-1): 0.75/0.9375
    0.8
    """
    frequency = np.sqrt(1 - eta) / rigidity
    with np.errstate(divide="ignore"):
        resonant = frequency / np.abs(mu)
    power = eta / (1 - eta) * energy_spectrum(spectrum, scale_ratio, resonant)
    return np.asarray(np.pi / 4 * frequency * (1 - mu**2) * np.where(np.isfinite(resonant), resonant, 0.0) * power)


def slab_parallel_diffusion(spectral_index: float, scale_ratio: float, eta: float, rigidity: float) -> float:
    """Quasi-linear kappa_parallel of slab turbulence in c L_c, for a power law that continues beyond both its ends.

    kappa_parallel = (v^2/8) times the integral over mu of (1 - mu^2)^2/D_mumu = 2 v^2 B0^2 r_L^(1-q)/[pi Omega_0 A
    (2-q)(4-q)] with W = A k^-q and r_L = v/Omega_0; D_mumu is that of :func:`resonant_pitch_angle_diffusion`. A
    spectrum that ends scatters no particle beyond its ends: for q = 5/3 half of the integral lies at mu < 0.1.

    Parameters
    ----------
    spectral_index : float
        q, between 1 and 2.
    scale_ratio : float
        L_max/L_min > 1; it sets the amplitude A.
    eta : float
        Level of turbulence. The theory is valid where it is much smaller than one.
    rigidity : float
        r_g in L_c.

    Examples
    --------
    >>> value = slab_parallel_diffusion(5 / 3, 1000.0, 0.01, 1e-2)
    >>> round(slab_parallel_diffusion(5 / 3, 1000.0, 0.01, 8e-2) / value, 6)  # rises as r_g^(2-q) = r_g^(1/3)
    2.0
    """
    q = spectral_index
    spectrum = PowerLaw(q)
    k_min, _ = wavenumber_range(spectrum, scale_ratio)
    amplitude = eta / (1 - eta) * k_min ** (q - 1) / float(spectrum.power(1.0, scale_ratio))
    larmor_radius = rigidity / np.sqrt(1 - eta)
    return float(2 * larmor_radius ** (2 - q) / (np.pi * amplitude * (2 - q) * (4 - q)))


def large_rigidity_mean_free_path(rigidity: float) -> float:
    """Mean free path in L_c of isotropic turbulence without a mean field at large rigidity: lambda = 4 r_g^2/L_c.

    Particles are scattered by small angles. The one-sided correlation length of the field's trace is L_c/2, and the two
    components perpendicular to the path contribute half of it, so the correlation of the velocity decays at the rate
    (1/r_g^2) (L_c/4).

    Parameters
    ----------
    rigidity : float
        r_g in L_c. The formula is valid where it is much larger than one.

    Examples
    --------
    >>> large_rigidity_mean_free_path(10.0)
    400.0
    """
    return 4 * rigidity**2
