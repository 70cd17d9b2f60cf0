"""Curves that fits read, and the same curves in every bootstrap sample."""

import numpy as np
from numpy.typing import NDArray

from fieldwalk.campaign.time_grid import SAMPLED_MORE_FROM
from fieldwalk.particles.running import running_coefficients
from fieldwalk.statistics.bootstrap import with_samples

Floats = NDArray[np.float64]
Arrays = dict[str, Floats]


def quiet_curves(
    time: Floats, rigidity: float, isotropic: bool, values: Arrays, weights: Floats
) -> tuple[Arrays, Arrays]:
    """Running coefficients of a point with the least noise, and their bootstrap samples.

    The noise of <dr v> grows as sqrt(t) even where d is constant, that of the difference of <dr^2> over a window in
    ln t does not: at the end of a long run it is ten times smaller. Early on the grid is too coarse for differences.
    So d is <dr v> until the gyration is over and the difference from then on.

    Parameters
    ----------
    time : array, shape (n_times,)
        Omega t.
    rigidity, isotropic
        As in :func:`fieldwalk.particles.running.running_coefficients`.
    values : dict of array, shape (n_realisations, n_times)
        Moments.
    weights : array, shape (SAMPLES, n_realisations)

    Returns
    -------
    best : dict of array, shape (n_times,)
    samples : dict of array, shape (SAMPLES, n_times)
        ``d_parallel`` and ``d_perpendicular`` in c L_c, ``mean_square_perpendicular`` per axis in L_c^2.
    """

    def estimate(moments: Arrays) -> Arrays:
        found = running_coefficients(time, rigidity, isotropic, moments)
        late = time >= SAMPLED_MORE_FROM
        result = {
            name: np.where(late, found[f"{name}_difference"], found[name]) for name in ("d_parallel", "d_perpendicular")
        }
        return {**result, "mean_square_perpendicular": found["mean_square_perpendicular"]}

    return with_samples(estimate, values, weights)
