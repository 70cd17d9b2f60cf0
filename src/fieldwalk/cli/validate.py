"""``fieldwalk validate``: check a campaign file and show what every ``auto`` became."""

from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from fieldwalk.campaign.cost import PARTICLES_PER_BLOCK
from fieldwalk.campaign.grid import Point, line_points, notes, points
from fieldwalk.campaign.loading import load_campaign
from fieldwalk.campaign.model import Campaign

WIDTH_OF_A_FILE = 120
"""Columns of output that goes to a file or a pipe, where no terminal sets them."""


@click.command()
@click.argument("campaign_file", metavar="CAMPAIGN.yaml", type=click.Path(path_type=Path))
def validate(campaign_file: Path) -> None:
    """Check CAMPAIGN.yaml and show its points with every `auto` resolved. Computes and writes nothing."""
    campaign = load_campaign(campaign_file)
    grid = points(campaign) + line_points(campaign)
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_OF_A_FILE
    table, footnotes = _table(campaign, grid)
    console.print(table)
    for number, note in enumerate([*footnotes], start=1):
        console.print(f"[{number}] {note}", markup=False)
    for line in _remarks(campaign):
        console.print(line, markup=False)
    statistics = campaign.statistics
    numbers = [f"{statistics.particles_per_realisation} particles"] if campaign.rigidities else []
    numbers += [f"{campaign.field_lines.lines_per_realisation} field lines"] if campaign.field_lines else []
    console.print(
        f"{campaign_file}: valid; {len(grid)} points x {statistics.realisations} realisations x {' or '.join(numbers)}",
        markup=False,
        soft_wrap=True,
    )


def _table(campaign: Campaign, grid: list[Point]) -> tuple[Table, list[str]]:
    """Return the table of points, and the notes that its last column numbers."""
    table = Table(title=f"campaign {campaign.name}", title_justify="left", box=box.SIMPLE, pad_edge=False)
    table.add_column("mode_type", no_wrap=True)
    for heading in ("eta", "r_g/L_c", "scale_ratio", "modes", "step", "duration"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("notes", no_wrap=True)
    footnotes: list[str] = []
    for point in grid:
        found = notes(campaign, point)
        footnotes.extend(note for note in found if note not in footnotes)
        table.add_row(
            point.mode_type,
            f"{point.eta:.4g}",
            point.size,
            f"{point.scale_ratio:.4g}",
            str(point.modes),
            f"{point.step:.4g}",
            f"{point.duration:.4g}",
            " ".join(f"[{footnotes.index(note) + 1}]" for note in found).replace("[", r"\["),
        )
    return table, footnotes


def _remarks(campaign: Campaign) -> list[str]:
    """Return what to know about the campaign as a whole: units of the table, and waste."""
    lines = ["step and duration in units of r_g/c (Ωh and Ωt)"] if campaign.rigidities else []
    if campaign.field_lines:
        lines.append("step and duration of field lines in L_c/B_tot (tau, about their arc length in L_c)")
    tolerance = (points(campaign) + line_points(campaign))[0].tolerance
    lines.append(
        f"field: rms error at most {tolerance:g} δB (tolerance)"
        if tolerance
        else "field: every wave at every step, in double precision (tolerance: 0)"
    )
    given = [value for value in campaign.particles.rigidities if isinstance(value, str)]
    if given:
        pairs = zip(campaign.particles.rigidities, campaign.rigidities, strict=True)
        lines.append("r_g/L_c: " + ", ".join(f"{text} = {x:.4g}" for text, x in pairs if isinstance(text, str)))
    particles = campaign.statistics.particles_per_realisation
    if particles % PARTICLES_PER_BLOCK:
        full = PARTICLES_PER_BLOCK * -(-particles // PARTICLES_PER_BLOCK)
        lines.append(
            f"particles_per_realisation is {particles} and costs as much as {full}:"
            f" use multiples of {PARTICLES_PER_BLOCK}"
        )
    return lines
