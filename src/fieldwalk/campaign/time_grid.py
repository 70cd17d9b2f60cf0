"""The absolute grid 10^(j/16) on which every point of every campaign is recorded, so that they line up: of Omega t for
particles, of tau, arc length and distance for field lines.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

TIMES_PER_DECADE = 16
FIRST_INDEX = -16
"""The grid begins at Omega t = 0.1, a sixtieth of a gyration, well inside the ballistic regime."""

SAMPLED_MORE_FROM = 20.0
"""Omega t from which the grid is too coarse to follow the gyration, a third of a turn between grid times."""

SAMPLES_PER_CELL = 15
"""Samples spread evenly in log t over the cell around each later grid time, the middle one at the grid time itself.

<dr v> is averaged over them: velocities at times more than a mean free path apart are independent, so its noise falls
fourfold."""


@dataclass(frozen=True)
class Grid:
    """Where the grid of one kind of path begins, and from where on each of its cells is sampled more than once."""

    first_index: int
    sampled_more_from: float


PARTICLE_GRID = Grid(FIRST_INDEX, SAMPLED_MORE_FROM)
LINE_GRID = Grid(-32, 1.0)
"""From a hundredth of a correlation length on; paths of field lines have no gyration, but bend within a correlation
length."""


def grid_time(index: int | NDArray[np.int64]) -> NDArray[np.float64]:
    """Omega t, or way along a line, of grid index j."""
    return np.asarray(10.0 ** (np.asarray(index) / TIMES_PER_DECADE))


def index_at_or_after(time: float) -> int:
    """Index of the first grid time not before ``time`` (Omega t), to rounding."""
    return int(np.ceil(TIMES_PER_DECADE * np.log10(time) - 1e-9))


def index_at_or_before(time: float) -> int:
    """Index of the last grid time not after ``time`` (Omega t), to rounding."""
    return int(np.floor(TIMES_PER_DECADE * np.log10(time) + 1e-9))


@dataclass(frozen=True)
class Samples:
    """When to look at the particles, and to which grid time each look belongs.

    Attributes
    ----------
    index : array of int, shape (n_times,)
        Grid indices j.
    steps : array, shape (n_samples,)
        Increasing times of the samples, in steps since the start of the motion.
    centre : array of int, shape (n_times,)
        Which sample is taken at the grid time itself.
    first : array of int, shape (n_times,)
        First sample of each grid time's cell; the cells follow one another without gaps.
    """

    index: NDArray[np.int64]
    steps: NDArray[np.float64]
    centre: NDArray[np.int64]
    first: NDArray[np.int64]


@lru_cache(maxsize=64)  # the tasks of a batch ask for the same few again and again
def samples_between(first_step: int, last_step: int, step: float, grid: Grid = PARTICLE_GRID) -> Samples:
    """Samples of the grid times whose cells lie within steps first_step <= n < last_step.

    Parameters
    ----------
    first_step, last_step : int
    step : float
        In r_g, so that Omega t = n * step; for field lines the step of tau, or of distance.
    grid : Grid
    """
    last = max(grid.first_index, index_at_or_after(max(last_step, 1) * step))
    index: list[int] = []
    times: list[float] = []
    centre: list[int] = []
    first: list[int] = []
    for j in range(grid.first_index, last + 1):
        cell = sampled_cell(j, grid) / step
        if np.floor(cell[0]) >= first_step and np.floor(cell[-1]) < last_step:
            index.append(j)
            first.append(len(times))
            centre.append(len(times) + cell.size // 2)
            times += list(cell)
    return Samples(
        np.array(index, dtype=np.int64),
        np.array(times),
        np.array(centre, dtype=np.int64),
        np.array(first, dtype=np.int64),
    )


def steps_to(duration: float, step: float, grid: Grid = PARTICLE_GRID) -> int:
    """Whole steps that complete the cell of every grid time up to ``duration`` (Omega t).

    A sample is taken part of a step after the last whole step before it, so one more step than fits is needed.
    """
    return int(np.floor(sampled_cell(index_at_or_before(duration), grid)[-1] / step)) + 1


def sampled_cell(index: int, grid: Grid = PARTICLE_GRID) -> NDArray[np.float64]:
    """Sample times (Omega t) of one grid time's cell."""
    if grid_time(index) < grid.sampled_more_from:
        return np.array([float(grid_time(index))])
    offset = (np.arange(SAMPLES_PER_CELL) - SAMPLES_PER_CELL // 2) / SAMPLES_PER_CELL
    return np.asarray(10.0 ** ((index + offset) / TIMES_PER_DECADE))
