"""The tables of the datasets, by the names of their stages."""

from typing import Any

import xarray as xr

from fieldwalk.campaign.rows import load
from fieldwalk.campaign.stage_table import STAGES
from fieldwalk.io import schema


def table(stage: str) -> schema.Table:
    """Table of the dataset of a stage."""
    found: schema.Table = load(STAGES[stage].table)
    return found


def empty(stage: str, coordinates: dict[str, Any]) -> xr.Dataset:
    """The dataset of a stage with nothing in it."""
    return schema.empty(table(stage), coordinates)
