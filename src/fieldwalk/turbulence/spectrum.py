"""One-dimensional energy spectra G(k), normalised so that the integral over all k is the fluctuation's power.

A spectrum knows two integrals in closed form, the power and its first inverse moment between two wavenumbers;
everything else (correlation length, the range of wavenumbers in units of 1/L_c, the drawing of modes) follows from
them. Adding a spectrum means adding one class with these two methods here; CONTRIBUTING.md shows how.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class Spectrum(Protocol):
    """Shape of an energy spectrum, with k in units of its smallest wavenumber k_min (so k >= 1)."""

    shape: ClassVar[str]

    def density(self, k: ArrayLike) -> Floats:
        """G(k) without normalisation."""
        ...

    def power(self, low: ArrayLike, high: ArrayLike) -> Floats:
        """Integral of G(k) dk from ``low`` to ``high``."""
        ...

    def inverse_moment(self, low: ArrayLike, high: ArrayLike) -> Floats:
        """Integral of G(k)/k dk from ``low`` to ``high``."""
        ...


@dataclass(frozen=True)
class PowerLaw:
    """Power law with sharp ends, G proportional to k^-q (q = 5/3: Kolmogorov).

    Parameters
    ----------
    spectral_index : float
        q, larger than 1 so that the large scales hold the power.
    """

    spectral_index: float = 5 / 3
    shape: ClassVar[str] = "power_law"

    def density(self, k: ArrayLike) -> Floats:
        """G(k) = k^-q."""
        return np.asarray(k, dtype=float) ** -self.spectral_index

    def power(self, low: ArrayLike, high: ArrayLike) -> Floats:
        """Integral of k^-q."""
        return _integral_of_power(-self.spectral_index, low, high)

    def inverse_moment(self, low: ArrayLike, high: ArrayLike) -> Floats:
        """Integral of k^-(q+1)."""
        return _integral_of_power(-self.spectral_index - 1, low, high)


@dataclass(frozen=True)
class BendOver:
    """Energy range that rises as k^p, bends at k l = 1 and falls as k^-q (Sonsrettee et al. 2016; CRPropa's
    turbulence spectrum).

    G proportional to k^p / (1 + (k l)^2)^((p + q)/2), cut sharply at both ends.

    Parameters
    ----------
    spectral_index : float
        q > 1, the fall beyond the bend.
    low_index : float
        p > 0, the rise before it.
    bend_over : float
        1/(k_min l): how many times the smallest wavenumber the bend stands at.
    """

    spectral_index: float = 5 / 3
    low_index: float = 4.0
    bend_over: float = 10.0
    shape: ClassVar[str] = "bend_over"

    def density(self, k: ArrayLike) -> Floats:
        """G(k) = (k l)^p / (1 + (k l)^2)^((p + q)/2)."""
        scaled = np.asarray(k, dtype=float) / self.bend_over
        return scaled**self.low_index / (1 + scaled**2) ** ((self.low_index + self.spectral_index) / 2)

    def power(self, low: ArrayLike, high: ArrayLike) -> Floats:
        """Incomplete beta function: with u = (kl)^2/(1+(kl)^2), dk G = l^-1/2 u^((p-1)/2) (1-u)^((q-3)/2) du."""
        return self.bend_over * self._beta(low, high, (self.low_index + 1) / 2, (self.spectral_index - 1) / 2)

    def inverse_moment(self, low: ArrayLike, high: ArrayLike) -> Floats:
        """The same with one power of k less."""
        return self._beta(low, high, self.low_index / 2, self.spectral_index / 2)

    def _beta(self, low: ArrayLike, high: ArrayLike, a: float, b: float) -> Floats:
        from scipy import special  # a fifth of a second that only this spectrum needs

        # The complement 1 - u = 1/(1 + (kl)^2) keeps its digits far beyond the bend, where u itself would round to one.
        def upper(k: ArrayLike) -> Floats:
            return np.asarray(special.betainc(b, a, 1 / (1 + (np.asarray(k, dtype=float) / self.bend_over) ** 2)))

        return np.asarray(0.5 * special.beta(a, b) * (upper(low) - upper(high)))


SPECTRA: dict[str, type[PowerLaw] | type[BendOver]] = {spectrum.shape: spectrum for spectrum in (PowerLaw, BendOver)}
"""Every spectrum by the name that campaign files use."""


def spectrum_from_mapping(mapping: Mapping[str, float | str]) -> PowerLaw | BendOver:
    """Spectrum of a plain mapping such as ``{"shape": "power_law", "spectral_index": 1.5}``.

    Raises
    ------
    KeyError
        For a shape that is not in :data:`SPECTRA`.
    """
    parameters = {key: float(value) for key, value in mapping.items() if key != "shape"}
    return SPECTRA[str(mapping["shape"])](**parameters)


def spectrum_to_mapping(spectrum: PowerLaw | BendOver) -> dict[str, float | str]:
    """The plain mapping that :func:`spectrum_from_mapping` reads."""
    return {"shape": spectrum.shape, **asdict(spectrum)}


def wavenumber_range(spectrum: Spectrum, scale_ratio: float) -> tuple[float, float]:
    """Smallest and largest wavenumber in units of 1/L_c, from the definition L_c = pi <1/k>.

    Parameters
    ----------
    spectrum : Spectrum
    scale_ratio : float
        L_max/L_min = k_max/k_min > 1.

    Returns
    -------
    k_min, k_max : float
        For a power law k_min = 2 pi L_c/L_max with L_c = (L_max/2) ((q-1)/q) (1 - s^-q)/(1 - s^(1-q)), s the scale
        ratio.
    """
    mean_inverse = float(spectrum.inverse_moment(1.0, scale_ratio) / spectrum.power(1.0, scale_ratio))
    k_min = np.pi * mean_inverse
    return k_min, k_min * scale_ratio


def draw_wavenumbers(spectrum: Spectrum, scale_ratio: float, n_modes: int, uniform: Floats) -> tuple[Floats, Floats]:
    """Stratified sample of k: bins of equal width in log k, one mode in each, drawn from G within its bin.

    Parameters
    ----------
    spectrum : Spectrum
    scale_ratio : float
    n_modes : int
    uniform : array, shape (n_modes,)
        Uniform random numbers in [0, 1): the position of each mode in its bin as a fraction of the bin's power.

    Returns
    -------
    wavenumber : array, shape (n_modes,)
        In 1/L_c, increasing.
    weight : array, shape (n_modes,)
        Share of the power in each mode's own bin; the shares add to one exactly, so a realisation has its power
        exactly.
    """
    k_min, _ = wavenumber_range(spectrum, scale_ratio)
    edges = np.geomspace(1.0, scale_ratio, n_modes + 1)
    low, high = edges[:-1], edges[1:]
    power = spectrum.power(low, high)
    # Invert the power within each bin: bisection in log k serves every spectrum, and one halving per binary digit is
    # exact to rounding. (scipy's root finder takes twenty times as long, longer than a short task pushes particles.)
    target = uniform * power
    below, above = np.zeros(n_modes), np.ones(n_modes)
    for _ in range(np.finfo(float).nmant + 1):
        middle = 0.5 * (below + above)
        short = spectrum.power(low, low * (high / low) ** middle) < target
        below, above = np.where(short, middle, below), np.where(short, above, middle)
    fraction = 0.5 * (below + above)
    return k_min * low * (high / low) ** fraction, power / power.sum()


def _integral_of_power(exponent: float, low: ArrayLike, high: ArrayLike) -> Floats:
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    if exponent == -1:
        return np.asarray(np.log(high / low))
    return np.asarray((high ** (exponent + 1) - low ** (exponent + 1)) / (exponent + 1))
