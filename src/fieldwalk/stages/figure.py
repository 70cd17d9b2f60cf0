"""Draw one figure as PNG and PDF: ``python -m fieldwalk.stages.figure NAME --results FOLDER``."""

from pathlib import Path

import click
from matplotlib.figure import Figure

from fieldwalk.campaign import paths
from fieldwalk.campaign.plan.stages import FigureToDraw, figure_identity, figures_of
from fieldwalk.campaign.rows import load
from fieldwalk.errors import DataError
from fieldwalk.figures.saving import save
from fieldwalk.io.datasets import read_dataset
from fieldwalk.jobs.context import Context, job
from fieldwalk.stages.run import of_the_dataset


@click.command()
@click.argument("name")
@click.option("--results", type=click.Path(path_type=Path), required=True, help="Results folder of the campaign.")
@click.option("--log", type=click.Path(path_type=Path), help="File to log to besides stderr.")
def main(name: str, results: Path, log: Path | None) -> None:
    """Draw the figure NAME of a campaign, such as running_eta0.5."""
    with job(results, f"figure_{name}", log) as context:
        draw(context, name)


def draw(context: Context, name: str) -> None:
    """Draw a figure of a campaign into its results folder.

    Raises
    ------
    DataError
        When the campaign has no such figure, or a dataset is missing or damaged.
    """
    known = {figure.name: figure for figure in figures_of(context.campaign)}
    if name not in known:
        raise DataError(f"{name}: is no figure of campaign {context.campaign.name}; its figures are {', '.join(known)}")
    figure = known[name]
    shown = [
        read_dataset(paths.dataset(context.folder, one)) if one in figure.datasets else None
        for one in figure.row.datasets
    ]
    drawn: Figure = load(figure.row.draw)(*shown, **figure.selection)
    assert shown[0] is not None
    attributes = context.attributes(figure_identity(context.selection, figure.row)) | of_the_dataset(shown[0])
    save(drawn, *_files(context, figure), attributes)


def _files(context: Context, figure: FigureToDraw) -> tuple[Path, Path]:
    png, pdf = (paths.figure(context.folder, figure.name, suffix) for suffix in ("png", "pdf"))
    return png, pdf


if __name__ == "__main__":
    main()
