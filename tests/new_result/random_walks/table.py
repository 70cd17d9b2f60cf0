"""The table of ``walk_spread.nc``."""

from fieldwalk.io.schema import Table, with_error

WALK_SPREAD = Table(
    {
        **with_error(("scenario", "step"), "L_c^2", "mean_square", "mean square displacement"),
        "correlation_length": ((), "L_c", "correlation length that was measured on drawn fields"),
    },
    {"scenario": ("1", "kind of random walk"), "step": ("1", "number of steps")},
)
