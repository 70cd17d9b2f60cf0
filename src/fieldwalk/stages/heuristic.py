"""Model perpendicular transport from the shards of particles and of field lines: heuristic.nc."""

import logging
import math
from pathlib import Path

import click
import xarray as xr

from fieldwalk.campaign import paths
from fieldwalk.io.datasets import write_dataset
from fieldwalk.parallel.progress import Progress
from fieldwalk.stages.context import job
from fieldwalk.stages.reduction import open_reduction
from fieldwalk.transport.heuristic_dataset import heuristic_dataset

MOST_REASONS = 20
"""Lines of reasons in the log; the dataset has them all."""

logger = logging.getLogger("fieldwalk.stages.heuristic")


@click.command()
@click.option("--results", type=click.Path(path_type=Path), required=True, help="Results folder of the campaign.")
@click.option("--log", type=click.Path(path_type=Path), help="File to log to besides stderr.")
def main(results: Path, log: Path | None) -> None:
    """Write heuristic.nc."""
    with job(results, "heuristic", log) as context:
        reduction = open_reduction(context, "heuristic")
        progress = Progress([1.0] * math.prod(len(values) for values in reduction.grid.values()))

        def done(number: int) -> None:
            progress.finish(number)
            progress.show()

        dataset = heuristic_dataset(
            reduction.grid, reduction.longest, reduction.collect, reduction.lines, context.campaign.seed, done
        )
        attributes = context.attributes("heuristic") | reduction.attributes
        write_dataset(dataset, paths.dataset(results, "heuristic"), attributes)
        for variant in dataset["variant"].values:
            reason = dataset["reason_model"].sel(variant=variant)
            logger.info("model %s: without doubt at %d of %d points", variant, int((reason == "").sum()), reason.size)
        for line in _reasons(dataset)[:MOST_REASONS]:
            logger.info("model compound in doubt: %s", line)
        for line in _fits(dataset):
            logger.info("fit over all points: %s", line)


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


if __name__ == "__main__":
    main()
