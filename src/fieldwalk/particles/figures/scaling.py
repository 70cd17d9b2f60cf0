"""How mean free paths scale with rigidity: fitted power laws, local slopes, and a table of the exponents."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fieldwalk.figures import selection, style
from fieldwalk.particles.estimates import lambda_isotropic
from fieldwalk.particles.exponents import stored_fit
from fieldwalk.particles.figures import exponent_table, symbols
from fieldwalk.particles.figures.exponent_table import Fits, poor
from fieldwalk.particles.scaling import (
    FEWEST_POINTS,
    WINDOWS,
    PowerLawFit,
    Window,
    converged,
    local_slopes,
    variables,
)
from fieldwalk.particles.table import EXPONENTS
from fieldwalk.turbulence.mode_types import no_direction

Floats = NDArray[np.float64]

_PANEL_HEIGHT_IN = 1.75
_NAMES = {
    "lambda_parallel": r"\lambda_\parallel",
    "lambda_perpendicular": r"\lambda_\perp",
    "lambda_ratio": r"\lambda_\perp/\lambda_\parallel",
}
_MARKERS = ("o", "s", "^", "D", "v", "p", "h")
_HARARI: dict[str, Any] = {"color": style.GUIDE_COLOUR, "linestyle": (0, (5.0, 2.5)), "linewidth": 0.7}
_POOR: dict[str, Any] = {"linestyle": (0, (2.0, 1.2)), "linewidth": 0.8}
_EDGE: dict[str, Any] = {"color": "0.6", "linestyle": (0, (1.0, 1.5)), "linewidth": 0.8}
# Slopes to compare with: Kolmogorov turbulence, and a mean free path that grows as the gyroradius; a ratio may be flat.
_SLOPES = {"1/3": 1.0 / 3.0, "1": 1.0}
_RATIO_SLOPES = {"0": 0.0}
# A slope that is less certain does not set the limits of its axis.
_CERTAIN = 0.5
_MOST_ENTRIES_IN_A_ROW = 5


@dataclass(frozen=True)
class _Curve:
    """One mode type at one eta, rigidities rising, and its looks."""

    data: xr.Dataset
    handle: Line2D
    isotropic: bool
    variables: tuple[str, ...]

    @property
    def colour(self) -> style.Colour:
        return to_rgba(self.handle.get_color())

    @property
    def marker(self) -> str:
        return str(self.handle.get_marker())

    def fit(self, variable: str, window: Window) -> PowerLawFit:
        return stored_fit(self.data, variable, window)


def scaling(dataset: xr.Dataset, *, mode_type: str | None = None, eta: float | None = None) -> Figure:
    """Draw lambda_parallel, lambda_perpendicular and their ratio against r_g/L_c, and their local slopes.

    Left: values, and the power laws of each window (:mod:`fieldwalk.particles.exponents`), from the first to the
    last point that a fit used; broken where chi-square/dof exceeds 4, so that there is no power law. Dotted lines bound
    the windows. Grey: slope 1/3. Dashed, for isotropic turbulence without a mean field:
    lambda/L_c = 4 x^2 + 0.9 x + 0.23 x^(1/3), x = r_g/L_c (Harari, Mollerach & Roulet 2014, PRD 89, 123001; for a
    Kolmogorov spectrum). Right: slopes between neighbouring converged points, those of several curves shifted a little
    sideways. Below: the exponents, with chi-square per degree of freedom.

    What did not converge is an open symbol, as in :func:`fieldwalk.figures.mean_free_paths.mean_free_paths`, and never
    fitted.

    Parameters
    ----------
    dataset : xarray.Dataset
        `mean_free_paths.nc`.
    mode_type : str, optional
        The one to show, each level in a colour of its own, but for eta = 0, where nothing diffuses.
    eta : float, optional
        The level to show, all mode types in their colours. Without either, all levels of the first mode type.

    Returns
    -------
    Figure
        Page width. One row of panels when only isotropic turbulence without a mean field is shown.

    Raises
    ------
    DataError
        When the dataset lacks a variable, this mode type or this eta.
    """
    needed = [f"{name}{ending}" for name in WINDOWS for ending in ("", "_error")]
    for direction in ("parallel", "perpendicular"):
        needed += [f"converged_{direction}", f"lambda_{direction}_last", f"lambda_{direction}_last_error"]
    selection.require(dataset, [*needed, *EXPONENTS.variables, "mode_type", "eta", "rigidity"], "scaling")
    curves, title = _of_a_level(dataset, eta) if eta is not None else _of_a_type(dataset, mode_type)
    rigidity = np.sort(np.asarray(dataset["rigidity"].values, dtype=np.float64))
    shown = [name for name in WINDOWS if any(name in curve.variables for curve in curves)]
    names = _NAMES if len(shown) > 1 else {"lambda_parallel": r"\lambda"}
    heights = [*[_PANEL_HEIGHT_IN] * len(shown), exponent_table.height_in(len(curves))]
    with style.applied():
        figure = style.figure(style.PAGE_WIDTH_IN, sum(heights) + 0.85)
        grid = figure.add_gridspec(len(heights), 2, height_ratios=heights, width_ratios=[1.1, 1.0], wspace=0.05)
        all_series: list[symbols.Series] = []
        for row, variable in enumerate(shown):
            left, right = figure.add_subplot(grid[row, 0]), figure.add_subplot(grid[row, 1])
            here = [curve for curve in curves if variable in curve.variables]
            for axes in (left, right):
                _frame(axes, rigidity, variable, lowest=row == len(shown) - 1)
            all_series += _values(left, rigidity, here, variable)
            _slopes(right, rigidity, here, variable)
            left.set_ylabel(f"${names[variable]}$" + ("" if variable == "lambda_ratio" else r"$\ \ [L_\mathrm{c}]$"))
            right.set_ylabel(r"$\mathrm{d}\,\ln(" + names[variable] + r")\,/\,\mathrm{d}\,\ln\,r_\mathrm{g}$")
        figure.align_ylabels(figure.axes)
        columns = [
            (variable, window)
            for variable in shown
            for window in WINDOWS[variable]
            if window.holds(rigidity).sum() >= FEWEST_POINTS
        ]
        fits = [{one: curve.fit(*one) for one in columns if one[0] in curve.variables} for curve in curves]
        exponent_table.draw(figure.add_subplot(grid[-1, :]), [curve.handle for curve in curves], columns, fits, names)
        _legend(figure, title, curves, all_series, fits)
        return style.finish(figure)


def _of_a_level(dataset: xr.Dataset, eta: float) -> tuple[list[_Curve], str]:
    data = selection.at_eta(dataset, eta, "scaling")
    curves = []
    for one in map(str, data["mode_type"].values):
        curves.append(_curve(data.sel(mode_type=one), style.mode_handle(one)))
    return curves, rf"$\eta = {eta:g}$"


def _of_a_type(dataset: xr.Dataset, mode_type: str | None) -> tuple[list[_Curve], str]:
    data = selection.of_type(dataset, mode_type or str(dataset["mode_type"].values[0]), "scaling")
    etas = sorted(float(one) for one in data["eta"].values)
    etas = [one for one in etas if one > 0.0] or etas
    curves = []
    for place, (one, colour) in enumerate(zip(etas, style.ordered_colours(len(etas)), strict=True)):
        looks: dict[str, Any] = {
            "color": colour,
            "marker": _MARKERS[place % len(_MARKERS)],
            "label": rf"$\eta = {one:g}$",
        }
        curves.append(_curve(selection.at_eta(data, one, "scaling"), Line2D([], [], **looks)))
    return curves, style.mode_label(str(data["mode_type"].item()))


def _curve(data: xr.Dataset, handle: Line2D) -> _Curve:
    mode_type, eta = str(data["mode_type"].item()), float(data["eta"].item())
    return _Curve(data, handle, no_direction(mode_type, eta), variables(mode_type, eta))


def _frame(axes: Axes, rigidity: Floats, variable: str, lowest: bool) -> None:
    """Set up the horizontal axis and mark where windows begin and end inside it."""
    reach = style.log_limits([rigidity], margin=0.05) or (0.1, 10.0)
    axes.set_xscale("log")
    axes.set_xlim(reach)
    style.log_ticks(axes.xaxis, reach)
    axes.tick_params(labelbottom=lowest)
    axes.set_xlabel(r"$r_\mathrm{g}/L_\mathrm{c}$" if lowest else "")
    for edge in {edge for window in WINDOWS[variable] for edge in (window.low, window.high)}:
        if reach[0] < edge < reach[1]:
            axes.axvline(edge, zorder=0.5, gid="edge", **_EDGE)


def _values(axes: Axes, rigidity: Floats, curves: list[_Curve], variable: str) -> list[symbols.Series]:
    all_series = [
        symbols.series_of(curve.data, variable, str(curve.handle.get_label()), curve.colour, curve.marker)
        for curve in curves
    ]
    symbols.panel(axes, rigidity, all_series, guide=variable != "lambda_ratio", joined=False)
    for curve, series in zip(curves, all_series, strict=True):
        for window in WINDOWS[variable]:
            fit = curve.fit(variable, window)
            used = rigidity[window.holds(rigidity) & np.isfinite(series.measured)]
            if not fit.reason:
                line = np.array([used[0], used[-1]])
                looks = _POOR if poor(fit) else {"linewidth": 1.1}
                axes.plot(
                    line, fit.at(line), color=curve.colour, zorder=1.8, gid=f"fit {window.name} {series.name}", **looks
                )
        if curve.isotropic:
            x = np.geomspace(*axes.get_xlim(), 200)
            axes.plot(x, [lambda_isotropic(one) for one in x], zorder=1.6, gid="Harari", **_HARARI)
    return all_series


def _slopes(axes: Axes, rigidity: Floats, curves: list[_Curve], variable: str) -> None:
    expected = _RATIO_SLOPES if variable == "lambda_ratio" else _SLOPES
    shown = [np.array([*expected.values()])]
    step = np.diff(np.log(rigidity)).min(initial=1.0)
    there = False
    for place, curve in enumerate(curves):
        middle, slope, error = local_slopes(rigidity, *converged(curve.data, variable))
        there = there or slope.size > 0
        aside = np.exp(0.5 * step * ((place + 0.5) / len(curves) - 0.5)) if len(curves) > 1 else 1.0
        looks: dict[str, Any] = {"fmt": curve.marker, "color": curve.colour, "markersize": 3.0, "elinewidth": 0.7}
        drawn = axes.errorbar(middle * aside, slope, yerr=error, **looks)
        drawn.lines[0].set_gid(f"slopes {curve.handle.get_label()}")
        axes.plot(middle * aside, slope, color=curve.colour, linewidth=0.6, alpha=0.5)
        certain = error < _CERTAIN
        shown += [(slope - error)[certain], (slope + error)[certain]]
    for word, level in expected.items():
        axes.axhline(level, color="0.75", linewidth=0.8, zorder=0.6, gid=f"slope {word}")
        axes.annotate(
            word,
            (1.0, level),
            (3.0, 0.0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            color=style.GUIDE_COLOUR,
            fontsize=8.0,
        )
    if not there:
        style.note(axes, "no two converged values", height=0.65)
    values = np.concatenate(shown)
    room = max(0.08 * np.ptp(values), 0.1)
    axes.set_ylim(values.min() - room, values.max() + room)


def _legend(
    figure: Figure, title: str, curves: list[_Curve], all_series: list[symbols.Series], fits: list[Fits]
) -> None:
    handles = [
        Line2D([], [], color="0.3", label="fitted power law"),
        Line2D([], [], label="window of the fits", **_EDGE),
    ]
    if any(poor(fit) for found in fits for fit in found.values()):
        handles.insert(1, Line2D([], [], color="0.3", label=r"fit with $\chi^2/\mathrm{dof} > 4$", **_POOR))
    if any(curve.isotropic for curve in curves):
        handles.append(Line2D([], [], label=r"Harari et al. (2014), $\eta = 1$", **_HARARI))
    handles += symbols.open_symbols(all_series)
    columns = len(handles) if len(handles) <= _MOST_ENTRIES_IN_A_ROW else math.ceil(len(handles) / 2)
    figure.legend(handles=handles, loc="outside upper center", ncols=columns, title=title)
