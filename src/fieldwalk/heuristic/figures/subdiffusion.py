"""Exponents of the subdiffusion of particles across the field at intermediate times."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fieldwalk.figures import selection, style

PUBLISHED_RANGE = (0.5, 0.7)
"""Exponents reported at r_g = 8.9e-3 L_c."""

COLUMN_IN = 2.0


def subdiffusion(dataset: xr.Dataset) -> Figure:
    """Draw the exponent of <dr_perpendicular^2> in the window of slowest growth against rigidity.

    One column for each mode type that has a model, colours by level. Symbols: simulation with its standard error.
    Lines: the model `compound` in the same window. The window is where the local exponent of this model is nearer to
    its lowest value than to one. Points whose exponent remains above 0.9 have no window. Grey: 0.5 to 0.7, the range
    reported at r_g = 8.9e-3 L_c.

    Parameters
    ----------
    dataset : xarray.Dataset
        `heuristic.nc`.

    Returns
    -------
    Figure

    Raises
    ------
    DataError
        When the dataset lacks a variable.
    """
    names = [f"exponent_{what}{end}" for what in ("simulated", "modelled") for end in ("", "_error")]
    names += ["d_perpendicular_modelled", "mode_type", "eta", "rigidity", "variant"]
    selection.require(dataset, names, "subdiffusion")
    data = dataset.sel(variant="compound", eta=(dataset["eta"] > 0) & (dataset["eta"] < 1)).sortby(["eta", "rigidity"])
    data = selection.with_numbers(data, "d_perpendicular_modelled")
    there = data["exponent_modelled"].notnull()
    if there.any():
        data = data.sel(rigidity=there.any(("mode_type", "eta")), eta=there.any(("mode_type", "rigidity")))
    mode_types = [str(one) for one in data["mode_type"].values]
    etas = np.asarray(data["eta"].values, dtype=np.float64)
    rigidity = np.asarray(data["rigidity"].values, dtype=np.float64)
    colours = style.ordered_colours(etas.size)
    with style.applied():
        figure = style.figure(style.width_of_columns(len(mode_types), COLUMN_IN), 2.8)
        panels = figure.subplots(1, len(mode_types), squeeze=False, sharey=True, sharex=True)[0]
        limits = style.log_limits([rigidity], margin=0.08) or (1e-3, 1.0)
        for axes, mode_type in zip(panels, mode_types, strict=True):
            axes.set_title(style.mode_label(mode_type))
            axes.axhspan(*PUBLISHED_RANGE, color="0.92", zorder=0)
            here = data.sel(mode_type=mode_type)
            if not np.isfinite(here["exponent_modelled"].values).any():
                style.note(axes, "no window")
            for number, (eta, colour) in enumerate(zip(etas, colours, strict=True)):
                curve = here.sel(eta=eta)
                aside = rigidity * 1.03 ** (number - (etas.size - 1) / 2)  # symbols of one rigidity are side by side
                value, error = (curve[f"exponent_simulated{end}"].values for end in ("", "_error"))
                marker = style.mode_marker(mode_type)
                axes.errorbar(aside, value, error, color=colour, fmt=marker, elinewidth=0.7, markersize=3.2)
                modelled = curve["exponent_modelled"].values
                # the marker shows an isolated point of the model
                axes.plot(rigidity, modelled, color=colour, marker="_", linewidth=0.9, gid=f"model {eta:g}")
            axes.set(xscale="log", xlim=limits, ylim=(0.2, 1.0), xlabel=r"$r_\mathrm{g}/L_\mathrm{c}$")
            style.log_ticks(axes.xaxis, limits, labels=4)
        panels[0].set_ylabel(r"$\alpha$ of $\langle\Delta r_\perp^2\rangle\propto t^{\,\alpha}$")
        handles = [Line2D([], [], color=colour, label=f"{eta:g}") for eta, colour in zip(etas, colours, strict=True)]
        title = r"$\eta$; symbols: simulation, lines: model"
        figure.legend(handles=handles, loc="outside upper center", ncols=7, title=title)
        return style.finish(figure)
