"""Reduce the shards to running diffusion coefficients: running.nc."""

from pathlib import Path

import click

from fieldwalk.campaign import paths
from fieldwalk.io.datasets import write_dataset
from fieldwalk.stages.context import job
from fieldwalk.stages.reduction import open_reduction
from fieldwalk.transport.datasets import running_dataset


@click.command()
@click.option("--results", type=click.Path(path_type=Path), required=True, help="Results folder of the campaign.")
@click.option("--log", type=click.Path(path_type=Path), help="File to log to besides stderr.")
def main(results: Path, log: Path | None) -> None:
    """Write running.nc."""
    with job(results, "running", log) as context:
        reduction = open_reduction(context, "running")
        dataset = running_dataset(reduction.grid, reduction.longest, reduction.collect, context.campaign.seed)
        write_dataset(dataset, paths.dataset(results, "running"), context.attributes("running") | reduction.attributes)


if __name__ == "__main__":
    main()
