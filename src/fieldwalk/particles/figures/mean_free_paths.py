"""Mean free paths and their ratio against rigidity, one symbol for each mode type."""

import math

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from fieldwalk.figures import selection, style
from fieldwalk.particles.figures import symbols


def mean_free_paths(dataset: xr.Dataset, eta: float) -> Figure:
    """Draw lambda_parallel, lambda_perpendicular and their ratio against r_g/L_c in three stacked panels.

    Filled symbols with error bars are converged values. A value that has not converged is an open symbol at the last
    running value. For perpendicular transport it has an arrow downwards, because the running coefficient still
    decreases and the value is an upper limit. Its ratio is then an upper limit too, given where lambda_parallel has
    converged. Grey: slope 1/3.

    Parameters
    ----------
    dataset : xarray.Dataset
        `mean_free_paths.nc`: `lambda_*`, `lambda_*_error`, `lambda_*_last` (L_c), `converged_*`,
        `lambda_ratio` and its error, of shape (mode_type, eta, rigidity).
    eta : float
        Turbulence level, one of those in the dataset.

    Returns
    -------
    Figure
        Column width. One panel when there is no mean field and both variables hold the one isotropic mean
        free path.

    Raises
    ------
    DataError
        When the dataset lacks a variable or this eta; the message lists what it holds.
    """
    directions = ("parallel", "perpendicular")
    words = ("lambda_{}", "lambda_{}_error", "lambda_{}_last", "converged_{}")
    needed = [word.format(direction) for direction in directions for word in words]
    selection.require(
        dataset,
        [*needed, "lambda_ratio", "lambda_ratio_error", "mode_type", "eta", "rigidity"],
        "mean_free_paths",
    )
    data = selection.at_eta(dataset, eta, "mean_free_paths")
    rigidity = np.asarray(data["rigidity"].values, dtype=np.float64)
    mode_types = [str(one) for one in data["mode_type"].values]
    parallel, perpendicular, ratio = (
        [
            symbols.series_of(data.sel(mode_type=one), variable, one, style.mode_colour(one), style.mode_marker(one))
            for one in mode_types
        ]
        for variable in ("lambda_parallel", "lambda_perpendicular", "lambda_ratio")
    )
    if selection.one_coefficient(data, eta, "lambda_parallel_last", "lambda_perpendicular_last"):
        content = [(r"$\lambda\ \ [L_\mathrm{c}]$", parallel, True)]
    else:
        content = [
            (r"$\lambda_\parallel\ \ [L_\mathrm{c}]$", parallel, True),
            (r"$\lambda_\perp\ \ [L_\mathrm{c}]$", perpendicular, True),
            (r"$\lambda_\perp/\lambda_\parallel$", ratio, False),
        ]
    with style.applied():
        height = 2.2 if len(content) == 1 else 1.75 * len(content)
        figure = style.figure(style.COLUMN_WIDTH_IN, height + 0.65 + 0.14 * math.ceil(len(mode_types) / 2))
        panels = figure.subplots(len(content), 1, sharex=True, squeeze=False)[:, 0]
        reach = style.log_limits([rigidity], margin=0.05) or (0.1, 10.0)
        for axes, (label, series, guide) in zip(panels, content, strict=True):
            axes.set_xscale("log")
            axes.set_xlim(reach)
            symbols.panel(axes, rigidity, series, guide=guide)
            axes.set_ylabel(label)
        style.log_ticks(panels[-1].xaxis, reach)
        panels[-1].set_xlabel(r"$r_\mathrm{g}/L_\mathrm{c}$")
        figure.align_ylabels(list(panels))
        _legend(figure, eta, mode_types, [series for _, all_series, _ in content for series in all_series])
        return style.finish(figure)


def _legend(figure: Figure, eta: float, mode_types: list[str], all_series: list[symbols.Series]) -> None:
    handles = [style.mode_handle(one, linewidth=0.7) for one in mode_types] + symbols.open_symbols(all_series)
    figure.legend(handles=handles, loc="outside upper center", ncols=2, title=rf"$\eta = {eta:g}$")
