"""Energy spectrum and correlation function of drawn fields against theory."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from fieldwalk.figures import selection, style

_RESIDUAL_HEIGHT = 0.36
_LEGEND_COLUMNS = 3
_SYMBOL: dict[str, Any] = {"markersize": 3.0, "markerfacecolor": "white", "markeredgewidth": 0.7}


def turbulence(dataset: xr.Dataset) -> Figure:
    """Draw the energy spectrum (left) and the correlation function (right) of drawn fields against theory.

    Symbols with error bars are measured on drawn fields, lines are theory. The lower panels show the ratio of the
    measured to the theoretical spectrum, and the measured minus the theoretical correlation. The legend gives the
    correlation length measured for each mode type.

    Parameters
    ----------
    dataset : xarray.Dataset
        `turbulence.nc`: `energy_spectrum` with `_error` and `_theory` (L_c, integral 1) of shape (mode_type,
        wavenumber), `correlation` with `_error` and `_theory` (1 at zero separation) of shape (mode_type,
        separation), and `measured_length` with `_error` (L_c) of shape (mode_type,).

    Returns
    -------
    Figure
        Page width.

    Raises
    ------
    DataError
        When the dataset lacks a variable; make it again with this version.
    """
    needed = [f"{name}{ending}" for name in ("energy_spectrum", "correlation") for ending in ("", "_error", "_theory")]
    selection.require(
        dataset,
        [*needed, "measured_length", "measured_length_error", "mode_type", "wavenumber", "separation"],
        "turbulence",
    )
    mode_types = [str(one) for one in dataset["mode_type"].values]
    with style.applied():
        figure = style.figure(style.PAGE_WIDTH_IN, 3.6 + 0.15 * math.ceil(len(mode_types) / _LEGEND_COLUMNS))
        panels = figure.subplots(2, 2, sharex="col", height_ratios=(1.0, _RESIDUAL_HEIGHT), squeeze=False)
        _spectrum(panels[0, 0], panels[1, 0], dataset, mode_types)
        _correlation(panels[0, 1], panels[1, 1], dataset, mode_types)
        figure.align_ylabels(list(panels[:, 0]))
        figure.align_ylabels(list(panels[:, 1]))
        _legend(figure, dataset, mode_types)
        return style.finish(figure)


def _column(dataset: xr.Dataset, name: str, mode_type: str) -> NDArray[np.float64]:
    return np.asarray(dataset[name].sel(mode_type=mode_type).values, dtype=np.float64)


def _spectrum(axes: Axes, residual: Axes, dataset: xr.Dataset, mode_types: list[str]) -> None:
    wavenumber = np.asarray(dataset["wavenumber"].values, dtype=np.float64)
    axes.set_ylabel(r"$G(k)\ \ [L_\mathrm{c}]$")
    residual.set_ylabel(r"$G/G_\mathrm{theory}$")
    residual.set_xlabel(r"$k\ \ [1/L_\mathrm{c}]$")
    reach = style.log_limits([wavenumber], margin=0.04)
    limits = style.log_limits([dataset["energy_spectrum"].values, dataset["energy_spectrum_theory"].values])
    residual.axhline(1.0, color=style.GUIDE_COLOUR, linewidth=0.8, zorder=1)
    if reach is None or limits is None:
        style.note(axes, "no value")
        axes.set_yticks([])
        return
    axes.set_xscale("log")
    axes.set_xlim(reach)
    axes.set_yscale("log")
    axes.set_ylim(limits)
    style.log_ticks(axes.xaxis, reach)
    style.log_ticks(axes.yaxis, limits)
    lines = _line_colours(dataset, "energy_spectrum_theory", mode_types)
    for mode_type in mode_types:
        value, error, theory = (
            _column(dataset, f"energy_spectrum{ending}", mode_type) for ending in ("", "_error", "_theory")
        )
        theory = np.where(theory > 0.0, theory, np.nan)
        colour, marker = style.mode_colour(mode_type), style.mode_marker(mode_type)
        axes.plot(wavenumber, theory, color=lines[mode_type], linewidth=0.9, gid=f"theory spectrum {mode_type}")
        positive = np.where(value > 0.0, value, np.nan)
        _measured(axes, wavenumber, positive, error, colour, marker, f"measured spectrum {mode_type}")
        _measured(
            residual,
            wavenumber,
            value / theory,
            error / theory,
            colour,
            marker,
            f"residual spectrum {mode_type}",
        )
    _frame(residual, 1.0)
    _slope(axes, wavenumber, _column(dataset, "energy_spectrum_theory", mode_types[0]))


def _correlation(axes: Axes, residual: Axes, dataset: xr.Dataset, mode_types: list[str]) -> None:
    separation = np.asarray(dataset["separation"].values, dtype=np.float64)
    axes.set_ylabel(r"$R(r)/\delta B^2$")
    residual.set_ylabel(r"$\Delta R/\delta B^2$")
    residual.set_xlabel(r"$r\ \ [L_\mathrm{c}]$")
    for panel in (axes, residual):
        panel.axhline(0.0, color=style.GUIDE_COLOUR, linewidth=0.8, zorder=1)
    if not np.isfinite(dataset["correlation"].values).any():
        style.note(axes, "no value")
        axes.set_yticks([])
        return
    room = 0.03 * float(np.ptp(separation))
    axes.set_xlim(float(separation.min()) - room, float(separation.max()) + room)
    lines = _line_colours(dataset, "correlation_theory", mode_types)
    shown = _spaced(separation)
    for mode_type in mode_types:
        value, error, theory = (
            _column(dataset, f"correlation{ending}", mode_type) for ending in ("", "_error", "_theory")
        )
        colour, marker = style.mode_colour(mode_type), style.mode_marker(mode_type)
        axes.plot(separation, theory, color=lines[mode_type], linewidth=0.9, gid=f"theory correlation {mode_type}")
        place, value, error, theory = separation[shown], value[shown], error[shown], theory[shown]
        _measured(axes, place, value, error, colour, marker, f"measured correlation {mode_type}")
        _measured(residual, place, value - theory, error, colour, marker, f"residual correlation {mode_type}")
    axes.minorticks_on()
    _frame(residual, 0.0)


def _line_colours(dataset: xr.Dataset, theory: str, mode_types: list[str]) -> dict[str, str]:
    """Colour the lines by mode type, or all of them black if the theory is the same for all types."""
    columns = [_column(dataset, theory, one) for one in mode_types]
    if all(np.allclose(one, columns[0], rtol=1e-6, atol=1e-12, equal_nan=True) for one in columns):
        return dict.fromkeys(mode_types, "black")
    return {one: style.mode_colour(one) for one in mode_types}


def _spaced(place: NDArray[np.float64]) -> list[int]:
    """Choose separations whose symbols do not overlap: near zero the separations are dense."""
    shown = [0]
    for index in range(1, place.size):
        if place[index] - place[shown[-1]] > np.ptp(place) / 45.0:
            shown.append(index)
    return shown


def _measured(
    axes: Axes,
    place: NDArray[np.float64],
    value: NDArray[np.float64],
    error: NDArray[np.float64],
    colour: str,
    marker: str,
    gid: str,
) -> None:
    drawn = axes.errorbar(place, value, yerr=np.nan_to_num(error), fmt=marker, color=colour, elinewidth=0.7, **_SYMBOL)
    drawn.lines[0].set_gid(gid)


def _frame(axes: Axes, centre: float) -> None:
    """Centre a panel of residuals on agreement, so that a bias is visible."""
    low, high = axes.dataLim.y0, axes.dataLim.y1
    reach = 1.2 * max(abs(low - centre), abs(high - centre)) if math.isfinite(low) and math.isfinite(high) else 0.0
    reach = max(reach, 1e-3)
    axes.set_ylim(centre - reach, centre + reach)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))


def _slope(axes: Axes, wavenumber: NDArray[np.float64], theory: NDArray[np.float64]) -> None:
    """Draw the slope of the inertial range above the spectrum; it is fitted to the theory at large wavenumbers."""
    kept = np.isfinite(theory) & (theory > 0.0)
    if np.count_nonzero(kept) < 4:
        return
    place, level = wavenumber[kept], theory[kept]
    chosen = (place >= np.quantile(place, 0.5)) & (place <= np.quantile(place, 0.9))
    if np.count_nonzero(chosen) < 2:
        return
    slope = float(np.polyfit(np.log(place[chosen]), np.log(level[chosen]), 1)[0])
    ends = np.array([place[chosen][0], place[chosen][-1]])
    line = 3.0 * np.interp(ends[0], place, level) * (ends / ends[0]) ** slope
    axes.plot(ends, line, color=style.GUIDE_COLOUR, linewidth=0.9, gid="guide")
    axes.annotate(
        rf"$\propto k^{{{_exponent(slope)}}}$",
        (math.sqrt(ends[0] * ends[1]), math.sqrt(line[0] * line[1])),
        (3.0, 3.0),
        textcoords="offset points",
        ha="left",
        va="bottom",
        color=style.GUIDE_COLOUR,
    )


def _exponent(slope: float) -> str:
    """Format a slope as a fraction with a denominator up to 3 (-5/3, -3/2), or with two decimals."""
    fraction = Fraction(slope).limit_denominator(3)
    if abs(float(fraction) - slope) > 0.01:
        return f"{slope:.2f}"
    return str(fraction)


def _legend(figure: Figure, dataset: xr.Dataset, mode_types: list[str]) -> None:
    handles = []
    for mode_type in mode_types:
        chosen = dataset.sel(mode_type=mode_type)
        length, error = float(chosen["measured_length"]), float(chosen["measured_length_error"])
        words = rf"{length:.2f} \pm {error:.2f}" if math.isfinite(error) else f"{length:.2f}"
        text = f"${words}$" if math.isfinite(length) else "no length"
        if "theory_length" in chosen and math.isfinite(float(chosen["theory_length"])):
            text += f" ({float(chosen['theory_length']):.2f})"
        label = f"{style.mode_label(mode_type)}: {text}"
        handles.append(style.mode_handle(mode_type, linestyle="none", label=label, **_SYMBOL))
    handles.append(Line2D([], [], color="black", linewidth=0.9, label="theory"))
    expected = " (in theory)" if "theory_length" in dataset else ""
    title = rf"Correlation length of the drawn fields{expected} in $L_\mathrm{{c}}$"
    columns = len(handles) if len(handles) <= _LEGEND_COLUMNS + 1 else _LEGEND_COLUMNS
    figure.legend(handles=handles, loc="outside upper center", ncols=columns, title=title)
