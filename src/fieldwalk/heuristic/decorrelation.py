"""The distance at which particles leave their field lines, the only parameter of the model that is fitted to them."""

import numpy as np
from numpy.typing import NDArray

from fieldwalk.heuristic.model import Leaving, at_place, leave_at_once

Floats = NDArray[np.float64]

REACHES = np.geomspace(0.1, 20.0, 64)
"""Reaches a in L_c that are tried; a parabola through the best and its neighbours refines the result."""


def fit_reach(
    bare: Floats, square: Floats, leaving: Leaving, places: NDArray[np.int64], measured: Floats, weight: Floats
) -> tuple[Floats, NDArray[np.int64]]:
    """Fit the reach a in L_c to measured coefficients by weighted least squares.

    Parameters
    ----------
    bare, square : array, shape (n_samples, n_model)
        d_perpendicular in c L_c and <dr^2> over both axes in L_c^2 of particles that remain on their lines.
    leaving : callable
        :func:`fieldwalk.heuristic.model.leave_at_once` or
        :func:`~fieldwalk.heuristic.model.leave_gradually`.
    places : array of int, shape (n_times,)
        Indices of the measurements among the times of the model.
    measured : array, shape (n_samples, n_times)
        d_perpendicular in c L_c.
    weight : array, shape (n_times,)
        Inverse square errors.

    Returns
    -------
    reach : array, shape (n_samples,)
    edge : array of int, shape (n_samples,)
        -1 where ``reach`` is only an upper limit, because particles leave before d_perpendicular has decreased; 1 where
        it is only a lower limit, because they have not moved that far by the last measurement; 0 elsewhere.

    Examples
    --------
    >>> from fieldwalk.heuristic.model import leave_gradually
    >>> time = np.geomspace(1e-3, 1e3, 193)[None, :]
    >>> bare, places = 1 / np.sqrt(time), np.arange(64, 192)
    >>> measured = leave_gradually(bare, time, 3.0)[:, places]  # a = 3
    >>> reach, edge = fit_reach(bare, time, leave_gradually, places, measured, np.ones(places.size))
    >>> reach.round(2), edge
    (array([3.]), array([0]))
    """
    cost = np.stack(
        [np.sum(weight * (measured - leaving(bare, square, reach)[:, places]) ** 2, axis=1) for reach in REACHES],
        axis=1,
    )
    rows = np.arange(len(bare))
    displaced = np.sqrt(square)
    lowest = np.full(len(bare), REACHES[0])
    if leaving is leave_at_once:
        # before its maximum d_perpendicular has the same values as after it, so only later times are considered
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
