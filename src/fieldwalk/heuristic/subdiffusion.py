"""The window of time in which <dr_perpendicular^2> grows most slowly, and its exponent there."""

import numpy as np
from numpy.typing import NDArray

from fieldwalk.heuristic.model import mean_square
from fieldwalk.statistics.bootstrap import NO_NUMBER, Number, number

Floats = NDArray[np.float64]

SUBDIFFUSIVE = 0.9
"""Largest value of the lowest local exponent of <dr^2> that counts as subdiffusion."""


def subdiffusive_window(time: Floats, coefficient: Floats) -> tuple[Number, str]:
    """First and last time between which <dr^2> grows most slowly.

    The local exponent d ln<dr^2>/d ln t decreases from 2 to a lowest value and then increases to 1. The window is where
    it is nearer to its lowest value than to 1, so that it does not depend on a choice.

    Parameters
    ----------
    time, coefficient : array, shape (n_times,)
        Times in L_c/c, and d_perpendicular of the model in c L_c.

    Returns
    -------
    window : (float, float)
        In the unit of ``time``; NaN when there is no subdiffusion.
    reason : str
        Why there is no window, empty when there is one.

    Examples
    --------
    >>> subdiffusive_window(np.geomspace(0.1, 10.0, 33), np.ones(33))  # diffusive at all times
    ((nan, nan), 'no subdiffusion: the local exponent never falls below 1.00')
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
    """Exponent alpha of <dr^2> ~ t^alpha and its error, by least squares in the logarithms.

    Parameters
    ----------
    time : array, shape (n_times,)
        Increasing and positive.
    square : array, shape (1 + n_samples, n_times)
        The best curve in the first row, and bootstrap samples in the others.

    Examples
    --------
    >>> time = np.geomspace(1.0, 10.0, 9)
    >>> [round(one, 6) for one in exponent(time, np.tile(time**0.6, (3, 1)))]
    [0.6, 0.0]
    """
    centred = np.log(time) - np.log(time).mean()
    return number(np.log(np.maximum(square, 1e-300)) @ centred / (centred @ centred))
