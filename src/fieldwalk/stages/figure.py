"""Draw one figure as PNG and PDF."""

from pathlib import Path

import click
from matplotlib.figure import Figure

from fieldwalk.campaign import paths
from fieldwalk.figures.mean_free_paths import mean_free_paths
from fieldwalk.figures.running import running
from fieldwalk.figures.saving import save
from fieldwalk.figures.trajectories import trajectories
from fieldwalk.figures.turbulence import turbulence
from fieldwalk.io.datasets import read_dataset
from fieldwalk.stages.context import job


def _draw(name: str, results: Path, eta: float, plateaus: Path | None) -> Figure:
    dataset = read_dataset(paths.dataset(results, name))
    if name == "running":
        return running(dataset, eta, read_dataset(plateaus) if plateaus else None)
    if name == "mean_free_paths":
        return mean_free_paths(dataset, eta)
    return {"turbulence": turbulence, "trajectories": trajectories}[name](dataset)


FIGURES = ("mean_free_paths", "running", "trajectories", "turbulence")


@click.command()
@click.option("--results", type=click.Path(path_type=Path), required=True, help="Results folder of the campaign.")
@click.option("--figure", "name", type=click.Choice(FIGURES), required=True, help="Which figure.")
@click.option("--eta", type=float, default=0.5, help="Level of turbulence, for figures of one level.")
@click.option("--plateaus", type=click.Path(path_type=Path), help="Mean free paths to draw into the running figure.")
@click.option("--png", type=click.Path(path_type=Path), required=True)
@click.option("--pdf", type=click.Path(path_type=Path), required=True)
@click.option("--log", type=click.Path(path_type=Path), help="File to log to besides stderr.")
def main(results: Path, name: str, eta: float, plateaus: Path | None, png: Path, pdf: Path, log: Path | None) -> None:
    """Draw one figure."""
    with job(log):
        save(_draw(name, results, eta, plateaus), png, pdf)


if __name__ == "__main__":
    main()
