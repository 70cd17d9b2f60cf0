"""Errors from the scatter between realisations, by the bootstrap (Efron 1979).

Particles of one realisation move in the same field and are correlated. Therefore realisations are resampled, not
particles.
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
"""Number of bootstrap samples, with which an error bar is known to 1/sqrt(2 * 500) = 3 per cent."""

_BOOTSTRAP = 2
"""First number of the key of bootstrap streams, which keeps them apart from those of fields and particles."""


def bootstrap_weights(seed: int, point: str, realisations: int) -> Floats:
    """Weights of the realisations in each bootstrap sample.

    Parameters
    ----------
    seed : int
        The campaign's seed.
    point : str
        The point's identity. The random stream depends on its hash, the last twelve hexadecimal digits, so the weights
        do not depend on the other points of the campaign.
    realisations : int
        Number of realisations.

    Returns
    -------
    array, shape (SAMPLES, realisations)
        Each row adds up to one.

    Examples
    --------
    >>> weights = bootstrap_weights(1, "isotropic_0123456789ab", 8)
    >>> weights.shape, bool(np.allclose(weights.sum(axis=1), 1))
    ((500, 8), True)
    >>> bool((weights == bootstrap_weights(1, "isotropic_0123456789ab", 8)).all())
    True
    """
    generator = stream(seed, (_BOOTSTRAP, int(point[-12:], 16)))
    return generator.multinomial(realisations, np.full(realisations, 1 / realisations), size=SAMPLES) / realisations


def with_samples(estimate: Callable[[Arrays], Arrays], values: Arrays, weights: Floats) -> tuple[Arrays, Arrays]:
    """Apply an estimator to the mean over realisations and to every bootstrap sample of that mean.

    Parameters
    ----------
    estimate : callable
        Takes a dict of arrays of shape (..., n_times) and returns a dict of arrays of shape (...) or (..., n).
    values : dict of array, shape (n_realisations, n_times)
        At least two realisations.
    weights : array, shape (SAMPLES, n_realisations)
        From :func:`bootstrap_weights`.

    Returns
    -------
    best : dict of array, shape () or (n,)
    samples : dict of array, shape (SAMPLES,) or (SAMPLES, n)
        Their covariance, between times and between estimates, is that of ``best``: deviations from the mean of the
        samples are multiplied by sqrt(N/(N - 1)) for N realisations.

    Examples
    --------
    >>> one_of_two = np.array([[1.0, 0.0], [0.5, 0.5], [0.5, 0.5], [0.0, 1.0]])
    >>> values = {"square": np.array([[2.0], [4.0]])}  # two realisations at one time
    >>> best, samples = with_samples(lambda means: {"mean": means["square"][..., -1]}, values, one_of_two)
    >>> float(best["mean"]), samples["mean"].round(4)
    (3.0, array([1.5858, 3.    , 3.    , 4.4142]))
    """
    best = estimate({name: value.mean(axis=0) for name, value in values.items()})
    samples = estimate({name: weights @ value for name, value in values.items()})
    correction = np.sqrt(weights.shape[1] / (weights.shape[1] - 1))  # unbiased variance of a mean of few realisations
    for name, drawn in samples.items():
        middle = drawn.mean(axis=0)
        samples[name] = middle + correction * (drawn - middle)
    return best, samples


def with_errors(estimate: Callable[[Arrays], Arrays], values: Arrays, weights: Floats) -> tuple[Arrays, Arrays]:
    """Compute estimates and their standard errors.

    Parameters are those of :func:`with_samples`.

    Returns
    -------
    best, error : dict of array
        The estimates, and their standard deviations over the bootstrap samples (NaN where an estimate is).

    Examples
    --------
    >>> one_of_two = np.array([[1.0, 0.0], [0.5, 0.5], [0.5, 0.5], [0.0, 1.0]])
    >>> values = {"square": np.array([[2.0], [4.0]])}
    >>> best, error = with_errors(lambda means: {"mean": means["square"][..., -1]}, values, one_of_two)
    >>> float(best["mean"]), round(float(error["mean"]), 6)  # |4 - 2|/2, the standard error of a mean of two
    (3.0, 1.0)
    """
    best, samples = with_samples(estimate, values, weights)
    return best, {name: np.asarray(np.std(samples[name], axis=0)) for name in best}


def number(rows: Floats) -> Number:
    """Best value, the first of ``rows``, and its standard error, the :func:`half_width` of the others.

    The error is NaN with fewer than two finite samples.

    Examples
    --------
    >>> value, error = number(np.append(7.0, np.linspace(0.0, 1.0, 101)))
    >>> value, round(error, 4)
    (7.0, 0.3413)
    """
    known = rows[1:][np.isfinite(rows[1:])]
    return float(rows[0]), float(half_width(known)) if known.size > 1 else np.nan


def half_width(samples: Floats) -> Floats:
    """Half the width of the interval that holds the central 68 per cent of the samples, along the first axis.

    It equals the standard deviation of a normal distribution, and unlike the standard deviation of the samples it is
    not dominated by a few outliers.

    Examples
    --------
    >>> float(half_width(np.linspace(0.0, 1.0, 101)).round(4))  # of a uniform distribution
    0.3413
    """
    low, high = np.nanpercentile(samples, [15.87, 84.13], axis=0)
    return np.asarray(0.5 * (high - low))
