"""The status of a campaign as one page that needs nothing but a browser."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from fieldwalk.campaign import paths
from fieldwalk.campaign.status.point_status import PointStatus
from fieldwalk.campaign.status.progress import Status
from fieldwalk.campaign.status.survey import FAILED, RUNNING, STATES
from fieldwalk.cli.views import words
from fieldwalk.io.files import written_whole

WITHOUT_GYRORADIUS = 0.0
"""Rigidity of points of field lines."""

MOST_COLUMNS = 28
"""Rigidities side by side; a longer axis is folded, so that every number stays legible."""

PAGE_WIDTH = 1060
"""Width of the cells of a strip in CSS pixels, together."""

WIDEST_CELL, NARROWEST_CELL = 49, 36

MOST_LISTED = 50
"""Jobs of a kind that are listed one by one."""


@dataclass(frozen=True)
class Cell:
    """One point in the grid of its mode type; ``share`` in per cent."""

    status: PointStatus
    share: int
    unconverged: tuple[str, ...]


@dataclass(frozen=True)
class Decade:
    """Neighbouring columns whose rigidities lie in one decade, from 10**exponent on; none for field lines."""

    exponent: int | None
    columns: int


@dataclass(frozen=True)
class Strip:
    """A piece of the rigidity axis with all levels of turbulence, the highest first."""

    rigidities: tuple[float, ...]
    decades: tuple[Decade, ...]
    rows: tuple[tuple[float, tuple[Cell, ...]], ...]
    cell_width: int


def write_page(status: Status, again: str, now: datetime, path: Path) -> None:
    """Write the page.

    Parameters
    ----------
    status : Status
    again : str
        Command that runs the campaign.
    now : datetime
        When the status was found out, in the local time zone.
    path : Path

    Raises
    ------
    DataError
        When it cannot be written.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files(__package__).joinpath("page.html").read_text(encoding="utf-8"))
    text = template.render(
        status=status,
        again=again,
        now=now,
        states=STATES,
        share=words.percent(_share(status)),
        particles=next((stage for stage in status.stages if stage.stage == "particles"), None),
        remarks=list(words.remarks(status, again)),
        running=status.jobs_that(RUNNING),
        failed=status.jobs_that(FAILED),
        most=MOST_LISTED,
        panels=list(panels(status.points)),
        others=[point for point in status.points if not _has_a_place(point)],
        words=words,
        short=short_number,
        log=paths.log,
    )
    with written_whole(path) as part:
        part.write_text(text, encoding="utf-8")


def _share(status: Status) -> float:
    """Of the predicted cost of all batches that is done; without particles, of all jobs."""
    weights = [(job.core_seconds, job.share) for job in status.jobs if job.core_seconds]
    weights = weights or [(1.0, job.share) for job in status.jobs]
    total = sum(weight for weight, _ in weights)
    return sum(weight * share for weight, share in weights) / total if total else 1.0


def panels(points: Sequence[PointStatus]) -> Iterator[tuple[str, list[Strip]]]:
    """Mode type and strips of its grid, in the order of the file.

    Parameters
    ----------
    points : sequence of PointStatus
        A whole grid: every mode type at every eta and rigidity. Of none there are no panels.
    """
    by_place = {tuple(status.point.coordinates.values()): status for status in points if _has_a_place(status)}
    if not by_place:
        return
    mode_types, etas, rigidities = (list(dict.fromkeys(values)) for values in zip(*by_place, strict=True))
    for mode_type in mode_types:
        yield (
            mode_type,
            [
                Strip(
                    tuple(piece),
                    tuple(_decades(piece)),
                    tuple(
                        (eta, tuple(_cell(by_place[mode_type, eta, rigidity]) for rigidity in piece))
                        for eta in sorted(etas, reverse=True)
                    ),
                    min(WIDEST_CELL, max(NARROWEST_CELL, PAGE_WIDTH // len(piece))),
                )
                for piece in _pieces(sorted(rigidities))  # field lines, whose rigidity is none, first
            ],
        )


def _has_a_place(status: PointStatus) -> bool:
    """Whether a point belongs to the grid of mode type, eta and rigidity."""
    return tuple(status.point.coordinates) == ("mode_type", "eta", "rigidity")


def short_number(value: float) -> str:
    """A rigidity in three digits, in two where they would take more than seven characters."""
    if value == WITHOUT_GYRORADIUS:
        return "lines"
    text = f"{value:.3g}"
    if len(text) <= 7:
        return text
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def _pieces(rigidities: list[float]) -> list[list[float]]:
    """Cut an axis into as few pieces of about equal length as leave no more than MOST_COLUMNS in each."""
    number = math.ceil(len(rigidities) / MOST_COLUMNS)
    length = math.ceil(len(rigidities) / number)
    return [rigidities[first : first + length] for first in range(0, len(rigidities), length)]


def _decades(rigidities: list[float]) -> Iterator[Decade]:
    for exponent, group in groupby(rigidities, key=_exponent):
        yield Decade(exponent, len(list(group)))


def _exponent(rigidity: float) -> int | None:
    return math.floor(math.log10(rigidity) + 1e-9) if rigidity > WITHOUT_GYRORADIUS else None


def _cell(status: PointStatus) -> Cell:
    converged = {"parallel": status.converged_parallel, "perpendicular": status.converged_perpendicular}
    unconverged = tuple(name for name, value in converged.items() if value is False)
    return Cell(status, words.percent(status.share), unconverged)
