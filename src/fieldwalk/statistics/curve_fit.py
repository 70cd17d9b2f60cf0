"""Fits of smoothly broken power laws to running coefficients, whose errors at different times are correlated.

Weights come from the scatter between realisations at each time. The covariance of the parameters is that of the
estimator, not of a fictitious fit to independent points: the law is fitted again to every bootstrap sample of the
curve. To first order that is Cov(p) = H Sigma H^T, H = (J^T W J)^-1 J^T W, with the full covariance Sigma of the data
between times, which has the rank of the number of realisations and is never inverted. Fitting again keeps every sample
a law that follows its curve, also where breaks are loosely known. The number of breaks is that of the best fit in all
samples: where a curve hardly decides it, errors of the law at single times come out too small.
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
"""Lowest and highest value of each slope; a slope is held where both are equal."""

STEEPEST = -2.5
"""Lowest slope of a dip."""

BALLISTIC_TO_PLATEAU: tuple[Slopes, ...] = (
    ((1.0, 1.0), (0.0, 0.0)),
    ((1.0, 1.0), (STEEPEST, 1.0), (0.0, 0.0)),
    ((1.0, 1.0), (0.0, 1.0), (STEEPEST, 0.0), (0.0, 0.0)),
)
"""From ballistic to diffusive: at once, by way of one slope (a dip or a slower rise), or of a slower rise and a dip."""

FLOOR = 0.03
"""Relative error added in quadrature, in the weights only: the law is no better, and the few most exact points would
else decide."""

NARROWEST, WIDEST = 0.1, 3.0
"""Widths of breaks in ln x, from a kink of neighbouring grid times to the width of the data."""

KNOWN_WITHIN = 1.0
"""Standard error of ln x_i above which the place of a break counts as not determined."""

FAR_WORSE = 1.5
"""Ratio of two shapes' criteria above which the worse one misses the curve."""


@dataclass(frozen=True)
class CurveFit:
    """A fitted law and its uncertainty.

    Attributes
    ----------
    law : array, shape (n_parameters,)
        As :mod:`fieldwalk.statistics.broken_power_law` orders it.
    samples : array, shape (n_samples, n_parameters)
        The law for every bootstrap sample of the curve; their covariance is that of the parameters.
    residual : array, shape (n_x,)
        (data - law)/law; NaN at points that were not used.
    beyond_noise : float
        Root mean square residual less, in quadrature, that of the curve's own errors.
    last_slope : float
        Of the law at the last point; far from zero where no plateau was reached.
    criterion : float
        Weighted square residuals plus their expected optimism, smaller is better; see :func:`fit_curve`.
    reason : str
        What is wrong with the fit, empty when nothing is. A law that is there all the same describes the curve only.
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
        """Whether there is a law at all."""
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
        """Standard errors of the parameters; zero for slopes that were held."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def breaks(self) -> Floats:
        """x_1 ... x_n."""
        return np.asarray(np.exp(self.law[FIRST_BREAK::PER_BREAK]))


def fit_curve(x: Floats, best: Floats, samples: Floats, shapes: Sequence[Slopes] = BALLISTIC_TO_PLATEAU) -> CurveFit:
    """Fit the law with as many breaks as the data ask for.

    Among the shapes the one with the smallest chi^2 + 2 tr(H Sigma W J) is taken: Mallows' C_p for correlated errors,
    chi^2 and what it is too small by because the law was fitted to the same noise (Takeuchi 1976). A shape counts only
    if the data determine it: breaks in their order and known in place, nothing at its limit, since correlated noise
    looks like breaks. Only when every such shape misses the curve is the closest of all taken, with its doubt as the
    reason.

    Parameters
    ----------
    x : array, shape (n_x,)
        Rising and positive.
    best : array, shape (n_x,)
        The curve; NaN is left out, and noise may make it negative.
    samples : array, shape (n_samples, n_x)
        The curve in each bootstrap sample, from :func:`fieldwalk.statistics.bootstrap.with_samples`.
    shapes : sequence of Slopes
        What the slopes may be, from few breaks to many.

    Returns
    -------
    CurveFit
        Never raises for what the data are like: ``reason`` says what is wrong.
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
    jacobian = gradient(solution.x)[:, ~held]  # a parameter at its limit does not answer to the noise
    to_parameters: Floats = np.asarray(np.linalg.pinv(jacobian, rcond=1e-8), dtype=np.float64)
    deviations = (samples - best) / sigma
    drawn = fit_samples(x, samples, sigma, law, free, (low, high))
    # tr(H Sigma W J), the expected square of that part of the noise which the law can follow
    optimism = np.mean(np.sum((deviations @ to_parameters.T @ jacobian.T) * deviations, axis=1))
    fitted = broken_power_law.value(x, law)
    residual = (best - fitted) / fitted
    beyond = float(np.sqrt(max(0.0, np.mean(residual**2) - np.mean(np.var(samples, axis=0) / fitted**2))))
    last_slope = float(broken_power_law.log_slope(x[-1:], law)[0])
    fit = CurveFit(law, drawn, residual, beyond, last_slope, float(2 * solution.cost + 2 * optimism))
    names = np.array(broken_power_law.parameter_names(len(shape) - 1))[free]
    return replace(fit, reason=_doubt(fit, names[held]))


def _doubt(fit: CurveFit, at_limit: NDArray[np.str_]) -> str:
    """Why a law means little."""
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
    """A few laws to begin from: breaks at several places, and the level at its best for each."""
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
