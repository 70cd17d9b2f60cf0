"""From the shards of particles and of field lines to ``heuristic.nc``."""

import logging
import math

import xarray as xr

from fieldwalk.field_lines.stage import line_moments
from fieldwalk.heuristic.dataset import heuristic_dataset
from fieldwalk.jobs.context import Context
from fieldwalk.parallel.progress import Progress
from fieldwalk.particles.stage import grid_of, longest_of, moments_of

MOST_REASONS = 20
"""Lines of reasons in the log; the dataset has them all."""

logger = logging.getLogger(__name__)


def heuristic(context: Context) -> xr.Dataset:
    """The model of perpendicular transport at every point, and fits of the mean free paths over all points."""
    grid = grid_of(context)
    progress = Progress([1.0] * math.prod(len(values) for values in grid.values()))

    def done(number: int) -> None:
        progress.finish(number)
        progress.show()

    dataset = heuristic_dataset(
        grid, longest_of(context), moments_of(context), line_moments(context), context.campaign.seed, done
    )
    for variant in dataset["variant"].values:
        reason = dataset["reason_model"].sel(variant=variant)
        logger.info("model %s: without doubt at %d of %d points", variant, int((reason == "").sum()), reason.size)
    for line in _reasons(dataset)[:MOST_REASONS]:
        logger.info("model compound in doubt: %s", line)
    for line in _fits(dataset):
        logger.info("fit over all points: %s", line)
    return dataset


def _reasons(dataset: xr.Dataset) -> list[str]:
    """One line for each point at which the better variant of the model is in doubt."""
    found = dataset["reason_model"].sel(variant="compound").transpose("mode_type", "eta", "rigidity").to_series()
    return [
        f"{mode_type}, eta = {eta:g}, r_g = {rigidity:.4g} L_c: {reason}"
        for (mode_type, eta, rigidity), reason in found.items()
        if reason
    ]


def _fits(dataset: xr.Dataset) -> list[str]:
    """One line for each mean free path of each mode type: how well it is predicted where a fit did not see it."""
    lines = []
    for mode_type in dataset["mode_type"].values:
        for direction in dataset["coefficient"].values:
            fit = dataset.sel(mode_type=mode_type, coefficient=direction)
            words = str(fit["reason_coefficient"].item())
            if not words:
                errors = fit["held_out_median"].to_series().dropna().items()
                words = "median error " + ", ".join(f"{100 * one:.3g} % at {what} left out" for what, one in errors)
            lines.append(f"{mode_type}, lambda_{direction}: {words}")
    return lines
