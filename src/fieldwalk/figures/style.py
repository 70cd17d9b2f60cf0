"""The common style of all figures: sizes, fonts, colours and names.

Widths are those of a two-column astrophysical journal. The fonts are the STIX fonts that come with matplotlib, so no
LaTeX is needed and a figure looks the same on every machine. Mode types have Okabe-Ito colours and individual markers,
so that nothing depends on colour alone; rigidities have ordered colours from viridis.
"""

import math
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any

import matplotlib
import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, LogFormatterMathtext, NullFormatter
from numpy.typing import NDArray

COLUMN_WIDTH_IN = 3.4
PAGE_WIDTH_IN = 7.0

GUIDE_COLOUR = "#6E6E6E"

Colour = str | tuple[float, float, float, float]

# Name, colour and marker of each mode type. The colours are those of Okabe & Ito (2008), without the yellow
# that vanishes on white paper.
MODES = {
    "isotropic": ("Isotropic", "#000000", "o"),
    "alfvenic": ("Alfvénic", "#0072B2", "s"),
    "magnetosonic": ("Magnetosonic", "#D55E00", "^"),
    "slab": ("Slab", "#E69F00", "D"),
    "two_dimensional": ("Two-dimensional", "#009E73", "v"),
    "composite": ("Composite", "#CC79A7", "p"),
    "goldreich_sridhar": ("Goldreich–Sridhar", "#56B4E9", "h"),
}

_TICKS: dict[str, Any] = {
    "direction": "in",
    "labelsize": 8.0,
    "major.size": 3.5,
    "minor.size": 1.8,
    "major.width": 0.6,
    "minor.width": 0.4,
}
_PARAMETERS: dict[str, Any] = {
    "font.family": "STIXGeneral",
    "mathtext.fontset": "stix",
    "font.size": 9.0,
    "axes.labelsize": 9.0,
    "axes.titlesize": 9.0,
    "axes.titlepad": 4.0,
    "legend.fontsize": 8.0,
    "legend.title_fontsize": 8.5,
    "legend.frameon": False,
    "legend.handlelength": 1.8,
    "legend.columnspacing": 1.3,
    "legend.labelspacing": 0.3,
    "legend.borderaxespad": 0.2,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.9,
    "lines.markeredgewidth": 0.9,
    "grid.color": "0.88",
    "grid.linewidth": 0.4,
    **{f"{axis}tick.{name}": value for axis in "xy" for name, value in _TICKS.items()},
    "xtick.top": True,
    "ytick.right": True,
    "figure.dpi": 150.0,
    "savefig.dpi": 300.0,
    # TrueType fonts are embedded completely; many journals do not accept Type 3 fonts, matplotlib's default.
    "pdf.fonttype": 42,
}


def applied() -> AbstractContextManager[None]:
    """Apply the style within a ``with`` block, on top of matplotlib's defaults and not of the user's settings.

    Returns
    -------
    context manager
        Everything drawn or saved inside follows the style; the previous settings are restored afterwards.
    """
    return matplotlib.style.context(_PARAMETERS, after_reset=True)


def figure(width_in: float, height_in: float) -> Figure:
    """Make an empty figure of a given size in inches, with automatic layout of panels and legends."""
    return Figure(
        figsize=(width_in, height_in),
        layout=ConstrainedLayoutEngine(h_pad=0.025, w_pad=0.025, hspace=0.01, wspace=0.01),
    )


def width_of_columns(count: int, each_in: float) -> float:
    """Width in inches of ``count`` columns of panels side by side, at least a text column and at most a page."""
    return min(PAGE_WIDTH_IN, max(COLUMN_WIDTH_IN, each_in * count + 0.5))


def mode_label(mode_type: str) -> str:
    """Name of a mode type in figures.

    Examples
    --------
    >>> mode_label("two_dimensional"), mode_label("my_type")
    ('Two-dimensional', 'My type')
    """
    return MODES[mode_type][0] if mode_type in MODES else mode_type.replace("_", " ").capitalize()


def mode_colour(mode_type: str) -> str:
    """Colour of a mode type; grey if the style does not define one."""
    return MODES[mode_type][1] if mode_type in MODES else "#7F7F7F"


def mode_marker(mode_type: str) -> str:
    """Marker of a mode type; an X if the style does not define one."""
    return MODES[mode_type][2] if mode_type in MODES else "X"


def mode_handle(mode_type: str, **looks: Any) -> Line2D:
    """Make the legend entry of a mode type; ``looks`` are properties of a matplotlib line."""
    colour, marker = mode_colour(mode_type), mode_marker(mode_type)
    return Line2D([], [], **{"color": colour, "marker": marker, "label": mode_label(mode_type), **looks})


def ordered_colours(count: int) -> list[Colour]:
    """Ordered, perceptually uniform colours for ``count`` rigidities or levels, dark for the lowest.

    The bright end of viridis is left out, because yellow lines are hard to see on white paper.
    """
    places = np.linspace(0.0, 0.86, count) if count > 1 else np.array([0.3])
    colours = matplotlib.colormaps["viridis"](places)
    return [(float(red), float(green), float(blue), float(alpha)) for red, green, blue, alpha in colours]


def number(value: float, digits: int = 3) -> str:
    """Format a positive number as mathtext without dollar signs, with a power of ten outside 1e-3 to 1e4.

    Examples
    --------
    >>> number(0.25), number(1e6)
    ('0.25', '10^{6}')
    """
    if 1e-3 <= value < 1e4:
        return f"{value:.{digits}g}"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    factor = "" if mantissa == "1" else rf"{mantissa}\times "
    return rf"{factor}10^{{{int(exponent)}}}"


def note(axes: Axes, text: str, *, height: float = 0.5) -> None:
    """Write a remark into a panel that shows no data, or no measured data."""
    axes.text(
        0.5,
        height,
        text,
        transform=axes.transAxes,
        ha="center",
        va="center",
        color=GUIDE_COLOUR,
        style="italic",
    )


def log_limits(values: Iterable[NDArray[np.float64]], *, margin: float = 0.06) -> tuple[float, float] | None:
    """Limits of a logarithmic axis that hold every positive finite value.

    Parameters
    ----------
    values : iterable of arrays
        In the unit of the axis; zeros, negative numbers, NaN and infinities are ignored.
    margin : float
        Free space at either end, as a fraction of the length of the axis.

    Returns
    -------
    (float, float) or None
        Lower and upper limit, at least half a decade apart; None when there is nothing to show.

    Examples
    --------
    >>> low, high = log_limits([np.array([0.0, 1.0, np.nan, 100.0])], margin=0.05)
    >>> round(low, 4), round(high, 2)  # 10^-0.1 and 10^2.1
    (0.7943, 125.89)
    """
    kept = [flat[np.isfinite(flat) & (flat > 0.0)] for flat in (np.ravel(one) for one in values)]
    joined = np.concatenate(kept) if kept else np.empty(0)
    if joined.size == 0:
        return None
    low, high = np.log10(joined.min()), np.log10(joined.max())
    missing = max(0.0, 0.5 - (high - low)) / 2.0
    room = margin * (high - low + 2.0 * missing)
    return float(10.0 ** (low - missing - room)), float(10.0 ** (high + missing + room))


def log_ticks(axis: Axis, limits: tuple[float, float], *, labels: int = 6) -> None:
    """Set the ticks of a logarithmic axis: at most about ``labels`` labels, and minor ticks that can be distinguished.

    On less than two decades 2 and 5 are labelled besides the decades, on less than one decade 3 as well. Numbers from
    0.01 to 100 are written out, others as powers of ten.
    """
    low, high = limits
    span = math.log10(high / low)
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    stride = max(1, math.ceil(span / labels))
    if span < 2.0:
        digits = (1.0, 2.0, 3.0, 5.0) if span < 1.0 else (1.0, 2.0, 5.0)
        labelled = [digit * 10.0**one for one in exponents for digit in digits]
    else:
        labelled = [10.0**one for one in exponents if one % stride == 0]
    if stride == 1:
        between = [digit * 10.0**one for one in exponents for digit in range(1, 10)]
    else:
        # Where not all decades can be labelled, ticks at 2 to 9 could not be distinguished.
        between = [10.0**one for one in exponents]
    axis.set_major_locator(FixedLocator([one for one in labelled if low <= one <= high]))
    axis.set_minor_locator(FixedLocator([one for one in between if low <= one <= high]))
    plain = all(0.0099 < one < 101.0 for one in labelled if low <= one <= high)
    if plain or span < 2.0:
        # 2 and 5 cannot be labelled by a power of ten alone
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"${number(value, 6)}$"))
    else:
        axis.set_major_formatter(LogFormatterMathtext())
    axis.set_minor_formatter(NullFormatter())


def finish(figure: Figure) -> Figure:
    """Lay the figure out while the style is applied, so that it looks the same wherever it is shown."""
    figure.draw_without_rendering()
    return figure
