"""Store a few sample trajectories: trajectories.nc."""

from pathlib import Path

import click

from fieldwalk.campaign import paths
from fieldwalk.campaign.grid import trajectory_points
from fieldwalk.ensemble.trajectories import trajectories
from fieldwalk.io.datasets import write_dataset
from fieldwalk.stages.context import job, kernel_attributes


@click.command()
@click.option("--results", type=click.Path(path_type=Path), required=True, help="Results folder of the campaign.")
@click.option("--log", type=click.Path(path_type=Path), help="File to log to besides stderr.")
def main(results: Path, log: Path | None) -> None:
    """Write trajectories.nc."""
    with job(results, "trajectories", log) as context:
        chosen = trajectory_points(context.campaign)
        dataset = trajectories(chosen, context.campaign.seed)
        write_dataset(
            dataset, paths.dataset(results, "trajectories"), context.attributes("trajectories") | kernel_attributes()
        )


if __name__ == "__main__":
    main()
