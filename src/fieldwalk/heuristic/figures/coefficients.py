"""Mean free paths against rigidity: simulated, modelled, and fitted over the whole campaign."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fieldwalk.errors import OutsideFitError
from fieldwalk.figures import selection, style
from fieldwalk.heuristic.coefficients import coefficients as coefficients_of
from fieldwalk.heuristic.coefficients import covered_rigidities
from fieldwalk.heuristic.point import LARGEST_RIGIDITY

Floats = NDArray[np.float64]

BAND_OPACITY = 0.2
FIT_POINTS = 120
LABELS = {
    "parallel": r"$\lambda_\parallel\ \ [L_\mathrm{c}]$",
    "perpendicular": r"$\lambda_\perp\ \ [L_\mathrm{c}]$",
    "ratio": r"$\lambda_\perp/\lambda_\parallel$",
}


def coefficients(dataset: xr.Dataset, eta: float) -> Figure:
    """Draw lambda_parallel, lambda_perpendicular and their ratio against r_g/L_c.

    Filled symbols: converged points of the simulation with their standard errors. Open symbols: the model `compound`,
    with the simulated lambda_parallel in the ratio, at rigidities at which particles can follow field lines. Lines: the
    fits to all points of the campaign, with a band of their statistical error and of the scatter about the fitted law,
    added in quadrature. In the ratio of the fits both errors are taken as independent.

    Parameters
    ----------
    dataset : xarray.Dataset
        `heuristic.nc`.
    eta : float

    Returns
    -------
    Figure
        Column width, three panels.

    Raises
    ------
    DataError
        When the dataset lacks a variable or this eta.
    """
    names = [f"kappa_{one}_simulated{end}" for one in LABELS for end in ("", "_error")]
    names += ["kappa_perpendicular_modelled", "coefficient_numbers", "coefficient_covariance", "mode_type", "eta"]
    selection.require(dataset, names, "coefficients")
    data = selection.at_eta(dataset, eta, "coefficients")
    rigidity = np.asarray(data["rigidity"].values, dtype=np.float64)
    with style.applied():
        figure = style.figure(style.COLUMN_WIDTH_IN, 5.9)
        panels = dict(zip(LABELS, figure.subplots(3, 1, sharex=True), strict=True))
        shown: dict[str, list[Floats]] = {name: [] for name in LABELS}
        for mode_type in map(str, data["mode_type"].values):
            points = _points(panels, data.sel(mode_type=mode_type), mode_type)
            fits = _fits(panels, dataset, mode_type, eta)
            for name, *values in zip(LABELS, points, fits, strict=True):
                shown[name] += values
        reach = style.log_limits([rigidity], margin=0.05) or (0.1, 10.0)
        for name, axes in panels.items():
            limits = style.log_limits(shown[name]) or (0.1, 10.0)
            if not any(np.isfinite(one).any() for one in shown[name]):
                style.note(axes, "no converged point")
            axes.set(xscale="log", yscale="log", xlim=reach, ylim=limits, ylabel=LABELS[name])
            style.log_ticks(axes.yaxis, limits)
        style.log_ticks(panels["ratio"].xaxis, reach)
        panels["ratio"].set_xlabel(r"$r_\mathrm{g}/L_\mathrm{c}$")
        figure.align_ylabels(list(panels.values()))
        handles = [style.mode_handle(str(one), linestyle="none") for one in data["mode_type"].values]
        grey = style.GUIDE_COLOUR
        drawn = {str(line.get_gid()).split()[0] for axes in panels.values() for line in axes.get_lines()}
        if "model" in drawn:
            looks: dict[str, Any] = {"marker": "o", "linestyle": "none", "markerfacecolor": "white"}
            handles.append(Line2D([], [], color=grey, label="model", **looks))
        if "fit" in drawn:
            handles.append(Line2D([], [], color=grey, label="fit over all points"))
        figure.legend(handles=handles, loc="outside upper center", ncols=2, title=rf"$\eta = {eta:g}$")
        return style.finish(figure)


def _points(panels: dict[str, Axes], data: xr.Dataset, mode_type: str) -> list[Floats]:
    """Draw simulation and model; returns the values that each panel must contain."""
    rigidity = np.asarray(data["rigidity"].values, dtype=np.float64)
    values, errors = (
        [(1 if one == "ratio" else 3) * data[f"kappa_{one}_simulated{end}"].values for one in LABELS]
        for end in ("", "_error")
    )
    looks: dict[str, Any] = {"color": style.mode_colour(mode_type), "marker": style.mode_marker(mode_type)}
    looks["linestyle"] = "none"
    for axes, value, error in zip(panels.values(), values, errors, strict=True):
        axes.errorbar(rigidity, value, error, elinewidth=0.7, markersize=3.2, **looks)
    one = 3 * data["kappa_perpendicular_modelled"].sel(variant="compound").values
    model = np.where(rigidity < LARGEST_RIGIDITY, one, np.nan)
    looks |= {"markersize": 5.2, "markerfacecolor": "none", "markeredgewidth": 0.7, "gid": f"model {mode_type}"}
    modelled = {"perpendicular": model, "ratio": model / values[0]}
    for name, numbers in modelled.items():
        if np.isfinite(numbers).any():
            panels[name].plot(rigidity, numbers, **looks)
    ends = [np.concatenate([value - error, value + error]) for value, error in zip(values, errors, strict=True)]
    return [np.append(end, modelled.get(name, [])) for name, end in zip(LABELS, ends, strict=True)]


def _fits(panels: dict[str, Axes], dataset: xr.Dataset, mode_type: str, eta: float) -> Floats:
    """Draw the fits where they are valid, each with its band; returns the values that each panel must contain."""
    try:
        low, high = covered_rigidities(dataset, mode_type, eta)
    except OutsideFitError:  # no point of this level has converged
        return np.empty((len(LABELS), 0))
    x = np.geomspace(low, high, FIT_POINTS) if low <= high else np.empty(0)
    along, across = coefficients_of(dataset, mode_type, eta, x)
    first, second = (np.asarray(found.error / found.kappa) for found in (along, across))
    values = [3 * along.kappa, 3 * across.kappa, across.kappa / along.kappa]
    colour = style.mode_colour(mode_type)
    for axes, value, relative in zip(panels.values(), values, (first, second, np.hypot(first, second)), strict=True):
        if not np.isfinite(value).any():
            continue
        axes.plot(x, value, color=colour, linewidth=0.9, gid=f"fit {mode_type}")
        low, high = value * np.exp(-relative), value * np.exp(relative)
        axes.fill_between(x, low, high, color=colour, alpha=BAND_OPACITY, linewidth=0.0)
    return np.array(values)
