"""From a campaign and its results folder to the batches that serve it: those already frozen, and the new ones."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from fieldwalk.campaign import paths
from fieldwalk.campaign.batching import make_batches
from fieldwalk.campaign.coverage import Served, Wanted, missing_portions, served_by
from fieldwalk.campaign.fields import nearest
from fieldwalk.campaign.grid import Point, line_points, point_name, points
from fieldwalk.campaign.identity import point_id
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan import Plan, read_plan
from fieldwalk.campaign.time_grid import LINE_GRID, PARTICLE_GRID, steps_to
from fieldwalk.campaign.work import field_work
from fieldwalk.errors import CampaignError


@dataclass(frozen=True)
class Selection:
    """What a campaign needs of its results folder.

    Attributes
    ----------
    campaign : Campaign
        As asked for, with the longer durations that its folder has been asked for.
    plan : Plan
        With the new batches appended; not written yet.
    served : list of (batch name, Portion)
        Every portion that serves the campaign, in the order of the plan.
    new : list of str
        Batches that were not frozen before.
    """

    campaign: Campaign
    plan: Plan
    served: list[Served]
    new: list[str]

    @property
    def batches(self) -> list[str]:
        """Names of the batches that serve the campaign, in the order of the plan."""
        return list(dict.fromkeys(name for name, _ in self.served))


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
    campaign = _with_extensions(campaign, plan.extended, extend or {})
    grid = followed_points(campaign)
    wanted = [wanted_of(campaign, point) for point in grid]
    old = served_by(wanted, plan, lambda name: paths.shard(folder, name).exists())
    by_point = _by_point(old)
    missing = [
        (portion, want.work) for want in wanted for portion in missing_portions(want, by_point.get(want.point, []))
    ]
    resources = campaign.resources
    batches = {batch.name: batch for batch in make_batches(missing, 60 * resources.job_minutes * resources.ranks)}
    grown = replace(
        plan,
        points={**plan.points, **{point_id(point): asdict(point) for point in grid}},
        batches={**plan.batches, **batches},
    )
    served = old + [(name, portion) for name, batch in batches.items() for portion in batch.portions]
    return Selection(campaign, grown, served, [name for name in batches if name not in plan.batches])


def followed_points(campaign: Campaign) -> list[Point]:
    """Points of particles, then of field lines, as far as any output needs them."""
    particles = points(campaign) if campaign.computes_moments else []
    return particles + (line_points(campaign) if campaign.computes_lines else [])


def _with_extensions(campaign: Campaign, kept: Mapping[str, float], asked: Mapping[str, float]) -> Campaign:
    """The campaign with the longer durations of its own points; those kept for points it no longer has mean nothing."""
    if not (campaign.particles.extended or kept or asked):
        return campaign
    names = {point_name(point.mode_type, point.eta, point.rigidity) for point in points(campaign)}
    given = campaign.particles.extended
    if unknown := sorted({*given, *asked} - names):
        guess = nearest(unknown[0], names)
        raise CampaignError(
            f"particles.extended: {unknown[0]} is no point of campaign {campaign.name};"
            f" {f'did you mean {guess}?' if guess else 'its points are ' + ', '.join(sorted(names))}"
        )
    extended = {name: time for name, time in _longest(given, kept).items() if name in names}
    particles = campaign.particles.model_copy(update={"extended": extended})
    return campaign.model_copy(update={"particles": particles})


def _longest(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {name: max(one.get(name, 0.0), other.get(name, 0.0)) for name in [*one, *(n for n in other if n not in one)]}


def wanted_of(campaign: Campaign, point: Point) -> Wanted:
    """Amount of work that the campaign wants of a point."""
    paths_per_field = campaign.statistics.particles_per_realisation
    if point.is_field_line and campaign.field_lines:
        paths_per_field = campaign.field_lines.lines_per_realisation
    return Wanted(
        point_id(point),
        field_work(point),
        campaign.statistics.realisations,
        paths_per_field,
        steps_to(point.duration, point.step, LINE_GRID if point.is_field_line else PARTICLE_GRID),
    )


def portions_by_point(selection: Selection) -> dict[str, list[Served]]:
    """Every (batch, portion) that serves each point, in the order of the plan."""
    return _by_point(selection.served)


def _by_point(served: list[Served]) -> dict[str, list[Served]]:
    result: dict[str, list[Served]] = {}
    for name, portion in served:
        result.setdefault(portion.point, []).append((name, portion))
    return result
