"""``fieldwalk plan``: what a campaign will run, before it runs."""

from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from fieldwalk.campaign import paths
from fieldwalk.campaign.loading import load_campaign
from fieldwalk.campaign.plan.kinds import kind_of, length
from fieldwalk.campaign.plan.plan import of_other_versions
from fieldwalk.campaign.plan.selection import Selection, select
from fieldwalk.campaign.plan.stages import notes_of
from fieldwalk.campaign.plan.task_cost import REFERENCE
from fieldwalk.cli.tables import NUMERICS, point_table, work_of_each_point
from fieldwalk.parallel.progress import readable_time


@click.command()
@click.argument("campaign_file", metavar="CAMPAIGN.yaml", type=click.Path(path_type=Path))
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    default=paths.DEFAULT_RESULTS,
    show_default=True,
    help="Folder of all results.",
)
def plan(campaign_file: Path, results: Path) -> None:
    """Show the points, steps and batches of CAMPAIGN.yaml, and which of them are new. Writes nothing."""
    asked = load_campaign(campaign_file)
    folder = paths.campaign_folder(results, asked.name)
    selection = select(asked, folder)
    asked = selection.campaign
    console = Console(highlight=False)
    console.print(_point_table(selection))
    console.print(_batch_table(selection, folder))
    seconds = sum(
        selection.plan.batches[name].core_seconds
        for name in selection.batches
        if not paths.shard(folder, name).exists()
    )
    ranks = asked.resources.ranks
    if foreign := of_other_versions(selection.plan, folder):
        click.echo(f"note: {foreign}")
    if noted := sum(bool(notes_of(asked, point)) for points in selection.grid.values() for point in points):
        click.echo(f"{noted} point(s) with notes, such as a duration that was capped: `fieldwalk validate` shows them")
    click.echo(
        f"To compute: about {seconds / 3600:.3g} core-hours, {readable_time(seconds / ranks)} on {ranks} ranks."
        f" Results: {folder}"
    )


def _point_table(selection: Selection) -> Table:
    rows = []
    for want in selection.wanted:
        seconds = kind_of(want.point).seconds(want.point, want.particles, want.steps, None, REFERENCE)
        duration = want.point.labels.get("duration", "")
        rows.append((want.point, (f"{want.steps:,}", duration, f"{want.realisations * seconds:.3g}")))
    title = work_of_each_point(selection.campaign)
    return point_table(title, rows, ("steps", "Ωt", "core-s"), leave_out=NUMERICS)


def _batch_table(selection: Selection, folder: Path, most: int = 40) -> Table:
    table = _table(f"batches: {len(selection.batches)}, one MPI job and one shard each", "batch", "state")
    for heading in ("points", "fields", "core-s"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name in selection.batches[:most]:
        batch = selection.plan.batches[name]
        state = "done" if paths.shard(folder, name).exists() else "new" if name in selection.new else "planned"
        realisations = sum(length(portion.realisations) for portion in batch.portions)
        table.add_row(
            name,
            state,
            str(len({portion.point for portion in batch.portions})),
            str(realisations),
            f"{batch.core_seconds:.3g}",
        )
    if len(selection.batches) > most:
        table.add_row(f"and {len(selection.batches) - most} more", "", "", "", "")
    return table


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE, pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    return table
