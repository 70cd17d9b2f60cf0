"""How far each point of a campaign has come, and whether its mean free paths converged."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fieldwalk.campaign import paths
from fieldwalk.campaign.plan.kinds import kind_of, length
from fieldwalk.campaign.plan.plan import Portion
from fieldwalk.campaign.plan.task_cost import REFERENCE
from fieldwalk.campaign.points import Point
from fieldwalk.campaign.status.survey import DONE, FAILED, READY, RUNNING, WAITING, Job, Survey

Place = tuple[str | float, ...]
"""Mode type, eta and rigidity."""

CONVERGENCE = "mean_free_paths"
"""The dataset whose table says what has converged."""

Converged = tuple[bool, bool]
"""Whether the mean free path along the mean field converged, and that across."""


@dataclass(frozen=True)
class PointStatus:
    """One point.

    Attributes
    ----------
    point : Point
    name : str
        Its identity.
    state : str
        ``done`` when all of its work is; else the first of ``failed``, ``running``, ``ready``, ``waiting`` that holds
        for a batch with some of it.
    share : float
        Of its predicted cost that is done.
    converged_parallel, converged_perpendicular : bool or None
        As the table of mean free paths says; None while it says nothing.
    """

    point: Point
    name: str
    state: str
    share: float
    converged_parallel: bool | None = None
    converged_perpendicular: bool | None = None


def point_statuses(found: Survey, table: Mapping[Place, Converged]) -> Iterable[PointStatus]:
    """Status of every point of a campaign, in the order of its file.

    Parameters
    ----------
    found : Survey
    table : mapping
        From :func:`convergence`.
    """
    by_name = {job.name: job for job in found.jobs}
    pieces: dict[str, list[tuple[Portion, Job]]] = defaultdict(list)
    for batch, portion in found.selection.served:
        pieces[portion.point].append((portion, by_name[paths.farm_job(batch)]))
    for want in found.selection.wanted:
        point = want.point
        mine = [(_core_seconds(point, portion), job) for portion, job in pieces[want.name]]
        share = sum(seconds * job.share for seconds, job in mine) / sum(seconds for seconds, _ in mine)
        states = {job.state for _, job in mine}
        state = next(state for state in (FAILED, RUNNING, READY, WAITING, DONE) if state in states)
        converged = table.get(tuple(point.coordinates.values()), (None, None))
        yield PointStatus(point, want.name, state, share, *converged)


def convergence(path: Path) -> dict[Place, Converged] | None:
    """Whether each point of a table of mean free paths converged, along the mean field and across.

    Parameters
    ----------
    path : Path
        Comma-separated values, perhaps below lines that begin with ``#``.

    Returns
    -------
    dict or None
        None when there is no such table, or another program wrote it.
    """
    try:
        lines = (line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
        return {
            (row["mode_type"], float(row["eta"]), float(row["rigidity"])): (
                row["converged_parallel"] == "True",
                row["converged_perpendicular"] == "True",
            )
            for row in csv.DictReader(lines)
        }
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _core_seconds(point: Point, portion: Portion) -> float:
    paths_per_field, steps = length(portion.particles), length(portion.steps)
    return length(portion.realisations) * kind_of(point).seconds(point, paths_per_field, steps, None, REFERENCE)
