"""Running diffusion coefficients against time, one column of panels for each mode type."""

import math

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fieldwalk.figures import selection, style

_LABELS = {
    "d_parallel": r"$d_\parallel\ \ [c\,L_\mathrm{c}]$",
    "d_perpendicular": r"$d_\perp\ \ [c\,L_\mathrm{c}]$",
}
_ISOTROPIC_LABEL = r"$d\ \ [c\,L_\mathrm{c}]$"
_PANELS_PER_ROW = 4
_BAND_OPACITY = 0.28
_MOST_LEGEND_ENTRIES = 6
# A noisy coefficient that tends to zero has no lowest value, so the length of the axis is limited to this.
_MOST_DECADES = 9.0
# Mean free paths are fitted from a quarter of the duration to its end, so the plateau is drawn there.
_FIT_START = 0.25


def running(dataset: xr.Dataset, mean_free_paths: xr.Dataset | None = None, *, eta: float) -> Figure:
    """Draw d_parallel (top) and d_perpendicular (bottom) against Omega t, a column for each mode type.

    Each rigidity has a colour, with a band of one standard error. Dotted: the ballistic d = v^2 t / 3, that is
    (r_g/L_c) Omega t / 3 in units of c L_c. Dashed: d = lambda / 3 of the mean free paths that have converged. Without
    a mean field, when both variables hold the same isotropic coefficient, there is one row.

    Parameters
    ----------
    dataset : xarray.Dataset
        `running.nc`: `d_parallel`, `d_perpendicular` (c L_c) with `_error`, of shape (mode_type, eta,
        rigidity, time).
    eta : float
        Turbulence level, one of those in the dataset.
    mean_free_paths : xarray.Dataset, optional
        `mean_free_paths.nc`, for the plateaus.

    Returns
    -------
    Figure
        Column width for one mode type, page width for more, at most four columns of panels.

    Raises
    ------
    DataError
        When the dataset lacks a variable or this eta; the message lists what it holds.

    Notes
    -----
    Values that are zero or negative because of noise leave a gap in the line on the logarithmic axis; the band still
    shows how large they may be.
    """
    needed = [name for kind in _LABELS for name in (kind, f"{kind}_error")]
    selection.require(dataset, [*needed, "mode_type", "eta", "rigidity", "time"], "running")
    data = selection.at_eta(dataset, eta, "running")
    kinds = dict(_LABELS)
    if selection.one_coefficient(data, eta, "d_parallel", "d_perpendicular"):
        kinds = {"d_parallel": _ISOTROPIC_LABEL}
    plateaus = None if mean_free_paths is None else _plateaus(data, mean_free_paths, eta)

    mode_types = [str(one) for one in data["mode_type"].values]
    bands = math.ceil(len(mode_types) / _PANELS_PER_ROW)
    columns = math.ceil(len(mode_types) / bands)
    with style.applied():
        width = style.COLUMN_WIDTH_IN if columns == 1 else style.PAGE_WIDTH_IN
        panel_height = 1.75 if columns <= 2 else 1.5
        figure = style.figure(width, bands * (len(kinds) * panel_height + 0.35) + 0.5)
        panels = figure.subplots(bands * len(kinds), columns, sharex=True, squeeze=False)
        for row, (kind, label) in enumerate(kinds.items()):
            limits = _limits(data, kind)
            for place in range(bands * columns):
                band, column = divmod(place, columns)
                axes = panels[band * len(kinds) + row, column]
                if place >= len(mode_types):
                    axes.remove()
                    continue
                if row == 0:
                    axes.set_title(style.mode_label(mode_types[place]))
                _panel(axes, data, mode_types[place], kind, limits, plateaus)
                axes.set_ylabel(label if column == 0 else "")
                axes.tick_params(labelleft=column == 0, labelbottom=row == len(kinds) - 1)
                axes.set_xlabel(r"$\Omega t$" if row == len(kinds) - 1 else "")
        _legend(figure, data, eta, plateaus is not None)
        return style.finish(figure)


def _limits(data: xr.Dataset, kind: str) -> tuple[float, float] | None:
    """Find limits for all mode types that hold every value above its noise, within some decades."""
    value, error = data[kind].values, data[f"{kind}_error"].values
    clear = np.where(value > 2.0 * np.nan_to_num(error), value, np.nan)
    limits = style.log_limits([clear])
    if limits is None:
        return None
    return max(limits[0], limits[1] * 10.0**-_MOST_DECADES), limits[1]


def _panel(
    axes: Axes,
    data: xr.Dataset,
    mode_type: str,
    kind: str,
    limits: tuple[float, float] | None,
    plateaus: xr.Dataset | None,
) -> None:
    chosen = data.sel(mode_type=mode_type)
    time = np.asarray(chosen["time"].values, dtype=np.float64)
    rigidities = [float(one) for one in chosen["rigidity"].values]
    colours = style.ordered_colours(len(rigidities))
    # With many rigidities the ballistic lines of the lowest and the highest suffice.
    ballistic = range(len(rigidities)) if len(rigidities) <= _MOST_LEGEND_ENTRIES else (0, len(rigidities) - 1)

    axes.set_xscale("log")
    reach = style.log_limits([time[np.isfinite(data["d_parallel"].values).any(axis=(0, 1))]], margin=0.02)
    axes.set_xlim(reach or (0.1, 10.0))
    style.log_ticks(axes.xaxis, reach or (0.1, 10.0))
    value = chosen[kind].transpose("rigidity", "time").values
    error = chosen[f"{kind}_error"].transpose("rigidity", "time").values
    if limits is None or not np.isfinite(value).any():
        style.note(axes, "no value")
    if limits is None:
        axes.set_yticks([])
        return
    axes.set_yscale("log")
    axes.set_ylim(limits)
    style.log_ticks(axes.yaxis, limits, labels=5)
    for place, rigidity in enumerate(rigidities):
        colour, mean, sigma = colours[place], value[place], error[place]
        axes.fill_between(
            time,
            np.maximum(mean - sigma, limits[0] / 10.0),
            np.maximum(mean + sigma, limits[0] / 10.0),
            where=np.isfinite(mean) & np.isfinite(sigma),
            color=colour,
            alpha=_BAND_OPACITY,
            linewidth=0.0,
            gid=f"band {kind} {mode_type} {rigidity:g}",
        )
        axes.plot(
            time,
            np.where(mean > 0.0, mean, np.nan),
            color=colour,
            gid=f"mean {kind} {mode_type} {rigidity:g}",
        )
        if place in ballistic:
            _ballistic(axes, time, mean, rigidity, colour)
        if plateaus is not None:
            _plateau(axes, plateaus.sel(mode_type=mode_type).isel(rigidity=place), kind)


def _ballistic(
    axes: Axes,
    time: NDArray[np.float64],
    mean: NDArray[np.float64],
    rigidity: float,
    colour: style.Colour,
) -> None:
    """Draw v^2 t / 3 up to where the running coefficient has visibly departed from it."""
    line = rigidity * time / 3.0
    highest = np.max(mean, initial=0.0, where=np.isfinite(mean))
    axes.plot(
        time,
        np.where(line < 3.0 * highest, line, np.nan),
        color=colour,
        linestyle=":",
        linewidth=0.8,
        zorder=1.5,
    )


def _plateaus(data: xr.Dataset, mean_free_paths: xr.Dataset, eta: float) -> xr.Dataset:
    """Select the converged lambda / 3 on the grid of the running coefficients (NaN where there is none)."""
    names = [f"{word}_{kind[2:]}" for kind in _LABELS for word in ("lambda", "converged")]
    selection.require(mean_free_paths, [*names, "duration"], "running")
    table = selection.at_eta(mean_free_paths, eta, "running")
    levels = {kind: (table[f"lambda_{kind[2:]}"] / 3.0).where(table[f"converged_{kind[2:]}"] == 1) for kind in _LABELS}
    plateaus = xr.Dataset({**levels, "duration": table["duration"]})
    return plateaus.reindex(mode_type=data["mode_type"], rigidity=data["rigidity"], method=None)


def _plateau(axes: Axes, point: xr.Dataset, kind: str) -> None:
    level, end = float(point[kind]), float(point["duration"])
    if not (math.isfinite(level) and math.isfinite(end) and level > 0.0):
        return
    axes.plot(
        [_FIT_START * end, end],
        [level, level],
        color="black",
        linestyle=(0, (3.0, 1.5)),
        linewidth=0.9,
        zorder=3,
        gid=f"plateau {kind}",
    )


def _legend(figure: Figure, data: xr.Dataset, eta: float, plateaus: bool) -> None:
    """Draw one legend above all panels; for many rigidities a colour bar replaces their entries."""
    rigidities = [float(one) for one in data["rigidity"].values]
    colours = style.ordered_colours(len(rigidities))
    lines = [Line2D([], [], color="0.3", linestyle=":", linewidth=0.8, label=r"ballistic, $v^2t/3$")]
    if plateaus:
        lines.append(
            Line2D([], [], color="black", linestyle=(0, (3.0, 1.5)), linewidth=0.9, label=r"plateau, $\lambda/3$")
        )
    title = rf"$\eta = {eta:g}$"
    narrow = figure.get_figwidth() < style.PAGE_WIDTH_IN
    if len(rigidities) > _MOST_LEGEND_ENTRIES:
        norm = BoundaryNorm(np.arange(len(rigidities) + 1) - 0.5, len(rigidities))
        scale = ScalarMappable(norm, ListedColormap(colours))
        bar = figure.colorbar(scale, ax=figure.axes, location="top", aspect=35 if narrow else 70, pad=0.015, shrink=0.9)
        every = math.ceil(len(rigidities) / (5 if narrow else 9))
        shown = range(0, len(rigidities), every)
        bar.set_ticks(list(shown), labels=[f"${style.number(rigidities[one], 2)}$" for one in shown], minor=False)
        bar.ax.tick_params(which="both", length=0.0)
        bar.ax.minorticks_off()
        bar.set_label(r"$r_\mathrm{g}/L_\mathrm{c}$")
        figure.legend(handles=lines, loc="outside upper center", ncols=len(lines), title=title)
        return
    entries = [
        Line2D([], [], color=colour, label=rf"$r_\mathrm{{g}}/L_\mathrm{{c}} = {style.number(rigidity)}$")
        for rigidity, colour in zip(rigidities, colours, strict=True)
    ]
    handles = entries + lines
    figure.legend(handles=handles, loc="outside upper center", ncols=min(len(handles), 2 if narrow else 4), title=title)
