"""From the shards of field lines to ``field_lines.nc``, and a few lines for the eye."""

import logging
from collections.abc import Callable

import numpy as np
import xarray as xr

from fieldwalk.field_lines.collect import LineMoments, collect_lines
from fieldwalk.field_lines.dataset import WEAK_FIELD, field_line_dataset
from fieldwalk.field_lines.points import trace_points
from fieldwalk.field_lines.task import WAYS
from fieldwalk.field_lines.traces import line_traces as follow
from fieldwalk.jobs.context import Context

Lines = Callable[[str, float], LineMoments]
"""Gives the moments of the field lines of a mode type and eta."""

logger = logging.getLogger(__name__)


def line_moments(context: Context) -> Lines:
    """A way to the moments of the field lines of a mode type and eta."""
    selection = context.selection
    pairs = zip(selection.points("field_lines"), selection.wanted_of("field_lines"), strict=True)
    by_place = {(point.mode_type, point.eta): want for point, want in pairs}

    def moments(mode_type: str, eta: float) -> LineMoments:
        want = by_place[mode_type, eta]
        return collect_lines(context.folder, want, context.serving(want.name))

    return moments


def field_lines(context: Context) -> xr.Dataset:
    """Diffusion of the field lines of every type and level."""
    campaign, points = context.campaign, context.selection.points("field_lines")
    dataset = field_line_dataset(
        list(campaign.turbulence.mode_types),
        list(campaign.turbulence.etas),
        line_moments(context),
        campaign.seed,
        lengths={(point.mode_type, point.eta): point.duration for point in points},
        spectrum=campaign.spectrum,
        scale_ratio=points[0].scale_ratio,
        slab_fraction=campaign.slab_fraction,
    )
    for way in WAYS:
        converged = dataset[f"converged_{way}"]
        logger.info("diffusion in %s: %d of %d converged", way, int(converged.sum()), converged.size)
        for place, reason in dataset[f"reason_{way}"].to_series().items():
            if reason:
                logger.info("not converged in %s: %s, eta = %g: %s", way, *place, reason)
    met = int(np.nansum(dataset["weak_field_lines"]))
    logger.info("lines that met |B| < %g B_tot: %d of %d", WEAK_FIELD, met, int(dataset["lines"].sum()))
    return dataset


def line_traces(context: Context) -> xr.Dataset:
    """A few field lines in full."""
    return follow(trace_points(context.selection.points("field_lines")), context.campaign.seed)
