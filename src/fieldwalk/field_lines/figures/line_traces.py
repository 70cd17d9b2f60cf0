"""A few field lines of each type of turbulence, seen from the side and along the mean field."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from fieldwalk.figures import selection, style


def line_traces(dataset: xr.Dataset) -> Figure:
    """Draw sample field lines, one column for each type of turbulence.

    Parameters
    ----------
    dataset : xarray.Dataset
        `line_traces.nc`: `position` of shape (mode_type, line, trace, axis), in L_c from the start of each line.

    Returns
    -------
    Figure
        Upper row: the direction along the mean field (horizontal) and one perpendicular to it; lower row: both
        perpendicular directions.

    Raises
    ------
    DataError
        When the dataset lacks the positions; make it again with this version.
    """
    selection.require(dataset, ["position", "mode_type", "line"], "line_traces")
    mode_types = [str(one) for one in dataset["mode_type"].values]
    position = np.asarray(dataset["position"].values, dtype=np.float64)
    reach = 1.05 * float(np.nanmax(np.abs(position[..., :2])))
    colours = style.ordered_colours(position.shape[1])
    with style.applied():
        width = max(style.COLUMN_WIDTH_IN, min(style.PAGE_WIDTH_IN, 2.3 * len(mode_types)))
        figure = style.figure(width, 0.5 + 1.9 * width / len(mode_types))
        panels = figure.subplots(2, len(mode_types), squeeze=False, sharey="row")
        for number, mode_type in enumerate(mode_types):
            side, along = panels[:, number]
            side.set_title(style.mode_label(mode_type), fontsize=6.5 if len(mode_types) > 4 else None)
            for line, colour in zip(position[number], colours, strict=True):
                side.plot(line[:, 2], line[:, 0], color=colour, linewidth=0.8)
                along.plot(line[:, 0], line[:, 1], color=colour, linewidth=0.8)
            side.set_ylim(-reach, reach)
            side.set_xlabel(r"$z\ \ [L_\mathrm{c}]$")
            along.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xlabel=r"$x\ \ [L_\mathrm{c}]$")
        panels[0, 0].set_ylabel(r"$x\ \ [L_\mathrm{c}]$")
        panels[1, 0].set_ylabel(r"$y\ \ [L_\mathrm{c}]$")
        if "eta" in dataset.attrs:
            figure.suptitle(rf"$\eta = {float(dataset.attrs['eta']):g}$", fontsize=9)
        return style.finish(figure)
