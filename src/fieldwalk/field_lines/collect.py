"""Moments of the field lines of one point, gathered from the shards."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fieldwalk.campaign.plan.coverage import Served, Wanted
from fieldwalk.campaign.points import FieldPoint
from fieldwalk.campaign.time_grid import LINE_GRID, grid_time, index_at_or_before
from fieldwalk.errors import DataError
from fieldwalk.field_lines.points import FINAL
from fieldwalk.field_lines.task import LINE_MOMENTS, WAYS
from fieldwalk.io.shards import Arrays
from fieldwalk.jobs.path_task import last_whole_cycle
from fieldwalk.jobs.shards_read import stored_portions

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LineMoments:
    """Averages over the field lines of each realisation of a point.

    Attributes
    ----------
    point : str
        The point's identity.
    grid : dict of array
        Grid of each coordinate along the lines (:data:`fieldwalk.field_lines.task.WAYS`), as far as every line was
        followed; a coordinate that does not exist is absent.
    values : dict of array, shape (n_realisations, n)
        For each coordinate the moments :data:`fieldwalk.field_lines.task.LINE_MOMENTS`, named with ``_<way>``.
    strength : array, shape (n_realisations,)
        Mean |B| along the lines, in B_tot: their arc length divided by tau.
    weakest : array
        Smallest |B| along each line, in B_tot.
    lines, failed : array, shape (n_realisations,)
        Number of lines in the averages, and number of those left out because they failed.
    """

    point: str
    grid: dict[str, Floats]
    values: Arrays
    strength: Floats
    weakest: Floats
    lines: Floats
    failed: Floats


def collect_lines(folder: Path, want: Wanted, serving: list[Served]) -> LineMoments:
    """Gather exactly the realisations that a campaign wants of a point of field lines.

    Parameters
    ----------
    folder : Path
        Results folder of the campaign.
    want : Wanted
        The point, and the realisations, lines and steps that are wanted.
    serving : list of (batch name, Portion)
        The portions that hold the point's results.

    Raises
    ------
    DataError
        When a shard is missing, damaged or from another campaign, when results are missing, or when all lines of a
        realisation failed; run the campaign again to complete the results.
    """
    point = want.point
    assert isinstance(point, FieldPoint)
    sums: Arrays = {}
    lines, failed, strength = (np.zeros(want.realisations) for _ in range(3))
    weakest: list[Floats] = []
    needed = {"particles", "failed", *FINAL, *(f"{name}_tau" for name in (*LINE_MOMENTS, "lines", "looks"))}
    for portion, rows, stored, _ in stored_portions(folder, want, serving, needed):
        here = rows - portion.realisations[0]
        for key, value in stored.items():
            if key.endswith(WAYS) and not key.startswith("final"):
                _add(sums, key, rows, value[here], want.realisations)
        if portion.steps[1] >= want.steps:
            lines[rows] += stored["particles"][here]
            failed[rows] += stored["failed"][here]
            tau = last_whole_cycle(portion.steps[1]) * point.step
            strength[rows] += np.nansum(stored["final_arc_length"][here], axis=1) / tau
            weakest.append(stored["final_weakest"][here].ravel())
    if np.any(lines + failed < want.particles):
        realisation = int(np.argmax(lines + failed < want.particles))
        raise DataError(
            f"{folder}: {want.name} has {lines[realisation] + failed[realisation]:.0f} of {want.particles} lines in"
            f" realisation {realisation}; run the campaign again to complete it"
        )
    if np.any(lines == 0):
        raise DataError(f"{folder}: {want.name} has no healthy line in realisation {int(np.argmin(lines))}")
    grid: dict[str, Floats] = {}
    values: Arrays = {}
    for way in (way for way in WAYS if f"lines_{way}" in sums):
        # the stored lines may be longer than those that are wanted now
        end = want.steps * point.step * (np.sqrt(1 - point.eta) if way == "distance" else 1.0)
        complete = (sums[f"lines_{way}"] == lines[:, None]).all(axis=0)
        complete[index_at_or_before(end) + 1 - LINE_GRID.first_index :] = False
        size = complete.size if complete.all() else int(np.argmin(complete))
        grid[way] = grid_time(LINE_GRID.first_index + np.arange(size))
        for moment in LINE_MOMENTS:
            count = sums[f"looks_{way}"] if moment.startswith("cross") else sums[f"lines_{way}"]
            values[f"{moment}_{way}"] = sums[f"{moment}_{way}"][:, :size] / count[:, :size]
    return LineMoments(want.name, grid, values, strength / lines, np.concatenate(weakest), lines, failed)


def _add(sums: Arrays, name: str, rows: NDArray[np.int64], values: Floats, realisations: int) -> None:
    """Add to an array that grows with the longest of the portions."""
    held = sums.get(name, np.zeros((realisations, 0)))
    if held.shape[1] < values.shape[1]:
        held = np.pad(held, ((0, 0), (0, values.shape[1] - held.shape[1])))
    held[rows, : values.shape[1]] += values
    sums[name] = held
