"""Mean free paths: a straight line through the late mean square displacement, and the checks that it is a plateau."""

import numpy as np
from numpy.typing import NDArray

from fieldwalk.particles.estimates import why_never_perpendicular
from fieldwalk.particles.running import directions
from fieldwalk.statistics.plateau import SLOPES_AGREE, WINDOW, slope
from fieldwalk.turbulence.mode_types import no_direction

Floats = NDArray[np.float64]
Arrays = dict[str, Floats]

FREE_PATHS_NEEDED = 8.0
"""Parallel mean free paths that a run must last. With v-correlations falling as exp(-ct/lambda) the slope at a
quarter of that time is still 1 - exp(-2) of its limit and the fitted line within 3 per cent; runs are planned for
ten.
"""

DISPLACEMENT_NEEDED = 1.5
"""Correlation lengths that particles must have moved across the field, rms per axis; until then d_perpendicular falls.
"""


def mean_free_paths(time: Floats, rigidity: float, isotropic: bool, moments: Arrays) -> Arrays:
    """Estimates of one point, for :func:`fieldwalk.statistics.bootstrap.with_errors`.

    lambda = 3 kappa/v with 2 kappa the slope of <dr^2> per axis. A line with a free intercept, so that the ballistic
    beginning does not count; weights 1/t because the scatter of <dr^2> grows as t.

    Parameters
    ----------
    time : array, shape (n_times,)
        Omega t.
    rigidity : float
    isotropic : bool
        See :func:`fieldwalk.particles.running.running_coefficients`.
    moments : dict of array, shape (..., n_times)

    Returns
    -------
    dict of array, shape (...)
        ``lambda_<direction>``, ``lambda_<direction>_last`` (the running value of the last half of the run),
        ``slope_change_<direction>`` (second half less first), ``displacement_<direction>`` (rms per axis at the end),
        and ``lambda_ratio``; in L_c.
    """
    seconds = time * rigidity
    end = seconds[-1]
    result: Arrays = {}
    for direction, axes in directions(isotropic).items():
        square = np.mean([moments[f"square_{axis}"] for axis in axes], axis=0)
        result[f"lambda_{direction}"] = 1.5 * slope(seconds, square, end / WINDOW, end)
        result[f"lambda_{direction}_last"] = 1.5 * slope(seconds, square, 2 * end / WINDOW, end)
        halves = [
            slope(seconds, square, *limits) for limits in ((end / WINDOW, 2 * end / WINDOW), (2 * end / WINDOW, end))
        ]
        result[f"slope_change_{direction}"] = 1.5 * (halves[1] - halves[0])
        result[f"displacement_{direction}"] = np.sqrt(square[..., -1])
    with np.errstate(divide="ignore", invalid="ignore"):
        result["lambda_ratio"] = result["lambda_perpendicular"] / result["lambda_parallel"]
    return result


def reason_not_converged(
    direction: str, mode_type: str, eta: float, duration: float, best: Arrays, error: Arrays
) -> str:
    """Why a mean free path must not be believed, empty when it may.

    Parameters
    ----------
    direction : str
        ``parallel`` or ``perpendicular``.
    mode_type : str
    eta : float
    duration : float
        In L_c/c.
    best, error : dict of float
        From :func:`mean_free_paths` with their errors.
    """
    if eta == 0:
        return "no turbulence: nothing diffuses"
    if direction == "perpendicular" and (why := why_never_perpendicular(mode_type)):
        return why
    value, change, spread = (
        best[f"lambda_{direction}"],
        best[f"slope_change_{direction}"],
        error[f"slope_change_{direction}"],
    )
    free_path, displacement = best["lambda_parallel"], best[f"displacement_{direction}"]
    if not np.isfinite(value) or not np.isfinite(change):
        return "too few grid times for a fit: raise duration"
    if value <= 0:
        return f"the fitted lambda is {value:.3g} L_c, not positive: raise realisations or duration"
    if not free_path > 0:
        return f"the parallel mean free path is {free_path:.3g} L_c, so how long to run is not known: raise duration"
    if duration < FREE_PATHS_NEEDED * free_path:
        return (
            f"ran for {duration / free_path:.1f} parallel mean free paths, needs {FREE_PATHS_NEEDED:g}:"
            " raise duration (or max_duration)"
        )
    across = direction == "perpendicular" and not no_direction(mode_type, eta)
    if across and displacement < DISPLACEMENT_NEEDED:
        return (
            f"moved {displacement:.2g} L_c across the field (rms per axis), needs {DISPLACEMENT_NEEDED:g}:"
            " raise duration (or max_duration)"
        )
    if abs(change) > SLOPES_AGREE * spread:
        return (
            f"still changing: the slope of the late half differs by {change / spread:+.1f} standard deviations:"
            " raise duration"
        )
    return ""
