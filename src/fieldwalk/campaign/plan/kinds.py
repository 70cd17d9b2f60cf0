"""Kinds of paths: what planning, pricing and farming need to know of particles, field lines and whatever is to come."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.task_cost import Speeds
from fieldwalk.campaign.points import Point
from fieldwalk.campaign.rows import Reference, load
from fieldwalk.campaign.stage_table import KINDS
from fieldwalk.errors import PlanError

Range = tuple[int, int]
"""First, and one past the last."""


class Amount(NamedTuple):
    """Work that a campaign wants of a point."""

    realisations: int
    paths: int
    steps: int


def _keep(campaign: Campaign, kept: Mapping[str, float], asked: Mapping[str, float]) -> Campaign:
    return campaign


@dataclass(frozen=True)
class Kind:
    """One kind of paths, farmed out in tasks of one realisation each.

    The functions take points of the class that the kind names.

    Attributes
    ----------
    name : str
        As in the rows of its wing.
    section : str
        Section of the campaign file that asks for such paths.
    paths : str
        What the paths of a realisation are called.
    units : str
        What the numerics of its points are in units of, for ``fieldwalk validate``; empty when nothing needs saying.
    sections : tuple of str
        Sections of the campaign file that are contained in its points and their amounts.
    stage_keys : tuple of str
        Keys of these sections, as ``section.key``, that its points do not contain: only stages use them. They enter the
        hash of every stage that needs the section.
    point : type
        Class of its points.
    points : callable
        ``points(campaign) -> list of Point``, every ``auto`` resolved, in the order of the file.
    amount : callable
        ``amount(campaign, point) -> Amount``.
    seconds : callable
        ``seconds(point, paths, steps, samples, speeds) -> float``, core-seconds of one realisation; ``samples`` is None
        while tasks are cut into batches.
    samples : callable
        ``samples(point, steps) -> float``, how often each path is looked at over a range of steps.
    bytes : callable
        ``bytes(point, realisations, paths, steps) -> int``, what a shard needs for them.
    task : Reference
        The task (:mod:`fieldwalk.parallel.task`), called with ``point``, ``seed``, ``realisation``, ``particles``,
        ``steps``, ``key`` and ``earlier``.
    final : tuple of str
        Names of the arrays that a longer run continues from, paths along the last axis.
    attributes : callable
        ``attributes(point, steps) -> dict``, what a shard says of a portion besides its ranges.
    notes : callable
        ``notes(campaign, point) -> list of str``.
    with_durations : callable
        ``with_durations(campaign, kept, asked) -> Campaign``: the campaign with longer durations of single points.
    """

    name: str
    section: str
    paths: str
    sections: tuple[str, ...]
    point: type[Any]
    points: Callable[[Campaign], list[Any]]
    amount: Callable[[Campaign, Any], Amount]
    seconds: Callable[[Any, int, int, float | None, Speeds], float]
    bytes: Callable[[Any, int, int, Range], int]
    task: Reference
    units: str = ""
    stage_keys: tuple[str, ...] = ()
    samples: Callable[[Any, Range], float] = lambda point, steps: 0.0
    final: tuple[str, ...] = ()
    attributes: Callable[[Any, Range], dict[str, Any]] = lambda point, steps: {}
    notes: Callable[[Campaign, Any], list[str]] = lambda campaign, point: []
    with_durations: Callable[[Campaign, Mapping[str, float], Mapping[str, float]], Campaign] = _keep


def kinds() -> list[Kind]:
    """Every kind of the stage table."""
    return [load(reference) for reference in KINDS.values()]


def kind_of(point: Point) -> Kind:
    """The kind of a point.

    Raises
    ------
    PlanError
        When another version planned the point, with a kind that this one does not have.
    """
    if point.kind not in KINDS:
        raise PlanError(
            f"a point was planned by a version with another kind of paths than {', '.join(KINDS)}; use that version"
        )
    kind: Kind = load(KINDS[point.kind])
    return kind


def length(span: Range) -> int:
    """How many a range holds."""
    return span[1] - span[0]
