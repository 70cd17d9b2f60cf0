"""The heuristic model of perpendicular transport: particles follow field lines that spread.

Particles on their field lines have d_perpendicular(t) = d_line(zeta)/zeta d_parallel(t) with zeta(t) = sqrt<dz^2> and
<dz^2> = 2 int d_parallel dt, where d_line is the running diffusion coefficient of field lines along the mean field
(arXiv:2211.05882). This bare model never becomes diffusive. Once particles have moved a few correlation lengths across
the field, <dr^2> = (a L_c)^2 over both axes with the reach a, they leave their field lines, either all at once or
gradually.

Lengths are in L_c, times in L_c/c (Omega t r_g/L_c), coefficients of particles in c L_c, and of field lines in L_c.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PER_DECADE = 32
"""Steps per decade in which the model is integrated, with power laws between them; the error is 1e-4 at breaks."""

EARLIER, LATER = 2, 4
"""Decades by which the model begins before the data, where motion is ballistic, and continues after them, until
particles have left their lines."""

ALL_LEFT = 2.7
"""<dr^2> in units of a^2 at which all but a thousandth of the particles have left their lines gradually."""


def model_times(first: float, last: float) -> Floats:
    """Times of the model, evenly spaced in ln t.

    Parameters
    ----------
    first, last : float
        First and last time of the data, whose times are among those of the model, see :func:`places_of`.

    Examples
    --------
    >>> time = model_times(1.0, 10.0)
    >>> time.size, round(float(time[0]), 6), round(float(time[-1]))
    (225, 0.01, 100000)
    """
    steps = int(np.ceil(PER_DECADE * np.log10(last / first) - 1e-6))
    return first * 10 ** (np.arange(-EARLIER * PER_DECADE, steps + LATER * PER_DECADE + 1) / PER_DECADE)


def places_of(wanted: Floats, time: Floats) -> NDArray[np.int64]:
    """Indices in :func:`model_times` of times that are among them.

    Examples
    --------
    >>> places_of(np.array([1.0, 10.0]), model_times(1.0, 10.0))
    array([64, 96])
    """
    places = np.asarray(np.rint(PER_DECADE * np.log10(wanted / time[0])), dtype=np.int64)
    assert np.allclose(time[places], wanted, rtol=1e-9)
    return places


def mean_square(time: Floats, coefficient: Floats) -> Floats:
    """<dx^2> = 2 int d dt of one axis, exact if d is a power law between neighbouring times and before the first one.

    Parameters
    ----------
    time : array, shape (n_times,)
        Increasing, in L_c/c.
    coefficient : array, shape (..., n_times)
        d in c L_c, positive. Its first two values determine the power law before the first time.

    Returns
    -------
    array, shape (..., n_times)
        In L_c^2.

    Examples
    --------
    >>> time = np.geomspace(0.1, 10.0, 33)
    >>> (mean_square(time, time / 3)[[0, -1]] / time[[0, -1]] ** 2).round(6)  # ballistic: t^2/3
    array([0.333333, 0.333333])
    """
    ratio = np.log(time[1:] / time[:-1])
    slope = np.log(coefficient[..., 1:] / coefficient[..., :-1]) / ratio
    start = coefficient[..., :1] * time[0] / (1 + slope[..., :1])
    rise = (1 + slope) * ratio
    # integral of t^slope over one step; expm1(rise)/rise is 1 in the limit of d ~ 1/t
    gain = np.where(np.abs(rise) < 1e-12, 1.0, np.expm1(rise) / np.where(rise == 0, 1.0, rise))
    pieces = coefficient[..., :-1] * time[:-1] * ratio * gain
    return 2 * np.concatenate([start, start + np.cumsum(pieces, axis=-1)], axis=-1)


def bare_coefficient(time: Floats, d_parallel: Floats, line_coefficient: Callable[[Floats], Floats]) -> Floats:
    """d_perpendicular per axis of particles that remain on their field lines, d_line(zeta)/zeta d_parallel.

    Parameters
    ----------
    time : array, shape (n_times,)
        In L_c/c.
    d_parallel : array, shape (..., n_times)
        In c L_c.
    line_coefficient : callable
        Takes zeta in L_c, shape (..., n_times), and returns d_line in L_c, of the same shape;
        :mod:`fieldwalk.field_lines.curves` gives two definitions.

    Returns
    -------
    array, shape (..., n_times)
        In c L_c.

    Examples
    --------
    >>> time = np.array([0.5, 2.0])  # zeta = sqrt(2 t), so d = K/sqrt(2 t)
    >>> bare_coefficient(time, np.ones(2), lambda zeta: np.full_like(zeta, 0.125)).round(6)
    array([0.125 , 0.0625])
    """
    zeta = np.sqrt(mean_square(time, d_parallel))
    return np.asarray(line_coefficient(zeta) / zeta * d_parallel)


Leaving = Callable[[Floats, Floats, Floats | float], Floats]
"""Function of the bare coefficient and of <dr^2> of the bare model over both axes, both of shape (..., n_times), and of
the reach a, shape (...); returns d_perpendicular, shape (..., n_times)."""


def leave_at_once(bare: Floats, square: Floats, reach: Floats | float) -> Floats:
    """d_perpendicular if all particles leave their lines when <dr^2> = a^2: it is constant from then on.

    This is the prescription of arXiv:2211.05882.

    Parameters
    ----------
    bare : array, shape (..., n_times)
        From :func:`bare_coefficient`, in c L_c.
    square : array, shape (..., n_times)
        <dr^2> of the bare model over both axes, in L_c^2: twice :func:`mean_square`.
    reach : float or array, shape (...)
        a, the root mean square displacement over both axes at which particles leave, in L_c.

    Returns
    -------
    array, shape (..., n_times)
        In c L_c.

    Examples
    --------
    >>> time = np.array([1.0, 4.0, 16.0])
    >>> leave_at_once(1 / np.sqrt(time), time, 2.0).round(6)  # constant from <dr^2> = 4 on
    array([1. , 0.5, 0.5])
    """
    place = decorrelation_place(square, reach)
    kappa = np.exp(at_place(np.log(bare), place))
    return np.where(np.arange(bare.shape[-1]) > place[..., None], kappa[..., None], bare)


def leave_gradually(bare: Floats, square: Floats, reach: Floats | float) -> Floats:
    """d_perpendicular if a particle is still on its line with the probability S = exp(-(<dr^2>/a^2)^2).

    d_perpendicular = int_0^t <v_x(0) v_x(t')> dt', and the velocity of a particle that has left its line is not
    correlated with its motion on the line. Therefore the correlation of the bare model, which is the time derivative of
    the bare coefficient, is multiplied by S, and d = int S d(bare). Integration by parts gives
    kappa_perpendicular = int bare d(1 - S), the bare coefficient averaged over the times of leaving. With a step
    function for S this is :func:`leave_at_once`. The exponent 2 in S is chosen, not derived: among the powers 1, 1.5,
    2, 3 and 6 of <dr^2>/a^2 those between 1.5 and 2 agree best with simulations. With 2 kappa_perpendicular is right to
    5 per cent, and with 1 it is 10 per cent too small.

    Parameters and returned array are those of :func:`leave_at_once`.

    Examples
    --------
    >>> import math
    >>> time = np.geomspace(1e-4, 100.0, 2001)
    >>> kappa = leave_gradually(1 / np.sqrt(time), time, 1.0)[-1]
    >>> round(float(kappa) / math.gamma(3 / 4), 3)  # int t^(-1/2) d(1 - S) is the gamma function of 3/4
    1.0
    """
    on_line = np.exp(-((square / np.asarray(reach)[..., None] ** 2) ** 2))
    gained = np.diff(bare, axis=-1) * 0.5 * (on_line[..., 1:] + on_line[..., :-1])
    return np.cumsum(np.concatenate([bare[..., :1], gained], axis=-1), axis=-1)


def decorrelation_place(square: Floats, reach: Floats | float) -> Floats:
    """Fractional index of the time at which <dr^2> of the bare model is a^2, shape (...); NaN if it is not reached.

    Examples
    --------
    >>> round(float(decorrelation_place(np.array([1.0, 10.0, 100.0]), np.sqrt(10.0))), 6)
    1.0
    """
    return fractional_place(np.log(square), np.log(np.broadcast_to(np.asarray(reach) ** 2, square.shape[:-1])))


def limit(coefficient: Floats, square: Floats, reach: Floats | float) -> Floats:
    """kappa_perpendicular in c L_c, shape (...), the value of d_perpendicular at the last time.

    It is NaN where particles are still leaving their lines then.

    Examples
    --------
    >>> float(limit(np.array([1.0, 0.5]), np.array([1.0, 100.0]), 2.0))
    0.5
    """
    return np.where(square[..., -1] > ALL_LEFT * np.asarray(reach) ** 2, coefficient[..., -1], np.nan)


def fractional_place(rising: Floats, wanted: Floats) -> Floats:
    """Fractional index at which an increasing table, shape (..., n), reaches a value, shape (...); NaN if it is never
    reached.

    Examples
    --------
    >>> float(fractional_place(np.array([0.0, 1.0, 3.0]), np.array(2.0)))
    1.5
    """
    above = rising >= wanted[..., None]
    after = np.argmax(above, axis=-1)
    reached = above.any(axis=-1) & (after > 0)
    after = np.maximum(after, 1)
    low = np.take_along_axis(rising, after[..., None] - 1, axis=-1)[..., 0]
    high = np.take_along_axis(rising, after[..., None], axis=-1)[..., 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(reached, after - 1 + (wanted - low) / (high - low), np.nan)


def at_place(table: Floats, place: Floats) -> Floats:
    """Linear interpolation of a table, shape (n,) or (..., n), at fractional indices, shape (...); NaN remains NaN.

    Examples
    --------
    >>> float(at_place(np.array([0.0, 10.0, 20.0]), np.array(1.5)))
    15.0
    """
    known = np.isfinite(place)
    size = table.shape[-1]
    before = np.clip(np.where(known, place, 0).astype(np.int64), 0, size - 2)
    share = np.where(known, place, np.nan) - before
    wide = np.broadcast_to(table, (*place.shape, size))
    low = np.take_along_axis(wide, before[..., None], axis=-1)[..., 0]
    high = np.take_along_axis(wide, before[..., None] + 1, axis=-1)[..., 0]
    return np.asarray(low + share * (high - low))
