"""Moments of one point, gathered from the shards that hold them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fieldwalk.campaign.plan.coverage import Served, Wanted
from fieldwalk.campaign.points import FieldPoint
from fieldwalk.campaign.time_grid import FIRST_INDEX, grid_time, samples_between
from fieldwalk.errors import DataError
from fieldwalk.io.shards import Arrays
from fieldwalk.jobs.shards_read import stored_portions
from fieldwalk.particles.task import MOMENTS

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
        :data:`fieldwalk.particles.task.MOMENTS`.
    particles, failed : array, shape (n_realisations,)
        Healthy particles in the averages at the start, and particles left out because they failed.
    """

    point: str
    time: Floats
    values: Arrays
    particles: Floats
    failed: Floats


def collect(folder: Path, want: Wanted, serving: list[Served]) -> PointMoments:
    """Gather the realisations that a campaign wants of a point, exactly those and all of those.

    Particles of one realisation that stand in several portions are averaged with their numbers as weights, in the
    order of the plan.

    Parameters
    ----------
    folder : Path
        Results folder of the campaign.
    want : Wanted
    serving : list of (batch name, Portion)
        Where the point's work stands.

    Raises
    ------
    DataError
        When a shard is missing, damaged or foreign, or does not cover what is wanted.
    """
    assert isinstance(want.point, FieldPoint)
    index = samples_between(0, want.steps, want.point.step).index
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
        # a failed particle stays non-finite, so the last steps of a particle count all its failures
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
            f"{folder}: {want.name} has {seen[realisation, column]:.0f} of {want.particles} particles in realisation"
            f" {realisation} at Omega t = {grid_time(index[column]):.4g}; run the campaign again to complete it"
        )
    if np.any(weight == 0):
        realisation = np.argwhere(weight == 0)[0][0]
        raise DataError(
            f"{folder}: {want.name} has no healthy particle in realisation {realisation}; a smaller step is the remedy"
        )
    assert index[0] == FIRST_INDEX
    drift = sums.pop("energy_drift")
    averages = {name: total / weight for name, total in sums.items()}
    return PointMoments(want.name, grid_time(index), averages | {"energy_drift": drift}, weight[:, 0], failed)
