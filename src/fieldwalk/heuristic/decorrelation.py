"""How far particles get before they leave their field lines: the one number of the model that is fitted to them."""

import numpy as np
from numpy.typing import NDArray

from fieldwalk.heuristic.model import Leaving, at_place, leave_at_once

Floats = NDArray[np.float64]

REACHES = np.geomspace(0.1, 20.0, 64)
"""Reaches a in L_c that are tried; a parabola through the three best refines them."""


def fit_reach(
    bare: Floats, square: Floats, leaving: Leaving, places: NDArray[np.int64], measured: Floats, weight: Floats
) -> tuple[Floats, NDArray[np.int64]]:
    """Reach a in L_c for which the model follows measured coefficients best, by weighted least squares.

    Parameters
    ----------
    bare, square : array, shape (n_samples, n_model)
        d_perpendicular in c L_c and <dr^2> in L_c^2 as long as particles stay on their lines.
    leaving : callable
        :func:`fieldwalk.heuristic.model.leave_at_once` or
        :func:`~fieldwalk.heuristic.model.leave_gradually`.
    places : array of int, shape (n_times,)
        Places of the measurements among the times of the model.
    measured : array, shape (n_samples, n_times)
        In c L_c.
    weight : array, shape (n_times,)
        Inverse square errors.

    Returns
    -------
    reach : array, shape (n_samples,)
    edge : array of int, shape (n_samples,)
        -1 or 1 where ``reach`` is only an upper or a lower limit: particles leave before d_perpendicular has fallen, or
        have not moved that far by the last measurement; 0 elsewhere.
    """
    cost = np.stack(
        [np.sum(weight * (measured - leaving(bare, square, reach)[:, places]) ** 2, axis=1) for reach in REACHES],
        axis=1,
    )
    rows = np.arange(len(bare))
    displaced = np.sqrt(square)
    lowest = np.full(len(bare), REACHES[0])
    if leaving is leave_at_once:
        # on the way up to its maximum d_perpendicular has the values that it has again on the way down
        lowest = np.maximum(displaced[rows, np.argmax(bare[:, : places[-1]], axis=1)], lowest)
        cost = np.where(lowest[:, None] > REACHES, np.inf, cost)
    best = np.argmin(cost, axis=1)
    middle = np.clip(best, 1, REACHES.size - 2)
    left, centre, right = (cost[rows, middle + offset] for offset in (-1, 0, 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = np.nan_to_num(0.5 * (left - right) / (left - 2 * centre + right))
    place = np.where(best == middle, middle + np.clip(shift, -1, 1), best)
    reach = np.exp(at_place(np.log(REACHES), place))
    step = REACHES[1] / REACHES[0]
    edge = np.where(reach <= lowest * step, -1, np.where(reach >= displaced[:, places[-1]], 1, 0))
    return reach, edge
