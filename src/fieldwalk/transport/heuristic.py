"""The heuristic model of perpendicular transport: particles on field lines that spread.

zeta(t) = sqrt<dz^2>, <dz^2> = 2 int d_parallel dt, and d_perpendicular(t) = d_line(zeta)/zeta d_parallel(t), where
d_line is the running diffusion coefficient of field lines along the mean field (arXiv:2211.05882). That alone never
becomes diffusive. Once particles have moved a few correlation lengths across the field they meet other lines:
<dr^2>(t_dec) = (a L_c)^2 over both axes, kappa_perpendicular = d_perpendicular(t_dec), constant from then on.

Lengths in L_c, times in L_c/c (Omega t r_g/L_c), coefficients of particles in c L_c, of field lines in L_c.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, eigh_tridiagonal
from scipy.special import gamma

Floats = NDArray[np.float64]

PER_DECADE = 32
"""Steps per decade in which the model is integrated, power laws between them: exact to 1e-4 where laws bend."""


def model_times(first: float, last: float) -> Floats:
    """Times of the model, evenly spaced in ln t and from two decades before ``first``, where all is ballistic."""
    return np.geomspace(first / 100, last, 1 + int(np.ceil(PER_DECADE * np.log10(100 * last / first))))


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


def bare_coefficient(
    time: Floats, d_parallel: Floats, line_coefficient: Callable[[Floats], Floats], averaged: bool = False
) -> Floats:
    """d_perpendicular per axis as long as particles stay on their field lines.

    Parameters
    ----------
    time : array, shape (n_times,)
        In L_c/c.
    d_parallel : array, shape (..., n_times)
        In c L_c.
    line_coefficient : callable
        Takes zeta in L_c, shape (..., n_times), and gives d_line in L_c, of the same shape.
    averaged : bool
        Average over a Gaussian distribution of dz instead of taking its root mean square for all particles.

    Returns
    -------
    array, shape (..., n_times)
        In c L_c.

    Notes
    -----
    The model as published takes zeta for all particles: with ballistic particles and constant d_line an average over
    pitch angles gives d_line v/2, it gives d_line v/sqrt(3), and with Gaussian dz it is too large by sqrt(pi/2).
    The average follows from <dx^2>(t) = E[<dx^2>_line(|dz|)] with dz = zeta u, u a standard normal number
    (compound diffusion): d_perpendicular = d_parallel/zeta E[|u| d_line(zeta |u|)].
    """
    zeta = np.sqrt(mean_square(time, d_parallel))
    if not averaged:
        return np.asarray(line_coefficient(zeta) / zeta * d_parallel)
    mean = sum(weight * line_coefficient(zeta * u) for u, weight in zip(*nodes_of_mean(), strict=True))
    return np.asarray(mean / zeta * d_parallel)


@lru_cache
def nodes_of_mean(count: int = 8) -> tuple[Floats, Floats]:
    """Nodes u and weights w with E[|u| f(|u|)] = sum w f(u), u a standard normal number.

    Gauss's quadrature of the weight 2u exp(-u^2/2)/sqrt(2 pi) on u > 0, from its moments (Golub & Welsch 1969): exact
    where f is a polynomial, so for constant d_line and for d_line ~ zeta.
    """
    order = np.arange(2 * count + 1)
    moments = np.sqrt(2 / np.pi) * 2 ** (order / 2) * gamma(order / 2 + 1)
    factor = cholesky(moments[order[: count + 1, None] + order[: count + 1]])
    ratio = np.diag(factor, 1) / np.diag(factor)[:-1]
    diagonal = np.diff(ratio, prepend=0.0)
    beside = np.diag(factor)[1:count] / np.diag(factor)[: count - 1]
    nodes, vectors = eigh_tridiagonal(diagonal, beside)
    return nodes, moments[0] * vectors[0] ** 2


def with_decorrelation(time: Floats, bare: Floats, reach: Floats | float) -> tuple[Floats, Floats, Floats]:
    """d_perpendicular that is constant once particles have left their field lines.

    Parameters
    ----------
    time : array, shape (n_times,)
    bare : array, shape (..., n_times)
        From :func:`bare_coefficient`.
    reach : float or array, shape (...)
        a: root mean square displacement over both axes, in L_c, at which it happens.

    Returns
    -------
    coefficient : array, shape (..., n_times)
        In c L_c.
    kappa : array, shape (...)
        kappa_perpendicular in c L_c; NaN where particles have not moved that far by the last time.
    decorrelation_time : array, shape (...)
        t_dec in L_c/c, or NaN.
    """
    square = 2 * mean_square(time, bare)
    wanted = np.broadcast_to(np.asarray(reach) ** 2, square.shape[:-1])
    place = fractional_place(np.log(square), np.log(wanted))
    kappa, moment = np.exp(at_place(np.log(bare), place)), np.exp(at_place(np.log(time), place))
    later = np.arange(time.size) > place[..., None]
    return np.where(later, kappa[..., None], bare), kappa, moment


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
