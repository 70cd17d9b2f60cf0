"""Draw one figure as PNG and PDF."""

import logging
from pathlib import Path

import click
import xarray as xr
from matplotlib.figure import Figure

from fieldwalk.campaign import paths
from fieldwalk.campaign.stages import FIGURE_DATASETS
from fieldwalk.figures.coefficients import coefficients
from fieldwalk.figures.field_lines import field_lines
from fieldwalk.figures.heuristic import heuristic
from fieldwalk.figures.line_diffusion import line_diffusion
from fieldwalk.figures.line_traces import line_traces
from fieldwalk.figures.mean_free_paths import mean_free_paths
from fieldwalk.figures.running import running
from fieldwalk.figures.running_laws import running_laws
from fieldwalk.figures.saving import save
from fieldwalk.figures.scaling import scaling
from fieldwalk.figures.subdiffusion import subdiffusion
from fieldwalk.figures.trajectories import trajectories
from fieldwalk.figures.turbulence import turbulence
from fieldwalk.io.datasets import read_dataset
from fieldwalk.io.provenance import Attributes
from fieldwalk.stages.context import job
from fieldwalk.transport.scaling import exponents

logger = logging.getLogger("fieldwalk.stages.figure")

FROM_DATASET = ("kernel", "instructionSet", "ranks", "wallSeconds", "cpuSeconds", "shards")
"""Attributes that a figure repeats: what it took to compute what it shows."""

OF_WHOLE_DATASETS = {
    "turbulence": turbulence,
    "trajectories": trajectories,
    "field_lines": field_lines,
    "line_diffusion": line_diffusion,
    "line_traces": line_traces,
    "subdiffusion": subdiffusion,
}

OF_ONE_LEVEL = {
    "mean_free_paths": mean_free_paths,
    "heuristic": heuristic,
    "coefficients": coefficients,
    "running_laws": running_laws,
}


def _draw(name: str, dataset: xr.Dataset, eta: float, mode_type: str | None, plateaus: Path | None) -> Figure:
    if name == "running":
        return running(dataset, eta, read_dataset(plateaus) if plateaus else None)
    if name in OF_ONE_LEVEL:
        return OF_ONE_LEVEL[name](dataset, eta)
    if name == "scaling":
        for found in exponents(dataset):
            if mode_type in (None, found.mode_type):
                logger.info("%s", found)
        return scaling(dataset, mode_type=mode_type) if mode_type else scaling(dataset, eta=eta)
    return OF_WHOLE_DATASETS[name](dataset)


@click.command()
@click.option("--results", type=click.Path(path_type=Path), required=True, help="Results folder of the campaign.")
@click.option("--figure", "name", type=click.Choice(sorted(FIGURE_DATASETS)), required=True, help="Which figure.")
@click.option("--eta", type=float, default=0.5, help="Level of turbulence, for figures of one level.")
@click.option("--mode-type", help="Type of turbulence, for figures of all levels of one type.")
@click.option("--plateaus", type=click.Path(path_type=Path), help="Mean free paths to draw into the running figure.")
@click.option("--png", type=click.Path(path_type=Path), required=True)
@click.option("--pdf", type=click.Path(path_type=Path), required=True)
@click.option("--log", type=click.Path(path_type=Path), help="File to log to besides stderr.")
def main(
    results: Path,
    name: str,
    eta: float,
    mode_type: str | None,
    plateaus: Path | None,
    png: Path,
    pdf: Path,
    log: Path | None,
) -> None:
    """Draw one figure."""
    with job(results, f"figure_{png.stem}", log) as context:
        dataset = read_dataset(paths.dataset(results, FIGURE_DATASETS[name][0]))
        figure = _draw(name, dataset, eta, mode_type, plateaus)
        save(figure, png, pdf, context.attributes("figure") | _of_the_dataset(dataset))


def _of_the_dataset(dataset: xr.Dataset) -> Attributes:
    found = {name: dataset.attrs[name] for name in FROM_DATASET if name in dataset.attrs}
    return {name: value if isinstance(value, str) else value.item() for name, value in found.items()}


if __name__ == "__main__":
    main()
