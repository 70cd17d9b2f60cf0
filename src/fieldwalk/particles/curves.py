"""Running coefficients to which laws are fitted, with their bootstrap samples."""

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

    The noise of <dr v> grows as sqrt(t) even where d is constant. That of the difference of <dr^2> over a window in
    ln t does not, and at the end of a long run it is ten times smaller. At early times the grid is too coarse for
    differences. Therefore d is <dr v> until the gyration is over and the difference of <dr^2> afterwards.

    Parameters
    ----------
    time : array, shape (n_times,)
        Omega t.
    rigidity, isotropic
        As in :func:`fieldwalk.particles.running.running_coefficients`.
    values : dict of array, shape (n_realisations, n_times)
        Moments of every realisation.
    weights : array, shape (SAMPLES, n_realisations)
        From :func:`fieldwalk.statistics.bootstrap.bootstrap_weights`.

    Returns
    -------
    best : dict of array, shape (n_times,)
    samples : dict of array, shape (SAMPLES, n_times)
        ``d_parallel`` and ``d_perpendicular`` in c L_c, ``mean_square_perpendicular`` per axis in L_c^2.

    Examples
    --------
    >>> from fieldwalk.particles.task import MOMENTS
    >>> time, r_g = np.geomspace(0.1, 1e4, 81), 0.1
    >>> t = time * r_g
    >>> one_axis = {"square": 2 * t, "fourth": 12 * t**2, "cross": np.ones(81), "velocity": np.zeros(81)}  # kappa = 1
    >>> values = {name: np.tile(one_axis.get(name.split("_")[0], np.zeros(81)), (4, 1)) for name in MOMENTS}
    >>> best, samples = quiet_curves(time, r_g, False, values, np.full((10, 4), 0.25))
    >>> best["d_parallel"][[0, 40, 80]].round(3), samples["d_parallel"].shape
    (array([1., 1., 1.]), (10, 81))
    """

    def estimate(moments: Arrays) -> Arrays:
        found = running_coefficients(time, rigidity, isotropic, moments)
        late = time >= SAMPLED_MORE_FROM
        result = {
            name: np.where(late, found[f"{name}_difference"], found[name]) for name in ("d_parallel", "d_perpendicular")
        }
        return {**result, "mean_square_perpendicular": found["mean_square_perpendicular"]}

    return with_samples(estimate, values, weights)
