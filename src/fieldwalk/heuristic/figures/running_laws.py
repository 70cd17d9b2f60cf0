"""Broken power laws fitted to the running coefficients that the heuristic model uses."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fieldwalk.figures import selection, style
from fieldwalk.heuristic.figures.perpendicular import evenly_chosen
from fieldwalk.heuristic.point import GYRATION_OVER
from fieldwalk.statistics import broken_power_law

Floats = NDArray[np.float64]

MOST_CURVES = 5
RESIDUAL_LIMIT = 0.3
TARGET = 0.1
COLUMN_IN = 2.15
LINE_COLOURS = {"compound": "#000000", "published": "#D55E00"}
LINE_LABELS = {"compound": r"lines, own distance, averaged", "published": r"lines, $\zeta=B_0\tau$"}


def running_laws(dataset: xr.Dataset, eta: float) -> Figure:
    """Draw running coefficients of field lines and of particles along the field with the laws fitted to them.

    One column for each mode type that has a model. Upper half: d_line against zeta, once with zeta the root mean square
    distance of the lines averaged over Gaussian arc lengths, and once with zeta = B0 tau. Lower half: d_parallel
    against time for some rigidities, from the end of the gyration on. Bands: one standard error; lines: laws. Below
    each: the residual data/law - 1; grey: 10 per cent.

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
    names = [f"{name}{end}" for name in ("d_line", "d_parallel") for end in ("_simulated", "_simulated_error", "_law")]
    selection.require(dataset, [*names, "mode_type", "eta", "rigidity", "time", "zeta", "variant"], "running_laws")
    data = selection.with_numbers(selection.at_eta(dataset, eta, "running_laws"), "d_line_simulated")
    data = data.isel(rigidity=evenly_chosen(data.sizes["rigidity"], MOST_CURVES))
    mode_types = [str(one) for one in data["mode_type"].values]
    rigidities = np.asarray(data["rigidity"].values, dtype=np.float64)
    colours = style.ordered_colours(rigidities.size)
    with style.applied():
        figure = style.figure(style.width_of_columns(len(mode_types), COLUMN_IN), 6.6)
        rows = figure.subplots(4, len(mode_types), squeeze=False, sharey="row", height_ratios=[2, 1, 2, 1])
        for column, mode_type in zip(rows.T, mode_types, strict=True):
            here = data.sel(mode_type=mode_type)
            column[0].set_title(style.mode_label(mode_type))
            for upper, lower in (column[:2], column[2:]):
                lower.sharex(upper)
                lower.set(xscale="log")
                upper.tick_params(labelbottom=False)
            for variant, line_colour in LINE_COLOURS.items():
                one = here.sel(variant=variant)
                _curve(column[0], column[1], one["zeta"].values, one, "d_line", line_colour)
            for rigidity, colour in zip(rigidities, colours, strict=True):
                one = here.sel(rigidity=rigidity)
                one = one.sel(time=one["time"] >= GYRATION_OVER * (1 - 1e-9))
                _curve(column[2], column[3], one["time"].values * rigidity, one, "d_parallel", colour)
            for axes, label in ((column[1], r"$\zeta\ \ [L_\mathrm{c}]$"), (column[3], r"$t\ \ [L_\mathrm{c}/c]$")):
                axes.set_xlabel(label)
        rows[0, 0].set_ylabel(r"$d_\mathrm{line}\ \ [L_\mathrm{c}]$")
        rows[2, 0].set_ylabel(r"$d_\parallel\ \ [c\,L_\mathrm{c}]$")
        for row in (rows[0], rows[2]):
            shown = [np.asarray(line.get_ydata(), dtype=np.float64) for axes in row for line in axes.get_lines()]
            limits = style.log_limits(shown) or (1e-3, 1.0)
            row[0].set(yscale="log", ylim=limits)
            style.log_ticks(row[0].yaxis, limits)
        for row in (rows[1], rows[3]):
            row[0].set(ylabel="data/law $-$ 1", ylim=(-RESIDUAL_LIMIT, RESIDUAL_LIMIT))
        for axes in np.concatenate([rows[1], rows[3]]):
            style.log_ticks(axes.xaxis, axes.get_xlim(), labels=4)
        if not np.isfinite(data["d_line_simulated"].values).any():
            for axes in (*rows[0], *rows[2]):
                style.note(axes, "no model")
        handles = [Line2D([], [], color=colour, label=LINE_LABELS[one]) for one, colour in LINE_COLOURS.items()]
        handles += [
            Line2D([], [], color=colour, label=f"${style.number(one)}$")
            for one, colour in zip(map(float, rigidities), colours, strict=True)
        ]
        title = rf"$\eta = {eta:g}$; particles by $r_\mathrm{{g}}/L_\mathrm{{c}}$"
        figure.legend(handles=handles, loc="outside upper center", ncols=4, title=title)
        return style.finish(figure)


def _curve(upper: Axes, lower: Axes, x: Floats, one: xr.Dataset, name: str, colour: style.Colour) -> None:
    value, error = (one[f"{name}_simulated{end}"].values for end in ("", "_error"))
    known = np.isfinite(value) & (value > 0)
    low, high = np.maximum(value - error, 1e-12), value + error
    upper.fill_between(x[known], low[known], high[known], color=colour, alpha=0.35, linewidth=0.0)
    law = np.asarray(one[f"{name}_law"].values, dtype=np.float64)
    law = law[np.isfinite(law)]
    if law.size and known.any():
        fitted = broken_power_law.value(x, law)
        upper.plot(x[known], fitted[known], color=colour, linewidth=0.9, gid=f"law {name}")
        lower.plot(x[known], (value / fitted - 1)[known], color=colour, linewidth=0.7)
    lower.axhspan(-TARGET, TARGET, color="0.9", zorder=0)
