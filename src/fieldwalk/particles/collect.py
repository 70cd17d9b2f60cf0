"""Moments of the particles of one point, gathered from the shards."""

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
        Omega t from the first grid time to the end of the point's run.
    values : dict of array, shape (n_realisations, n_times)
        The moments :data:`fieldwalk.particles.task.MOMENTS` by name, see :func:`fieldwalk.particles.moments.moments`.
    particles, failed : array, shape (n_realisations,)
        Number of particles in the averages at the start, and number of those left out because they failed.
    """

    point: str
    time: Floats
    values: Arrays
    particles: Floats
    failed: Floats


def collect(folder: Path, want: Wanted, serving: list[Served]) -> PointMoments:
    """Gather exactly the realisations that a campaign wants of a point.

    Averages over the particles of one realisation that are in several portions are combined with their numbers as
    weights, in the order of the plan.

    Parameters
    ----------
    folder : Path
        Results folder of the campaign.
    want : Wanted
        The point, and the realisations, particles and steps that are wanted.
    serving : list of (batch name, Portion)
        The portions that hold the point's results.

    Raises
    ------
    DataError
        When a shard is missing, damaged or from another campaign, or when results are missing; run the campaign again
        to complete them.
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
        # a failed particle stays non-finite, so the portion with the last steps counts all failures
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
