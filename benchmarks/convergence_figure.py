"""The figure of the convergence study."""

from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from fieldwalk.figures import style

LOOKS = {0.1: ("#0072B2", "o"), 1.0: ("#D55E00", "s")}
"""Colour and marker by rigidity."""

PANELS = {
    "modes": ("modes_per_decade", "modes per decade", 128.0),
    "step": ("step_factor", "step / automatic step", 1.0),
    "duration": ("duration_factor", "duration / automatic duration", 1.0),
}
"""Dimension, label of the axis and default of each study."""

OFFSET = 1.035
"""Factor by which the two series stand beside their place, so that error bars do not hide each other."""


def convergence(dataset: xr.Dataset) -> Figure:
    """Ratio of each mean free path to that of the default numerics, against modes, step and duration.

    Parameters
    ----------
    dataset : xarray.Dataset
        As convergence.py writes it.

    Returns
    -------
    Figure
        Two rows (parallel, perpendicular) of three panels, page width.
    """
    with style.applied():
        figure = style.figure(style.PAGE_WIDTH_IN, 3.9)
        panels = figure.subplots(2, 3, sharex="col", width_ratios=(1.15, 0.85, 1.0))
        for row, direction in zip(panels, ("parallel", "perpendicular"), strict=True):
            for axes, study in zip(row, PANELS, strict=True):
                _panel(axes, dataset.sel(direction=direction), study)
            row[1].sharey(row[0])  # durations have a scale of their own: short runs are far off
            row[1].autoscale(axis="y")
            row[1].tick_params(labelleft=False)
            symbol = r"\parallel" if direction == "parallel" else r"\perp"
            row[0].set_ylabel(rf"$\lambda_{symbol}\,/\,\lambda_{symbol}^\mathrm{{default}}$")
        for axes, (dimension, label, _) in zip(panels[1], PANELS.values(), strict=True):
            axes.set_xlabel(label)
            _ticks(axes, dataset[dimension].values)
        panels[1, 1].invert_xaxis()  # finer numerics stand to the right in every panel
        figure.align_ylabels(list(panels[:, 0]))
        _legend(figure, dataset)
        return style.finish(figure)


def draw(dataset: xr.Dataset, path: Path) -> None:
    """Write the figure as PNG; the same dataset gives the same file."""
    figure = convergence(dataset)
    with style.applied():
        figure.savefig(path, metadata={"Software": None})


def _panel(axes: Axes, data: xr.Dataset, study: str) -> None:
    dimension, _, default = PANELS[study]
    axes.set_xscale("log")
    axes.axhline(1.0, color=style.GUIDE_COLOUR, linewidth=0.8, zorder=1)
    axes.axvline(default, color=style.GUIDE_COLOUR, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    band = float(data["campaign_error"].min())
    axes.axhspan(1 - band, 1 + band, color="0.9", linewidth=0, zorder=0)
    for side, (rigidity, (colour, marker)) in zip((1 / OFFSET, OFFSET), LOOKS.items(), strict=True):
        here = data.sel(rigidity=rigidity)
        place = side * here[dimension].values
        ratio = here[f"ratio_by_{study}"].values
        if study == "modes":
            # other fields: each value with its own error, the default's included
            reference = float(here["lambda_by_modes"].sel(modes_per_decade=default))
            error = here["lambda_error_by_modes"].values / reference
        else:
            error = here[f"ratio_error_by_{study}"].values
        converged = here[f"converged_by_{study}"].values > 0
        axes.plot(place, ratio, color=colour, linewidth=0.8, alpha=0.6, zorder=2)
        for chosen, face in ((converged, colour), (~converged, "white")):
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


def _ticks(axes: Axes, places: np.ndarray) -> None:
    axes.xaxis.set_major_locator(FixedLocator([float(place) for place in places]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:.3g}" if value < 10 else f"{value:.0f}")
    )


def _legend(figure: Figure, dataset: xr.Dataset) -> None:
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=colour, marker=marker, label=rf"$r_\mathrm{{g}} = {rigidity:g}\,L_\mathrm{{c}}$")
        for rigidity, (colour, marker) in LOOKS.items()
    ]
    handles += [
        Line2D(
            [],
            [],
            color="black",
            marker="o",
            linestyle="none",
            markerfacecolor="white",
            label="refused as not converged",
        ),
        Line2D([], [], color=style.GUIDE_COLOUR, linestyle=(0, (4, 3)), linewidth=0.8, label="default"),
        Patch(color="0.9", label="error of a default campaign"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
