"""Fit of a mean free path to all points of a campaign: a broken power law of rigidity whose parameters depend on eta.

The law is that of :mod:`fieldwalk.heuristic.coefficient_law`. lambda_parallel changes from x^(1/3), resonant scattering
in a Kolmogorov spectrum, to x^2, scattering by small angles. lambda_perpendicular tends to a constant, which is due to
the diffusion of field lines, with or without x^(1/3) at small x.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, least_squares

from fieldwalk.heuristic.coefficient_law import SHIFTS, TERMS, gradient, ln_value
from fieldwalk.statistics import broken_power_law
from fieldwalk.statistics.broken_power_law import FIRST_BREAK, FIRST_SLOPE, LEVEL, PER_BREAK

Floats = NDArray[np.float64]
Slopes = tuple[float, ...]
"""Slopes of a law; those that are NaN are fitted."""

SHAPES: dict[str, tuple[Slopes, ...]] = {
    "parallel": ((1 / 3, 2.0), (1 / 3, np.nan, 2.0)),
    "perpendicular": ((np.nan, 0.0), (1 / 3, np.nan, 0.0)),
}
"""Shapes that are tried; :func:`fit_coefficient` chooses one."""

HELD_OUT = ("points", "levels")
"""What is left out to test a fit: each random fifth of the points in turn, or each level of turbulence except the
lowest and the highest."""

FOLDS = 5
FOLD_SEED = 5
"""Seed of the random distribution of the points to the folds; neighbours in the table are not neighbours in a fold."""

STEEPEST, WIDTHS = 3.0, (0.1, 2.0)
"""Largest absolute slope, and limits of the widths of breaks in ln x. Breaks are within a factor e of the rigidities.
"""

FIRST_SCATTER = 0.05
"""Initial value of the scatter."""

MOST_EVALUATIONS = 200
"""Number of evaluations after which a fit counts as not converged."""


@dataclass(frozen=True)
class Table:
    """Converged mean free paths of one mode type and direction; all arrays have shape (n_points,).

    Attributes
    ----------
    rigidity, eta : array
        x = r_g/L_c, and the level of turbulence.
    value, error : array
        Mean free path and its standard error in L_c.
    """

    rigidity: Floats
    eta: Floats
    value: Floats
    error: Floats

    def __getitem__(self, chosen: NDArray[np.bool_]) -> "Table":
        """Table of some of the points."""
        return Table(self.rigidity[chosen], self.eta[chosen], self.value[chosen], self.error[chosen])


@dataclass(frozen=True)
class CoefficientFit:
    """Fitted parameters and their uncertainty.

    Attributes
    ----------
    numbers : array, shape (n,)
        Parameters of a law, followed by its shifts with eta.
    covariance : array, shape (n, n)
        Zero for parameters that were held fixed, and for those in ``at_limit``.
    scatter : float
        Standard deviation of ln lambda about the law beyond the errors of the points, that is, the error of the law.
    at_limit : str
        Names of the parameters that are at the limit of their range; the errors are then those with these held fixed.
    converged : bool
        Whether the minimisation converged.
    criterion : float
        Akaike's criterion, corrected for few points; smaller is better.
    """

    numbers: Floats
    covariance: Floats
    scatter: float
    at_limit: str = ""
    converged: bool = True
    criterion: float = np.inf


def uncertainty(fit: CoefficientFit, rigidity: Floats, eta: Floats) -> Floats:
    """Statistical standard error of ln lambda, shape (n_points,), to first order in the covariance of the fit.

    Examples
    --------
    >>> numbers, covariance = np.zeros(11), np.zeros((11, 11))
    >>> covariance[0, 0] = 0.01  # of ln level
    >>> uncertainty(CoefficientFit(numbers, covariance, 0.0), np.array([0.1]), np.array([0.5])).round(6)
    array([0.1])
    """
    slopes = gradient(fit.numbers, rigidity, eta)
    return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", slopes, fit.covariance, slopes)))


def fit_coefficient(direction: str, table: Table) -> CoefficientFit | str:
    """Fit every shape for which there are enough points, and choose the one with the smallest criterion.

    This is Akaike's criterion corrected for few points (Hurvich & Tsai 1989), -2 ln L + 2k + 2k(k + 1)/(n - k - 1),
    where the scatter is one of the k parameters.

    Parameters
    ----------
    direction : str
        ``parallel`` or ``perpendicular``.
    table : Table

    Returns
    -------
    CoefficientFit or str
        The fit, or a text that says why there is none and what to change.

    Examples
    --------
    >>> two = np.array([0.1, 1.0])
    >>> fit_coefficient("parallel", Table(two, np.array([0.5, 0.5]), two, 0.1 * two))
    '2 converged points at 2 rigidities, needs 8 at 3: add rigidities or levels'
    """
    size, rigidities, fits = table.rigidity.size, np.unique(table.rigidity).size, []
    for slopes in SHAPES[direction]:
        for free in _choices(slopes, table.eta):
            if size >= free.sum() + FOLDS and rigidities >= free[:-SHIFTS].sum():
                fits.append(_fit(slopes, free, table))
    if not fits:
        simplest = _choices(SHAPES[direction][0], table.eta)[0]
        needed, of_law = simplest.sum() + FOLDS, simplest[:-SHIFTS].sum()
        return (
            f"{size} converged points at {rigidities} rigidities, needs {needed} at {of_law}: add rigidities or levels"
        )
    fit = min(fits, key=lambda one: one.criterion)
    return fit if fit.converged else f"the fit of lambda_{direction} did not converge: add rigidities or realisations"


def hold_out(direction: str, table: Table) -> dict[str, tuple[Floats, Floats]]:
    """Predict points from fits to the other points; every fit is a complete :func:`fit_coefficient`.

    Returns
    -------
    dict of (array, array), shape (n_points,)
        For each of :data:`HELD_OUT`, ln(predicted/simulated), and the same divided by its stated error, which includes
        that of the simulated point. NaN for points that are not predicted, those of the lowest and the highest level.
    """
    fold = np.random.default_rng(FOLD_SEED).permutation(table.rigidity.size) % FOLDS
    groups = [fold == number for number in range(FOLDS)], [table.eta == eta for eta in np.unique(table.eta)[1:-1]]
    return {kind: _predict(direction, table, group) for kind, group in zip(HELD_OUT, groups, strict=True)}


def _predict(direction: str, table: Table, left_out: list[NDArray[np.bool_]]) -> tuple[Floats, Floats]:
    off, spread = np.full((2, table.rigidity.size), np.nan)
    for out in left_out:
        fit, points = fit_coefficient(direction, table[~out]), table[out]
        if isinstance(fit, CoefficientFit):
            off[out] = ln_value(fit.numbers, points.rigidity, points.eta) - np.log(points.value)
            known = np.hypot(uncertainty(fit, points.rigidity, points.eta), points.error / points.value)
            spread[out] = np.hypot(known, fit.scatter)
    return off, off / spread


def _choices(slopes: Slopes, eta: Floats) -> list[NDArray[np.bool_]]:
    """Which parameters are fitted, without and with a shift of the slope; each further level allows a further shift."""
    law = [True, np.isnan(slopes[0])]
    for slope in slopes[1:]:
        law += [True, np.isnan(slope), True]
    terms = [number < np.unique(eta).size - 1 for number in range(2)]
    with_slope = [False, True] if np.isnan(slopes[-2]) and terms[0] else [False]
    return [np.array([*law, *terms, *terms, *(one and term for term in terms)]) for one in with_slope]


def _fit(slopes: Slopes, free: NDArray[np.bool_], table: Table) -> CoefficientFit:
    breaks = len(slopes) - 1
    y, error = np.log(table.value), table.error / table.value
    ends = np.log(table.rigidity.min()) - 1, np.log(table.rigidity.max()) + 1
    low, high = np.full(free.size, -40.0), np.full(free.size, 40.0)
    low[FIRST_SLOPE], high[FIRST_SLOPE] = -STEEPEST, STEEPEST
    for first in range(FIRST_BREAK, free.size - SHIFTS, PER_BREAK):
        low[first : first + 3] = ends[0], -STEEPEST, np.log(WIDTHS[0])
        high[first : first + 3] = ends[1], STEEPEST, np.log(WIDTHS[1])

    def solve(start: Floats, sigma: Floats) -> tuple[Floats, OptimizeResult]:
        def whole(numbers: Floats) -> Floats:
            result = start.copy()
            result[free] = numbers
            return result

        def residuals(numbers: Floats) -> Floats:
            return (ln_value(whole(numbers), table.rigidity, table.eta) - y) / sigma

        def slopes_of(numbers: Floats) -> Floats:
            return np.asarray(gradient(whole(numbers), table.rigidity, table.eta)[:, free] / sigma[:, None])

        begin = np.clip(start, low, high)[free]
        found = least_squares(
            residuals, begin, slopes_of, bounds=(low[free], high[free]), x_scale="jac", max_nfev=MOST_EVALUATIONS
        )
        return whole(found.x), found

    scatter, starts = FIRST_SCATTER, _starts(slopes, table, free.size)
    for _ in range(3):  # after three rounds the scatter and the weights that follow from it agree to a per cent
        solved = [solve(start, np.hypot(error, scatter)) for start in starts]
        numbers, found = min(solved, key=lambda one: float(one[1].cost))
        starts = [numbers]
        off = ln_value(numbers, table.rigidity, table.eta) - y
        spare = max(y.size - int(free.sum()), 1)
        scatter = float(np.sqrt(max(0.0, (np.sum(off**2) - np.sum(error**2) * spare / y.size) / spare)))
    covariance = np.zeros((free.size, free.size))
    inside = found.active_mask == 0
    where = np.flatnonzero(free)
    covariance[np.ix_(where[inside], where[inside])] = np.linalg.pinv(found.jac[:, inside].T @ found.jac[:, inside])
    names = np.array([*broken_power_law.parameter_names(breaks), *TERMS[-SHIFTS:]])
    variance, fitted = error**2 + scatter**2, int(free.sum()) + 1
    criterion = np.sum(off**2 / variance + np.log(variance)) + 2 * fitted * y.size / max(y.size - fitted - 1, 1)
    at_limit = ", ".join(names[where[~inside]])
    return CoefficientFit(numbers, covariance, scatter, at_limit, bool(found.success), float(criterion))


def _starts(slopes: Slopes, table: Table, size: int) -> list[Floats]:
    """Initial laws: breaks at several positions and slopes of either sign, each with the level that fits best."""
    ln_x, breaks, starts = np.log(table.rigidity), len(slopes) - 1, []
    for shares in ([0.35, 0.8], [0.15, 0.7], [0.7, 0.85]):
        for slope in (0.6, -0.5):
            places = np.exp(ln_x.min() + np.array(shares[-breaks:]) * np.ptp(ln_x))
            start = np.zeros(size)
            known = [slope if np.isnan(one) else one for one in slopes]
            start[:-SHIFTS] = broken_power_law.make_law(1.0, known, list(places), [0.5] * breaks)
            start[LEVEL] = np.mean(np.log(table.value) - ln_value(start, table.rigidity, table.eta))
            starts.append(start)
    return starts
