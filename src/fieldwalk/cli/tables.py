"""The table of points that several verbs print."""

from collections.abc import Collection, Sequence

from rich import box
from rich.table import Table

from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.points import Point

WIDTH_OF_A_FILE = 120
"""Columns of output that goes to a file or a pipe, where no terminal sets them."""

NUMERICS = ("scale_ratio", "step", "duration")
"""Labels of points that only ``validate`` shows."""

_WORDS = ("point", "mode_type")


def point_table(
    title: str,
    rows: Sequence[tuple[Point, Sequence[str]]],
    headings: Sequence[str],
    *,
    leave_out: Collection[str] = (),
    most: int | None = None,
) -> Table:
    """A row for each point: its labels, then some cells.

    Parameters
    ----------
    title : str
    rows : sequence of (Point, cells)
    headings : sequence of str
        Of the cells.
    leave_out : collection of str
        Labels that are not shown.
    most : int, optional
        Rows to show; the rest is counted.
    """
    table = Table(title=title, title_justify="left", box=box.SIMPLE, pad_edge=False)
    labels = [
        name for name in dict.fromkeys(name for point, _ in rows for name in point.labels) if name not in leave_out
    ]
    for heading in (*labels, *headings):
        table.add_column(heading, justify="left" if heading in (*_WORDS, "notes") else "right", no_wrap=True)
    for point, cells in rows[:most]:
        known = point.labels
        table.add_row(*(known.get(name, "") for name in labels), *cells)
    if most is not None and len(rows) > most:
        table.add_row(f"and {len(rows) - most} more", *[""] * (len(labels) + len(headings) - 1))
    return table


def work_of_each_point(campaign: Campaign) -> str:
    """Title of a table of points: how much is computed of each."""
    statistics = campaign.statistics
    return (
        f"campaign {campaign.name}: each point with {statistics.realisations} realisations"
        f" x {statistics.particles_per_realisation} particles"
    )
