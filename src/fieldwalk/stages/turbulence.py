"""Compare drawn fields with theory: turbulence.nc."""

from pathlib import Path

import click

from fieldwalk.campaign import paths
from fieldwalk.campaign.grid import field_points
from fieldwalk.campaign.stages import FEWEST_FIELDS
from fieldwalk.ensemble.field_statistics import field_statistics
from fieldwalk.io.datasets import write_dataset
from fieldwalk.stages.context import job, kernel_attributes


@click.command()
@click.option("--results", type=click.Path(path_type=Path), required=True, help="Results folder of the campaign.")
@click.option("--log", type=click.Path(path_type=Path), help="File to log to besides stderr.")
def main(results: Path, log: Path | None) -> None:
    """Write turbulence.nc."""
    with job(results, "turbulence", log) as context:
        campaign = context.campaign
        n_fields = max(campaign.statistics.realisations, FEWEST_FIELDS)
        dataset = field_statistics(field_points(campaign), campaign.seed, n_fields)
        write_dataset(
            dataset, paths.dataset(results, "turbulence"), context.attributes("turbulence") | kernel_attributes()
        )


if __name__ == "__main__":
    main()
