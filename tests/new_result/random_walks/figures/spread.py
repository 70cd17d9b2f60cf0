"""Spread of random walks against the number of steps."""

import xarray as xr
from matplotlib.figure import Figure

from fieldwalk.figures import selection, style


def walk_spread(dataset: xr.Dataset) -> Figure:
    """Draw the mean square displacement against the number of steps."""
    selection.require(dataset, ["mean_square", "mean_square_error", "step"], "walk_spread")
    with style.applied():
        figure = style.figure(style.COLUMN_WIDTH_IN, 2.5)
        axes = figure.subplots()
        for scenario in dataset["scenario"].values:
            row = dataset.sel(scenario=scenario)
            axes.errorbar(row["step"], row["mean_square"], yerr=row["mean_square_error"], label=str(scenario))
        axes.set_xlabel("steps")
        axes.set_ylabel(r"$\langle x^2\rangle\ \ [L_\mathrm{c}^2]$")
        axes.legend()
        return style.finish(figure)
