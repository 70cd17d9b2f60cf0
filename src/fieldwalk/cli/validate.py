"""``fieldwalk validate``: check a campaign file and show what every ``auto`` became."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from fieldwalk.campaign.loading import load_campaign
from fieldwalk.campaign.plan.kinds import kinds
from fieldwalk.campaign.plan.selection import Selection, resolve
from fieldwalk.campaign.plan.stages import notes_of
from fieldwalk.campaign.plan.task_cost import PARTICLES_PER_BLOCK
from fieldwalk.campaign.points import FieldPoint
from fieldwalk.cli.tables import WIDTH_OF_A_FILE, point_table
from fieldwalk.particles.section import Particles


@click.command()
@click.argument("campaign_file", metavar="CAMPAIGN.yaml", type=click.Path(path_type=Path))
def validate(campaign_file: Path) -> None:
    """Check CAMPAIGN.yaml and show its points with every `auto` resolved. Computes and writes nothing."""
    campaign = load_campaign(campaign_file)
    resolved = resolve(campaign)
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_OF_A_FILE
    table, footnotes = _table(resolved)
    console.print(table)
    for number, note in enumerate([*footnotes], start=1):
        console.print(f"[{number}] {note}", markup=False)
    for line in _remarks(resolved):
        console.print(line, markup=False)
    console.print(f"{campaign_file}: valid; {_work(resolved)}", markup=False, soft_wrap=True)


def _table(resolved: Selection) -> tuple[Table, list[str]]:
    """Return the table of points, and the notes that its last column numbers."""
    footnotes: list[str] = []
    rows = []
    for point in (point for points in resolved.grid.values() for point in points):
        found = notes_of(resolved.campaign, point)
        footnotes.extend(note for note in found if note not in footnotes)
        numbers = " ".join(f"[{footnotes.index(note) + 1}]" for note in found).replace("[", r"\[")
        rows.append((point, [numbers]))
    return point_table(f"campaign {resolved.campaign.name}", rows, ["notes"]), footnotes


def _work(resolved: Selection) -> str:
    """How many points, and how much is computed of each."""
    campaign, number = resolved.campaign, sum(len(points) for points in resolved.grid.values())
    amounts = [
        f"{kind.amount(campaign, points[0]).paths} {kind.paths}"
        for kind in kinds()
        if (points := resolved.points(kind.name))
    ]
    return f"{number} points x {campaign.statistics.realisations} realisations x {' or '.join(amounts)}"


def _remarks(resolved: Selection) -> list[str]:
    """Return what to know about the campaign as a whole: units of the table, and waste."""
    campaign = resolved.campaign
    lines = [kind.units for kind in kinds() if kind.units and resolved.points(kind.name)]
    drawn = [one for points in resolved.grid.values() for one in points if isinstance(one, FieldPoint)]
    for tolerance in list(dict.fromkeys(point.tolerance for point in drawn))[:1]:
        lines.append(
            f"field: rms error at most {tolerance:g} δB (tolerance)"
            if tolerance
            else "field: every wave at every step, in double precision (tolerance: 0)"
        )
    if section := campaign.section(Particles):
        pairs = zip(section.rigidities, section.resolved_rigidities(campaign.turbulence), strict=True)
        given = [f"{text} = {x:.4g}" for text, x in pairs if isinstance(text, str)]
        lines += ["r_g/L_c: " + ", ".join(given)] if given else []
    particles = campaign.statistics.particles_per_realisation
    if particles % PARTICLES_PER_BLOCK:
        full = PARTICLES_PER_BLOCK * -(-particles // PARTICLES_PER_BLOCK)
        lines.append(
            f"particles_per_realisation is {particles} and costs as much as {full}:"
            f" use multiples of {PARTICLES_PER_BLOCK}"
        )
    return lines
