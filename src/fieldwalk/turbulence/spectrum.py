"""One-dimensional energy spectra G(k).

A spectrum provides two integrals in closed form: the power between two wavenumbers, and the first inverse moment
between them. The correlation length, the range of wavenumbers in units of 1/L_c and the drawing of modes follow from
these two. A new spectrum is one more class here with these methods; CONTRIBUTING.md shows how.
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
    """Power law G(k) = k^-q with sharp ends (q = 5/3: Kolmogorov).

    Parameters
    ----------
    spectral_index : float
        q > 1, so that the large scales hold most of the power.

    Examples
    --------
    The power between k = 1 and k = 8 is 1.5 (1 - 8^(-2/3)):

    >>> round(float(PowerLaw().power(1.0, 8.0)), 6)
    1.125
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
    """Spectrum that rises as k^p, bends at k l = 1 and falls as k^-q.

    G is proportional to k^p / (1 + (k l)^2)^((p + q)/2) and is cut sharply at both ends (Sonsrettee et al. 2016; also
    the turbulence spectrum of CRPropa).

    Parameters
    ----------
    spectral_index : float
        q > 1, the exponent of the fall beyond the bend.
    low_index : float
        p > 0, the exponent of the rise below the bend.
    bend_over : float
        1/(k_min l), the wavenumber of the bend in units of the smallest wavenumber.

    Examples
    --------
    At the bend, k = 8 k_min, the density is 2^(-(p + q)/2) = 2^(-11/6) for p = 2 and q = 5/3:

    >>> bend = BendOver(spectral_index=5 / 3, low_index=2.0, bend_over=8.0)
    >>> round(float(bend.density(8.0)), 4)
    0.2806
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
        """Incomplete beta function: G dk = u^((p-1)/2) (1-u)^((q-3)/2) du/(2 l) with u = (kl)^2/(1+(kl)^2)."""
        return self.bend_over * self._beta(low, high, (self.low_index + 1) / 2, (self.spectral_index - 1) / 2)

    def inverse_moment(self, low: ArrayLike, high: ArrayLike) -> Floats:
        """The integral of :meth:`power` with one power of k less."""
        return self._beta(low, high, self.low_index / 2, self.spectral_index / 2)

    def _beta(self, low: ArrayLike, high: ArrayLike, a: float, b: float) -> Floats:
        from scipy import special  # imported here: it takes a fifth of a second, and only this spectrum needs it

        # The complement 1 - u = 1/(1 + (kl)^2) keeps its digits far beyond the bend, where u itself rounds to one.
        def upper(k: ArrayLike) -> Floats:
            return np.asarray(special.betainc(b, a, 1 / (1 + (np.asarray(k, dtype=float) / self.bend_over) ** 2)))

        return np.asarray(0.5 * special.beta(a, b) * (upper(low) - upper(high)))


SPECTRA: dict[str, type[PowerLaw] | type[BendOver]] = {spectrum.shape: spectrum for spectrum in (PowerLaw, BendOver)}
"""Every spectrum by the name that campaign files use."""


def spectrum_from_mapping(mapping: Mapping[str, float | str]) -> PowerLaw | BendOver:
    """Spectrum of a plain mapping such as ``{"shape": "power_law", "spectral_index": 1.5}``.

    Parameters
    ----------
    mapping : mapping
        ``shape``, one of :data:`SPECTRA`, and the parameters of that class.

    Raises
    ------
    KeyError
        For a shape that is not in :data:`SPECTRA`; choose one of these.

    Examples
    --------
    >>> spectrum_from_mapping({"shape": "power_law", "spectral_index": 1.5})
    PowerLaw(spectral_index=1.5)
    """
    parameters = {key: float(value) for key, value in mapping.items() if key != "shape"}
    return SPECTRA[str(mapping["shape"])](**parameters)


def spectrum_to_mapping(spectrum: PowerLaw | BendOver) -> dict[str, float | str]:
    """The plain mapping that :func:`spectrum_from_mapping` reads.

    Examples
    --------
    >>> spectrum_to_mapping(PowerLaw(1.5))
    {'shape': 'power_law', 'spectral_index': 1.5}
    """
    return {"shape": spectrum.shape, **asdict(spectrum)}


def wavenumber_range(spectrum: Spectrum, scale_ratio: float) -> tuple[float, float]:
    """Smallest and largest wavenumber in units of 1/L_c.

    They follow from the definition of the correlation length, L_c = pi <1/k>, the average over G(k).

    Parameters
    ----------
    spectrum : Spectrum
    scale_ratio : float
        L_max/L_min = k_max/k_min > 1.

    Returns
    -------
    k_min, k_max : float
        In 1/L_c. For a power law k_min = 2 pi/L_max with L_c = (L_max/2) ((q-1)/q) (1 - s^-q)/(1 - s^(1-q)), where s is
        the scale ratio.

    Examples
    --------
    >>> k_min, k_max = wavenumber_range(PowerLaw(), scale_ratio=1000.0)
    >>> round(k_min, 4), round(k_max / k_min, 6)
    (1.2693, 1000.0)
    >>> round(2 * np.pi / k_min, 4)  # L_max in L_c, near 5 for a long Kolmogorov spectrum
    4.95
    """
    mean_inverse = float(spectrum.inverse_moment(1.0, scale_ratio) / spectrum.power(1.0, scale_ratio))
    k_min = np.pi * mean_inverse
    return k_min, k_min * scale_ratio


def draw_wavenumbers(spectrum: Spectrum, scale_ratio: float, n_modes: int, uniform: Floats) -> tuple[Floats, Floats]:
    """Draw a stratified sample of wavenumbers.

    The range is divided into bins of equal width in log k, and one mode is drawn from G within each bin.

    Parameters
    ----------
    spectrum : Spectrum
    scale_ratio : float
        L_max/L_min > 1.
    n_modes : int
        Number of bins and of modes.
    uniform : array, shape (n_modes,)
        Uniform random numbers in [0, 1): the position of each mode in its bin as a fraction of the bin's power.

    Returns
    -------
    wavenumber : array, shape (n_modes,)
        In 1/L_c, increasing.
    weight : array, shape (n_modes,)
        Share of the power in each mode's own bin. The shares add up to one exactly, so every realisation has the full
        power.

    Examples
    --------
    >>> wavenumber, weight = draw_wavenumbers(PowerLaw(), 8.0, 3, np.zeros(3))
    >>> (wavenumber / wavenumber[0]).round(6)
    array([1., 2., 4.])
    >>> (weight / weight[0]).round(6), round(float(weight.sum()), 6)
    (array([1.      , 0.629961, 0.39685 ]), 1.0)
    """
    k_min, _ = wavenumber_range(spectrum, scale_ratio)
    edges = np.geomspace(1.0, scale_ratio, n_modes + 1)
    low, high = edges[:-1], edges[1:]
    power = spectrum.power(low, high)
    # The power within each bin is inverted by bisection in log k, which serves every spectrum; one halving per binary
    # digit is exact to rounding. (scipy's root finder takes twenty times as long, longer than a short task needs to
    # push its particles.)
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
