"""Compare drawn fields with theory: turbulence.nc."""

from pathlib import Path

import click

from fieldwalk.campaign import paths
from fieldwalk.campaign.grid import points
from fieldwalk.ensemble.field_statistics import field_statistics
from fieldwalk.io.datasets import write_dataset
from fieldwalk.stages.context import job, read_context


@click.command()
@click.option("--results", type=click.Path(path_type=Path), required=True, help="Results folder of the campaign.")
@click.option("--log", type=click.Path(path_type=Path), help="File to log to besides stderr.")
def main(results: Path, log: Path | None) -> None:
    """Write turbulence.nc."""
    with job(log):
        context = read_context(results)
        smallest = min(context.campaign.rigidities)
        turbulent = [point for point in points(context.campaign) if point.rigidity == smallest and point.eta > 0]
        # one field per mode type: at the lowest rigidity, where the spectrum is widest
        fields = {point.mode_type: point for point in reversed(turbulent)}
        ordered = [fields[mode_type] for mode_type in context.campaign.turbulence.mode_types if mode_type in fields]
        dataset = field_statistics(ordered, context.campaign.seed, context.campaign.statistics.realisations)
        write_dataset(dataset, paths.dataset(results, "turbulence"), context.attributes())


if __name__ == "__main__":
    main()
