"""Fit mean free paths to the shards' displacements: mean_free_paths.nc, and the same as a table."""

import logging
from pathlib import Path

import click
import xarray as xr

from fieldwalk.campaign import paths
from fieldwalk.io.datasets import write_dataset
from fieldwalk.io.tables import write_table
from fieldwalk.stages.context import job
from fieldwalk.stages.reduction import open_reduction
from fieldwalk.transport.datasets import mean_free_path_dataset

MOST_REASONS = 20
"""Lines of reasons in the log; the table has them all."""

logger = logging.getLogger("fieldwalk.stages.mean_free_paths")


@click.command()
@click.option("--results", type=click.Path(path_type=Path), required=True, help="Results folder of the campaign.")
@click.option("--log", type=click.Path(path_type=Path), help="File to log to besides stderr.")
def main(results: Path, log: Path | None) -> None:
    """Write mean_free_paths.nc and mean_free_paths.csv."""
    with job(results, "mean_free_paths", log) as context:
        reduction = open_reduction(context, "mean_free_paths")
        dataset = mean_free_path_dataset(reduction.grid, reduction.collect, context.campaign.seed)
        attributes = context.attributes("mean_free_paths") | reduction.attributes
        write_dataset(dataset, paths.dataset(results, "mean_free_paths"), attributes)
        write_table(dataset, paths.table(results, "mean_free_paths"), attributes)
        for direction in ("parallel", "perpendicular"):
            converged = dataset[f"converged_{direction}"]
            logger.info("%s: %d of %d points converged", direction, int(converged.sum()), converged.size)
        for line in _reasons(dataset)[:MOST_REASONS]:
            logger.info("not converged: %s", line)


def _reasons(dataset: xr.Dataset) -> list[str]:
    """One line for each mean free path that is withheld."""
    return [
        f"{mode_type}, eta = {eta:g}, r_g = {rigidity:.4g} L_c, {direction}: {reason}"
        for direction in ("parallel", "perpendicular")
        for (mode_type, eta, rigidity), reason in dataset[f"reason_{direction}"].to_series().items()
        if reason
    ]


if __name__ == "__main__":
    main()
