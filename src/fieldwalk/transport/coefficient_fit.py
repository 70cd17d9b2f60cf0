"""One fit of a mean free path over a whole campaign: a broken power law of rigidity whose numbers depend on eta.

ln lambda is a smoothly broken power law of x = r_g/L_c (:mod:`fieldwalk.transport.broken_power_law`). lambda_parallel
goes from x^(1/3), resonant scattering in a Kolmogorov spectrum, to x^2, scattering at small angles.
lambda_perpendicular goes from x^(1/3) by way of one steeper slope to a constant, the diffusion of field lines. With
several levels of turbulence its level and its breaks shift with ln(2 eta) and ln(2 (1 - eta)): both limits are power
laws, of dB^2 and of B0^2.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from fieldwalk.transport import broken_power_law
from fieldwalk.transport.broken_power_law import FIRST_BREAK, FIRST_SLOPE, LEVEL, PER_BREAK

Floats = NDArray[np.float64]
Slopes = tuple[float, ...]
"""Slopes of a law; NaN is fitted."""

SHAPES: dict[str, tuple[Slopes, ...]] = {
    "parallel": ((1 / 3, 2.0), (1 / 3, np.nan, 2.0)),
    "perpendicular": ((np.nan, 0.0), (1 / 3, np.nan, 0.0)),
}
"""Shapes that are tried; :func:`fit_coefficient` chooses."""

MOST_BREAKS = 2
TERMS = [*broken_power_law.parameter_names(MOST_BREAKS), "level_eta", "level_rest", "break_eta", "break_rest"]
"""Names of all numbers of a fit: the law at eta = 1/2, and by how much ln level and ln breaks change with ln(2 eta) and
ln(2 (1 - eta)). Laws with one break leave those of the second NaN."""

SHIFTS = 4
HELD_OUT = ("points", "levels")
"""What is left out to test a fit: every fifth point, or a whole level of turbulence, but for the lowest and highest."""

FOLDS = 5
FOLD_SEED = 5
"""Of the deal of the points to the folds, so that neighbours in the table are not neighbours in a fold."""

WIDTHS = (0.1, 2.0)
"""Narrowest and widest break in ln x."""

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
        A law, followed by its four shifts with eta.
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


def ln_value(numbers: Floats, rigidity: Floats, eta: Floats) -> Floats:
    """Logarithm of lambda at points, shape (n_points,).

    Parameters
    ----------
    numbers : array, shape (n,)
        As in :class:`CoefficientFit`.
    rigidity, eta : array, shape (n_points,)
    """
    law, (level_eta, level_rest, break_eta, break_rest) = numbers[:-SHIFTS], numbers[-SHIFTS:]
    near, far = _levels(eta)
    shift = break_eta * near + break_rest * far
    # breaks that all move by a factor are the law at x over the factor, its first slope made good
    moved = np.log(broken_power_law.value(rigidity * np.exp(-shift), law)) + law[FIRST_SLOPE] * shift
    return np.asarray(moved + level_eta * near + level_rest * far)


def gradient(numbers: Floats, rigidity: Floats, eta: Floats) -> Floats:
    """Derivative of :func:`ln_value` with respect to the numbers, shape (n_points, n)."""
    law, (_, _, break_eta, break_rest) = numbers[:-SHIFTS], numbers[-SHIFTS:]
    near, far = _levels(eta)
    shift = break_eta * near + break_rest * far
    x = rigidity * np.exp(-shift)
    of_law = broken_power_law.log_gradient(x, law)
    of_law[:, FIRST_SLOPE] += shift
    of_shift = law[FIRST_SLOPE] - broken_power_law.log_slope(x, law)
    return np.column_stack([of_law, near, far, of_shift * near, of_shift * far])


def uncertainty(fit: CoefficientFit, rigidity: Floats, eta: Floats) -> Floats:
    """Statistical standard error of ln lambda, shape (n_points,), to first order in the fit's covariance."""
    slopes = gradient(fit.numbers, rigidity, eta)
    return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", slopes, fit.covariance, slopes)))


def _levels(eta: Floats) -> tuple[Floats, Floats]:
    return np.log(2 * eta), np.log(2 * (1 - eta))


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
    shifts = min(np.unique(table.eta).size - 1, 2)
    size = table.rigidity.size
    shapes = [slopes for slopes in SHAPES[direction] if size >= _free(slopes, shifts).sum() + FOLDS]
    if not shapes:
        return f"{size} converged points, needs {_free(SHAPES[direction][0], shifts).sum() + FOLDS}"
    fit = min((_fit(slopes, shifts, table) for slopes in shapes), key=lambda one: one.criterion)
    return fit if fit.converged else f"the fit of lambda_{direction} did not converge: add rigidities or realisations"


def hold_out(direction: str, table: Table) -> dict[str, Floats]:
    """Predict points from the others, by the whole of :func:`fit_coefficient` each time, choice of shape included.

    Returns
    -------
    dict of array, shape (n_points,)
        ln(predicted/simulated) for each of :data:`HELD_OUT`, NaN where it was not tried: lowest and highest level.
    """
    fold = np.random.default_rng(FOLD_SEED).permutation(table.rigidity.size) % FOLDS
    groups = [fold == number for number in range(FOLDS)], [table.eta == eta for eta in np.unique(table.eta)[1:-1]]
    return {kind: _predict(direction, table, group) for kind, group in zip(HELD_OUT, groups, strict=True)}


def _predict(direction: str, table: Table, left_out: list[NDArray[np.bool_]]) -> Floats:
    result = np.full(table.rigidity.size, np.nan)
    for out in left_out:
        fit = fit_coefficient(direction, table[~out])
        if isinstance(fit, CoefficientFit):
            result[out] = ln_value(fit.numbers, table.rigidity[out], table.eta[out]) - np.log(table.value[out])
    return result


def _free(slopes: Slopes, shifts: int) -> NDArray[np.bool_]:
    """Which numbers are fitted. One more level of turbulence allows one more shift."""
    law = [True, np.isnan(slopes[0])]
    for slope in slopes[1:]:
        law += [True, np.isnan(slope), True]
    return np.array([*law, shifts > 0, shifts > 1, shifts > 0, shifts > 1])


def _fit(slopes: Slopes, shifts: int, table: Table) -> CoefficientFit:
    free = _free(slopes, shifts)
    breaks = len(slopes) - 1
    ln_x, y, error = np.log(table.rigidity), np.log(table.value), table.error / table.value
    places = [[ln_x.min() + share * np.ptp(ln_x) for share in shares] for shares in ([0.35, 0.8], [0.2, 0.6])]
    low, high = np.full(free.size, -40.0), np.full(free.size, 40.0)
    low[1], high[1] = -3.0, 3.0
    for number in range(breaks):
        first = FIRST_BREAK + PER_BREAK * number
        low[first : first + 3] = ln_x.min() - 1, -3.0, np.log(WIDTHS[0])
        high[first : first + 3] = ln_x.max() + 1, 3.0, np.log(WIDTHS[1])
    scatter = 0.0
    for _ in range(3):  # the scatter and the weights that follow from it agree to a per cent after three rounds
        sigma = np.hypot(error, scatter)
        solutions = []
        for place in places:
            start = np.zeros(free.size)
            start[:-SHIFTS] = broken_power_law.make_law(
                1.0, [0.5 if np.isnan(one) else one for one in slopes], list(np.exp(place[-breaks:])), [0.5] * breaks
            )
            start[LEVEL] = np.mean(y - ln_value(start, table.rigidity, table.eta))

            def residuals(numbers: Floats, start: Floats = start, sigma: Floats = sigma) -> Floats:
                return (ln_value(_whole(start, free, numbers), table.rigidity, table.eta) - y) / sigma

            def slopes_of(numbers: Floats, start: Floats = start, sigma: Floats = sigma) -> Floats:
                whole = gradient(_whole(start, free, numbers), table.rigidity, table.eta)
                return np.asarray(whole[:, free] / sigma[:, None])

            found = least_squares(
                residuals,
                start[free],
                slopes_of,
                bounds=(low[free], high[free]),
                x_scale="jac",
                max_nfev=MOST_EVALUATIONS,
            )
            solutions.append((found.cost, _whole(start, free, found.x), found))
        _, numbers, found = min(solutions, key=lambda one: float(one[0]))
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


def _whole(start: Floats, free: NDArray[np.bool_], numbers: Floats) -> Floats:
    result = start.copy()
    result[free] = numbers
    return result
