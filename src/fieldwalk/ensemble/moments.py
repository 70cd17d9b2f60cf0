"""Moments of one realisation, averaged over its particles, at the times of the grid."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Arrays = dict[str, Floats]

AXES = ("x", "y", "z")

SPEED_TOLERANCE = 1e-9
"""Largest | |v| - 1 | of a healthy particle: the push keeps it to about 1e-13 in a million steps."""


def healthy(position: Floats, velocity: Floats) -> NDArray[np.bool_]:
    """Which particles stayed finite and kept their speed.

    Parameters
    ----------
    position, velocity : array, shape (n_times, 3, n)
        In L_c and c.

    Returns
    -------
    array of bool, shape (n,)
    """
    finite = np.isfinite(position).all(axis=(0, 1)) & np.isfinite(velocity).all(axis=(0, 1))
    with np.errstate(invalid="ignore"):
        drift = np.abs(np.linalg.norm(velocity, axis=1) - 1)
        return np.asarray(finite & (drift <= SPEED_TOLERANCE).all(axis=0))


def moments(start_position: Floats, start_velocity: Floats, start_pitch: Floats, position: Floats, velocity: Floats, pitch: Floats) -> Arrays:
    """Averages over the particles of one realisation.

    Parameters
    ----------
    start_position, start_velocity : array, shape (3, n)
        At Omega t = 0, in L_c and c.
    start_pitch : array, shape (n,)
        Cosine between velocity and the local field at the start.
    position, velocity : array, shape (n_times, 3, n)
        At the grid times.
    pitch : array, shape (n_times, n)
        Cosine between velocity and the local field at the grid times.

    Returns
    -------
    dict of array, shape (n_times,)
        ``square_x`` <dx^2> (L_c^2), ``fourth_x`` <dx^4> (L_c^4), ``cross_x`` <dx v_x> (c L_c), ``velocity_x`` <v_x(0) v_x(t)> (c^2), the same
        for y and z, ``pitch`` <mu(0) mu(t)>, and ``energy_drift``, the largest | |v| - 1 |.
    """
    displacement = position - start_position
    result: Arrays = {}
    for axis, name in enumerate(AXES):
        square = displacement[:, axis] ** 2
        result[f"square_{name}"] = square.mean(axis=1)
        result[f"fourth_{name}"] = (square**2).mean(axis=1)
        result[f"cross_{name}"] = (displacement[:, axis] * velocity[:, axis]).mean(axis=1)
        result[f"velocity_{name}"] = (start_velocity[axis] * velocity[:, axis]).mean(axis=1)
    result["pitch"] = (start_pitch * pitch).mean(axis=1)
    result["energy_drift"] = np.abs(np.linalg.norm(velocity, axis=1) - 1).max(axis=1)
    return result
