"""Which fields of a campaign are drawn to be looked at, and what that costs."""

import math
from typing import Any

from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.numerics import MODES_PER_DECADE
from fieldwalk.campaign.plan.selection import Selection
from fieldwalk.campaign.plan.task_cost import Speeds
from fieldwalk.campaign.points import EXACT, FieldPoint
from fieldwalk.campaign.values import AUTO

FEWEST_FIELDS = 64
"""Fields that are drawn at least: they are cheap, so that even a small campaign gets errors."""

POSITIONS_PER_FIELD = 64 * 65
"""Positions at which each field is evaluated."""

SCALE_RATIO = 1000.0
"""L_max/L_min of a campaign without paths, whose gyroradii would choose it."""


def field_points(selection: Selection) -> list[FieldPoint]:
    """Return the points whose fields are compared with theory: one per mode type, at the first eta with turbulence.

    At the lowest rigidity, where the spectrum is widest. Fields are those of the first kind of paths that the campaign
    has; without any, they are drawn as its section ``turbulence`` says.
    """
    etas = [eta for eta in selection.campaign.turbulence.etas if eta > 0]
    for found in selection.grid.values():
        here = [point for point in found if isinstance(point, FieldPoint) and point.eta in etas[:1]]
        if here:
            smallest = min(point.rigidity for point in here)
            return [point for point in here if point.rigidity == smallest]
    return [
        _plain_point(selection.campaign, mode_type, etas[0]) for mode_type in selection.campaign.turbulence.mode_types
    ]


def _plain_point(campaign: Campaign, mode_type: str, eta: float) -> FieldPoint:
    turbulence = campaign.turbulence
    ratio = SCALE_RATIO if turbulence.scale_ratio == AUTO else float(turbulence.scale_ratio)
    automatic = 2 * math.ceil(MODES_PER_DECADE * math.log10(ratio) / 2 - 1e-9)
    return FieldPoint(
        mode_type=mode_type,
        eta=eta,
        rigidity=0.0,
        spectrum=turbulence.spectrum_mapping(),
        slab_fraction=campaign.slab_fraction if mode_type == "composite" else None,
        scale_ratio=ratio,
        modes=automatic if turbulence.modes == AUTO else int(turbulence.modes),
        step=0.0,
        precision=EXACT,
        duration=0.0,
    )


def number_of_fields(campaign: Campaign) -> int:
    """Fields to draw of each point."""
    return max(campaign.statistics.realisations, FEWEST_FIELDS)


def content(selection: Selection) -> list[Any]:
    """What decides ``turbulence.nc``: the names of its points, and how many fields of each are drawn."""
    drawn = [[selection.name_of(point), point.scale_ratio] for point in field_points(selection)]
    return [drawn, number_of_fields(selection.campaign)]


def seconds(selection: Selection, speeds: Speeds) -> float:
    """Core-seconds of drawing and evaluating all of them."""
    drawn = field_points(selection)
    each = speeds.seconds_per_realisation + sum(
        point.modes * (speeds.seconds_per_mode + POSITIONS_PER_FIELD * speeds.seconds_per_wave) for point in drawn[:1]
    )
    return len(drawn) * number_of_fields(selection.campaign) * each
