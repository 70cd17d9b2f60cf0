"""Smoothly broken power laws, the shape of running diffusion coefficients.

f(x) = f0 x^a_0 Prod_i [1 + (x/x_i)^(1/Delta_i)]^((a_i - a_(i-1)) Delta_i), i = 1...n (arXiv:2211.05882). The slope is
a_0 far below the first break x_1, and a_i between x_i and x_(i+1); Delta_i is the width of break i in ln x.

In this module a law is an array of 2 + 3n parameters: ln f0, a_0, and for each break ln x_i, a_i, ln Delta_i. Leading
dimensions, if there are any, are samples, so that one call evaluates a law and its uncertainty.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]

LEVEL, FIRST_SLOPE, FIRST_BREAK = 0, 1, 2
"""Indices of ln f0, of a_0 and of the first parameter of the first break."""

PER_BREAK = 3


def make_law(level: float, slopes: list[float], breaks: list[float], widths: list[float]) -> Floats:
    """Array of the parameters of a law.

    Parameters
    ----------
    level : float
        f0, the value of the first power law at x = 1.
    slopes : list of float
        a_0 ... a_n.
    breaks, widths : list of float
        x_1 ... x_n in the unit of x, and Delta_1 ... Delta_n.

    Returns
    -------
    array, shape (2 + 3n,)

    Examples
    --------
    >>> make_law(1.0, [1.0, 0.0], [10.0], [0.5]).round(4)
    array([ 0.    ,  1.    ,  2.3026,  0.    , -0.6931])
    """
    rest = [(np.log(x), a, np.log(width)) for x, a, width in zip(breaks, slopes[1:], widths, strict=True)]
    return np.array([np.log(level), slopes[0], *(number for one in rest for number in one)])


def value(x: Floats, law: Floats) -> Floats:
    """Value of the law at ``x``, shape (n_x,) or (..., n_x), in the unit of f0.

    The returned shape is (..., n_x) for a law of shape (..., 2 + 3n).

    Examples
    --------
    >>> law = make_law(1.0, [1.0, 0.0], [10.0], [0.5])  # x far below 10, 10 far above
    >>> value(np.array([1e-3, 10.0, 1e5]), law).round(4)  # 10/sqrt(2) at the break
    array([1.0000e-03, 7.0711e+00, 1.0000e+01])
    """
    ln_x = np.log(x)
    result = law[..., LEVEL, None] + law[..., FIRST_SLOPE, None] * ln_x
    for change, width, u in _breaks(ln_x, law):
        result = result + change * width * np.logaddexp(0.0, u)
    return np.asarray(np.exp(result))


def log_slope(x: Floats, law: Floats) -> Floats:
    """Local slope d ln f/d ln x at ``x``; shapes are those of :func:`value`.

    Examples
    --------
    >>> law = make_law(1.0, [1.0, 0.0], [10.0], [0.5])
    >>> log_slope(np.array([1e-3, 10.0, 1e5]), law).round(4)
    array([1. , 0.5, 0. ])
    """
    ln_x = np.log(x)
    result = law[..., FIRST_SLOPE, None] + np.zeros_like(ln_x)
    for change, _, u in _breaks(ln_x, law):
        result = result + change * expit(u)
    return np.asarray(result)


def log_gradient(x: Floats, law: Floats) -> Floats:
    """Gradient d ln f/d parameter at ``x``, shape (..., n_x, 2 + 3n); other shapes are those of :func:`value`.

    Examples
    --------
    >>> law = make_law(1.0, [1.0, 0.0], [10.0], [0.5])
    >>> log_gradient(np.array([10.0]), law).round(4)  # ln f0, a_0, ln x_1, a_1 and ln Delta_1
    array([[ 1.    ,  1.956 ,  0.5   ,  0.3466, -0.3466]])
    """
    ln_x = np.log(x)
    gradient = np.zeros((*np.broadcast_shapes(ln_x.shape, (*law.shape[:-1], 1)), law.shape[-1]))
    gradient[..., LEVEL] = 1.0
    gradient[..., FIRST_SLOPE] = ln_x
    before = FIRST_SLOPE
    for number, (change, width, u) in enumerate(_breaks(ln_x, law)):
        first = FIRST_BREAK + PER_BREAK * number
        ramp = width * np.logaddexp(0.0, u)
        gradient[..., first] = -change * expit(u)
        gradient[..., before] -= ramp
        gradient[..., first + 1] = ramp
        gradient[..., first + 2] = change * (ramp - width * u * expit(u))
        before = first + 1
    return gradient


def parameter_names(n_breaks: int) -> list[str]:
    """Names of the parameters in their order, as datasets list them.

    Examples
    --------
    >>> parameter_names(1)
    ['ln_level', 'slope_0', 'ln_break_1', 'slope_1', 'ln_width_1']
    """
    names = ["ln_level", "slope_0"]
    for number in range(1, n_breaks + 1):
        names += [f"ln_break_{number}", f"slope_{number}", f"ln_width_{number}"]
    return names


def _breaks(ln_x: Floats, law: Floats) -> list[tuple[Floats, Floats, Floats]]:
    """Change of slope and width, shape (..., 1), and (ln x - ln x_i)/Delta_i, shape (..., n_x), of every break."""
    before = law[..., FIRST_SLOPE, None]
    result = []
    for first in range(FIRST_BREAK, law.shape[-1], PER_BREAK):
        width = np.exp(law[..., first + 2, None])
        result.append((law[..., first + 1, None] - before, width, (ln_x - law[..., first, None]) / width))
        before = law[..., first + 1, None]
    return result
