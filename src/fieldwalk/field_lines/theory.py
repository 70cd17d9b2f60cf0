"""Closed forms of the diffusion of field lines, for comparison with lines that were followed.

Averages <.> are over the energy spectrum G(k); lengths are in L_c = pi <1/k>, the two-sided correlation length of
isotropic modes.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from fieldwalk.turbulence.spectrum import Spectrum, wavenumber_range
from fieldwalk.turbulence.theory import component_variances, energy_spectrum

Floats = NDArray[np.float64]

OF_DIRECTIONS = ("isotropic", "alfvenic", "magnetosonic")
"""Types whose wave vectors have any direction: those with the closed forms of this module."""


def quasi_linear_diffusion(mode_type: str, spectrum: Spectrum, scale_ratio: float, distance: Floats) -> Floats:
    """Running diffusion coefficient of field lines to lowest order, D(z)/(dB/B0)^2 in L_c.

    Along the unperturbed straight line D(z) = int_0^z <b_x(0) b_x(z')> dz'/B0^2. With m the cosine between k and the
    mean field, <b_x^2> of waves along k is dB^2/2 for alfvenic, m^2 dB^2/2 for magnetosonic modes and the mean of both
    for isotropic ones. Over all directions of k that gives <Si(kz)/k>/2, <j1(kz)/k>/2, j1 the spherical Bessel
    function, and their mean.

    In slab turbulence b depends on z alone, and along every line z = B0 tau: dx/dz = b_x(z)/B0 is a quadrature, and
    D(z) = <sin(kz)/k>/2 is exact at any level. Its integral <dx^2> = <(1 - cos kz)/k^2> is bounded.

    Parameters
    ----------
    mode_type : str
    spectrum : Spectrum
    scale_ratio : float
        L_max/L_min.
    distance : array, shape (n,)
        z in L_c.

    Returns
    -------
    array, shape (n,)
        NaN for types that have no such form here.
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

    Slab lines diffuse by what power there is at k = 0: none in a spectrum that ends. NaN for types without the form.
    """
    return {"alfvenic": 0.25, "magnetosonic": 0.0, "isotropic": 0.125, "slab": 0.0}.get(mode_type, np.nan)


def corrsin_diffusion(mode_type: str, eta: float, n_nodes: int = 200) -> float:
    """K_tau in L_c B_tot by Corrsin's independence with lines that move straight with the random field of one place.

    K_tau = <1/k> dB^2 int_{-1}^{1} dm w(m) sqrt(pi/2)/s exp(-m^2 B0^2/(2 s^2)), s^2 = (1 - m^2) <b_x^2> + m^2 <b_z^2>,
    with w = (1 + m^2)/8, 1/4 and m^2/4 for isotropic, alfvenic and magnetosonic modes: the Fourier integral over
    <exp(i k.(B0 z + b) tau)> of a Gaussian b. In the limit of weak turbulence it is the quasi-linear coefficient.

    Parameters
    ----------
    mode_type : str
    eta : float
        dB^2/(B0^2 + dB^2).

    Returns
    -------
    float
        NaN for types that have no such form here.
    """
    if mode_type not in OF_DIRECTIONS:
        return np.nan
    nodes, weights = np.polynomial.legendre.leggauss(n_nodes)
    # weak turbulence weighs m = 0 alone, and alfvenic modes without a mean field have 1/s = 1/sqrt(1 - m^2) at the ends
    angle = np.pi / 2 * nodes**3
    m, weights = np.sin(angle), weights * 3 * np.pi / 2 * nodes**2 * np.cos(angle)
    across, _, along = component_variances(mode_type)
    spread = np.sqrt(eta * ((1 - m**2) * across + m**2 * along))
    weight = {"isotropic": (1 + m**2) / 8, "alfvenic": np.full_like(m, 0.25), "magnetosonic": m**2 / 4}[mode_type]
    integrand = weight * np.sqrt(np.pi / 2) / spread * np.exp(-(m**2) * (1 - eta) / (2 * spread**2))
    return float(eta / np.pi * np.sum(weights * integrand))


def composite_diffusion(spectrum: Spectrum, scale_ratio: float, eta: float, slab_fraction: float) -> float:
    """K_z in L_c of slab and two-dimensional waves together (Matthaeus et al. 1995, PRL 75, 2136).

    K = [K_slab + sqrt(K_slab^2 + 4 K_2D^2)]/2 with K_2D = sqrt(<b^2>/2 <k^-2>)/B0. K_slab is given by the power of the
    slab waves at k = 0, and a spectrum that ends at k_min has none there: K = K_2D.

    Parameters
    ----------
    spectrum : Spectrum
    scale_ratio : float
    eta : float
        Below 1.
    slab_fraction : float
    """
    k, share = _quadrature(spectrum, scale_ratio)
    return float(np.sqrt((1 - slab_fraction) * eta / (1 - eta) / 2 * np.sum(share / k**2)))


def _slab_diffusion(spectrum: Spectrum, scale_ratio: float, distance: Floats) -> Floats:
    """<sin(kz)/k>/2 by Filon's rule: G/k is straight between nodes, and the sine is integrated exactly against that.

    At z of hundreds of L_c the sine turns many times between any nodes one can afford, and nothing but the ends of the
    spectrum is left of the integral; a rule that samples the sine gives noise above it. With 4096 steps in ln k the
    error is below 1e-6 L_c up to a scale ratio of 1e5, and below 2e-8 L_c beyond z = 100 L_c.
    """
    k = np.geomspace(*wavenumber_range(spectrum, scale_ratio), 4097)
    k[[0, -1]] = wavenumber_range(spectrum, scale_ratio)  # the very ends, or the sharp spectrum is zero there
    density = energy_spectrum(spectrum, scale_ratio, k) / k
    slope = np.diff(density) / np.diff(k)
    phase = np.multiply.outer(distance, k)
    ends = (density[0] * np.cos(phase[..., 0]) - density[-1] * np.cos(phase[..., -1])) / distance
    return np.asarray((ends + np.diff(np.sin(phase), axis=-1) @ slope / distance**2) / 2)


def _quadrature(spectrum: Spectrum, scale_ratio: float) -> tuple[Floats, Floats]:
    """Wavenumbers and weights of an average over the energy spectrum of what does not oscillate, or dies out with k.

    Si(kz)/k and j1(kz)/k are good to 4e-6 L_c up to z = 1000 L_c.
    """
    k_min, k_max = wavenumber_range(spectrum, scale_ratio)
    edges = np.linspace(np.log(k_min), np.log(k_max), 401)
    nodes, weights = np.polynomial.legendre.leggauss(8)
    half = 0.5 * (edges[1] - edges[0])
    k = np.exp((edges[:-1, None] + half * (1 + nodes)).ravel())
    share = np.tile(half * weights, edges.size - 1) * k * energy_spectrum(spectrum, scale_ratio, k)
    return k, share / share.sum()
