"""A mean free path against rigidity and level: a broken power law of rigidity whose numbers shift with eta.

ln lambda is a smoothly broken power law of x = r_g/L_c (:mod:`fieldwalk.statistics.broken_power_law`) at eta = 1/2.
With eta its level, its breaks and its last slope but one shift by ln(2 eta) and ln(2 (1 - eta)) times numbers of their
own: for level and breaks, power laws of dB^2 and B0^2.
"""

import numpy as np
from numpy.typing import NDArray

from fieldwalk.statistics import broken_power_law
from fieldwalk.statistics.broken_power_law import FIRST_BREAK, FIRST_SLOPE, LEVEL, PER_BREAK

Floats = NDArray[np.float64]

MOST_BREAKS = 2
SHIFTED = ("level", "break", "slope")
"""What shifts with eta: ln level, every ln break, and the last slope but one."""

TERMS = [
    *broken_power_law.parameter_names(MOST_BREAKS),
    *(f"{what}_{with_what}" for what in SHIFTED for with_what in ("eta", "rest")),
]
"""Names of all numbers: the law at eta = 1/2, and by how much it shifts with ln(2 eta) and ln(2 (1 - eta)). A law with
one break leaves those of the second NaN."""

SHIFTS = 2 * len(SHIFTED)


def ln_value(numbers: Floats, rigidity: Floats, eta: Floats) -> Floats:
    """Logarithm of lambda at points, shape (n_points,).

    Parameters
    ----------
    numbers : array, shape (n,)
        A law, followed by its shifts.
    rigidity, eta : array, shape (n_points,)
    """
    return np.asarray(np.log(broken_power_law.value(rigidity[:, None], _laws(numbers, eta))[:, 0]))


def gradient(numbers: Floats, rigidity: Floats, eta: Floats) -> Floats:
    """Derivative of :func:`ln_value` with respect to the numbers, shape (n_points, n)."""
    of_law = broken_power_law.log_gradient(rigidity[:, None], _laws(numbers, eta))[:, 0]
    shifted = np.column_stack([of_law[:, places].sum(axis=1) for places in _shifted(of_law.shape[1])])
    return np.hstack([of_law, (shifted[:, :, None] * _levels(eta)[:, None, :]).reshape(len(of_law), SHIFTS)])


def _laws(numbers: Floats, eta: Floats) -> Floats:
    """The law at every point, shape (n_points, n - SHIFTS)."""
    laws = np.tile(numbers[:-SHIFTS], (eta.size, 1))
    shifts = _levels(eta) @ numbers[-SHIFTS:].reshape(len(SHIFTED), 2).T
    for places, shift in zip(_shifted(laws.shape[1]), shifts.T, strict=True):
        laws[:, places] += shift[:, None]
    return laws


def _levels(eta: Floats) -> Floats:
    """ln(2 eta) and ln(2 (1 - eta)), shape (n_points, 2)."""
    return np.column_stack([np.log(2 * eta), np.log(2 * (1 - eta))])


def _shifted(size: int) -> list[NDArray[np.int64]]:
    """Places in a law of this size of what :data:`SHIFTED` names."""
    breaks = np.arange(FIRST_BREAK, size, PER_BREAK)
    last_slope_but_one = FIRST_SLOPE if breaks.size == 1 else int(breaks[-2]) + 1
    return [np.array([LEVEL]), breaks, np.array([last_slope_but_one])]
