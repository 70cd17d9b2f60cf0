"""The absolute time grid Omega t = 10^(j/16) on which every point of every campaign is recorded, so that they line up."""

import numpy as np
from numpy.typing import NDArray

TIMES_PER_DECADE = 16
FIRST_INDEX = -16
"""The grid begins at Omega t = 0.1, a sixtieth of a gyration, well inside the ballistic regime."""


def grid_time(index: int | NDArray[np.int64]) -> NDArray[np.float64]:
    """Omega t of grid index j."""
    return np.asarray(10.0 ** (np.asarray(index) / TIMES_PER_DECADE))


def index_at_or_after(time: float) -> int:
    """Index of the first grid time not before ``time`` (Omega t), to rounding."""
    return int(np.ceil(TIMES_PER_DECADE * np.log10(time) - 1e-9))


def index_at_or_before(time: float) -> int:
    """Index of the last grid time not after ``time`` (Omega t), to rounding."""
    return int(np.floor(TIMES_PER_DECADE * np.log10(time) + 1e-9))


def steps_to(duration: float, step: float) -> int:
    """Whole steps after which every grid time up to ``duration`` (Omega t) has been passed.

    A grid time is sampled part of a step after the last whole step before it, so one more step than fits is needed.
    """
    return int(np.floor(grid_time(index_at_or_before(duration)) / step)) + 1


def grid_in_steps(first_step: int, last_step: int, step: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Grid times that belong to steps first_step <= n < last_step.

    Returns
    -------
    index : array of int, shape (n_times,)
        Grid indices j.
    steps : array, shape (n_times,)
        The same times in steps since the start of the motion.
    """
    last = max(FIRST_INDEX, index_at_or_after(max(last_step, 1) * step))
    index = np.arange(FIRST_INDEX, last + 1)
    steps = grid_time(index) / step
    inside = (np.floor(steps) >= first_step) & (np.floor(steps) < last_step)
    return index[inside], steps[inside]
