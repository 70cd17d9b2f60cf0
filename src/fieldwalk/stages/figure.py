"""Draw one figure as PNG and PDF."""

from collections.abc import Callable
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


def _running(folder: Path, eta: float) -> Figure:
    fitted = paths.dataset(folder, "mean_free_paths")
    return running(
        read_dataset(paths.dataset(folder, "running")), eta, read_dataset(fitted) if fitted.exists() else None
    )


FIGURES: dict[str, Callable[[Path, float], Figure]] = {
    "running": _running,
    "mean_free_paths": lambda folder, eta: mean_free_paths(read_dataset(paths.dataset(folder, "mean_free_paths")), eta),
    "turbulence": lambda folder, eta: turbulence(read_dataset(paths.dataset(folder, "turbulence"))),
    "trajectories": lambda folder, eta: trajectories(read_dataset(paths.dataset(folder, "trajectories"))),
}


@click.command()
@click.option("--results", type=click.Path(path_type=Path), required=True, help="Results folder of the campaign.")
@click.option("--figure", "name", type=click.Choice(sorted(FIGURES)), required=True, help="Which figure.")
@click.option("--eta", type=float, default=0.5, help="Level of turbulence, for figures of one level.")
@click.option("--png", type=click.Path(path_type=Path), required=True)
@click.option("--pdf", type=click.Path(path_type=Path), required=True)
@click.option("--log", type=click.Path(path_type=Path), help="File to log to besides stderr.")
def main(results: Path, name: str, eta: float, png: Path, pdf: Path, log: Path | None) -> None:
    """Draw one figure."""
    with job(log):
        save(FIGURES[name](results, eta), png, pdf)


if __name__ == "__main__":
    main()
