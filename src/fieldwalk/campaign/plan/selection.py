"""From a campaign and its results folder to the batches that serve it: those already frozen, and the new ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from fieldwalk.campaign import paths
from fieldwalk.campaign.identity import point_id
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.batching import make_batches
from fieldwalk.campaign.plan.coverage import Served, Wanted, missing_portions, served_by
from fieldwalk.campaign.plan.kinds import kind_of, kinds
from fieldwalk.campaign.plan.plan import Plan, read_plan
from fieldwalk.campaign.points import Point


@dataclass(frozen=True)
class Selection:
    """What a campaign needs of its results folder. Every ``auto`` of its points is resolved here, once.

    Attributes
    ----------
    campaign : Campaign
        As asked for, with the longer durations that its folder has been asked for.
    grid : dict of list of Point
        Points of every kind of paths that the campaign has a section for, by the name of the kind.
    wanted : list of Wanted
        What is wanted of each point of the kinds that some stage reads.
    plan : Plan
        With the new batches appended; not written yet.
    served : list of (batch name, Portion)
        Every portion that serves the campaign, in the order of the plan.
    new : list of str
        Batches that were not frozen before.
    """

    campaign: Campaign
    grid: dict[str, list[Any]]
    wanted: list[Wanted]
    plan: Plan
    served: list[Served] = field(default_factory=list)
    new: list[str] = field(default_factory=list)

    @property
    def batches(self) -> list[str]:
        """Names of the batches that serve the campaign, in the order of the plan."""
        return list(dict.fromkeys(name for name, _ in self.served))

    @cached_property
    def by_point(self) -> dict[str, list[Served]]:
        """Every (batch, portion) that serves each point, in the order of the plan."""
        return _by_point(self.served)

    def points(self, kind: str) -> list[Any]:
        """Points of a kind, in the order of the file; none where the campaign has no section for it."""
        return self.grid.get(kind, [])

    def wanted_of(self, kind: str) -> list[Wanted]:
        """What is wanted of the points of a kind, in the order of the file."""
        return [want for want in self.wanted if want.point.kind == kind]

    def name_of(self, point: Point) -> str:
        """Identity of a point."""
        return self._names.get(id(point)) or point_id(point)

    @cached_property
    def _names(self) -> dict[int, str]:
        return {id(want.point): want.name for want in self.wanted}


def resolve(campaign: Campaign, plan: Plan | None = None) -> Selection:
    """Resolve the points of a campaign, whatever is planned or done of them.

    Parameters
    ----------
    campaign : Campaign
    plan : Plan, optional
        An empty one by default.
    """
    grid = {kind.name: kind.points(campaign) for kind in kinds() if campaign.has(kind.section)}
    read = [point for kind in kinds() if kind.name in campaign.kinds for point in grid.get(kind.name, [])]
    wanted = [Wanted(point_id(point), point, *kind_of(point).amount(campaign, point)) for point in read]
    return Selection(campaign, grid, wanted, plan or Plan(campaign.name, campaign.seed))


def select(campaign: Campaign, folder: Path, extend: Mapping[str, float] | None = None) -> Selection:
    """Plan what a campaign still needs; reads the folder and writes nothing.

    Parameters
    ----------
    campaign : Campaign
    folder : Path
        Its results folder.
    extend : mapping, optional
        Longer durations Ωt to be remembered, by name of the point.

    Raises
    ------
    PlanError
        When the folder belongs to another campaign or seed, or cannot be read.
    CampaignError
        When a point to be extended is none of the campaign's.
    """
    plan = read_plan(folder, campaign.name, campaign.seed)
    plan = replace(plan, extended={**plan.extended, **(extend or {})})
    for kind in kinds():
        campaign = kind.with_durations(campaign, plan.extended, extend or {})
    resolved = resolve(campaign, plan)
    old = served_by(resolved.wanted, plan, lambda name: paths.shard(folder, name).exists())
    by_point = _by_point(old)
    missing = [
        (portion, want.point)
        for want in resolved.wanted
        for portion in missing_portions(want, by_point.get(want.name, []))
    ]
    resources = campaign.resources
    batches = {batch.name: batch for batch in make_batches(missing, 60 * resources.job_minutes * resources.ranks)}
    grown = replace(
        plan,
        points={**plan.points, **{want.name: want.point for want in resolved.wanted}},
        batches={**plan.batches, **batches},
    )
    served = old + [(name, portion) for name, batch in batches.items() for portion in batch.portions]
    new = [name for name in batches if name not in plan.batches]
    return replace(resolved, plan=grown, served=served, new=new)


def _by_point(served: list[Served]) -> dict[str, list[Served]]:
    result: dict[str, list[Served]] = {}
    for name, portion in served:
        result.setdefault(portion.point, []).append((name, portion))
    return result
