"""One fit of a mean free path over a whole campaign: a broken power law of rigidity whose numbers depend on eta.

The law is that of :mod:`fieldwalk.heuristic.coefficient_law`. lambda_parallel goes from x^(1/3), resonant scattering in
a Kolmogorov spectrum, to x^2, scattering at small angles. lambda_perpendicular goes to a constant, the diffusion of
field lines, with or without x^(1/3) at first.
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
"""Slopes of a law; NaN is fitted."""

SHAPES: dict[str, tuple[Slopes, ...]] = {
    "parallel": ((1 / 3, 2.0), (1 / 3, np.nan, 2.0)),
    "perpendicular": ((np.nan, 0.0), (1 / 3, np.nan, 0.0)),
}
"""Shapes that are tried; :func:`fit_coefficient` chooses."""

HELD_OUT = ("points", "levels")
"""What is left out to test a fit: a fifth of the points at random, each fifth in turn, or a whole level of turbulence,
but for the lowest and highest."""

FOLDS = 5
FOLD_SEED = 5
"""Of the deal of the points to the folds, so that neighbours in the table are not neighbours in a fold."""

STEEPEST, WIDTHS = 3.0, (0.1, 2.0)
"""Largest slope either way, and narrowest and widest break in ln x. Breaks lie within a factor e of the rigidities."""

FIRST_SCATTER = 0.05
"""Scatter from which its own estimate begins."""

MOST_EVALUATIONS = 200
"""Evaluations after which a fit counts as not converged."""


@dataclass(frozen=True)
class Table:
    """Converged mean free paths of one mode type and direction, all arrays of shape (n_points,).

    Attributes
    ----------
    rigidity, eta : array
        x in L_c, and the level.
    value, error : array
        In L_c.
    """

    rigidity: Floats
    eta: Floats
    value: Floats
    error: Floats

    def __getitem__(self, chosen: NDArray[np.bool_]) -> "Table":
        """Some of the points."""
        return Table(self.rigidity[chosen], self.eta[chosen], self.value[chosen], self.error[chosen])


@dataclass(frozen=True)
class CoefficientFit:
    """Fitted numbers and how good they are.

    Attributes
    ----------
    numbers : array, shape (n,)
        A law, followed by its shifts with eta.
    covariance : array, shape (n, n)
        Zero for numbers that were held, and for those in ``at_limit``.
    scatter : float
        Standard deviation of ln lambda about the law beyond the errors of the points: what the law does not know.
    at_limit : str
        Names of the numbers that stopped at the limit of what is allowed: errors are then those with these held.
    converged : bool
        Whether the minimisation did.
    criterion : float
        Akaike's, corrected for few points; smaller is better.
    """

    numbers: Floats
    covariance: Floats
    scatter: float
    at_limit: str = ""
    converged: bool = True
    criterion: float = np.inf


def uncertainty(fit: CoefficientFit, rigidity: Floats, eta: Floats) -> Floats:
    """Statistical standard error of ln lambda, shape (n_points,), to first order in the fit's covariance."""
    slopes = gradient(fit.numbers, rigidity, eta)
    return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", slopes, fit.covariance, slopes)))


def fit_coefficient(direction: str, table: Table) -> CoefficientFit | str:
    """Fit every shape that the points allow, and take the one with the smallest criterion.

    Akaike's criterion corrected for few points (Hurvich & Tsai 1989): -2 ln L + 2k + 2k(k + 1)/(n - k - 1), where the
    scatter is one of the k numbers.

    Parameters
    ----------
    direction : str
        ``parallel`` or ``perpendicular``.
    table : Table

    Returns
    -------
    CoefficientFit or str
        Why there is no fit.
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
    """Predict points from the others, by the whole of :func:`fit_coefficient` each time, choice of shape included.

    Returns
    -------
    dict of (array, array), shape (n_points,)
        ln(predicted/simulated) for each of :data:`HELD_OUT`, and the same over its stated error, that of the simulated
        point included; NaN where it was not tried: lowest and highest level.
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
    """Which numbers are fitted: without and with a shift of the slope. One more level allows one more shift of each."""
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
    for _ in range(3):  # the scatter and the weights that follow from it agree to a per cent after three rounds
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
    """Laws to begin from: breaks at several places, slopes that rise or fall, and the level at its best for each."""
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
