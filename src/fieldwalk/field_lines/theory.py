"""Theories of the diffusion of field lines in closed form, for comparison with simulated lines.

Averages <.> over functions of k are over the energy spectrum G(k). Lengths are in L_c = pi <1/k>, the two-sided
correlation length of isotropic modes.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from fieldwalk.turbulence.spectrum import Spectrum, wavenumber_range
from fieldwalk.turbulence.theory import component_variances, energy_spectrum

Floats = NDArray[np.float64]

OF_DIRECTIONS = ("isotropic", "alfvenic", "magnetosonic")
"""Types whose wave vectors have all directions, for which this module has closed forms."""


def quasi_linear_diffusion(mode_type: str, spectrum: Spectrum, scale_ratio: float, distance: Floats) -> Floats:
    """Running diffusion coefficient of field lines to lowest order, D(z)/(dB/B0)^2 in L_c.

    Along the unperturbed straight line D(z) = int_0^z <b_x(0) b_x(z')> dz'/B0^2 (Jokipii & Parker 1968). If m is the
    cosine of the angle between k and the mean field, <b_x^2> of waves with direction k is dB^2/2 for alfvenic modes,
    m^2 dB^2/2 for magnetosonic modes and the mean of both for isotropic ones. Averaged over all directions of k this
    gives <Si(kz)/k>/2, <j1(kz)/k>/2 with the spherical Bessel function j1, and their mean.

    In slab turbulence b depends on z only, and z = B0 tau along every line. Therefore dx/dz = b_x(z)/B0 is solved by an
    integral, and D(z) = <sin(kz)/k>/2 is exact at any level. Its integral <dx^2> = <(1 - cos kz)/k^2> is bounded.

    Parameters
    ----------
    mode_type : str
        One of :data:`fieldwalk.turbulence.MODE_TYPES`.
    spectrum : Spectrum
    scale_ratio : float
        L_max/L_min.
    distance : array, shape (n,)
        z in L_c, positive.

    Returns
    -------
    array, shape (n,)
        NaN for types without such a form. Except in slab turbulence it is valid for dB much smaller than B0.

    Examples
    --------
    >>> from fieldwalk.turbulence.spectrum import PowerLaw
    >>> z = np.array([1e-3, 100.0])
    >>> alfvenic = quasi_linear_diffusion("alfvenic", PowerLaw(), 100.0, z)
    >>> float((alfvenic[0] / z[0]).round(3)), float(alfvenic[1].round(2))  # z/2, then the limit 1/4
    (0.5, 0.25)
    """
    if mode_type == "slab":
        return _slab_diffusion(spectrum, scale_ratio, np.asarray(distance, dtype=float))
    if mode_type not in OF_DIRECTIONS:
        return np.full(np.shape(distance), np.nan)
    k, share = _quadrature(spectrum, scale_ratio)
    phase = np.multiply.outer(np.asarray(distance, dtype=float), k)
    alfvenic = np.asarray((special.sici(phase)[0] / k) @ share / 2)
    magnetosonic = np.asarray((special.spherical_jn(1, phase) / k) @ share / 2)
    if mode_type == "isotropic":
        return np.asarray((alfvenic + magnetosonic) / 2)
    return alfvenic if mode_type == "alfvenic" else magnetosonic


def quasi_linear_limit(mode_type: str) -> float:
    """Limit of :func:`quasi_linear_diffusion` at large z, in L_c: Si tends to pi/2 and j1 to 0, and L_c = pi <1/k>.

    In slab turbulence lines diffuse by the power at k = 0, which a spectrum with a smallest wavenumber does not have.

    Parameters
    ----------
    mode_type : str

    Returns
    -------
    float
        NaN for types without such a form.

    Examples
    --------
    >>> quasi_linear_limit("isotropic"), quasi_linear_limit("composite")
    (0.125, nan)
    """
    return {"alfvenic": 0.25, "magnetosonic": 0.0, "isotropic": 0.125, "slab": 0.0}.get(mode_type, np.nan)


def corrsin_diffusion(mode_type: str, eta: float, n_nodes: int = 200) -> float:
    """K_tau in L_c B_tot from Corrsin's hypothesis, with lines that are straight along the random field of one place.

    K_tau = <1/k> dB^2 int_{-1}^{1} dm w(m) sqrt(pi/2)/s exp(-m^2 B0^2/(2 s^2)), s^2 = (1 - m^2) <b_x^2> + m^2 <b_z^2>,
    with w = (1 + m^2)/8, 1/4 and m^2/4 for isotropic, alfvenic and magnetosonic modes. It is the Fourier integral over
    <exp(i k.(B0 z + b) tau)> for a Gaussian b. In the limit of weak turbulence it is the quasi-linear coefficient.

    Parameters
    ----------
    mode_type : str
        One of :data:`fieldwalk.turbulence.MODE_TYPES`.
    eta : float
        dB^2/(B0^2 + dB^2), above 0.
    n_nodes : int
        Number of nodes of the quadrature.

    Returns
    -------
    float
        NaN for types without such a form.

    Examples
    --------
    >>> eta = 1e-4
    >>> round(corrsin_diffusion("isotropic", eta) / eta, 3)  # the quasi-linear limit 1/8
    0.125
    >>> round(4 * corrsin_diffusion("alfvenic", 1.0) ** 2, 6), round(np.pi / 4, 6)  # sqrt(pi)/4 without a mean field
    (0.785398, 0.785398)
    """
    if mode_type not in OF_DIRECTIONS:
        return np.nan
    nodes, weights = np.polynomial.legendre.leggauss(n_nodes)
    # nodes are dense at m = 0, where weak turbulence has all its weight, and at the ends, where 1/s = 1/sqrt(1 - m^2)
    # of alfvenic modes without a mean field is singular
    angle = np.pi / 2 * nodes**3
    m, weights = np.sin(angle), weights * 3 * np.pi / 2 * nodes**2 * np.cos(angle)
    across, _, along = component_variances(mode_type)
    spread = np.sqrt(eta * ((1 - m**2) * across + m**2 * along))
    weight = {"isotropic": (1 + m**2) / 8, "alfvenic": np.full_like(m, 0.25), "magnetosonic": m**2 / 4}[mode_type]
    integrand = weight * np.sqrt(np.pi / 2) / spread * np.exp(-(m**2) * (1 - eta) / (2 * spread**2))
    return float(eta / np.pi * np.sum(weights * integrand))


def composite_diffusion(spectrum: Spectrum, scale_ratio: float, eta: float, slab_fraction: float) -> float:
    """K_z in L_c of slab and two-dimensional waves together (Matthaeus et al. 1995, PRL 75, 2136).

    K = [K_slab + sqrt(K_slab^2 + 4 K_2D^2)]/2 with K_2D = sqrt(<b^2>/2 <k^-2>)/B0, where b is the field of the
    two-dimensional waves. K_slab is proportional to the power of the slab waves at k = 0. A spectrum with a smallest
    wavenumber has none there, so K = K_2D.

    Parameters
    ----------
    spectrum : Spectrum
    scale_ratio : float
        L_max/L_min.
    eta : float
        dB^2/(B0^2 + dB^2), below 1.
    slab_fraction : float
        Share of the power in slab modes.

    Examples
    --------
    >>> from fieldwalk.turbulence.spectrum import PowerLaw
    >>> weak, strong = (composite_diffusion(PowerLaw(), 100.0, eta, 0.2) for eta in (0.2, 0.5))
    >>> round(strong / weak, 6)  # proportional to dB/B0: 1/(1/2)
    2.0
    """
    k, share = _quadrature(spectrum, scale_ratio)
    return float(np.sqrt((1 - slab_fraction) * eta / (1 - eta) / 2 * np.sum(share / k**2)))


def _slab_diffusion(spectrum: Spectrum, scale_ratio: float, distance: Floats) -> Floats:
    """<sin(kz)/k>/2 by Filon's rule: G/k is linear between nodes, and its product with the sine is integrated exactly.

    At z of hundreds of L_c the sine oscillates many times between neighbouring nodes, and only the ends of the spectrum
    contribute to the integral; a rule that samples the sine would give larger noise. With 4096 steps in ln k the error
    is below 1e-6 L_c up to a scale ratio of 1e5, and below 2e-8 L_c beyond z = 100 L_c.
    """
    k = np.geomspace(*wavenumber_range(spectrum, scale_ratio), 4097)
    k[[0, -1]] = wavenumber_range(spectrum, scale_ratio)  # the exact ends, as the spectrum is zero outside
    density = energy_spectrum(spectrum, scale_ratio, k) / k
    slope = np.diff(density) / np.diff(k)
    phase = np.multiply.outer(distance, k)
    ends = (density[0] * np.cos(phase[..., 0]) - density[-1] * np.cos(phase[..., -1])) / distance
    return np.asarray((ends + np.diff(np.sin(phase), axis=-1) @ slope / distance**2) / 2)


def _quadrature(spectrum: Spectrum, scale_ratio: float) -> tuple[Floats, Floats]:
    """Wavenumbers and weights of an average over the energy spectrum of a function that does not oscillate or decays.

    The errors of Si(kz)/k and j1(kz)/k are 4e-6 L_c up to z = 1000 L_c.
    """
    k_min, k_max = wavenumber_range(spectrum, scale_ratio)
    edges = np.linspace(np.log(k_min), np.log(k_max), 401)
    nodes, weights = np.polynomial.legendre.leggauss(8)
    half = 0.5 * (edges[1] - edges[0])
    k = np.exp((edges[:-1, None] + half * (1 + nodes)).ravel())
    share = np.tile(half * weights, edges.size - 1) * k * energy_spectrum(spectrum, scale_ratio, k)
    return k, share / share.sum()
