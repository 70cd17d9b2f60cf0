"""From the shards of particles to ``running.nc`` and ``mean_free_paths.nc``, and a few trajectories for the eye."""

import logging
from itertools import product

import xarray as xr

from fieldwalk.jobs.context import Context
from fieldwalk.particles.collect import PointMoments, collect
from fieldwalk.particles.datasets import Collected, Grid, mean_free_path_dataset, running_dataset
from fieldwalk.particles.exponents import exponents, with_exponents
from fieldwalk.particles.points import trajectory_points
from fieldwalk.particles.trajectories import trajectories as follow

MOST_REASONS = 20
"""Lines of reasons in the log; the table has them all."""

logger = logging.getLogger(__name__)


def grid_of(context: Context) -> Grid:
    """Mode types, levels and rigidities of the campaign, in the order of its file."""
    points = context.selection.points("particles")
    turbulence = context.campaign.turbulence
    return {
        "mode_type": list(turbulence.mode_types),
        "eta": list(turbulence.etas),
        "rigidity": list(dict.fromkeys(point.rigidity for point in points)),
    }


def longest_of(context: Context) -> float:
    """Omega t of the longest point."""
    return max(float(point.duration) for point in context.selection.points("particles"))


def moments_of(context: Context) -> Collected:
    """A way to the moments of the point at a position of the grid."""
    places = product(*(range(len(values)) for values in grid_of(context).values()))
    by_place = dict(zip(places, context.selection.wanted_of("particles"), strict=True))

    def moments(place: dict[str, int]) -> PointMoments:
        want = by_place[tuple(place.values())]
        return collect(context.folder, want, context.serving(want.name))

    return moments


def running(context: Context) -> xr.Dataset:
    """Running diffusion coefficients of every point."""
    return running_dataset(grid_of(context), longest_of(context), moments_of(context), context.campaign.seed)


def mean_free_paths(context: Context) -> xr.Dataset:
    """Mean free paths of every point, and power laws of rigidity through those that converged."""
    dataset = mean_free_path_dataset(grid_of(context), moments_of(context), context.campaign.seed)
    for direction in ("parallel", "perpendicular"):
        converged = dataset[f"converged_{direction}"]
        logger.info("%s: %d of %d points converged", direction, int(converged.sum()), converged.size)
    for line in _reasons(dataset)[:MOST_REASONS]:
        logger.info("not converged: %s", line)
    for exponent in exponents(dataset):
        if not exponent.fit.reason:
            logger.info("%s", exponent)
    return with_exponents(dataset)


def trajectories(context: Context) -> xr.Dataset:
    """A few trajectories in full."""
    return follow(trajectory_points(context.selection.points("particles")), context.campaign.seed)


def _reasons(dataset: xr.Dataset) -> list[str]:
    """One line for each mean free path that is withheld."""
    return [
        f"{mode_type}, eta = {eta:g}, r_g = {rigidity:.4g} L_c, {direction}: {reason}"
        for direction in ("parallel", "perpendicular")
        for (mode_type, eta, rigidity), reason in dataset[f"reason_{direction}"].to_series().items()
        if reason
    ]
