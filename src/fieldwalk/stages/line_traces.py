"""Store a few field lines: line_traces.nc."""

from pathlib import Path

import click

from fieldwalk.campaign import paths
from fieldwalk.campaign.grid import trace_points
from fieldwalk.ensemble.line_traces import line_traces
from fieldwalk.io.datasets import write_dataset
from fieldwalk.stages.context import job, kernel_attributes


@click.command()
@click.option("--results", type=click.Path(path_type=Path), required=True, help="Results folder of the campaign.")
@click.option("--log", type=click.Path(path_type=Path), help="File to log to besides stderr.")
def main(results: Path, log: Path | None) -> None:
    """Write line_traces.nc."""
    with job(results, "line_traces", log) as context:
        dataset = line_traces(trace_points(context.campaign), context.campaign.seed)
        attributes = context.attributes("line_traces") | kernel_attributes()
        write_dataset(dataset, paths.dataset(results, "line_traces"), attributes)


if __name__ == "__main__":
    main()
