"""How mean free paths scale with rigidity: power laws over windows of r_g/L_c, and local slopes."""

import math
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from fieldwalk.turbulence.mode_types import no_direction

Floats = NDArray[np.float64]

FEWEST_POINTS = 3
"""Converged points that a fit needs: two define a line and say nothing of whether it is one."""


@dataclass(frozen=True)
class Window:
    """Range of x = r_g/L_c, both ends included, over which one power law is fitted."""

    name: str
    low: float
    high: float

    def __str__(self) -> str:
        """The range in words."""
        above = f"r_g/L_c <= {self.high:g}"
        return above if self.low == 0.0 else f"{self.low:g} <= {above}"

    def holds(self, rigidity: Floats) -> NDArray[np.bool_]:
        """Whether each r_g/L_c lies in the window, up to the rounding of decimal numbers."""
        return (rigidity >= self.low * (1 - 1e-9)) & (rigidity <= self.high * (1 + 1e-9))


LOW = Window("low", 0.0, 1e-3)
"""Here lambda_perpendicular is back to x^(1/3) in isotropic Kolmogorov turbulence (arXiv:2211.05881)."""

TRANSITION = Window("transition", 1e-3, 1.0)
"""Here lambda_perpendicular is steeper than x^(1/3) in isotropic turbulence (arXiv:2211.05881); talks report about x in
magnetosonic turbulence and no such range in Alfvénic.
"""

PARALLEL = Window("parallel", 0.0, 0.1)
"""Here lambda_parallel tends to x^(1/3) in a Kolmogorov spectrum; published for x << 1 (arXiv:2211.05881)."""

WINDOWS: dict[str, tuple[Window, ...]] = {
    "lambda_parallel": (PARALLEL,),
    "lambda_perpendicular": (LOW, TRANSITION),
    "lambda_ratio": (LOW, TRANSITION),
}
"""Windows in which each variable is fitted. The ratio of two power laws is one only where both are."""


@dataclass(frozen=True)
class PowerLawFit:
    """lambda = level (x / pivot)^exponent, fitted to the converged points of a window.

    Attributes
    ----------
    exponent : float
        NaN when refused.
    error : float
        Standard error of the exponent, scaled up by :attr:`stretch`. Where the points curve it is a lower limit on what
        is not known: curvature is no noise, and another window gives another exponent.
    chi_square : float
        Of the logarithms about the line.
    points : int
        Converged points in the window.
    pivot, level : float
        x at the weighted mean of ln x, where level and exponent are not correlated, and the fitted value there.
    reason : str
        Why there is no exponent, empty when there is one.
    """

    exponent: float
    error: float
    chi_square: float
    points: int
    pivot: float
    level: float
    reason: str = ""

    @property
    def reduced_chi_square(self) -> float:
        """chi-square per degree of freedom; NaN when refused."""
        return self.chi_square / (self.points - 2) if not self.reason else math.nan

    @property
    def stretch(self) -> float:
        """Factor by which the error is larger than that of the points alone: sqrt(chi-square/dof), at least 1."""
        return max(1.0, math.sqrt(self.reduced_chi_square)) if not self.reason else math.nan

    def at(self, rigidity: Floats) -> Floats:
        """The fitted line at some r_g/L_c."""
        return np.asarray(self.level * (rigidity / self.pivot) ** self.exponent)


def fit_power_law(rigidity: Floats, value: Floats, error: Floats, window: Window) -> PowerLawFit:
    """Fit a power law by weighted least squares of ln(value) on ln(x).

    The sigma of ln(value) is error/value, taken as absolute. Only when chi-square/dof exceeds one is the error of the
    exponent scaled up by its root, so that points that do not follow one power law within their errors do not give an
    exponent more precise than their scatter. Curvature is no noise: a scaled error is a lower limit on ignorance.

    Valid while error/value is small: at 0.2 the mean of the logarithm is off by a tenth of a standard deviation. Points
    count as independent. Those that were drawn with equal `modes` and `scale_ratio` share their waves, which moves
    neighbours together: the error is then rather too large.

    Parameters
    ----------
    rigidity : array, shape (n,)
        x = r_g/L_c.
    value, error : array, shape (n,)
        NaN where not converged; such points are never used, nor are those without a positive error.
    window : Window

    Returns
    -------
    PowerLawFit
        With NaN and a reason where fewer than :data:`FEWEST_POINTS` usable points lie in the window.
    """
    here = window.holds(rigidity) & _usable(value, error)
    points = int(here.sum())
    if points < FEWEST_POINTS:
        refused = f"{points} converged point{'' if points == 1 else 's'} in the window, needs {FEWEST_POINTS}"
        return PowerLawFit(math.nan, math.nan, math.nan, points, math.nan, math.nan, refused)
    sigma = error[here] / value[here]
    x, y = np.log(rigidity[here]), np.log(value[here])
    centre = np.average(x, weights=sigma**-2)
    coefficients, covariance = np.polyfit(x - centre, y, 1, w=1 / sigma, cov="unscaled")
    residuals = (y - np.polyval(coefficients, x - centre)) / sigma
    chi_square = float(residuals @ residuals)
    stretch = max(1.0, math.sqrt(chi_square / (points - 2)))
    return PowerLawFit(
        exponent=float(coefficients[0]),
        error=stretch * math.sqrt(covariance[0, 0]),
        chi_square=chi_square,
        points=points,
        pivot=math.exp(centre),
        level=math.exp(coefficients[1]),
    )


def local_slopes(rigidity: Floats, value: Floats, error: Floats) -> tuple[Floats, Floats, Floats]:
    """Slopes d ln(value)/d ln(x) between neighbouring converged points.

    Two slopes that share a point have opposite errors from it: a slope too steep stands beside one too flat.

    Parameters
    ----------
    rigidity : array, shape (n,)
        Rising.
    value, error : array, shape (n,)
        NaN where not converged; a slope then reaches over the gap.

    Returns
    -------
    middle, slope, slope_error : array, shape (n_converged - 1,)
        Geometric middle of the two r_g/L_c; the errors of the two points are propagated as independent.
    """
    here = _usable(value, error)
    x, y, sigma = np.log(rigidity[here]), np.log(value[here]), error[here] / value[here]
    step = np.diff(x)
    middle = np.exp((x[1:] + x[:-1]) / 2)
    return middle, np.diff(y) / step, np.hypot(sigma[1:], sigma[:-1]) / step


def converged(curve: xr.Dataset, variable: str) -> tuple[Floats, Floats]:
    """Values of one curve and their errors, NaN where not converged.

    Parameters
    ----------
    curve : xarray.Dataset
        ``mean_free_paths.nc`` at one mode type and eta.
    variable : str
        A key of :data:`WINDOWS`. The error of the ratio is the dataset's own: numerator and denominator come from the
        same bootstrap samples and are correlated.

    Returns
    -------
    value, error : array, shape (rigidity,)
        In L_c, or 1 for the ratio.
    """
    value, error = (np.asarray(curve[name].values, dtype=np.float64) for name in (variable, f"{variable}_error"))
    directions = ("parallel", "perpendicular") if variable == "lambda_ratio" else (variable.removeprefix("lambda_"),)
    # The flag rules: a finite number without it is not a measurement.
    flags = [np.nan_to_num(curve[f"converged_{one}"].values.astype(np.float64)) != 0.0 for one in directions]
    good = np.isfinite(value) & np.logical_and.reduce(flags)
    return np.where(good, value, np.nan), np.where(good, error, np.nan)


def variables(mode_type: str, eta: float) -> tuple[str, ...]:
    """Variables of a curve: `lambda_parallel` alone for isotropic turbulence without a mean field, which has one."""
    return ("lambda_parallel",) if no_direction(mode_type, eta) else tuple(WINDOWS)


def _usable(value: Floats, error: Floats) -> NDArray[np.bool_]:
    return np.isfinite(value) & np.isfinite(error) & (value > 0.0) & (error > 0.0)
