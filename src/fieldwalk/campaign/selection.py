"""From a campaign and its results folder to the batches that serve it: those already frozen, and the new ones."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from fieldwalk.campaign import paths
from fieldwalk.campaign.batching import make_batches
from fieldwalk.campaign.coverage import Served, Wanted, missing_portions, served_by
from fieldwalk.campaign.grid import Point, points
from fieldwalk.campaign.identity import point_id
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan import Plan, read_plan
from fieldwalk.campaign.time_grid import steps_to


@dataclass(frozen=True)
class Selection:
    """What a campaign needs of its results folder.

    Attributes
    ----------
    plan : Plan
        With the new batches appended; not written yet.
    served : list of (batch name, Portion)
        Every portion that serves the campaign, in the order of the plan.
    new : list of str
        Batches that were not frozen before.
    """

    plan: Plan
    served: list[Served]
    new: list[str]

    @property
    def batches(self) -> list[str]:
        """Names of the batches that serve the campaign, in the order of the plan."""
        return list(dict.fromkeys(name for name, _ in self.served))


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
    old = served_by(wanted, plan, lambda name: paths.shard(folder, name).exists())
    by_point = _by_point(old)
    missing = [
        (portion, want.modes) for want in wanted for portion in missing_portions(want, by_point.get(want.point, []))
    ]
    resources = campaign.resources
    batches = {batch.name: batch for batch in make_batches(missing, 60 * resources.job_minutes * resources.ranks)}
    grown = replace(
        plan,
        points={**{point_id(point): asdict(point) for point in grid}, **plan.points},
        batches={**plan.batches, **batches},
    )
    served = old + [(name, portion) for name, batch in batches.items() for portion in batch.portions]
    return Selection(grown, served, [name for name in batches if name not in plan.batches])


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


def portions_by_point(selection: Selection) -> dict[str, list[Served]]:
    """Every (batch, portion) that serves each point, in the order of the plan."""
    return _by_point(selection.served)


def _by_point(served: list[Served]) -> dict[str, list[Served]]:
    result: dict[str, list[Served]] = {}
    for name, portion in served:
        result.setdefault(portion.point, []).append((name, portion))
    return result
