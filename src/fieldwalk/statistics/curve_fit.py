"""Fits of smoothly broken power laws to running coefficients, whose errors at different times are correlated.

The weights follow from the scatter between realisations at each time. The covariance of the parameters is obtained by
fitting the law to every bootstrap sample of the curve, so it includes the correlation between times. To first order it
is Cov(p) = H Sigma H^T, H = (J^T W J)^-1 J^T W, with the full covariance Sigma of the data between times; Sigma has at
most the rank of the number of realisations and is never inverted. Fitting every sample has the advantage that each
sample is a law that follows its curve, also where breaks are poorly known. All samples have the number of breaks of the
best fit: where the curve hardly determines this number, errors of the law at single times are too small.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, least_squares

from fieldwalk.statistics import broken_power_law
from fieldwalk.statistics.broken_power_law import FIRST_BREAK, LEVEL, PER_BREAK
from fieldwalk.statistics.law_samples import fit_samples

Floats = NDArray[np.float64]
Slopes = tuple[tuple[float, float], ...]
"""Lowest and highest value of each slope; a slope is held fixed where both are equal."""

STEEPEST = -2.5
"""Lowest slope of a dip."""

BALLISTIC_TO_PLATEAU: tuple[Slopes, ...] = (
    ((1.0, 1.0), (0.0, 0.0)),
    ((1.0, 1.0), (STEEPEST, 1.0), (0.0, 0.0)),
    ((1.0, 1.0), (0.0, 1.0), (STEEPEST, 0.0), (0.0, 0.0)),
)
"""From ballistic to diffusive: directly, with one slope between (dip or slow rise), or with a slow rise and a dip."""

FLOOR = 0.03
"""Relative error that is added in quadrature, in the weights only.

A broken power law describes a curve to no better than this, and without it the few most precise points would determine
the fit."""

NARROWEST, WIDEST = 0.1, 3.0
"""Limits of the widths of breaks in ln x: the distance of neighbouring grid times, and the width of the data."""

KNOWN_WITHIN = 1.0
"""Standard error of ln x_i above which the position of a break counts as not determined."""

FAR_WORSE = 1.5
"""Ratio of the criteria of two shapes above which the worse one does not describe the curve."""


@dataclass(frozen=True)
class CurveFit:
    """A fitted law and its uncertainty.

    Attributes
    ----------
    law : array, shape (n_parameters,)
        Parameters in the order of :mod:`fieldwalk.statistics.broken_power_law`.
    samples : array, shape (n_samples, n_parameters)
        The law for every bootstrap sample of the curve; the covariance of the samples is that of the parameters.
    residual : array, shape (n_x,)
        (data - law)/law; NaN at points that were not used.
    beyond_noise : float
        Root mean square residual minus, in quadrature, that of the errors of the curve.
    last_slope : float
        Slope of the law at the last point; far from zero where no plateau was reached.
    criterion : float
        Weighted square residuals plus the bias expected from fitting; smaller is better, see :func:`fit_curve`.
    reason : str
        Why the parameters are not reliable, empty when they are. The law may then still describe the curve.
    """

    law: Floats = field(default_factory=lambda: np.full(2, np.nan))
    samples: Floats = field(default_factory=lambda: np.full((1, 2), np.nan))
    residual: Floats = field(default_factory=lambda: np.full(1, np.nan))
    beyond_noise: float = np.nan
    last_slope: float = np.nan
    criterion: float = np.inf
    reason: str = ""

    @property
    def usable(self) -> bool:
        """Whether a law was fitted, reliable or not."""
        return bool(np.isfinite(self.law).all())

    @property
    def rms(self) -> float:
        """Root mean square residual."""
        return float(np.sqrt(np.nanmean(self.residual**2))) if self.usable else np.nan

    @property
    def covariance(self) -> Floats:
        """Covariance of the parameters, shape (n_parameters, n_parameters)."""
        return np.atleast_2d(np.cov(self.samples, rowvar=False))

    @property
    def error(self) -> Floats:
        """Standard errors of the parameters; zero for slopes that were held fixed."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def breaks(self) -> Floats:
        """Positions x_1 ... x_n of the breaks."""
        return np.asarray(np.exp(self.law[FIRST_BREAK::PER_BREAK]))


def fit_curve(x: Floats, best: Floats, samples: Floats, shapes: Sequence[Slopes] = BALLISTIC_TO_PLATEAU) -> CurveFit:
    """Fit a broken power law with the number of breaks that the data support.

    The shape with the smallest chi^2 + 2 tr(H Sigma W J) is chosen. This is Mallows' C_p for correlated errors: chi^2
    plus the amount by which chi^2 is too small because the law was fitted to the same noise (Takeuchi 1976). Correlated
    noise can look like breaks. Therefore a shape is considered only if the data determine it: the breaks are in order,
    their positions are known, and no parameter is at its limit. If every such shape misses the curve, the shape with
    the smallest criterion of all is taken, and ``reason`` says why its parameters are not reliable.

    Parameters
    ----------
    x : array, shape (n_x,)
        Increasing and positive.
    best : array, shape (n_x,)
        The curve. NaN is left out; values may be negative because of noise.
    samples : array, shape (n_samples, n_x)
        The curve in each bootstrap sample, from :func:`fieldwalk.statistics.bootstrap.with_samples`.
    shapes : sequence of Slopes
        Limits of the slopes for each shape, from few breaks to many.

    Returns
    -------
    CurveFit
        No data raise an error: ``reason`` says what is wrong and, where there is one, the remedy.

    Examples
    --------
    >>> x = np.geomspace(0.01, 100.0, 33)
    >>> curve = x / np.sqrt(1 + x**2)  # ballistic below x = 1, a plateau above
    >>> samples = curve * (1 + 0.05 * np.random.default_rng(1).standard_normal((20, 33)))
    >>> fit = fit_curve(x, curve, samples, BALLISTIC_TO_PLATEAU[:1])
    >>> fit.reason, fit.breaks.round(3), round(fit.rms, 3)
    ('', array([1.]), 0.0)
    """
    error = np.std(samples, axis=0)
    here = np.isfinite(best) & np.isfinite(error) & (error > 0)
    if here.sum() < (fewest := 4 + PER_BREAK * (len(shapes[0]) - 1)):
        return CurveFit(reason=f"{here.sum()} usable points, needs {fewest}: a longer run has more")
    if np.median(best[here] / error[here]) < 2:
        return CurveFit(reason="most of the curve is lost in noise: raise realisations")
    sigma = np.hypot(error, FLOOR * np.abs(best))[here]
    fits = [
        _fit_shape(x[here], best[here], samples[:, here], sigma, shape)
        for shape in shapes
        if here.sum() >= 2 + PER_BREAK * len(shape)
    ]
    closest = min(fits, key=lambda one: one.criterion)
    chosen = min((one for one in fits if not one.reason), key=lambda one: one.criterion, default=closest)
    if chosen.criterion > FAR_WORSE * closest.criterion:
        chosen = closest
    residual = np.full(x.size, np.nan)
    residual[here] = chosen.residual
    return replace(chosen, residual=residual)


def _fit_shape(x: Floats, best: Floats, samples: Floats, sigma: Floats, shape: Slopes) -> CurveFit:
    low, high = _bounds(x, best, shape)
    free = low < high

    def whole(parameters: Floats) -> Floats:
        law = low.copy()
        law[free] = parameters
        return law

    def residuals(parameters: Floats) -> Floats:
        return np.asarray((broken_power_law.value(x, whole(parameters)) - best) / sigma)

    def gradient(parameters: Floats) -> Floats:
        law = whole(parameters)
        scale = broken_power_law.value(x, law) / sigma
        return np.asarray(scale[:, None] * broken_power_law.log_gradient(x, law)[:, free])

    found: list[OptimizeResult] = [
        least_squares(residuals, np.clip(start, low, high)[free], gradient, bounds=(low[free], high[free]))
        for start in _starts(x, best, sigma, shape)
    ]
    solution = min(found, key=lambda one: float(one.cost))
    if not solution.success:
        return CurveFit(reason="the fit did not converge: raise realisations")
    law = whole(solution.x)
    held = solution.active_mask != 0
    jacobian = gradient(solution.x)[:, ~held]  # a parameter at its limit does not respond to the noise
    to_parameters: Floats = np.asarray(np.linalg.pinv(jacobian, rcond=1e-8), dtype=np.float64)
    deviations = (samples - best) / sigma
    drawn = fit_samples(x, samples, sigma, law, free, (low, high))
    # tr(H Sigma W J) is the expected square of the part of the noise that the law can follow
    optimism = np.mean(np.sum((deviations @ to_parameters.T @ jacobian.T) * deviations, axis=1))
    fitted = broken_power_law.value(x, law)
    residual = (best - fitted) / fitted
    beyond = float(np.sqrt(max(0.0, np.mean(residual**2) - np.mean(np.var(samples, axis=0) / fitted**2))))
    last_slope = float(broken_power_law.log_slope(x[-1:], law)[0])
    fit = CurveFit(law, drawn, residual, beyond, last_slope, float(2 * solution.cost + 2 * optimism))
    names = np.array(broken_power_law.parameter_names(len(shape) - 1))[free]
    return replace(fit, reason=_doubt(fit, names[held]))


def _doubt(fit: CurveFit, at_limit: NDArray[np.str_]) -> str:
    """Why the parameters of a law are not reliable, empty when they are."""
    if at_limit.size:
        return f"{', '.join(at_limit)} at a limit: the curve does not determine it and is all that counts"
    unknown = float(np.max(fit.error[FIRST_BREAK::PER_BREAK]))
    if unknown > KNOWN_WITHIN:
        return f"a break is known only to a factor {np.exp(unknown):.2g}: raise realisations or duration"
    if np.any(np.diff(fit.breaks) <= 0):
        return "breaks out of order: the curve has no such shape"
    return ""


def _bounds(x: Floats, best: Floats, shape: Slopes) -> tuple[Floats, Floats]:
    low = [np.log(np.max(best) / np.max(x)) - 20.0, shape[0][0]]
    high = [np.log(np.max(best) / np.min(x)) + 20.0, shape[0][1]]
    for slope in shape[1:]:
        low += [np.log(x[0]), slope[0], np.log(NARROWEST)]
        high += [np.log(x[-1]), slope[1], np.log(WIDEST)]
    return np.array(low), np.array(high)


def _starts(x: Floats, best: Floats, sigma: Floats, shape: Slopes) -> list[Floats]:
    """Initial laws: breaks at several positions, each with the level that fits best."""
    starts = []
    for places in np.array([[0.25, 0.5, 0.75], [0.5, 0.65, 0.8], [0.4, 0.5, 0.9]]):
        chosen = places[: len(shape) - 1] if len(shape) > 2 else places[1:2]
        slopes = [0.5 * (max(one[0], -0.6) + one[1]) for one in shape]
        at = np.exp(np.log(x[0]) + chosen * np.log(x[-1] / x[0]))
        law = broken_power_law.make_law(1.0, slopes, list(at), [0.5] * len(at))
        unit = broken_power_law.value(x, law) / sigma
        law[LEVEL] += np.log(max(float(unit @ (best / sigma) / (unit @ unit)), 1e-300))
        starts.append(law)
    return starts
