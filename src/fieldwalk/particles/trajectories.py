"""Complete trajectories of a few particles, for a figure."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from fieldwalk import kernels
from fieldwalk.campaign.points import FieldPoint
from fieldwalk.io import schema
from fieldwalk.jobs.drawing import draw_field, draw_particles
from fieldwalk.particles.table import TRAJECTORIES

PARTICLES = 4

GYRATIONS = 60

SAMPLES_PER_GYRATION = 24


def trajectories(points: Sequence[FieldPoint], seed: int) -> xr.Dataset:
    """Follow the first particles of the first realisation of each point; the campaign pushes the same particles.

    Parameters
    ----------
    points : sequence of FieldPoint
        One per mode type, all of the same level and rigidity.
    seed : int
        The campaign's seed.

    Returns
    -------
    xarray.Dataset
        ``position`` (mode_type, particle, sample, axis) in L_c, relative to the start.
    """
    time = np.linspace(0.0, 2 * np.pi * GYRATIONS, GYRATIONS * SAMPLES_PER_GYRATION + 1)
    dataset = schema.empty(
        TRAJECTORIES,
        {
            "mode_type": [point.mode_type for point in points],
            "particle": [float(number) for number in range(PARTICLES)],
            "sample": time,
            "axis": ["x", "y", "z"],
        },
    )
    for point in points:
        field = draw_field(point, seed, 0)
        position, velocity = draw_particles(point, seed, 0, 0, PARTICLES)
        start = position.copy()
        sampled, _ = kernels.push_particles(
            field.waves,
            position,
            velocity,
            rigidity=point.rigidity,
            step=point.step,
            n_steps=int(time[-1] / point.step) + 1,
            mean_field=field.mean_field,
            sample_steps=time / point.step,
            tolerance=point.tolerance,
        )
        dataset["position"].loc[{"mode_type": point.mode_type}] = np.transpose(sampled - start, (2, 0, 1))
    return dataset.assign_attrs(eta=points[0].eta, rigidity=points[0].rigidity)
