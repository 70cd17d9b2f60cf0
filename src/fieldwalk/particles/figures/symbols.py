"""Values against rigidity: filled symbols for what converged, open ones for what did not, and a guide of slope 1/3."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fieldwalk.figures import style
from fieldwalk.particles.scaling import converged

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
class Series:
    """One curve of a panel with its colour and marker; arrays of shape (rigidity,), NaN where there is no value."""

    name: str
    colour: style.Colour
    marker: str
    measured: NDArray[np.float64]
    error: NDArray[np.float64]
    last: NDArray[np.float64]
    last_is_upper_limit: bool


def series_of(curve: xr.Dataset, variable: str, name: str, colour: style.Colour, marker: str) -> Series:
    """Select one curve of `mean_free_paths.nc` at one mode type and eta.

    A value that has not converged is given by the last running value. For perpendicular transport, whose running
    coefficient still decreases, two standard errors are added, which makes it an upper limit. The ratio is then an
    upper limit too, given where lambda_parallel has converged.

    Parameters
    ----------
    curve : xarray.Dataset
    variable : str
        `lambda_parallel`, `lambda_perpendicular` or `lambda_ratio`.
    name : str
        Name of the curve, for the identifiers of what is drawn.
    colour, marker
        Colour and marker of the symbols.
    """
    value, error = converged(curve, variable)
    if variable == "lambda_ratio":
        across = series_of(curve, "lambda_perpendicular", name, colour, marker)
        last = across.last / converged(curve, "lambda_parallel")[0]
    else:
        last = np.asarray(curve[f"{variable}_last"].values, dtype=np.float64)
        if variable == "lambda_perpendicular":
            last = np.fmax(last, 0.0) + 2 * curve[f"{variable}_last_error"].values
        last = np.where(np.isfinite(value), np.nan, last)
    return Series(name, colour, marker, value, error, last, variable != "lambda_parallel")


def panel(
    axes: Axes, rigidity: NDArray[np.float64], all_series: list[Series], *, guide: bool, joined: bool = True
) -> None:
    """Draw all series of one panel, with limits and ticks of its vertical axis.

    Parameters
    ----------
    axes : Axes
        With its horizontal axis set up.
    rigidity : array, shape (rigidity,)
        r_g/L_c, rising.
    all_series : list of Series
    guide : bool
        Whether to draw the slope 1/3.
    joined : bool
        Whether a thin line joins neighbouring values.
    """
    values = []
    for series in all_series:
        error = np.nan_to_num(series.error)
        # An error bar that reaches towards zero does not extend the axis, but is cut at its end.
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
        _draw(axes, rigidity, series, arrow, joined)
    axes.set_ylim(limits)
    style.log_ticks(axes.yaxis, limits, labels=5)


def open_symbols(all_series: list[Series]) -> list[Line2D]:
    """Legend entries of values that have not converged, if there are any."""
    sign: dict[str, Any] = {"color": "0.3", "linestyle": "none"}
    open_ones = [series for series in all_series if np.isfinite(series.last).any()]
    handles = []
    if open_ones:
        handles.append(Line2D([], [], marker="o", markerfacecolor="white", label="last running value", **sign))
    if any(series.last_is_upper_limit for series in open_ones):
        handles.append(Line2D([], [], marker=r"$\downarrow$", label=r"upper limit, + 2$\sigma$", **sign))
    return handles


def _draw(axes: Axes, rigidity: NDArray[np.float64], series: Series, arrow: float, joined: bool) -> None:
    colour, marker = series.colour, series.marker
    if np.isfinite(series.measured).any():
        if joined:
            axes.plot(rigidity, series.measured, color=colour, linewidth=0.7, alpha=0.6)
        drawn = axes.errorbar(rigidity, series.measured, yerr=series.error, fmt=marker, color=colour, elinewidth=0.9)
        drawn.lines[0].set_gid(f"measured {series.name}")
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
        gid=f"unconverged {series.name}",
    )


def _guide(
    axes: Axes, rigidity: NDArray[np.float64], all_series: list[Series], limits: tuple[float, float]
) -> tuple[float, float]:
    """Draw the slope 1/3 over the lower half of the rigidities, away from all data; return the limits it needs."""
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
