"""When particles leave their field lines: the one parameter of the heuristic model that is fitted to them."""

import numpy as np
from numpy.typing import NDArray

from fieldwalk.transport.heuristic import mean_square

Floats = NDArray[np.float64]


def fit_reach(
    time: Floats, bare: Floats, fitted: NDArray[np.int64], measured: Floats, weight: Floats
) -> tuple[Floats, NDArray[np.int64]]:
    """Reach a in L_c for which the model follows measured coefficients best, by weighted least squares.

    The sum of squares against the moment of decorrelation is made of running sums, so that all bootstrap samples are
    fitted at once, each over every moment of the model's times; a parabola through the three best refines it.

    Parameters
    ----------
    time : array, shape (n_model,)
        Of the model, :func:`fieldwalk.transport.heuristic.model_times`.
    bare : array, shape (n_samples, n_model)
        d_perpendicular before decorrelation, in c L_c.
    fitted : array of int, shape (n_times,)
        Rising places in ``time`` just before each measurement.
    measured : array, shape (n_samples, n_times)
        In c L_c.
    weight : array, shape (n_times,)
        Inverse square errors.

    Returns
    -------
    reach : array, shape (n_samples,)
    edge : array of int, shape (n_samples,)
        -1 or 1 where the best moment is that of the largest d_perpendicular or of the last measurement, so that
        ``reach`` is only an upper or a lower limit; 0 elsewhere.
    """
    model = bare[:, fitted]
    empty = np.zeros((len(bare), 1))

    def sums_before(terms: Floats) -> Floats:
        return np.hstack([empty, np.cumsum(terms, axis=1)])

    def sums_after(terms: Floats) -> Floats:
        return np.hstack([np.cumsum(terms[:, ::-1], axis=1)[:, ::-1], empty])

    early = sums_before(weight * (measured - model) ** 2)
    weights, means, squares = (sums_after(weight * measured**power) for power in (0, 1, 2))
    moments = np.arange(1, fitted[-1])
    done = np.searchsorted(fitted, moments, side="left")  # measurements before the moment
    kappa = bare[:, moments]
    cost = early[:, done] + squares[:, done] - 2 * kappa * means[:, done] + kappa**2 * weights[:, done]
    # while d_perpendicular rises particles have not spread over a correlation length, and equal values would fit twice
    peak = np.clip(np.argmax(bare, axis=1), 1, moments[-1])
    cost = np.where(moments < peak[:, None], np.inf, cost)
    best = np.argmin(cost, axis=1)
    edge = np.where(moments[best] <= peak, -1, np.where(best == moments.size - 1, 1, 0))
    middle = np.clip(best, 1, moments.size - 2)
    smooth = (edge == 0) & (best == middle)
    rows = np.arange(len(bare))
    left, centre, right = (cost[rows, middle + offset] for offset in (-1, 0, 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = np.where(smooth, 0.5 * (left - right) / (left - 2 * centre + right), 0.0)
    ln_reach = 0.5 * np.log(2 * mean_square(time, bare))
    place = moments[np.where(smooth, middle, np.clip(best, 0, moments.size - 2))]
    step = 0.5 * (ln_reach[rows, place + 1] - ln_reach[rows, place - 1])
    return np.exp(ln_reach[rows, place] + np.clip(np.nan_to_num(shift), -1, 1) * step), edge
