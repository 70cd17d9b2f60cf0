"""Moments of one point, gathered from the shards that hold them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fieldwalk.campaign import paths
from fieldwalk.campaign.coverage import Served, Wanted
from fieldwalk.campaign.plan import Portion
from fieldwalk.campaign.time_grid import FIRST_INDEX, grid_time, samples_between
from fieldwalk.ensemble.particles import MOMENTS
from fieldwalk.errors import DataError
from fieldwalk.io.shards import Arrays, open_shard, read_attributes, read_group

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PointMoments:
    """Averages over the particles of each realisation of a point.

    Attributes
    ----------
    point : str
        The point's identity.
    time : array, shape (n_times,)
        Omega t from the first grid time to the point's end.
    values : dict of array, shape (n_realisations, n_times)
        :data:`fieldwalk.ensemble.particles.MOMENTS`.
    particles, failed : array, shape (n_realisations,)
        Healthy particles in the averages at the start, and particles left out because they failed.
    """

    point: str
    time: Floats
    values: Arrays
    particles: Floats
    failed: Floats


Stored = tuple[Portion, NDArray[np.int64], Arrays, dict[str, Any]]
"""A portion, the realisations of it that are wanted, and the arrays and attributes that its shard holds."""


def stored_portions(folder: Path, want: Wanted, serving: list[Served], needed: set[str]) -> Iterator[Stored]:
    """Read every portion that a campaign wants of a point.

    Parameters
    ----------
    folder : Path
        Results folder of the campaign.
    want : Wanted
    serving : list of (batch name, Portion)
        Where the point's work stands.
    needed : set of str
        Arrays and attributes without which a portion is of no use.

    Raises
    ------
    DataError
        When a shard is missing, damaged or foreign.
    """
    for name, portion in serving:
        realisations = np.arange(portion.realisations[0], min(portion.realisations[1], want.realisations))
        if realisations.size == 0 or portion.particles[0] >= want.particles or portion.steps[0] >= want.steps:
            continue
        with open_shard(paths.shard(folder, name)) as file:
            stored, attributes = read_group(file, portion.group), read_attributes(file, portion.group)
        if absent := needed - {*stored, *attributes}:
            raise DataError(
                f"{paths.shard(folder, name)}: {portion.group} lacks {', '.join(sorted(absent))}; delete the file and"
                " run the campaign again"
            )
        yield portion, realisations, stored, attributes


def collect(folder: Path, want: Wanted, step: float, serving: list[Served]) -> PointMoments:
    """Gather the realisations that a campaign wants of a point, exactly those and all of those.

    Particles of one realisation that stand in several portions are averaged with their numbers as weights, in the
    order of the plan.

    Parameters
    ----------
    folder : Path
        Results folder of the campaign.
    want : Wanted
    step : float
        The point's step in r_g.
    serving : list of (batch name, Portion)
        Where the point's work stands.

    Raises
    ------
    DataError
        When a shard is missing, damaged or foreign, or does not cover what is wanted.
    """
    index = samples_between(0, want.steps, step).index
    weight = np.zeros((want.realisations, index.size))
    seen = np.zeros_like(weight)
    failed = np.zeros(want.realisations)
    sums: Arrays = {}
    needed = {*MOMENTS, "particles", "failed", "grid_index"}
    for portion, realisations, stored, attributes in stored_portions(folder, want, serving, needed):
        held = np.asarray(attributes["grid_index"])
        columns = np.isin(index, held)
        chosen = np.isin(held, index)
        rows = realisations - portion.realisations[0]
        particles = stored["particles"][rows]
        here = np.ix_(realisations, columns)
        weight[here] += particles[:, None]
        seen[here] += min(portion.particles[1], want.particles) - portion.particles[0]
        # who failed once is not finite ever after, so the last steps of a particle count all its failures
        if portion.steps[1] >= want.steps:
            failed[realisations] += stored["failed"][rows]
        for moment in MOMENTS:
            target = sums.setdefault(moment, np.zeros(weight.shape))
            values = stored[moment][rows][:, chosen]
            if moment == "energy_drift":
                target[here] = np.fmax(target[here], values)
            else:
                target[here] += np.where(particles[:, None] > 0, values * particles[:, None], 0.0)
    if np.any(seen < want.particles):
        realisation, column = np.argwhere(seen < want.particles)[0]
        raise DataError(
            f"{folder}: {want.point} has {seen[realisation, column]:.0f} of {want.particles} particles in realisation"
            f" {realisation} at Omega t = {grid_time(index[column]):.4g}; run the campaign again to complete it"
        )
    if np.any(weight == 0):
        realisation = np.argwhere(weight == 0)[0][0]
        raise DataError(
            f"{folder}: {want.point} has no healthy particle in realisation {realisation}; a smaller step is the remedy"
        )
    assert index[0] == FIRST_INDEX
    drift = sums.pop("energy_drift")
    averages = {name: total / weight for name, total in sums.items()}
    return PointMoments(want.point, grid_time(index), averages | {"energy_drift": drift}, weight[:, 0], failed)
