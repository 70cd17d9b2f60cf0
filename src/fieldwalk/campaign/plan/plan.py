"""The plan: which tasks make up which batch, frozen once a run has begun and only ever appended to.

A *portion* is a rectangle of work at one point: some realisations, some of their particles, some of their steps. A
*batch* is a list of portions, one scheduler job and one shard. What a campaign wants less what the frozen batches
already cover is the new work.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar

from pydantic import InstanceOf, TypeAdapter, ValidationError

from fieldwalk.campaign import paths
from fieldwalk.campaign.identity import PHYSICS_VERSION, canonical_json, point_id
from fieldwalk.campaign.plan.kinds import Range
from fieldwalk.campaign.points import Point
from fieldwalk.campaign.rows import load
from fieldwalk.campaign.stage_table import KINDS
from fieldwalk.errors import PlanError
from fieldwalk.io.datasets import write_text

FORMAT = "fieldwalk plan 1"


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
    points : dict of Point
        Every point by its identity.
    batches : dict of Batch
        By name, in the order in which they were frozen.
    extended : dict of float
        Longer durations Ωt that were asked for, by name of the point.
    """

    name: str
    seed: int
    format: str = FORMAT
    points: dict[str, InstanceOf[Point]] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)
    extended: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ForeignPoint(Point):
    """A point of another version: its kind or its fields are none of this one's. Kept as it is."""

    kind: ClassVar[str] = ""
    plain: dict[str, Any]

    @property
    def name(self) -> str:
        """There is none."""
        return "of another version"


def plain_point(point: Point) -> dict[str, Any]:
    """A point as plain values, its kind among them."""
    return point.plain if isinstance(point, ForeignPoint) else {"kind": point.kind, **asdict(point)}


def point_from_plain(plain: dict[str, Any]) -> Point:
    """The point that :func:`plain_point` wrote."""
    # plans of before kinds were named hold particles, and field lines as particles without gyroradius
    kind = plain.get("kind", "field_lines" if plain.get("rigidity") == 0 else "particles")
    model = load(KINDS[kind]).point if kind in KINDS else None
    values = {name: value for name, value in plain.items() if name != "kind"}
    if model is None or {one.name for one in fields(model)} != set(values):
        return ForeignPoint(plain)
    point: Point = model(**values)
    return point


_PLAN = TypeAdapter(Plan)


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
        content = json.loads(path.read_text(encoding="utf-8"))
        content["points"] = {name: point_from_plain(plain) for name, plain in content.get("points", {}).items()}
        plan: Plan = _PLAN.validate_python(content)
    except (OSError, ValueError, AttributeError, TypeError, ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise PlanError(f"{path}: cannot be read ({reason}); restore it, or choose another --results") from error
    if lost := {p.point for batch in plan.batches.values() for p in batch.portions} - set(plan.points):
        raise PlanError(f"{path}: says nothing of point {min(lost)}; restore it, or choose another --results")
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
    content = {**asdict(plan), "points": {name: plain_point(point) for name, point in plan.points.items()}}
    write_text(json.dumps(content, indent=1) + "\n", paths.plan_file(folder))


def of_other_versions(plan: Plan, folder: Path) -> str | None:
    """One sentence on the points of other versions in a folder, None when there are none.

    A point's name carries a hash of its physics and of the physics' version, so that of another version has a name
    which this version would not give it.
    """
    foreign = {name for name, point in plan.points.items() if point_id(point) != name}
    if not foreign:
        return None
    batches = [name for name, batch in plan.batches.items() if any(p.point in foreign for p in batch.portions)]
    done = sum(paths.shard(folder, name).exists() for name in batches)
    return (
        f"{folder} holds {len(foreign)} point(s) of another physics version than this one's, {PHYSICS_VERSION}:"
        f" {done} of their {len(batches)} batches are done. They are kept and not used; what is asked for is computed"
        " anew beside them. To finish them, run the version that began them (`fieldwalk show` names it)"
    )
