"""What the heuristic model costs, and what to know of a point before it is made."""

from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.selection import Selection
from fieldwalk.campaign.plan.task_cost import Speeds
from fieldwalk.campaign.points import Point
from fieldwalk.campaign.price.campaign_price import reduction_seconds
from fieldwalk.particles.estimates import NEVER_PERPENDICULAR

POINT_OF_THE_MODEL = 0.6
"""What a point takes beside its reduction, in units of starting a job: every bootstrap sample is fitted."""


def seconds(selection: Selection, speeds: Speeds) -> float:
    """Core-seconds of the reduction and the fits."""
    fits = POINT_OF_THE_MODEL * len(selection.points("particles")) * speeds.seconds_per_stage
    return reduction_seconds(selection, speeds) + fits


def notes(campaign: Campaign, point: Point) -> list[str]:
    """Say which points of particles the model leaves out."""
    mode_type = point.coordinates.get("mode_type")
    if point.kind != "particles" or mode_type not in NEVER_PERPENDICULAR:
        return []
    return [f"{mode_type} turbulence has no perpendicular coefficient and so no heuristic model"]
