"""The plan: which tasks make up which batch, frozen once a run has begun and only ever appended to.

A *portion* is a rectangle of work at one point: some realisations, some of their particles, some of their steps. A
*batch* is a list of portions, one scheduler job and one shard. What a campaign wants less what the frozen batches
already cover is the new work.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from fieldwalk.campaign import cost, paths
from fieldwalk.campaign.identity import canonical_json
from fieldwalk.errors import PlanError
from fieldwalk.io.datasets import write_text

FORMAT = "fieldwalk plan 1"

MOST_JOBS = 2000
"""More jobs than this burden a scheduler; longer ones are made instead."""

Range = tuple[int, int]


@dataclass(frozen=True)
class Portion:
    """Some realisations of a point, some particles of each, some steps of those; every range is (first, one past the
    last).
    """

    point: str
    realisations: Range
    particles: Range
    steps: Range
    earlier: str | None = None
    """The batch that holds these particles' states at the first step, when that is above zero."""

    @property
    def group(self) -> str:
        """Name of the portion's group in its shard."""
        ranges = (self.realisations, self.particles, self.steps)
        return f"{self.point}/" + "_".join(f"{first}-{last}" for first, last in ranges)


@dataclass(frozen=True)
class Batch:
    """One scheduler job."""

    portions: tuple[Portion, ...]
    core_seconds: float

    @property
    def name(self) -> str:
        """Twelve hex digits of a hash of the portions: the same work always has the same name."""
        text = canonical_json([asdict(portion) for portion in self.portions])
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass
class Plan:
    """Everything that was ever planned for one results folder.

    Attributes
    ----------
    name, seed : str, int
        The campaign's; a folder never changes either.
    points : dict
        Physics of every point by its identity, as plain values.
    batches : dict of Batch
        By name, in the order in which they were frozen.
    """

    name: str
    seed: int
    format: str = FORMAT
    points: dict[str, dict[str, Any]] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)


def read_plan(folder: Path, name: str, seed: int) -> Plan:
    """The plan of a results folder, empty when nothing was planned yet.

    Raises
    ------
    PlanError
        When the folder is a file, or its plan is damaged, of another format, or of a campaign with another name or
        seed.
    """
    path = paths.plan_file(folder)
    for place in (folder.parent, folder):
        if place.exists() and not place.is_dir():
            raise PlanError(
                f"{place}: a file stands where the results folder should be; move it away or choose another --results"
            )
    if not path.exists():
        return Plan(name, seed)
    try:
        plan: Plan = TypeAdapter(Plan).validate_python(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise PlanError(f"{path}: cannot be read ({error}); restore it, or choose another --results") from error
    if plan.format != FORMAT:
        raise PlanError(
            f"{path}: format {plan.format!r}, this version writes {FORMAT!r};"
            " choose another --results, the old results stay"
        )
    if (plan.name, plan.seed) != (name, seed):
        raise PlanError(
            f"{folder}: holds results of campaign {plan.name!r} with seed {plan.seed},"
            f" but the file asks for {name!r} with seed {seed}; go back to seed: {plan.seed},"
            " or rename the campaign, or choose another --results: nothing was changed"
        )
    return plan


def write_plan(plan: Plan, folder: Path) -> None:
    """Freeze the plan; raises DataError when it cannot be written."""
    write_text(json.dumps(asdict(plan), indent=1) + "\n", paths.plan_file(folder))


@dataclass(frozen=True)
class Wanted:
    """What a campaign wants of one point: that many realisations, particles in each, and steps of those."""

    point: str
    modes: int
    realisations: int
    particles: int
    steps: int


def covered_by(wanted: Iterable[Wanted], plan: Plan, finished: Callable[[str], bool]) -> list[str]:
    """Names of the frozen batches that serve the campaign, in their order.

    A batch serves when it holds work of a wanted point and is finished, or when all of its work is wanted; an
    unfinished batch with unwanted work is left aside, so that a point removed from the file is not computed after
    all. Work that goes on from another batch needs that one.
    """
    by_point = {want.point: want for want in wanted}
    serving: list[str] = []
    for name, batch in plan.batches.items():
        if not any(portion.point in by_point for portion in batch.portions):
            continue
        known = all(portion.earlier is None or portion.earlier in serving for portion in batch.portions)
        if finished(name) or (known and all(_within(portion, by_point) for portion in batch.portions)):
            serving.append(name)
    return serving


def _within(portion: Portion, by_point: dict[str, Wanted]) -> bool:
    want = by_point.get(portion.point)
    return (
        want is not None
        and portion.realisations[1] <= want.realisations
        and portion.particles[1] <= want.particles
        and portion.steps[1] <= want.steps
    )


def missing_portions(want: Wanted, portions: Iterable[tuple[str, Portion]]) -> list[Portion]:
    """What is wanted of a point and not covered yet.

    Parameters
    ----------
    want : Wanted
    portions : iterable of (batch name, Portion)
        What is covered, earlier steps before later ones.

    Returns
    -------
    list of Portion
        Rectangles, realisations that lack the same thing together.
    """
    covered = [(name, portion) for name, portion in portions if portion.point == want.point]
    edges = {
        0,
        want.realisations,
        *(edge for _, portion in covered for edge in portion.realisations if edge < want.realisations),
    }
    missing: list[Portion] = []
    for realisations in pairwise(sorted(edges)):
        here = [(name, portion) for name, portion in covered if _contains(portion.realisations, realisations)]
        missing += _missing_particles(want, realisations, here)
    return missing


def _missing_particles(want: Wanted, realisations: Range, here: list[tuple[str, Portion]]) -> list[Portion]:
    edges = sorted(
        {0, want.particles, *(edge for _, portion in here for edge in portion.particles if edge < want.particles)}
    )
    missing = []
    for particles in pairwise(edges):
        reached, earlier = 0, None
        for name, portion in here:
            if _contains(portion.particles, particles) and portion.steps[0] <= reached < portion.steps[1]:
                reached, earlier = portion.steps[1], name
        if reached < want.steps:
            missing.append(Portion(want.point, realisations, particles, (reached, want.steps), earlier))
    return missing


def _contains(outer: Range, inner: Range) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def make_batches(portions: Iterable[tuple[Portion, int]], seconds_per_batch: float) -> list[Batch]:
    """Cut portions into batches of about equal cost.

    Parameters
    ----------
    portions : iterable of (Portion, modes)
    seconds_per_batch : float
        Core-seconds that a batch should take; more when there would be more than :data:`MOST_JOBS` batches.
    """
    work = [
        (portion, cost.core_seconds(modes, _length(portion.particles), _length(portion.steps)))
        for portion, modes in portions
    ]
    total = sum(each * _length(portion.realisations) for portion, each in work)
    if not work:
        return []
    target = total / min(MOST_JOBS, max(1, round(total / seconds_per_batch)))
    batches: list[Batch] = []
    current: list[Portion] = []
    filled = 0.0
    for portion, each in work:
        first, last = portion.realisations
        while first < last:
            # the last realisation that still fits, at least one so that long tasks get batches of their own
            cut = min(last, first + max(1, round((target - filled) / each)))
            current.append(Portion(portion.point, (first, cut), portion.particles, portion.steps, portion.earlier))
            filled += each * (cut - first)
            first = cut
            if filled > target - 0.5 * each:
                batches.append(Batch(tuple(current), filled))
                current, filled = [], 0.0
    if current:
        batches.append(Batch(tuple(current), filled))
    return batches


def _length(span: Range) -> int:
    return span[1] - span[0]
