"""Diffusion coefficients of field lines against the level of turbulence."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fieldwalk.figures import selection, style

Floats = NDArray[np.float64]

WEAK_LEVEL = 0.3
"""Largest eta of the fitted power laws."""

MOST_INSIDE = 4
"""Number of types beyond which the legend would cover values and is placed above the panels."""


def line_diffusion(dataset: xr.Dataset) -> Figure:
    """Draw K_tau against dB/B0 with its theories and fitted powers, and K_s <|B|>/K_tau, which is one, against eta.

    Parameters
    ----------
    dataset : xarray.Dataset
        `field_lines.nc`: `diffusion_coefficient_<way>`, `_error`, `_last`, `quasi_linear_limit`, `corrsin`,
        `strength_identity`, of shape (mode_type, eta), and `diffusion_exponent` (mode_type).

    Returns
    -------
    Figure
        Filled symbols are converged values. Where a coefficient has not converged it still decreases: open symbols with
        an arrow are upper limits, the coefficient of the last half plus two standard errors. Dashed: Corrsin; dotted:
        quasi-linear; dash-dotted: two-component theory; solid: the fitted power law at eta <= 0.3.

    Raises
    ------
    DataError
        When the dataset lacks a variable; make it again with this version.
    """
    needed = ["diffusion_coefficient_tau", "diffusion_coefficient_tau_error", "diffusion_coefficient_tau_last"]
    needed += ["diffusion_coefficient_tau_last_error", "composite_theory"]
    needed += ["strength_identity", "strength_identity_error", "quasi_linear_limit", "corrsin"]
    selection.require(dataset, [*needed, "diffusion_exponent", "mode_type", "eta"], "field_lines")
    dataset = dataset.sortby("eta")
    mode_types = [str(one) for one in dataset["mode_type"].values]
    with style.applied():
        crowded = len(mode_types) > MOST_INSIDE
        figure = style.figure(style.PAGE_WIDTH_IN, 4.2 if crowded else 3.6)
        main, ratio = figure.subplots(1, 2, width_ratios=(1.5, 1.0))
        shown = [_against_level(main, dataset.sel(mode_type=mode_type), mode_type) for mode_type in mode_types]
        levels = [level for level, _ in shown]
        main.set(xscale="log", yscale="log", xlabel=r"$\delta B/B_0$")
        for axis, values in ((main.xaxis, levels), (main.yaxis, [value for _, value in shown])):
            limits = style.log_limits(values) or (0.01, 1.0)
            (main.set_xlim if axis is main.xaxis else main.set_ylim)(limits)
            style.log_ticks(axis, limits)
        if not np.any(dataset["eta"] < 1):
            style.note(main, "no mean field")
        main.set_ylabel(r"$K_\tau\ \ [L_\mathrm{c}B_\mathrm{tot}]$")
        handles = [style.mode_handle(one, linestyle="-", label=_words(dataset, one)) for one in mode_types]
        handles.append(Line2D([], [], color=style.GUIDE_COLOUR, linestyle="--", label="Corrsin"))
        handles.append(Line2D([], [], color=style.GUIDE_COLOUR, linestyle=":", label="quasi-linear"))
        if np.isfinite(dataset["composite_theory"].values).any():
            handles.append(Line2D([], [], color=style.GUIDE_COLOUR, linestyle="-.", label="two-component"))
        if not np.isfinite(dataset["diffusion_coefficient_tau"].sel(eta=dataset["eta"] < 1).values).all():
            looks: dict[str, Any] = {"linestyle": "none", "color": "0.3"}
            handles.append(Line2D([], [], marker=r"$\downarrow$", label=r"upper limit, + 2$\sigma$", **looks))
        if crowded:
            figure.legend(handles=handles, loc="outside upper center", ncols=3)
        else:
            main.legend(handles=handles, loc="lower right")
        for number, mode_type in enumerate(mode_types):
            _identity(ratio, dataset.sel(mode_type=mode_type), mode_type, 0.012 * (number - (len(mode_types) - 1) / 2))
        ratio.axhline(1.0, color=style.GUIDE_COLOUR, linewidth=0.6)
        if not np.isfinite(dataset["strength_identity"].values).any():
            style.note(ratio, "no converged value", height=0.7)
        ratio.set(xlim=(-0.04, 1.04), xlabel=r"$\eta$", ylabel=r"$K_s\,\langle|B|\rangle/K_\tau$")
        return style.finish(figure)


def _against_level(axes: Axes, data: xr.Dataset, mode_type: str) -> tuple[Floats, Floats]:
    """Draw K_tau of one type with its theories; returns levels and values that the axes must contain."""
    data = data.sel(eta=data["eta"] < 1)
    if not data.sizes["eta"]:
        return np.empty(0), np.empty(0)
    eta = np.asarray(data["eta"].values, dtype=np.float64)
    level = np.sqrt(eta / (1 - eta))
    value, error, last, last_error = (
        np.asarray(data[f"diffusion_coefficient_tau{end}"].values, dtype=np.float64)
        for end in ("", "_error", "_last", "_last_error")
    )
    looks: dict[str, Any] = {"color": style.mode_colour(mode_type), "marker": style.mode_marker(mode_type)}
    looks["linestyle"] = ""
    if np.isfinite(value).any():
        axes.errorbar(level, value, error, **looks).lines[0].set_gid(f"measured {mode_type}")
    open_ones = np.where(np.isfinite(value), np.nan, np.fmax(last, 0.0) + 2 * last_error)
    if np.isfinite(open_ones).any():
        limits = {**looks, "markerfacecolor": "white"}
        # an arrow of a third of the value appears equally long everywhere on the logarithmic axis
        drawn = axes.errorbar(level, open_ones, 0.35 * open_ones, uplims=True, elinewidth=0.7, capsize=1.5, **limits)
        drawn.lines[0].set_gid(f"unconverged {mode_type}")
    axes.plot(level, data["corrsin"], color=looks["color"], linestyle="--", linewidth=0.8)
    theory = data["composite_theory"] * np.sqrt(1 - eta)
    axes.plot(level, theory, color=looks["color"], linestyle="-.", linewidth=0.9)
    # K_tau is B0 times the coefficient against distance
    axes.plot(level, data["quasi_linear_limit"] * np.sqrt(1 - eta), color=looks["color"], linestyle=":", linewidth=0.9)
    exponent = float(data["diffusion_exponent"])
    fitted = np.isfinite(value) & (eta <= WEAK_LEVEL)
    if np.isfinite(exponent) and fitted.any():
        logarithm = np.average(np.log(value[fitted] / level[fitted] ** exponent), weights=(value / error)[fitted] ** 2)
        axes.plot(level[fitted], np.exp(logarithm) * level[fitted] ** exponent, color=looks["color"], linewidth=0.9)
    return level, np.concatenate([value, open_ones])


def _identity(axes: Axes, data: xr.Dataset, mode_type: str, shift: float) -> None:
    """Draw K_s <|B|>/K_tau; its error takes into account that the lines are the same in both."""
    looks: dict[str, Any] = {"color": style.mode_colour(mode_type), "marker": style.mode_marker(mode_type)}
    value, error = data["strength_identity"], data["strength_identity_error"]
    axes.errorbar(data["eta"] + shift, value, error, linestyle="", **looks)


def _words(dataset: xr.Dataset, mode_type: str) -> str:
    """Name of a type with its fitted exponent."""
    here = dataset.sel(mode_type=mode_type)
    exponent, error = float(here["diffusion_exponent"]), float(here["diffusion_exponent_error"])
    label = style.mode_label(mode_type)
    return rf"{label}: $(\delta B/B_0)^{{{exponent:.2f}\pm{error:.2f}}}$" if np.isfinite(exponent) else label
