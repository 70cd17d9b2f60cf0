"""A legend that is a table: one row for each curve, one column for each fit, the exponents in the cells."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from fieldwalk.figures import style
from fieldwalk.particles.scaling import PowerLawFit, Window

_ROW_IN = 0.165
_HEAD_ROWS = 2.4
# Share of the width that names the curves.
_NAMES = 0.2

Fits = dict[tuple[str, Window], PowerLawFit]
"""The fits of one curve."""


# chi-square per degree of freedom beyond which points do not follow one power law: errors are more than doubled.
_POOR = 4.0


def poor(fit: PowerLawFit) -> bool:
    """Tell whether a fit is no description of its points."""
    return fit.reduced_chi_square > _POOR


def height_in(rows: int) -> float:
    """Height in inches of a table of so many curves."""
    return (rows + _HEAD_ROWS) * _ROW_IN


def draw(
    axes: Axes,
    handles: Sequence[Line2D],
    columns: Sequence[tuple[str, Window]],
    fits: Sequence[Fits],
    names: Mapping[str, str],
) -> None:
    """Fill a panel with the table.

    Parameters
    ----------
    axes : Axes
        Loses its frame.
    handles : list of Line2D
        Looks and label of each curve, one per row.
    columns : list of (variable, window)
    fits : list of dict
        One for each row. A fit that is not there leaves its cell empty; one that was refused says how many points there
        were.
    names : dict
        Variables as mathtext without dollar signs.
    """
    axes.set_axis_off()
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(len(handles) + _HEAD_ROWS, 0.0)
    looks: dict[str, Any] = {"va": "center", "fontsize": 8.0}
    places = [_NAMES + (1.0 - _NAMES) * (number + 0.5) / max(len(columns), 1) for number in range(len(columns))]
    axes.text(0.0, 0.5, "Exponents", **looks)
    axes.text(0.0, 1.4, r"$(\chi^2/\mathrm{dof})$", color=style.GUIDE_COLOUR, **looks)
    axes.axhline(2.05, color="0.7", linewidth=0.5)
    for place, (variable, window) in zip(places, columns, strict=True):
        axes.text(place, 0.5, f"${names[variable]}$", ha="center", **looks)
        axes.text(place, 1.4, f"${_range(window)}$", ha="center", color=style.GUIDE_COLOUR, **looks)
    for row, (handle, found) in enumerate(zip(handles, fits, strict=True)):
        height = row + _HEAD_ROWS + 0.4
        axes.add_line(_moved(handle, [0.0, 0.02, 0.04], height))
        axes.text(0.055, height, str(handle.get_label()), **looks)
        for place, column in zip(places, columns, strict=True):
            if column not in found:
                continue
            fit = found[column]
            if fit.reason:
                words = f"{fit.points} point{'' if fit.points == 1 else 's'}"
                axes.text(place, height, words, ha="center", color=style.GUIDE_COLOUR, style="italic", **looks)
            else:
                colour = style.GUIDE_COLOUR if poor(fit) else "black"
                axes.text(place, height, _cell(fit), ha="center", color=colour, **looks)


def _cell(fit: PowerLawFit) -> str:
    """Two digits of the error, at most three decimals."""
    decimals = min(3, max(1, 1 - math.floor(math.log10(fit.error)))) if fit.error > 0.0 else 3
    reduced = fit.reduced_chi_square
    return rf"${fit.exponent:.{decimals}f} \pm {fit.error:.{decimals}f}$  $({reduced:.{1 if reduced < 9.95 else 0}f})$"


def _range(window: Window) -> str:
    symbol = r"r_\mathrm{g}/L_\mathrm{c}"
    above = rf"{symbol} \leq {style.number(window.high)}"
    return above if window.low == 0.0 else rf"{style.number(window.low)} \leq {above}"


def _moved(handle: Line2D, places: list[float], height: float) -> Line2D:
    line = Line2D(places, [height] * len(places))
    line.update_from(handle)
    line.set_markevery([1])
    line.set_clip_on(False)
    return line
