"""The figure of the convergence study."""

from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from studies import STUDIES

from fieldwalk.figures import style

LOOKS = {0.001: ("#009E73", "^"), 0.1: ("#0072B2", "o"), 1.0: ("#D55E00", "s")}
"""Colour and marker by rigidity."""

LABELS = {
    "tolerance": r"tolerance (field error / $\delta B$)",
    "step": r"$k_\mathrm{max}h$",
    "modes": "modes per decade",
    "resolution": r"$k_\mathrm{max}r_\mathrm{g}$",
    "duration": "duration / automatic duration",
}
WIDTH_PIXELS = 900
ZERO = 2.5e-5
"""Where tolerance 0 stands on the logarithmic axis, one place beyond the finest."""
LIMITS = {"resolution": (0.84, 1.31), "duration": (0.6, 1.45)}
USUAL_LIMITS = (0.88, 1.12)
"""Of the ratio; what lies outside, coarse numerics all, leaves its panel."""
OFFSETS = (-0.035, 0.0, 0.035)
"""The series stand beside their place by so much of the axis, so that error bars do not hide each other."""
LARGEST_ERROR = 0.25
"""Points with larger errors say nothing and are left out."""


def convergence(dataset: xr.Dataset) -> Figure:
    """Ratio of each mean free path to that of the reference numerics, finer numerics to the right.

    Parameters
    ----------
    dataset : xarray.Dataset
        As convergence.py writes it.

    Returns
    -------
    Figure
        A row of two panels (parallel, perpendicular) per study, page width.
    """
    with style.applied():
        figure = style.figure(style.PAGE_WIDTH_IN, 8.4)
        panels = figure.subplots(len(STUDIES), 2, sharey="row", sharex="row")
        for row, study in zip(panels, STUDIES, strict=True):
            for axes, direction in zip(row, ("parallel", "perpendicular"), strict=True):
                _panel(axes, dataset.sel(direction=direction), study)
                axes.set_xlabel(LABELS[study], labelpad=1.5)
            row[0].set_ylabel(r"$\lambda\,/\,\lambda^\mathrm{reference}$")
        for axes, symbol in zip(panels[0], (r"\parallel", r"\perp"), strict=True):
            axes.set_title(rf"$\lambda_{symbol}$")
        figure.align_ylabels(list(panels[:, 0]))
        _legend(figure)
        return style.finish(figure)


def draw(dataset: xr.Dataset, path: Path) -> None:
    """Write the figure as PNG; the same dataset gives the same file."""
    figure = convergence(dataset)
    with style.applied():
        figure.savefig(path, dpi=WIDTH_PIXELS / style.PAGE_WIDTH_IN, metadata={"Software": None})


def _panel(axes: Axes, data: xr.Dataset, study: str) -> None:
    about = STUDIES[study]
    axes.set_xscale("log")
    axes.axhline(1.0, color=style.GUIDE_COLOUR, linewidth=0.8, zorder=1)
    axes.axvline(about.default, color=style.GUIDE_COLOUR, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    axes.axhspan(0.98, 1.02, color="0.9", linewidth=0, zorder=0)
    places = np.array([value or ZERO for value in about.values])
    shift = np.log(places.max() / places.min())
    for offset, (rigidity, (colour, marker)) in zip(OFFSETS, LOOKS.items(), strict=True):
        here = data.sel(rigidity=rigidity)
        if not np.isfinite(here[f"ratio_by_{study}"]).any():
            continue
        ratio, error = here[f"ratio_by_{study}"].values, here[f"ratio_error_by_{study}"].values
        if study != "duration":
            # runs of their own: each value with its own error, the default's included
            reference = float(here[f"lambda_by_{study}"].sel({about.dimension: about.default}))
            error = here[f"lambda_error_by_{study}"].values / reference
        place = places * np.exp(offset * 0.6 * shift)
        shown = error < LARGEST_ERROR
        converged = here[f"converged_by_{study}"].values > 0
        axes.plot(place[shown], ratio[shown], color=colour, linewidth=0.8, alpha=0.6, zorder=2)
        for chosen, face in ((converged & shown, colour), (~converged & shown, "white")):
            axes.errorbar(
                place[chosen],
                ratio[chosen],
                yerr=error[chosen],
                fmt=marker,
                color=colour,
                markerfacecolor=face,
                markersize=3.6,
                elinewidth=0.8,
                zorder=3,
            )
    finer_is_smaller = about.finest < about.values[0]
    edge = np.exp(0.1 * shift)
    limits = (places.min() / edge, places.max() * edge)
    axes.set_xlim(limits[::-1] if finer_is_smaller else limits)
    axes.set_ylim(LIMITS.get(study, USUAL_LIMITS))
    axes.xaxis.set_major_locator(FixedLocator([float(place) for place in places]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _label(value)))


def _label(value: float) -> str:
    if value <= ZERO:
        return "0"
    if value < 1e-3 * 0.99:
        return rf"${style.number(value)}$"
    return f"{value:.3g}" if value < 10 else f"{value:.0f}"


def _legend(figure: Figure) -> None:
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=colour, marker=marker, label=rf"$r_\mathrm{{g}} = {rigidity:g}\,L_\mathrm{{c}}$")
        for rigidity, (colour, marker) in LOOKS.items()
    ]
    hollow = {"color": "black", "marker": "o", "linestyle": "none", "markerfacecolor": "white"}
    handles += [
        Line2D([], [], label="refused as not converged", **hollow),
        Line2D([], [], color=style.GUIDE_COLOUR, linestyle=(0, (4, 3)), linewidth=0.8, label="reference"),
        Patch(color="0.9", label="2 %"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
