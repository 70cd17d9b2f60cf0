"""Mean free paths and their ratio against rigidity, one symbol for each mode type."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fieldwalk.figures import selection, style

_GUIDE_SLOPE = 1.0 / 3.0
_GUIDE_LABEL = r"$\propto r_\mathrm{g}^{1/3}$"
_NOTHING = "no converged value"
_ARROW = {
    "arrowstyle": "-|>,head_width=0.13,head_length=0.28",
    "linewidth": 0.8,
    "shrinkA": 0.0,
    "shrinkB": 0.0,
}


@dataclass(frozen=True)
class _Series:
    """One mode type in one panel; arrays of shape (rigidity,), NaN where there is nothing."""

    mode_type: str
    measured: NDArray[np.float64]
    error: NDArray[np.float64]
    last: NDArray[np.float64]
    last_is_upper_limit: bool


def mean_free_paths(dataset: xr.Dataset, eta: float) -> Figure:
    """Draw lambda_parallel, lambda_perpendicular and their ratio against r_g/L_c in three stacked panels.

    Filled symbols with error bars are converged values. A value that did not converge is an open symbol at
    the last running value: with an arrow downwards for perpendicular transport, whose running coefficient
    still falls, so that it is an upper limit. Its ratio is an upper limit too, given where lambda_parallel
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
        When the dataset lacks a variable or this eta.
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
    parallel = [_mean_free_path(data, one, "parallel") for one in mode_types]
    perpendicular = [_mean_free_path(data, one, "perpendicular") for one in mode_types]
    if selection.one_coefficient(data, eta, "lambda_parallel_last", "lambda_perpendicular_last"):
        content = [(r"$\lambda\ \ [L_\mathrm{c}]$", parallel, True)]
    else:
        ratio = [_ratio(data, *pair) for pair in zip(parallel, perpendicular, strict=True)]
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
            _panel(axes, rigidity, series, guide)
            axes.set_ylabel(label)
        style.log_ticks(panels[-1].xaxis, reach)
        panels[-1].set_xlabel(r"$r_\mathrm{g}/L_\mathrm{c}$")
        figure.align_ylabels(list(panels))
        _legend(figure, eta, mode_types, [series for _, all_series, _ in content for series in all_series])
        return style.finish(figure)


def _mean_free_path(data: xr.Dataset, mode_type: str, direction: str) -> _Series:
    chosen = data.sel(mode_type=mode_type)
    value = np.asarray(chosen[f"lambda_{direction}"].values, dtype=np.float64)
    # The flag rules: a finite number without it is not a measurement.
    converged = np.isfinite(value) & (np.nan_to_num(chosen[f"converged_{direction}"].values.astype(np.float64)) != 0.0)
    last = chosen[f"lambda_{direction}_last"].values
    if direction == "perpendicular":
        # d_perpendicular still falls, and the last value has its noise: two standard errors on top make a limit
        last = np.fmax(last, 0.0) + 2 * chosen[f"lambda_{direction}_last_error"].values
    return _Series(
        mode_type,
        np.where(converged, value, np.nan),
        np.where(converged, chosen[f"lambda_{direction}_error"].values, np.nan),
        np.where(converged, np.nan, last),
        direction == "perpendicular",
    )


def _ratio(data: xr.Dataset, parallel: _Series, perpendicular: _Series) -> _Series:
    chosen = data.sel(mode_type=parallel.mode_type)
    converged = np.isfinite(parallel.measured) & np.isfinite(perpendicular.measured)
    return _Series(
        parallel.mode_type,
        np.where(converged, chosen["lambda_ratio"].values, np.nan),
        np.where(converged, chosen["lambda_ratio_error"].values, np.nan),
        perpendicular.last / parallel.measured,
        True,
    )


def _panel(axes: Axes, rigidity: NDArray[np.float64], all_series: list[_Series], guide: bool) -> None:
    values = []
    for series in all_series:
        error = np.nan_to_num(series.error)
        # A bar that reaches towards zero must not drag the axis along: it leaves the frame.
        values += [
            series.last,
            series.measured + error,
            np.fmax(series.measured - error, 0.4 * series.measured),
        ]
    limits = style.log_limits(values)
    if limits is None:
        style.note(axes, _NOTHING)
        axes.set_yticks([])
        return
    axes.set_yscale("log")
    if guide:
        limits = _guide(axes, rigidity, all_series, limits)
    if not any(np.isfinite(series.measured).any() for series in all_series):
        limits = limits[0], limits[1] * (limits[1] / limits[0]) ** 0.25
        style.note(axes, _NOTHING, height=0.9)
    if any(series.last_is_upper_limit and np.isfinite(series.last).any() for series in all_series):
        limits = limits[0] * (limits[1] / limits[0]) ** -0.08, limits[1]
    arrow = (limits[1] / limits[0]) ** -0.09
    for series in all_series:
        _draw(axes, rigidity, series, arrow)
    axes.set_ylim(limits)
    style.log_ticks(axes.yaxis, limits, labels=5)


def _draw(axes: Axes, rigidity: NDArray[np.float64], series: _Series, arrow: float) -> None:
    colour, marker = style.mode_colour(series.mode_type), style.mode_marker(series.mode_type)
    if np.isfinite(series.measured).any():
        axes.plot(rigidity, series.measured, color=colour, linewidth=0.7, alpha=0.6)
        drawn = axes.errorbar(rigidity, series.measured, yerr=series.error, fmt=marker, color=colour, elinewidth=0.9)
        drawn.lines[0].set_gid(f"measured {series.mode_type}")
    open_ones = np.isfinite(series.last) & (series.last > 0.0)
    if not open_ones.any():
        return
    place, last = rigidity[open_ones], series.last[open_ones]
    if series.last_is_upper_limit:
        for one, value in zip(place, last, strict=True):
            ends = (one, value * arrow), (one, value)
            axes.annotate("", *ends, zorder=2.2, annotation_clip=True, arrowprops={**_ARROW, "color": colour})
    axes.plot(
        place,
        last,
        marker=marker,
        linestyle="none",
        color=colour,
        markerfacecolor="white",
        zorder=2.5,
        gid=f"unconverged {series.mode_type}",
    )


def _guide(
    axes: Axes, rigidity: NDArray[np.float64], all_series: list[_Series], limits: tuple[float, float]
) -> tuple[float, float]:
    """Draw the slope 1/3 over the lower half of the rigidities, clear of all data; return limits for it."""
    small = rigidity[rigidity < 1.0]
    if small.size < 2:
        return limits
    start, end = small[0], math.sqrt(small[0] * small[-1])
    near = rigidity <= end * (end / start) ** 0.3
    shown = np.concatenate(
        [(values / rigidity**_GUIDE_SLOPE)[near] for series in all_series for values in (series.measured, series.last)]
    )
    shown = shown[np.isfinite(shown) & (shown > 0.0)]
    if shown.size == 0:
        return limits
    clear = (limits[1] / limits[0]) ** 0.12
    above, below = shown.max() * clear, shown.min() / clear
    room_above = max(limits[1], above * end**_GUIDE_SLOPE * clear) / limits[1]
    room_below = limits[0] / min(limits[0], below * start**_GUIDE_SLOPE / clear)
    level, top = (above, True) if room_above <= room_below else (below, False)
    line = np.array([start, end])
    axes.plot(line, level * line**_GUIDE_SLOPE, color=style.GUIDE_COLOUR, linewidth=0.8, gid="guide")
    middle = math.sqrt(start * end)
    axes.annotate(
        _GUIDE_LABEL,
        (middle, level * middle**_GUIDE_SLOPE),
        (0.0, 3.0 if top else -3.0),
        textcoords="offset points",
        ha="right" if top else "left",
        va="bottom" if top else "top",
        color=style.GUIDE_COLOUR,
        fontsize=8.0,
    )
    return (limits[0], limits[1] * room_above) if top else (limits[0] / room_below, limits[1])


def _legend(figure: Figure, eta: float, mode_types: list[str], all_series: list[_Series]) -> None:
    handles = [style.mode_handle(one, linewidth=0.7) for one in mode_types]
    sign: dict[str, Any] = {"color": "0.3", "linestyle": "none"}
    if any(np.isfinite(series.last).any() for series in all_series):
        handles.append(Line2D([], [], marker="o", markerfacecolor="white", label="last running value", **sign))
    if any(series.last_is_upper_limit and np.isfinite(series.last).any() for series in all_series):
        handles.append(Line2D([], [], marker=r"$\downarrow$", label=r"upper limit, + 2$\sigma$", **sign))
    figure.legend(handles=handles, loc="outside upper center", ncols=2, title=rf"$\eta = {eta:g}$")
