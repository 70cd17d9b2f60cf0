"""The heuristic model of perpendicular transport compared with the simulation."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from fieldwalk.figures import selection, style
from fieldwalk.heuristic.point import COMPARED_FROM, LARGEST_RIGIDITY

Floats = NDArray[np.float64]

VARIANTS: dict[str, tuple[Any, float]] = {"compound": ("-", 1.1), "published": ((0, (4.0, 2.0)), 0.7)}
"""Line style and width of each variant of the model."""

MOST_CURVES = 5
BAND_OPACITY = 0.3
RESIDUAL_LIMIT = 0.6
TARGET = 0.1
# A d_perpendicular that vanishes in its noise has no lowest value, so the model determines the axis.
ROOM = 2.0
LARGEST_NOISE = 0.3
LOWEST = 1e-12
"""Replaces zero on a logarithmic axis."""

COLUMN_IN = 2.15


def heuristic(dataset: xr.Dataset, eta: float) -> Figure:
    """Draw simulated and modelled d_perpendicular against Omega t, and simulated/modelled - 1 below.

    One column for each mode type that has a model. Bands: one standard error of the simulation. Solid: the model
    `compound`; dashed: the model as published; each has its own reach a, fitted to the point. Circles: Omega t_dec of
    the model `compound`, about which particles leave their lines. The figure begins at Omega t = 20, where the gyration
    is over, and shows rigidities at which particles can follow field lines. Lower panels: residuals where the
    simulation is known to 30 per cent; grey: 10 per cent.

    Parameters
    ----------
    dataset : xarray.Dataset
        `heuristic.nc`.
    eta : float

    Returns
    -------
    Figure
        At most five rigidities, evenly chosen.

    Raises
    ------
    DataError
        When the dataset lacks a variable or this eta.
    """
    names = [f"d_perpendicular_{what}{end}" for what in ("simulated", "modelled") for end in ("", "_error")]
    names += ["decorrelation_time", "reach", "mode_type", "eta", "rigidity", "time", "variant"]
    selection.require(dataset, names, "heuristic")
    data = selection.with_numbers(selection.at_eta(dataset, eta, "heuristic"), "d_perpendicular_modelled")
    data = data.sel(time=data["time"] >= COMPARED_FROM * (1 - 1e-9), rigidity=data["rigidity"] < LARGEST_RIGIDITY)
    data = data.isel(rigidity=evenly_chosen(data.sizes["rigidity"], MOST_CURVES))
    mode_types = [str(one) for one in data["mode_type"].values]
    colours = style.ordered_colours(data.sizes["rigidity"])
    with style.applied():
        figure = style.figure(style.width_of_columns(len(mode_types), COLUMN_IN), 4.4)
        panels = figure.subplots(2, len(mode_types), squeeze=False, sharex="col", sharey="row", height_ratios=[2, 1])
        for (upper, lower), mode_type in zip(panels.T, mode_types, strict=True):
            here = data.sel(mode_type=mode_type)
            upper.set_title(style.mode_label(mode_type))
            if not np.isfinite(here["d_perpendicular_modelled"].values).any():
                style.note(upper, "no model")
            for number, colour in enumerate(colours):
                _curve(upper, lower, here.isel(rigidity=number), colour)
            _frame(upper, lower, here)
        shown = data["d_perpendicular_modelled"].sel(variant="compound").values
        limits = style.log_limits([shown]) or (1e-3, 1.0)
        panels[0, 0].set(yscale="log", ylim=(limits[0] / ROOM, limits[1] * ROOM))
        panels[0, 0].set_ylabel(r"$d_\perp\ \ [c\,L_\mathrm{c}]$")
        panels[1, 0].set(ylim=(-RESIDUAL_LIMIT, RESIDUAL_LIMIT), ylabel="simulation/model $-$ 1")
        _legend(figure, data["rigidity"].values, colours, eta)
        return style.finish(figure)


def evenly_chosen(size: int, most: int) -> NDArray[np.int64]:
    """At most ``most`` indices below ``size``, evenly distributed.

    Examples
    --------
    >>> evenly_chosen(9, 3)
    array([0, 4, 8])
    """
    return np.unique(np.linspace(0, size - 1, min(size, most)).round().astype(np.int64))


def _curve(upper: Axes, lower: Axes, point: xr.Dataset, colour: style.Colour) -> None:
    time = point["time"].values
    value, error = (point[f"d_perpendicular_simulated{end}"].values for end in ("", "_error"))
    low, high = np.maximum(value - error, LOWEST), np.maximum(value + error, LOWEST)
    upper.fill_between(time, low, high, color=colour, alpha=BAND_OPACITY, linewidth=0.0)
    for variant, (line, width) in VARIANTS.items():
        one = point.sel(variant=variant)
        modelled = one["d_perpendicular_modelled"].values
        looks: dict[str, Any] = {"color": colour, "linestyle": line, "linewidth": width}
        upper.plot(time, modelled, gid=f"{variant} {float(point['rigidity']):g}", **looks)
        known = np.where(error < LARGEST_NOISE * np.abs(value), value, np.nan)
        lower.plot(time, known / modelled - 1, **looks)
        if variant == "compound" and np.isfinite(modelled).any():
            moment = float(one["decorrelation_time"])
            at = np.interp(np.log(moment), np.log(time), modelled)
            if time[0] < moment < time[np.isfinite(modelled)].max():
                upper.plot([moment], [at], marker="o", markersize=4.0, markerfacecolor="white", color=colour)


def _frame(upper: Axes, lower: Axes, data: xr.Dataset) -> None:
    time = data["time"].values
    reached = data["d_perpendicular_simulated"].notnull().any("rigidity").values
    limits = style.log_limits([time[reached]], margin=0.02) or (COMPARED_FROM, 1e3)
    lower.set(xscale="log", xlim=limits, xlabel=r"$\Omega t$")
    style.log_ticks(lower.xaxis, limits, labels=4)
    lower.axhspan(-TARGET, TARGET, color="0.9", zorder=0)
    lower.axhline(0.0, color="0.4", linewidth=0.6)


def _legend(figure: Figure, rigidities: Floats, colours: list[style.Colour], eta: float) -> None:
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=colour, label=f"${style.number(float(one))}$")
        for one, colour in zip(rigidities, colours, strict=True)
    ]
    grey = style.GUIDE_COLOUR
    handles += [
        Line2D([], [], color=grey, linestyle=line, linewidth=width, label=f"model, {variant}")
        for variant, (line, width) in VARIANTS.items()
    ]
    handles.append(Patch(color=grey, alpha=BAND_OPACITY, label="simulation"))
    title = rf"$\eta = {eta:g}$, by $r_\mathrm{{g}}/L_\mathrm{{c}}$"
    figure.legend(handles=handles, loc="outside upper center", ncols=4, title=title)
