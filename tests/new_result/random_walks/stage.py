"""From the shards of random walks to ``walk_spread.nc``."""

import numpy as np
import xarray as xr
from fieldwalk.random_walks.points import STEPS
from fieldwalk.random_walks.table import WALK_SPREAD

from fieldwalk.io import schema
from fieldwalk.jobs.context import Context
from fieldwalk.jobs.shards_read import stored_portions


def walk_spread(context: Context) -> xr.Dataset:
    """Mean square displacement against the number of steps, beside the correlation length of drawn fields."""
    wanted = context.selection.wanted_of("random_walks")
    names = [str(want.point.coordinates["scenario"]) for want in wanted]
    dataset = schema.empty(WALK_SPREAD, {"scenario": names, "step": np.arange(1.0, STEPS + 1)})
    for number, want in enumerate(wanted):
        stored = stored_portions(context.folder, want, context.serving(want.name), {"square"})
        squares = np.concatenate(
            [arrays["square"][rows - portion.realisations[0]] for portion, rows, arrays, _ in stored]
        )
        dataset["mean_square"][number] = squares.mean(axis=0)
        dataset["mean_square_error"][number] = squares.std(axis=0, ddof=1) / np.sqrt(len(squares))
    drawn = context.dataset("walk_spread", "turbulence")
    dataset["correlation_length"][...] = float(drawn["measured_length"].mean())
    return dataset
