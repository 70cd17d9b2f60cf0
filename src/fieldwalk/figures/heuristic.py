"""The heuristic model of perpendicular transport beside the simulation."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from fieldwalk.errors import DataError, OutsideFitError
from fieldwalk.figures import selection, style
from fieldwalk.transport.coefficients import coefficients

Floats = NDArray[np.float64]

_MOST_CURVES = 6
_BAND_OPACITY = 0.25
_RESIDUAL_LIMIT = 0.6
_TARGET = 0.1
# d_perpendicular that sinks into its noise has no lowest value; the model sets the axis.
_ROOM = 3.0
_LABELS = {
    "root_mean_square": r"$\zeta=\langle\Delta z^2\rangle^{1/2}$ for all",
    "gaussian_average": r"averaged over Gaussian $\Delta z$",
}
_COEFFICIENT_POINTS = 120


def heuristic(dataset: xr.Dataset, mode_type: str, eta: float, variant: str = "root_mean_square") -> Figure:
    """Draw simulated and modelled d_perpendicular against Omega t, and simulated/modelled - 1 below.

    Bands: one standard error of the simulation. Lines: the model with its band, from Omega t = 20 on, where gyration is
    over. Circles: Omega t_dec, from which on the model is constant. The model as fitted, with a reach a for each
    rigidity; rigidities for which particles do not follow field lines are left out. Below, grey: 10 per cent.

    Parameters
    ----------
    dataset : xarray.Dataset
        `heuristic.nc`.
    mode_type : str
    eta : float
    variant : str
        `root_mean_square`, the model as published, or `gaussian_average`.

    Returns
    -------
    Figure
        Column width. At most six rigidities, evenly chosen.

    Raises
    ------
    DataError
        When the dataset lacks a variable, this mode type, eta or variant.
    """
    names = ["d_perpendicular_simulated", "d_perpendicular_simulated_error", "decorrelation_time", "residual_rms"]
    names += ["d_perpendicular_modelled", "d_perpendicular_modelled_error", "kappa_perpendicular_modelled", "reach"]
    selection.require(dataset, [*names, "mode_type", "eta", "rigidity", "time", "variant"], "heuristic")
    if variant not in dataset["variant"].values:
        there = ", ".join(map(str, dataset["variant"].values))
        raise DataError(f"figure heuristic: variant {variant} is not in the dataset; ask for one of {there}")
    data = selection.of_type(selection.at_eta(dataset, eta, "heuristic"), mode_type, "heuristic").sel(variant=variant)
    shown = _shown(data)
    with style.applied():
        figure = style.figure(style.COLUMN_WIDTH_IN, 4.3)
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[2.2, 1.0])
        if not shown:
            style.note(upper, "no model")
            return style.finish(figure)
        for rigidity, colour in zip(shown, style.ordered_colours(len(shown)), strict=True):
            _curve(upper, lower, data.sel(rigidity=rigidity), colour)
        _frame(upper, lower, data.sel(rigidity=shown))
        _legend(figure, data, shown, f"{style.mode_label(mode_type)}, $\\eta = {eta:g}$; {_LABELS[variant]}")
        return style.finish(figure)


def coefficient_fits(dataset: xr.Dataset, mean_free_paths: xr.Dataset, eta: float) -> Figure:
    """Draw lambda_parallel, lambda_perpendicular and their ratio with the campaign-wide fits.

    Symbols: converged points with their standard errors. Lines: the fits, with a band of their statistical error and
    the scatter that the fitted law does not know, in quadrature. In the ratio the two are taken as independent.

    Parameters
    ----------
    dataset : xarray.Dataset
        `heuristic.nc`.
    mean_free_paths : xarray.Dataset
        `mean_free_paths.nc` of the same campaign.
    eta : float

    Returns
    -------
    Figure
        Column width, three panels.

    Raises
    ------
    DataError
        When a dataset lacks a variable or this eta.
    """
    selection.require(dataset, ["coefficient_numbers", "coefficient_covariance"], "coefficient_fits")
    variables = ("lambda_parallel", "lambda_perpendicular", "lambda_ratio")
    names = [f"{one}{ending}" for one in variables for ending in ("", "_error")]
    selection.require(mean_free_paths, [*names, "mode_type", "eta", "rigidity"], "coefficient_fits")
    data = selection.at_eta(mean_free_paths, eta, "coefficient_fits")
    rigidity = np.asarray(data["rigidity"].values, dtype=np.float64)
    labels = (r"$\lambda_\parallel\ \ [L_\mathrm{c}]$", r"$\lambda_\perp\ \ [L_\mathrm{c}]$")
    with style.applied():
        figure = style.figure(style.COLUMN_WIDTH_IN, 5.6)
        panels = figure.subplots(3, 1, sharex=True)
        there: list[str] = []
        for mode_type in map(str, data["mode_type"].values):
            points = [_points(axes, data, mode_type, name) for axes, name in zip(panels, variables, strict=True)]
            lines = _fit_lines(dataset, mode_type, eta, np.geomspace(rigidity[0], rigidity[-1], _COEFFICIENT_POINTS))
            for axes, (x, value, relative) in zip(panels, lines, strict=True):
                colour = style.mode_colour(mode_type)
                axes.plot(x, value, color=colour, linewidth=0.9, gid=f"fit {mode_type}")
                low, high = value * np.exp(-relative), value * np.exp(relative)
                axes.fill_between(x, low, high, color=colour, alpha=_BAND_OPACITY, linewidth=0.0)
            there += [mode_type] if any(points) else []
        reach = style.log_limits([rigidity], margin=0.05) or (0.1, 10.0)
        for axes, name, label in zip(panels, variables, (*labels, r"$\lambda_\perp/\lambda_\parallel$"), strict=True):
            limits = _two_decades(style.log_limits([data[name].values]) or (0.1, 10.0))
            axes.set(xscale="log", yscale="log", xlim=reach, ylim=limits, ylabel=label)
            style.log_ticks(axes.yaxis, limits)
        style.log_ticks(panels[-1].xaxis, reach)
        panels[-1].set_xlabel(r"$r_\mathrm{g}/L_\mathrm{c}$")
        figure.align_ylabels(list(panels))
        handles = [style.mode_handle(one, linewidth=0.9) for one in there]
        figure.legend(handles=handles, loc="outside upper center", ncols=3, title=rf"$\eta = {eta:g}$")
        return style.finish(figure)


def _two_decades(limits: tuple[float, float]) -> tuple[float, float]:
    """Limits at least two decades apart, so that decades alone label the axis."""
    room = max(1.0, float(np.sqrt(100 * limits[0] / limits[1])))
    return limits[0] / room, limits[1] * room


def _shown(data: xr.Dataset) -> list[float]:
    """Rigidities with a model, below r_g = L_c, evenly chosen among them."""
    rigidity = np.asarray(data["rigidity"].values, dtype=np.float64)
    good = rigidity[np.isfinite(data["reach"].values) & (rigidity < 1.0)]
    places = np.unique(np.linspace(0, good.size - 1, min(good.size, _MOST_CURVES)).round().astype(int))
    return [float(good[place]) for place in places]


def _curve(upper: Axes, lower: Axes, point: xr.Dataset, colour: style.Colour) -> None:
    time = np.asarray(point["time"].values, dtype=np.float64)
    simulated, error = (point[f"d_perpendicular_simulated{end}"].values for end in ("", "_error"))
    modelled, doubt = (point[f"d_perpendicular_modelled{end}"].values for end in ("", "_error"))
    upper.fill_between(
        time,
        np.maximum(simulated - error, 1e-12),
        simulated + error,
        where=simulated + error > 0,
        color=colour,
        alpha=_BAND_OPACITY,
        linewidth=0.0,
    )
    later = np.where(time >= 20.0, 1.0, np.nan)
    upper.plot(time, modelled * later, color=colour, gid=f"model {float(point['rigidity']):g}")
    upper.plot(time, np.where(simulated > 0, simulated, np.nan), color=colour, linewidth=0.5, linestyle=":")
    ends = (np.maximum(modelled + sign * doubt, 1e-12) * later for sign in (-1, 1))
    upper.fill_between(time, *ends, color=colour, alpha=0.5 * _BAND_OPACITY, linewidth=0.0)
    upper.plot(
        [float(point["decorrelation_time"])],
        [float(point["kappa_perpendicular_modelled"])],
        marker="o",
        markersize=4.5,
        markerfacecolor="white",
        color=colour,
    )
    lower.plot(time, (simulated / modelled - 1) * later, color=colour, linewidth=0.8)


def _frame(upper: Axes, lower: Axes, data: xr.Dataset) -> None:
    time = np.asarray(data["time"].values, dtype=np.float64)
    model = data["d_perpendicular_modelled"].transpose("rigidity", "time").values
    late = model[:, time >= 20.0]
    reach = style.log_limits([time[np.isfinite(model).any(axis=0) & (time >= 20.0)]], margin=0.02) or (20.0, 1e3)
    limits = style.log_limits([late]) or (1e-4, 1.0)
    limits = _two_decades((limits[0] / _ROOM, limits[1]))
    upper.set(xscale="log", yscale="log", xlim=reach, ylim=limits, ylabel=r"$d_\perp\ \ [c\,L_\mathrm{c}]$")
    style.log_ticks(upper.yaxis, limits)
    style.log_ticks(lower.xaxis, reach)
    lower.axhspan(-_TARGET, _TARGET, color="0.9", zorder=0)
    lower.axhline(0.0, color="0.4", linewidth=0.6)
    lower.set(ylim=(-_RESIDUAL_LIMIT, _RESIDUAL_LIMIT), xlabel=r"$\Omega t$", ylabel="simulated/model $-$ 1")


def _legend(figure: Figure, data: xr.Dataset, shown: list[float], title: str) -> None:
    colours = style.ordered_colours(len(shown))
    handles: list[Line2D | Patch] = [
        Line2D(
            [], [], color=colour, label=rf"${style.number(one, 2)}$: $a={float(data['reach'].sel(rigidity=one)):.2f}$"
        )
        for one, colour in zip(shown, colours, strict=True)
    ]
    handles.append(Line2D([], [], color="0.3", marker="o", markerfacecolor="white", label="model, $t_\\mathrm{dec}$"))
    handles.append(Patch(color="0.3", alpha=_BAND_OPACITY, label="simulation"))
    figure.legend(
        handles=handles, loc="outside upper center", ncols=3, title=title + ", by $r_\\mathrm{g}/L_\\mathrm{c}$"
    )


def _points(axes: Axes, data: xr.Dataset, mode_type: str, name: str) -> bool:
    curve = data.sel(mode_type=mode_type)
    value = np.asarray(curve[name].values, dtype=np.float64)
    looks: dict[str, Any] = {
        "color": style.mode_colour(mode_type),
        "marker": style.mode_marker(mode_type),
        "linestyle": "none",
    }
    axes.errorbar(
        curve["rigidity"].values, value, curve[f"{name}_error"].values, elinewidth=0.7, markersize=3.2, **looks
    )
    return bool(np.isfinite(value).any())


def _fit_lines(
    dataset: xr.Dataset, mode_type: str, eta: float, rigidity: Floats
) -> list[tuple[Floats, Floats, Floats]]:
    """x, fitted value and relative error of lambda_parallel, lambda_perpendicular and their ratio, where fitted."""
    rows = []
    for one in rigidity:
        try:
            along, across = coefficients(dataset, mode_type, eta, float(one))
        except OutsideFitError:
            continue
        relative = [one.error / one.kappa for one in (along, across)]
        ratio = across.kappa / along.kappa
        rows.append(
            [one, 3 * along.kappa, 3 * across.kappa, ratio, *relative, float(np.hypot(relative[0], relative[1]))]
        )
    table = np.array(rows, dtype=np.float64).reshape(-1, 7).T
    return [(table[0], table[1 + place], table[4 + place]) for place in range(3)]
