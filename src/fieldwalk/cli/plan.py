"""``fieldwalk plan``: what a campaign will run, before it runs."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from fieldwalk.campaign import cost, paths
from fieldwalk.campaign.grid import points
from fieldwalk.campaign.loading import load_campaign
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.selection import Selection, select, wanted_of
from fieldwalk.parallel.progress import readable_time


@click.command()
@click.argument("campaign", type=click.Path(path_type=Path))
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    default=paths.DEFAULT_RESULTS,
    show_default=True,
    help="Folder of all results.",
)
def plan(campaign: Path, results: Path) -> None:
    """Show the points, steps and batches of CAMPAIGN, and which of them are new. Writes nothing."""
    asked = load_campaign(campaign)
    folder = paths.campaign_folder(results, asked.name)
    selection = select(asked, folder)
    console = Console()
    console.print(_point_table(asked))
    console.print(_batch_table(selection, folder))
    seconds = sum(
        selection.plan.batches[name].core_seconds
        for name in selection.batches
        if not paths.shard(folder, name).exists()
    )
    ranks = asked.resources.ranks
    console.print(
        f"To compute: about {seconds / 3600:.3g} core-hours, {readable_time(seconds / ranks)} on {ranks} ranks."
        f" Results: {folder}"
    )


def _point_table(campaign: Campaign) -> Table:
    table = Table(title=f"Campaign {campaign.name}: points")
    for heading in ("mode type", "eta", "r_g/L_c"):
        table.add_column(heading)
    for heading in ("realisations", "particles each", "modes", "steps", "Ωt", "core-seconds"):
        table.add_column(heading, justify="right")
    for point in points(campaign) if campaign.computes_moments else []:
        want = wanted_of(campaign, point)
        seconds = want.realisations * cost.core_seconds(point.modes, want.particles, want.steps)
        table.add_row(
            point.mode_type,
            f"{point.eta:g}",
            f"{point.rigidity:.4g}",
            str(want.realisations),
            str(want.particles),
            str(point.modes),
            f"{want.steps:,}",
            f"{point.duration:.4g}",
            f"{seconds:.3g}",
        )
    return table


def _batch_table(selection: Selection, folder: Path, most: int = 40) -> Table:
    table = Table(title=f"{len(selection.batches)} batches, one MPI job and one shard each")
    table.add_column("batch")
    table.add_column("state")
    for heading in ("points", "realisations", "core-seconds"):
        table.add_column(heading, justify="right")
    for name in selection.batches[:most]:
        batch = selection.plan.batches[name]
        state = "done" if paths.shard(folder, name).exists() else "new" if name in selection.new else "planned"
        realisations = sum(portion.realisations[1] - portion.realisations[0] for portion in batch.portions)
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
