"""Simultaneous fits of a broken power law to all bootstrap samples of a curve.

scipy fits one curve at a time, which is too slow for the hundreds of laws of a campaign with five hundred samples each.
"""

import numpy as np
from numpy.typing import NDArray

from fieldwalk.statistics import broken_power_law

Floats = NDArray[np.float64]

ROUNDS = 100
"""Largest number of steps; ten suffice for nearly all samples."""

FIRST_DAMPING, MOST_DAMPING = 1e-2, 1e8
"""First and largest damping of the steps; a sample that does not improve with the largest is at its minimum."""

SMALL_GAIN = 1e-3
"""Decrease of chi^2 in a step below which a sample counts as fitted: a thousandth of that of one standard error."""


def fit_samples(
    x: Floats, samples: Floats, sigma: Floats, law: Floats, free: NDArray[np.bool_], bounds: tuple[Floats, Floats]
) -> Floats:
    """Fit every sample by least squares, with Levenberg-Marquardt steps inside the bounds that begin at the best law.

    A parameter at its limit is held there as long as chi^2 decreases only outside.

    Parameters
    ----------
    x : array, shape (n_x,)
        Increasing and positive.
    samples : array, shape (n_samples, n_x)
        The curve in each sample.
    sigma : array, shape (n_x,)
        Inverse square roots of the weights.
    law : array, shape (n_parameters,)
        The law of the curve itself.
    free : array of bool, shape (n_parameters,)
        Parameters that are fitted.
    bounds : (array, array), shape (n_parameters,)
        Lowest and highest values.

    Returns
    -------
    array, shape (n_samples, n_parameters)
        The fitted laws.

    Examples
    --------
    >>> x, law = np.geomspace(0.01, 100.0, 65), broken_power_law.make_law(1.0, [1.0, 0.0], [1.0], [0.5])
    >>> samples = np.array([[0.5], [2.0]]) * broken_power_law.value(x, law)
    >>> free = np.array([True, False, False, False, False])  # the level alone
    >>> fitted = fit_samples(x, samples, 0.01 * samples[0], law, free, (law - 5, law + 5))
    >>> np.exp(fitted[:, 0]).round(4)
    array([0.5, 2. ])
    """
    low, high = bounds[0][free], bounds[1][free]
    laws = np.tile(law, (len(samples), 1))
    misfit = (samples - broken_power_law.value(x, laws)) / sigma
    cost, damping = np.sum(misfit**2, axis=1), np.full(len(samples), FIRST_DAMPING)
    moving = np.arange(len(samples))
    for _ in range(ROUNDS):
        numbers = laws[np.ix_(moving, free)]
        slopes = (samples[moving] / sigma - misfit[moving])[..., None]
        slopes = slopes * broken_power_law.log_gradient(x, laws[moving])[..., free]
        downhill = np.einsum("ijk,ij->ik", slopes, misfit[moving])
        rests = ((numbers <= low) & (downhill < 0)) | ((numbers >= high) & (downhill > 0))
        slopes, downhill = np.where(rests[:, None], 0.0, slopes), np.where(rests, 0.0, downhill)
        normal = slopes.transpose(0, 2, 1) @ slopes
        diagonal = np.einsum("ijj->ij", normal)  # a view
        diagonal += damping[moving, None] * diagonal + np.where(diagonal > 0, 0.0, 1.0)
        trial = laws[moving]
        trial[:, free] = np.clip(numbers + np.linalg.solve(normal, downhill[..., None])[..., 0], low, high)
        trial_misfit = (samples[moving] - broken_power_law.value(x, trial)) / sigma
        gain = cost[moving] - np.sum(trial_misfit**2, axis=1)
        better, done = gain > 0, (np.abs(gain) < SMALL_GAIN) & (damping[moving] < 1)
        there = moving[better]
        laws[there], misfit[there], cost[there] = trial[better], trial_misfit[better], cost[there] - gain[better]
        damping[moving] *= np.where(better, 0.2, 5.0)
        moving = moving[~done & (damping[moving] < MOST_DAMPING)]
        if not moving.size:
            break
    return laws
