"""The running diffusion of field lines, one column for each type of turbulence."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fieldwalk.figures import selection, style

Floats = NDArray[np.float64]

WAYS = ("distance", "arc_length", "tau")
MOST_LABELLED = 4
"""Number of columns beyond which labels would overlap; the middle column then has the label of all."""

LARGEST_SPREAD = 0.4
"""Standard error beyond which a local exponent is not drawn."""

LABELS = (
    r"$z=B_0\tau\ \ [L_\mathrm{c}]$",
    r"$s$ (line) $[L_\mathrm{c}]$, $\tau$ (dots) $[L_\mathrm{c}/B_\mathrm{tot}]$",
    r"$z\ \ [L_\mathrm{c}]$",
)
"""Coordinates against which the panels of a column show their coefficient."""


def field_lines(dataset: xr.Dataset) -> Figure:
    """Draw D over (dB/B0)^2 against distance, D against arc length and tau, and the local exponent of <dr_perp^2>.

    Parameters
    ----------
    dataset : xarray.Dataset
        `field_lines.nc`: `d_perpendicular_<way>` and errors, `local_exponent_distance`, and `quasi_linear`, of shape
        (mode_type, eta, <way>).

    Returns
    -------
    Figure
        One column for each type of turbulence, colours by level. First row, dashed grey: quasi-linear theory. Last row,
        shaded: exponents below one, where lines spread subdiffusively.

    Raises
    ------
    DataError
        When the dataset lacks a variable; make it again with this version.
    """
    names = [name for way in WAYS for name in (f"d_perpendicular_{way}", f"d_perpendicular_{way}_error")]
    names += ["local_exponent_distance", "local_exponent_distance_error", "quasi_linear"]
    selection.require(dataset, names, "field_lines")
    dataset = dataset.sortby("eta")
    mode_types = [str(one) for one in dataset["mode_type"].values]
    etas = np.asarray(dataset["eta"].values, dtype=np.float64)
    colours = style.ordered_colours(etas.size)
    with style.applied():
        figure = style.figure(style.width_of_columns(len(mode_types), 2.2), 6.2)
        panels = figure.subplots(3, len(mode_types), squeeze=False, sharey="row")
        crowded = len(mode_types) > MOST_LABELLED
        for place, (column, mode_type) in enumerate(zip(panels.T, mode_types, strict=True)):
            data = dataset.sel(mode_type=mode_type)
            column[0].set_title(style.mode_label(mode_type), fontsize=6.5 if crowded else None)
            for number, eta in enumerate(etas):
                here = data.sel(eta=eta)
                if eta < 1:
                    _curve(column[0], here, "distance", colours[number], eta / (1 - eta))
                    spread = here["local_exponent_distance_error"]
                    exponent = here["local_exponent_distance"].where(spread < LARGEST_SPREAD)
                    column[2].semilogx(here["distance"], exponent, color=colours[number], linewidth=0.9)
                _curve(column[1], here, "arc_length", colours[number], 1.0)
                tau = here["d_perpendicular_tau"]
                tau = tau.where(tau > here["d_perpendicular_tau_error"])
                column[1].plot(here["tau"], tau, color=colours[number], linestyle=":", linewidth=1.0)
            weak = data.sel(eta=etas[etas < 1].min()) if np.any(etas < 1) else None
            if weak is not None:
                level = float(weak["eta"]) / (1 - float(weak["eta"]))
                column[0].plot(weak["distance"], weak["quasi_linear"] / level, color=style.GUIDE_COLOUR, linestyle="--")
            else:
                style.note(column[0], "no mean field")
                style.note(column[2], "no mean field", height=0.7)
            column[2].axhline(1.0, color=style.GUIDE_COLOUR, linewidth=0.6)
            column[2].axhspan(0.0, 1.0, color="0.94", zorder=0, gid="subdiffusive")
            column[2].set_ylim(0.0, 2.2)
            for axes, label in zip(column, LABELS, strict=True):
                axes.set_xscale("log")
                if not crowded or place == len(mode_types) // 2:
                    axes.set_xlabel(label)
        _limits(panels[0], dataset["d_perpendicular_distance"] / (dataset["eta"] / (1 - dataset["eta"])))
        _limits(panels[1], dataset["d_perpendicular_arc_length"])
        panels[0, 0].set_ylabel(r"$D_\perp\,(B_0/\delta B)^2\ \ [L_\mathrm{c}]$")
        panels[1, 0].set_ylabel(r"$D_\perp\ \ [L_\mathrm{c},\ L_\mathrm{c}B_\mathrm{tot}]$")
        panels[2, 0].set_ylabel(r"$\mathrm{d}\ln\langle\Delta r_\perp^2\rangle/\mathrm{d}\ln z$")
        handles = [Line2D([], [], color=colour, label=f"{eta:g}") for colour, eta in zip(colours, etas, strict=True)]
        handles.append(Line2D([], [], color=style.GUIDE_COLOUR, linestyle="--", label="quasi-linear"))
        columns = 3 if len(mode_types) == 1 else 7
        figure.legend(handles=handles, loc="outside upper center", ncols=columns, title=r"$\eta$")
        return style.finish(figure)


def _curve(axes: Axes, here: xr.Dataset, way: str, colour: style.Colour, level: float) -> None:
    """Draw one running coefficient with a band of one standard error, where it exceeds this error."""
    value, error = (np.asarray(here[f"d_perpendicular_{way}{end}"].values) / level for end in ("", "_error"))
    value = np.where(value > error, value, np.nan)
    place = np.asarray(here[way].values)
    axes.plot(place, value, color=colour, linewidth=0.9)
    axes.fill_between(place, value - error, value + error, color=colour, alpha=0.25, linewidth=0)


def _limits(panels: NDArray[np.object_], values: xr.DataArray) -> None:
    """Set logarithmic axes that show at most three decades below the largest value."""
    numbers = np.asarray(values.values, dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    top = float(numbers.max()) if numbers.size else 1.0
    limits = style.log_limits([numbers[numbers > top * 3e-5]]) or (1e-3, 1.0)
    for axes in panels:
        axes.set_yscale("log")
        axes.set_ylim(limits)
