"""The window in which <dr_perpendicular^2> grows slowest, and its exponent there."""

import numpy as np
from numpy.typing import NDArray

from fieldwalk.heuristic.model import mean_square
from fieldwalk.statistics.bootstrap import NO_NUMBER, Number, number

Floats = NDArray[np.float64]

SUBDIFFUSIVE = 0.9
"""Lowest local exponent of <dr^2> above which there is no subdiffusion worth a window."""


def subdiffusive_window(time: Floats, coefficient: Floats) -> tuple[Number, str]:
    """First and last time between which <dr^2> grows slowest.

    The local exponent d ln<dr^2>/d ln t falls from 2 to a lowest value and rises to 1. The window is where it is nearer
    to its lowest than to 1, so that no one chooses it.

    Parameters
    ----------
    time, coefficient : array, shape (n_times,)
        Of the model.

    Returns
    -------
    window : (float, float)
        NaN where there is none.
    reason : str
        Why not, or empty.
    """
    local = 2 * time * coefficient / mean_square(time, coefficient)
    lowest = int(np.argmin(local))
    if local[lowest] > SUBDIFFUSIVE:
        return NO_NUMBER, f"no subdiffusion: the local exponent never falls below {local[lowest]:.2f}"
    outside = np.flatnonzero(local > 0.5 * (1 + local[lowest]))
    first = outside[outside < lowest].max(initial=-1) + 1
    last = outside[outside > lowest].min(initial=time.size) - 1
    return (float(time[first]), float(time[last])), ""


def exponent(time: Floats, square: Floats) -> Number:
    """Exponent of <dr^2> ~ t^alpha by least squares in the logarithms, the first row best and the others samples."""
    centred = np.log(time) - np.log(time).mean()
    return number(np.log(np.maximum(square, 1e-300)) @ centred / (centred @ centred))
