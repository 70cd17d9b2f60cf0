"""Whether a curve has become a straight line: slopes of its late part, and how far two of them may differ."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WINDOW = 4.0
"""The line is fitted from a quarter of the duration to its end."""

SLOPES_AGREE = 3.0
"""Standard deviations by which the slopes of the window's two halves may differ.

False alarms on true plateaus, with bootstrap errors: 1 in 270 with 64 realisations, 1 in 100 with 16, 1 in 50 with 8.
"""


def slope(seconds: Floats, square: Floats, start: float, end: float) -> Floats:
    """Slope of the weighted least-squares line through ``square``, shape (..., n_times), between two times; NaN with
    too few grid times.
    """
    here = (seconds >= start * (1 - 1e-9)) & (seconds <= end * (1 + 1e-9))
    if here.sum() < 3:
        return np.full(square.shape[:-1], np.nan)
    t, weight = seconds[here], 1 / seconds[here] ** 2
    t = t - np.average(t, weights=weight)
    return np.asarray((square[..., here] @ (weight * t)) / np.sum(weight * t**2))
