"""From drawn fields to ``turbulence.nc``."""

import xarray as xr

from fieldwalk.drawn_fields.fields import field_points, number_of_fields
from fieldwalk.drawn_fields.statistics import field_statistics
from fieldwalk.jobs.context import Context


def turbulence(context: Context) -> xr.Dataset:
    """Spectrum and correlation of drawn fields beside theory."""
    campaign = context.campaign
    return field_statistics(field_points(context.selection), campaign.seed, number_of_fields(campaign))
