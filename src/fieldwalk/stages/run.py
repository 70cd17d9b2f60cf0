"""The runner of every stage of the table: ``python -m fieldwalk.stages.run STAGE --results FOLDER``."""

from pathlib import Path

import click
import numpy as np
import xarray as xr

from fieldwalk.campaign.plan.stages import input_file, products, stage_identity
from fieldwalk.campaign.rows import Stage, load
from fieldwalk.campaign.stage_table import STAGES
from fieldwalk.io.datasets import read_dataset, write_dataset
from fieldwalk.io.provenance import Attributes
from fieldwalk.jobs.context import Context, job, kernel_attributes
from fieldwalk.jobs.shards_read import attributes_of_shards, require_run

FROM_DATASETS = ("kernel", "instructionSet", "ranks", "wallSeconds", "cpuSeconds", "shards")
"""Attributes that whatever is made of a dataset alone repeats: what it took to compute that."""


@click.command()
@click.argument("stage", type=click.Choice(list(STAGES)))
@click.option("--results", type=click.Path(path_type=Path), required=True, help="Results folder of the campaign.")
@click.option("--log", type=click.Path(path_type=Path), help="File to log to besides stderr.")
def main(stage: str, results: Path, log: Path | None) -> None:
    """Make the dataset of STAGE."""
    with job(results, stage, log) as context:
        make_stage(context, STAGES[stage])


def make_stage(context: Context, row: Stage) -> None:
    """Make the products of a stage in its results folder.

    Raises
    ------
    DataError
        When what it reads is missing, damaged or foreign, or its products cannot be written.
    """
    if row.kinds:
        require_run(context.selection, context.folder)
    dataset: xr.Dataset = load(row.make)(context)
    attributes = context.attributes(stage_identity(context.selection, row.name)) | _what_it_took(context, row)
    for path in products(row, context.folder):
        if path.suffix == ".nc":
            write_dataset(dataset, path, attributes)
        else:
            _write_rows(dataset, row, path, attributes)


def _what_it_took(context: Context, row: Stage) -> Attributes:
    """Kernel, ranks and seconds of what a dataset is made of; those of this process where it computes fields itself."""
    if row.kinds:
        return attributes_of_shards(context.selection, context.folder, row.name)
    if row.inputs:
        return of_the_dataset(read_dataset(input_file(context.campaign, row.inputs[0], context.folder)))
    return kernel_attributes()


def of_the_dataset(dataset: xr.Dataset) -> Attributes:
    """What it took to compute a dataset, for whatever is made of it."""
    found = {name: dataset.attrs[name] for name in FROM_DATASETS if name in dataset.attrs}
    return {name: value.item() if isinstance(value, np.generic) else value for name, value in found.items()}


def _write_rows(dataset: xr.Dataset, row: Stage, path: Path, attributes: Attributes) -> None:
    """Write the variables on the table's grid as comma-separated values."""
    from fieldwalk.io.tables import write_table  # astropy's tables take a second to import

    rows = load(row.table).rows
    write_table(dataset[[name for name, one in dataset.data_vars.items() if one.dims == rows]], path, attributes)


if __name__ == "__main__":
    main()
