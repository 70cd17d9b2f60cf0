"""From a campaign and its results folder to the batches that serve it: those already frozen, and the new ones it
needs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from fieldwalk.campaign import paths
from fieldwalk.campaign.grid import Point, points
from fieldwalk.campaign.identity import point_id
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan import (
    Batch,
    Plan,
    Portion,
    Wanted,
    covered_by,
    make_batches,
    missing_portions,
    read_plan,
)
from fieldwalk.campaign.time_grid import steps_to


@dataclass(frozen=True)
class Selection:
    """What a campaign needs of its results folder.

    Attributes
    ----------
    plan : Plan
        With the new batches appended; not written yet.
    batches : list of str
        Batches that serve the campaign, old ones first.
    new : list of str
        Those among them that were not frozen before.
    """

    plan: Plan
    batches: list[str]
    new: list[str]


def select(campaign: Campaign, folder: Path) -> Selection:
    """Plan what a campaign still needs; reads the folder and writes nothing.

    Raises
    ------
    PlanError
        When the folder belongs to another campaign or seed, or cannot be read.
    """
    plan = read_plan(folder, campaign.name, campaign.seed)
    grid = points(campaign) if campaign.computes_moments else []
    wanted = [wanted_of(campaign, point) for point in grid]
    serving = covered_by(wanted, plan, lambda name: paths.shard(folder, name).exists())
    by_point = _by_point(plan, serving)
    missing = [
        (portion, want.modes) for want in wanted for portion in missing_portions(want, by_point.get(want.point, []))
    ]
    resources = campaign.resources
    new = make_batches(missing, 60 * resources.job_minutes * resources.ranks)
    return _appended(plan, grid, serving, new)


def wanted_of(campaign: Campaign, point: Point) -> Wanted:
    """Amount of work that the campaign wants of a point."""
    statistics = campaign.statistics
    return Wanted(
        point_id(point),
        point.modes,
        statistics.realisations,
        statistics.particles_per_realisation,
        steps_to(point.duration, point.step),
    )


def portions_by_point(selection: Selection) -> dict[str, list[tuple[str, Portion]]]:
    """Every (batch, portion) that serves each point, in the order of the plan."""
    return _by_point(selection.plan, selection.batches)


def _by_point(plan: Plan, names: Iterable[str]) -> dict[str, list[tuple[str, Portion]]]:
    result: dict[str, list[tuple[str, Portion]]] = {}
    for name in names:
        for portion in plan.batches[name].portions:
            result.setdefault(portion.point, []).append((name, portion))
    return result


def _appended(plan: Plan, grid: Iterable[Point], serving: Sequence[str], new: Sequence[Batch]) -> Selection:
    batches = {**plan.batches, **{batch.name: batch for batch in new}}
    known = {**plan.points, **{point_id(point): asdict(point) for point in grid}}
    names = [*serving, *(batch.name for batch in new)]
    return Selection(
        replace(plan, points=known, batches=batches), names, [name for name in names if name not in plan.batches]
    )
