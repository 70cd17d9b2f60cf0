"""A mean free path as a function of rigidity and eta: a broken power law of rigidity whose parameters shift with eta.

lambda is a smoothly broken power law of x = r_g/L_c (:mod:`fieldwalk.statistics.broken_power_law`) at eta = 1/2. At
another eta the logarithms of its level and of its breaks, and its last slope but one, are shifted by fitted multiples
of ln(2 eta) and ln(2 (1 - eta)); level and breaks are thus power laws of dB^2 and B0^2.
"""

import numpy as np
from numpy.typing import NDArray

from fieldwalk.statistics import broken_power_law
from fieldwalk.statistics.broken_power_law import FIRST_BREAK, FIRST_SLOPE, LEVEL, PER_BREAK

Floats = NDArray[np.float64]

MOST_BREAKS = 2
SHIFTED = ("level", "break", "slope")
"""Parameters that shift with eta: ln level, every ln break, and the last slope but one."""

TERMS = [
    *broken_power_law.parameter_names(MOST_BREAKS),
    *(f"{what}_{with_what}" for what in SHIFTED for with_what in ("eta", "rest")),
]
"""Names of all parameters: the law at eta = 1/2, and its shifts with ln(2 eta) and ln(2 (1 - eta)).

For a law with one break those of the second break are NaN."""

SHIFTS = 2 * len(SHIFTED)


def ln_value(numbers: Floats, rigidity: Floats, eta: Floats) -> Floats:
    """Logarithm of lambda/L_c at given points, shape (n_points,).

    Parameters
    ----------
    numbers : array, shape (n,)
        Parameters of the law at eta = 1/2, followed by its shifts.
    rigidity, eta : array, shape (n_points,)
        r_g/L_c, and the level of turbulence.

    Examples
    --------
    >>> constant, no_shifts = np.array([np.log(3.0), 0.0, 0.0, 0.0, 0.0]), np.zeros(6)  # lambda = 3 L_c
    >>> np.exp(ln_value(np.append(constant, no_shifts), np.array([0.01, 1.0]), np.array([0.1, 0.5]))).round(6)
    array([3., 3.])
    >>> shifts = np.array([1.0, 0.0, 0.0, 0.0, 0.0, 0.0])  # lambda proportional to dB^2
    >>> np.exp(ln_value(np.append(constant, shifts), np.array([1.0]), np.array([0.25]))).round(6)
    array([1.5])
    """
    return np.asarray(np.log(broken_power_law.value(rigidity[:, None], _laws(numbers, eta))[:, 0]))


def gradient(numbers: Floats, rigidity: Floats, eta: Floats) -> Floats:
    """Derivative of :func:`ln_value` with respect to ``numbers``, shape (n_points, n).

    Examples
    --------
    >>> constant, no_shifts = np.array([np.log(3.0), 0.0, 0.0, 0.0, 0.0]), np.zeros(6)
    >>> slopes = gradient(np.append(constant, no_shifts), np.array([2.0]), np.array([0.25]))
    >>> slopes[0, [0, 5, 6]].round(4)  # 1, ln(2 eta) and ln(2 (1 - eta))
    array([ 1.    , -0.6931,  0.4055])
    """
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
    """Indices of the parameters that :data:`SHIFTED` names in a law of a given size."""
    breaks = np.arange(FIRST_BREAK, size, PER_BREAK)
    last_slope_but_one = FIRST_SLOPE if breaks.size == 1 else int(breaks[-2]) + 1
    return [np.array([LEVEL]), breaks, np.array([last_slope_but_one])]
