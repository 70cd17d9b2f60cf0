"""The heuristic model of perpendicular transport: particles on field lines that spread.

zeta(t) = sqrt<dz^2>, <dz^2> = 2 int d_parallel dt, and d_perpendicular(t) = d_line(zeta)/zeta d_parallel(t), where
d_line is the running diffusion coefficient of field lines along the mean field (arXiv:2211.05882). That alone never
becomes diffusive. Once particles have moved a few correlation lengths across the field they are on other lines, with
the square <dr^2> = (a L_c)^2 over both axes as the measure: they leave all at once, or gradually.

Lengths in L_c, times in L_c/c (Omega t r_g/L_c), coefficients of particles in c L_c, of field lines in L_c.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PER_DECADE = 32
"""Steps per decade in which the model is integrated, power laws between them: exact to 1e-4 where laws bend."""

EARLIER, LATER = 2, 4
"""Decades by which the model begins before the data, where all is ballistic, and goes on after them, until particles
have left their lines for good."""

ALL_LEFT = 2.7
"""<dr^2> in a^2 at which all but a thousandth have left gradually."""


def model_times(first: float, last: float) -> Floats:
    """Times of the model, evenly spaced in ln t.

    Parameters
    ----------
    first, last : float
        Of the data, whose grid is a part of the model's: see :func:`places_of`.
    """
    steps = int(np.ceil(PER_DECADE * np.log10(last / first) - 1e-6))
    return first * 10 ** (np.arange(-EARLIER * PER_DECADE, steps + LATER * PER_DECADE + 1) / PER_DECADE)


def places_of(wanted: Floats, time: Floats) -> NDArray[np.int64]:
    """Places in :func:`model_times` of times that are among them."""
    places = np.asarray(np.rint(PER_DECADE * np.log10(wanted / time[0])), dtype=np.int64)
    assert np.allclose(time[places], wanted, rtol=1e-9)
    return places


def mean_square(time: Floats, coefficient: Floats) -> Floats:
    """<dx^2> = 2 int d dt of one axis, exact where d is a power law between neighbouring times and from zero on.

    Parameters
    ----------
    time : array, shape (n_times,)
        Rising.
    coefficient : array, shape (..., n_times)
        Positive; its first two values tell how it began.

    Returns
    -------
    array, shape (..., n_times)
        In L_c^2.
    """
    ratio = np.log(time[1:] / time[:-1])
    slope = np.log(coefficient[..., 1:] / coefficient[..., :-1]) / ratio
    start = coefficient[..., :1] * time[0] / (1 + slope[..., :1])
    rise = (1 + slope) * ratio
    # int of t^slope over one step; expm1(rise)/rise is 1 in the limit of d ~ 1/t
    gain = np.where(np.abs(rise) < 1e-12, 1.0, np.expm1(rise) / np.where(rise == 0, 1.0, rise))
    pieces = coefficient[..., :-1] * time[:-1] * ratio * gain
    return 2 * np.concatenate([start, start + np.cumsum(pieces, axis=-1)], axis=-1)


def bare_coefficient(time: Floats, d_parallel: Floats, line_coefficient: Callable[[Floats], Floats]) -> Floats:
    """d_perpendicular per axis as long as particles stay on their field lines.

    Parameters
    ----------
    time : array, shape (n_times,)
        In L_c/c.
    d_parallel : array, shape (..., n_times)
        In c L_c.
    line_coefficient : callable
        Takes zeta in L_c, shape (..., n_times), and gives d_line in L_c, of the same shape; see
        :mod:`fieldwalk.field_lines.curves` for what it may be.

    Returns
    -------
    array, shape (..., n_times)
        In c L_c.
    """
    zeta = np.sqrt(mean_square(time, d_parallel))
    return np.asarray(line_coefficient(zeta) / zeta * d_parallel)


Leaving = Callable[[Floats, Floats, Floats | float], Floats]
"""Takes the bare coefficient and <dr^2> of the bare model over both axes, of shape (..., n_times), and the reach a, of
shape (...); gives d_perpendicular, of shape (..., n_times)."""


def leave_at_once(bare: Floats, square: Floats, reach: Floats | float) -> Floats:
    """d_perpendicular that is constant from the moment at which <dr^2> = a^2, the prescription of arXiv:2211.05882.

    Parameters
    ----------
    bare : array, shape (..., n_times)
        From :func:`bare_coefficient`, in c L_c.
    square : array, shape (..., n_times)
        <dr^2> of the bare model over both axes, in L_c^2: twice :func:`mean_square`.
    reach : float or array, shape (...)
        a: root mean square displacement over both axes, in L_c.

    Returns
    -------
    array, shape (..., n_times)
        In c L_c.
    """
    place = decorrelation_place(square, reach)
    kappa = np.exp(at_place(np.log(bare), place))
    return np.where(np.arange(bare.shape[-1]) > place[..., None], kappa[..., None], bare)


def leave_gradually(bare: Floats, square: Floats, reach: Floats | float) -> Floats:
    """d_perpendicular if particles are still on their line with the probability S = exp(-(<dr^2>/a^2)^2).

    d_perpendicular = int_0^t <v_x(0) v_x(t')> dt', and a particle that has left its line has forgotten how it moved on
    it: the correlation of the bare model, its time derivative, is multiplied by S, so d = int S d(bare). By parts,
    kappa_perpendicular = int bare d(1 - S): the bare coefficient averaged over the moments of leaving. A step instead
    of S is :func:`leave_at_once`. The square in S is chosen, not derived: of the powers 1, 1.5, 2, 3 and 6 of
    <dr^2>/a^2 those between 1.5 and 2 follow simulations best, and with 2 kappa_perpendicular is right to 5 per cent
    where with 1 it is 10 per cent too small.

    Parameters and returned array are those of :func:`leave_at_once`.
    """
    on_line = np.exp(-((square / np.asarray(reach)[..., None] ** 2) ** 2))
    gained = np.diff(bare, axis=-1) * 0.5 * (on_line[..., 1:] + on_line[..., :-1])
    return np.cumsum(np.concatenate([bare[..., :1], gained], axis=-1), axis=-1)


def decorrelation_place(square: Floats, reach: Floats | float) -> Floats:
    """Place along the last axis at which <dr^2> of the bare model is a^2, shape (...); NaN where it is not reached."""
    return fractional_place(np.log(square), np.log(np.broadcast_to(np.asarray(reach) ** 2, square.shape[:-1])))


def limit(coefficient: Floats, square: Floats, reach: Floats | float) -> Floats:
    """kappa_perpendicular in c L_c, shape (...); NaN where particles are still leaving their lines at the last time."""
    return np.where(square[..., -1] > ALL_LEFT * np.asarray(reach) ** 2, coefficient[..., -1], np.nan)


def fractional_place(rising: Floats, wanted: Floats) -> Floats:
    """Where along the last axis a rising table, shape (..., n), reaches a value, shape (...); NaN where it does not."""
    above = rising >= wanted[..., None]
    after = np.argmax(above, axis=-1)
    reached = above.any(axis=-1) & (after > 0)
    after = np.maximum(after, 1)
    low = np.take_along_axis(rising, after[..., None] - 1, axis=-1)[..., 0]
    high = np.take_along_axis(rising, after[..., None], axis=-1)[..., 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(reached, after - 1 + (wanted - low) / (high - low), np.nan)


def at_place(table: Floats, place: Floats) -> Floats:
    """A table, shape (n,) or (..., n), at fractional places, shape (...), by straight lines; NaN stays NaN."""
    known = np.isfinite(place)
    size = table.shape[-1]
    before = np.clip(np.where(known, place, 0).astype(np.int64), 0, size - 2)
    share = np.where(known, place, np.nan) - before
    wide = np.broadcast_to(table, (*place.shape, size))
    low = np.take_along_axis(wide, before[..., None], axis=-1)[..., 0]
    high = np.take_along_axis(wide, before[..., None] + 1, axis=-1)[..., 0]
    return np.asarray(low + share * (high - low))
