"""Sample trajectories in three dimensions, one panel for each mode type."""

import math
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from matplotlib.ticker import FixedLocator, MaxNLocator
from numpy.typing import NDArray

from fieldwalk.errors import DataError
from fieldwalk.figures import selection, style

# A path may be far longer along the mean field than across it; a box that just contains it would have no room for
# ticks.
_THINNEST_SIDE = 0.45
_ELEVATION_DEGREES, _AZIMUTH_DEGREES = 18.0, -60.0
# Inches around each box, for tick labels, axis labels, the arrow and the title.
_LEFT, _RIGHT, _BOTTOM, _TOP = 0.38, 0.50, 0.42, 0.30
_TALLEST_BOX_IN = 3.0
_HEADER_IN = 0.25
_MOST_COLUMNS = 4
_TALLEST_FIGURE_IN = 8.2
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9")


def trajectories(dataset: xr.Dataset) -> Figure:
    """Draw the paths of sample particles, one panel for each mode type.

    Particles start many correlation lengths apart, so each path is shifted to begin at the origin, marked by a dot. All
    axes of all panels have the same scale, and the projection is orthographic, so that equal lengths along an axis
    appear equal at any position. The thin grey lines are projections of the paths onto the floor of the box, the plane
    perpendicular to the mean field. The arrow shows the direction of the mean field, if there is one.

    Parameters
    ----------
    dataset : xarray.Dataset
        `trajectories.nc`: `position` (L_c) of shape (mode_type, particle, sample, axis), attributes `eta` and
        `rigidity` (r_g/L_c). A path may end early: NaN after its last sample.

    Returns
    -------
    Figure
        Column width for one mode type, page width for more, at most four panels side by side.

    Raises
    ------
    DataError
        When the dataset lacks a variable or an attribute; make it again with this version.
    """
    selection.require(dataset, ["position", "mode_type"], "trajectories")
    missing = [name for name in ("eta", "rigidity") if name not in dataset.attrs]
    if missing:
        raise DataError(
            f"figure trajectories: the dataset has no attribute {', '.join(missing)}; "
            "make the dataset again with this version of Fieldwalk"
        )
    eta, rigidity = float(dataset.attrs["eta"]), float(dataset.attrs["rigidity"])
    mode_types = [str(one) for one in dataset["mode_type"].values]
    ordered = dataset["position"].transpose("mode_type", "particle", "sample", "axis")
    position = np.asarray(ordered.values, dtype=np.float64)
    displacement = position - position[:, :, :1]
    limits = _box(displacement)

    width = style.COLUMN_WIDTH_IN if len(mode_types) == 1 else style.PAGE_WIDTH_IN
    columns, box = _columns(_projected(np.ptp(limits, axis=1)), len(mode_types), width)
    slot_width, slot_height = width / columns, _BOTTOM + box[1] + _TOP
    height = math.ceil(len(mode_types) / columns) * slot_height + _HEADER_IN
    with style.applied():
        figure = Figure(figsize=(width, height))
        for place, mode_type in enumerate(mode_types):
            row, column = divmod(place, columns)
            across = (column + 0.5) * slot_width + 0.5 * (_LEFT - _RIGHT)
            top = height - _HEADER_IN - row * slot_height
            middle = top - _TOP - 0.5 * box[1]
            # The axes of a three-dimensional plot are square; the position of the box inside them is what matters.
            square = float(box.max())
            corner = (across - 0.5 * square) / width, (middle - 0.5 * square) / height
            axes = figure.add_axes((*corner, square / width, square / height), projection="3d", proj_type="ortho")
            _panel(axes, displacement[place], limits, float(box[1]) / square)
            # Matplotlib would place the label of the vertical axis too far away from a flat box.
            upright = (across + 0.5 * box[0] + 0.38) / width, middle / height
            figure.text(*upright, r"$\Delta z/L_\mathrm{c}$", rotation=90.0, ha="center", va="center")
            label = style.mode_label(mode_type)
            figure.text(across / width, (top - 0.5 * _TOP) / height, label, ha="center", va="center")
            if eta < 1.0:
                beside = (across - 0.5 * box[0] - 0.16) / width
                _mean_field(figure, beside, (middle + 0.1) / height, 0.3 / height)
        words = rf"$\eta = {eta:g}$,  $r_\mathrm{{g}}/L_\mathrm{{c}} = {style.number(rigidity)}$"
        figure.text(0.5, 1.0 - 0.5 * _HEADER_IN / height, words, ha="center", va="center")
        return style.finish(figure)


def _box(displacement: NDArray[np.float64]) -> NDArray[np.float64]:
    """Find limits of the three axes, shape (3, 2), that contain all paths in a box that is not too thin."""
    points = displacement.reshape(-1, 3)
    points = points[np.isfinite(points).all(axis=1)]
    if points.shape[0] == 0:
        return np.tile([-1.0, 1.0], (3, 1))
    low, high = points.min(axis=0), points.max(axis=0)
    longest = float((high - low).max()) or 1.0
    half = 0.5 * np.maximum(1.06 * (high - low), _THINNEST_SIDE * longest)
    middle = 0.5 * (low + high)
    return np.stack([middle - half, middle + half], axis=1)


def _projected(sides: NDArray[np.float64]) -> NDArray[np.float64]:
    """Width and height of a box in the orthographic view, in the unit of its sides."""
    elevation, azimuth = math.radians(_ELEVATION_DEGREES), math.radians(_AZIMUTH_DEGREES)
    x, y, z = sides
    across = x * abs(math.sin(azimuth)) + y * abs(math.cos(azimuth))
    depth = x * abs(math.cos(azimuth)) + y * abs(math.sin(azimuth))
    return np.array([across, z * math.cos(elevation) + depth * math.sin(elevation)])


def _columns(box: NDArray[np.float64], panels: int, width: float) -> tuple[int, NDArray[np.float64]]:
    """Choose the number of columns of the figure, and return it with the size of a box in inches.

    More columns make a figure with fewer rows but smaller boxes; boxes become smaller by a quarter at most.
    """
    scales = {}
    for columns in range(1, min(panels, _MOST_COLUMNS) + 1):
        scale = min((width / columns - _LEFT - _RIGHT) / box[0], _TALLEST_BOX_IN / box[1])
        height = math.ceil(panels / columns) * (_BOTTOM + scale * box[1] + _TOP) + _HEADER_IN
        if height <= _TALLEST_FIGURE_IN or columns == _MOST_COLUMNS:
            scales[columns] = scale
    columns = max(columns for columns, scale in scales.items() if scale >= 0.75 * max(scales.values()))
    return columns, scales[columns] * box


# Matplotlib ships no types for three-dimensional axes, hence Any.
def _panel(axes: Any, paths: NDArray[np.float64], limits: NDArray[np.float64], height: float) -> None:
    axes.patch.set_alpha(0.0)
    axes.view_init(elev=_ELEVATION_DEGREES, azim=_AZIMUTH_DEGREES)
    axes.set_xlabel(r"$\Delta x/L_\mathrm{c}$", labelpad=-9.0)
    axes.set_ylabel(r"$\Delta y/L_\mathrm{c}$", labelpad=-8.0)
    axes.set(xlim=limits[0], ylim=limits[1], zlim=limits[2])
    _fit(axes, limits, height)
    longest = float(np.ptp(limits, axis=1).max())
    for axis, (low, high) in zip((axes.xaxis, axes.yaxis, axes.zaxis), limits, strict=True):
        side = high - low
        ticks = MaxNLocator(nbins=5 if side > 0.7 * longest else 3, steps=[1, 2, 5, 10]).tick_values(low, high)
        # Near the corners the labels of two axes would overlap.
        axis.set_major_locator(FixedLocator([one for one in ticks if low + 0.1 * side < one < high - 0.1 * side]))
        axis.set_tick_params(pad=-1.0 if axis is axes.zaxis else -4.0)
        axis.pane.set(facecolor="white", edgecolor="0.8", alpha=1.0)
    drawn = [path for path in paths if np.isfinite(path[0]).all()]
    if not drawn:
        middle = {"transform": axes.transAxes, "ha": "center", "va": "center"}
        axes.text2D(0.5, 0.5, "no value", color=style.GUIDE_COLOUR, style="italic", **middle)
        return
    for count, path in enumerate(drawn):
        colour = _COLOURS[count % len(_COLOURS)]
        x, y, z = path.T
        floor = np.where(np.isfinite(z), limits[2, 0], np.nan)
        axes.plot(x, y, floor, color="0.78", linewidth=0.35, zorder=1)
        axes.plot(x, y, z, color=colour, linewidth=0.7, zorder=2, gid=f"path {count}")
    # The dot is drawn above all paths, which sorting by depth would draw over it.
    dot = {"marker": "o", "markersize": 4.2, "markeredgecolor": "white", "markeredgewidth": 0.6}
    axes.plot([0.0], [0.0], [0.0], color="black", linestyle="none", zorder=10, gid="start", **dot)


def _fit(axes: Any, limits: NDArray[np.float64], height: float) -> None:
    """Zoom until the height of the box is the fraction ``height`` of the axes; the view is orthographic."""
    aspect = tuple(np.ptp(limits, axis=1))
    axes.set_box_aspect(aspect)
    corners = np.array([[*(limits[axis, corner >> axis & 1] for axis in range(3)), 1.0] for corner in range(8)])
    projected = corners @ axes.get_proj().T
    placed = axes.transData.transform(projected[:, :2] / projected[:, 3:])
    _, drawn = np.ptp(axes.transAxes.inverted().transform(placed), axis=0)
    axes.set_box_aspect(aspect, zoom=float(height / drawn))


def _mean_field(figure: Figure, x: float, y: float, half_length: float) -> None:
    """Draw the direction of the mean field beside a box; the z axis is exactly vertical in this view."""
    arrow = FancyArrowPatch(
        (x, y - half_length),
        (x, y + half_length),
        transform=figure.transFigure,
        arrowstyle="-|>",
        mutation_scale=7.0,
        color="black",
        linewidth=0.9,
        shrinkA=0.0,
        shrinkB=0.0,
        gid="mean field",
    )
    figure.add_artist(arrow)
    figure.text(x, y - 1.1 * half_length, r"$\mathbf{B}_0$", ha="center", va="top")
