"""Errors from the scatter between realisations.

Particles of one realisation move in the same field and are correlated, so realisations, not particles, are drawn
again (Efron 1979).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fieldwalk.parallel.streams import stream

Floats = NDArray[np.float64]
Arrays = dict[str, Floats]

Number = tuple[float, float]
"""A value and its standard error."""

NO_NUMBER: Number = (np.nan, np.nan)

SAMPLES = 500
"""Bootstrap samples: an error bar is then known to 1/sqrt(2 * 500) = 3 per cent."""

_BOOTSTRAP = 2
"""First number of the key of bootstrap streams, apart from those of fields and particles."""


def bootstrap_weights(seed: int, point: str, realisations: int) -> Floats:
    """Weights of the realisations in each bootstrap sample.

    Parameters
    ----------
    seed : int
        The campaign's.
    point : str
        The point's identity, whose hash keys the stream: other points of the campaign change nothing.
    realisations : int

    Returns
    -------
    array, shape (SAMPLES, realisations)
        Each row adds to one.
    """
    generator = stream(seed, (_BOOTSTRAP, int(point[-12:], 16)))
    return generator.multinomial(realisations, np.full(realisations, 1 / realisations), size=SAMPLES) / realisations


def with_samples(estimate: Callable[[Arrays], Arrays], values: Arrays, weights: Floats) -> tuple[Arrays, Arrays]:
    """Apply an estimator to the mean over realisations and to every bootstrap sample of it.

    Parameters
    ----------
    estimate : callable
        Takes a dict of arrays of shape (..., n_times) and returns a dict of arrays of shape (...) or (..., n).
    values : dict of array, shape (n_realisations, n_times)
    weights : array, shape (SAMPLES, n_realisations)

    Returns
    -------
    best : dict of array, shape () or (n,)
    samples : dict of array, shape (SAMPLES,) or (SAMPLES, n)
        Spread about their mean so that their covariance, between times and between estimates, is that of ``best``.
    """
    best = estimate({name: value.mean(axis=0) for name, value in values.items()})
    samples = estimate({name: weights @ value for name, value in values.items()})
    correction = np.sqrt(weights.shape[1] / (weights.shape[1] - 1))  # unbiased variance of a mean of few realisations
    for name, drawn in samples.items():
        middle = drawn.mean(axis=0)
        samples[name] = middle + correction * (drawn - middle)
    return best, samples


def with_errors(estimate: Callable[[Arrays], Arrays], values: Arrays, weights: Floats) -> tuple[Arrays, Arrays]:
    """Estimates and their standard errors; parameters are those of :func:`with_samples`.

    Returns
    -------
    best, error : dict of array
        The estimates, and their standard deviations over the bootstrap samples (NaN where an estimate is).
    """
    best, samples = with_samples(estimate, values, weights)
    return best, {name: np.asarray(np.std(samples[name], axis=0)) for name in best}


def number(rows: Floats) -> Number:
    """Best value, first of ``rows``, and its error by :func:`half_width`."""
    known = rows[1:][np.isfinite(rows[1:])]
    return float(rows[0]), float(half_width(known)) if known.size > 1 else np.nan


def half_width(samples: Floats) -> Floats:
    """Half of what holds the middle 68 per cent of the samples, along the first axis.

    Not the standard deviation: the few samples whose law leads far away would decide it.
    """
    low, high = np.nanpercentile(samples, [15.87, 84.13], axis=0)
    return np.asarray(0.5 * (high - low))
