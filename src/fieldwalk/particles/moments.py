"""Moments of one realisation: averages over its particles at the times of the grid."""

import numpy as np
from numpy.typing import NDArray

from fieldwalk.campaign.time_grid import Samples
from fieldwalk.jobs.path_task import AXES

Floats = NDArray[np.float64]
Arrays = dict[str, Floats]

SPEED_TOLERANCE = 1e-9
"""Largest | |v| - 1 | of a healthy particle; the push changes |v| by about 1e-13 in a million steps."""


def healthy(position: Floats, velocity: Floats) -> NDArray[np.bool_]:
    """Which particles have remained finite and have kept their speed.

    Parameters
    ----------
    position, velocity : array, shape (n_samples, 3, n)
        In L_c and c.

    Returns
    -------
    array of bool, shape (n,)

    Examples
    --------
    >>> position = np.zeros((1, 3, 3))
    >>> velocity = np.array([[[1.0, 1.1, np.nan], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]])
    >>> healthy(position, velocity)
    array([ True, False, False])
    """
    finite = np.isfinite(position).all(axis=(0, 1)) & np.isfinite(velocity).all(axis=(0, 1))
    with np.errstate(invalid="ignore", over="ignore"):
        drift = np.abs(np.linalg.norm(velocity, axis=1) - 1)
        return np.asarray(finite & (drift <= SPEED_TOLERANCE).all(axis=0))


def moments(
    samples: Samples, start_position: Floats, start_velocity: Floats, position: Floats, velocity: Floats
) -> Arrays:
    """Averages over the particles of one realisation.

    Parameters
    ----------
    samples : Samples
        Times at which the particles were sampled.
    start_position, start_velocity : array, shape (3, n)
        State at Omega t = 0, in L_c and c.
    position, velocity : array, shape (n_samples, 3, n)
        State at the samples, in L_c and c.

    Returns
    -------
    dict of array, shape (n_times,)
        ``square_x`` <dx^2> (L_c^2), ``fourth_x`` <dx^4> (L_c^4) and ``velocity_x`` <v_x(0) v_x(t)> (c^2) at the grid
        times, and ``cross_x`` <dx v_x> (c L_c) averaged over the samples of each grid time's cell; the same for y and
        z; and ``energy_drift``, the largest | |v| - 1 |.

    Examples
    --------
    >>> from fieldwalk.campaign.time_grid import samples_between
    >>> samples = samples_between(0, 2, 0.1)  # the grid times up to Omega t = 0.2, in steps of 0.1
    >>> start, along = np.zeros((3, 2)), np.array([[1.0, -1.0], [0.0, 0.0], [0.0, 0.0]])  # two straight paths
    >>> position = 0.1 * samples.steps[:, None, None] * along  # r_g = 1
    >>> found = moments(samples, start, along, position, np.broadcast_to(along, position.shape))
    >>> found["square_x"][[0]].round(4), found["cross_x"][[0]].round(4), found["velocity_x"][[0]]
    (array([0.01]), array([0.1]), array([1.]))
    """
    displacement = position - start_position
    counts = np.diff(np.append(samples.first, samples.steps.size))
    result: Arrays = {}
    for axis, name in enumerate(AXES):
        square = displacement[samples.centre, axis] ** 2
        result[f"square_{name}"] = square.mean(axis=1)
        result[f"fourth_{name}"] = (square**2).mean(axis=1)
        cross = (displacement[:, axis] * velocity[:, axis]).mean(axis=1)
        result[f"cross_{name}"] = np.add.reduceat(cross, samples.first) / counts if samples.index.size else cross
        result[f"velocity_{name}"] = (start_velocity[axis] * velocity[samples.centre, axis]).mean(axis=1)
    result["energy_drift"] = np.abs(np.linalg.norm(velocity[samples.centre], axis=1) - 1).max(axis=1)
    return result
