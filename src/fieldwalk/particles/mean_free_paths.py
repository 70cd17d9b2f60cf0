"""Mean free paths from the slope of the late mean square displacement, and the checks of convergence."""

import numpy as np
from numpy.typing import NDArray

from fieldwalk.particles.estimates import why_never_perpendicular
from fieldwalk.particles.running import directions
from fieldwalk.statistics.plateau import SLOPES_AGREE, WINDOW, slope
from fieldwalk.turbulence.mode_types import no_direction

Floats = NDArray[np.float64]
Arrays = dict[str, Floats]

FREE_PATHS_NEEDED = 8.0
"""Smallest duration of a run in parallel mean free paths; runs are planned for ten.

If velocity correlations decay as exp(-ct/lambda), the slope at a quarter of that time is 1 - exp(-2) of its limit, and
the slope of the fitted line is within 3 per cent of it.
"""

DISPLACEMENT_NEEDED = 1.5
"""Smallest rms displacement per axis across the field, in correlation lengths; until then d_perpendicular decreases."""


def mean_free_paths(time: Floats, rigidity: float, isotropic: bool, moments: Arrays) -> Arrays:
    """Mean free paths of one point, for :func:`fieldwalk.statistics.bootstrap.with_errors`.

    lambda = 3 kappa/v, where 2 kappa is the slope of <dr^2> per axis. The slope is that of a straight line through the
    last three quarters of the run. Its intercept is free, so that the ballistic beginning has no influence, and its
    errors are taken proportional to t, as the scatter of <dr^2> is.

    Parameters
    ----------
    time : array, shape (n_times,)
        Omega t.
    rigidity : float
        r_g in L_c.
    isotropic : bool
        See :func:`fieldwalk.particles.running.running_coefficients`.
    moments : dict of array, shape (..., n_times)
        ``square_x`` <dx^2> in L_c^2, and the same for y and z.

    Returns
    -------
    dict of array, shape (...)
        ``lambda_<direction>``, ``lambda_<direction>_last`` (from the last half of the run),
        ``slope_change_<direction>`` (lambda from the second half of the run minus that from the second quarter) and
        ``displacement_<direction>`` (rms per axis at the end), all in L_c; and ``lambda_ratio``.

    Notes
    -----
    The slope is a mean free path only where transport has become diffusive; :func:`reason_not_converged` checks this.

    Examples
    --------
    >>> time, r_g = np.geomspace(0.1, 1e4, 81), 0.1
    >>> square = 2 * 0.5 * time * r_g - 0.3  # kappa = 0.5 c L_c after a ballistic beginning
    >>> found = mean_free_paths(time, r_g, False, {f"square_{axis}": square for axis in "xyz"})
    >>> round(float(found["lambda_parallel"]), 6), round(float(found["lambda_ratio"]), 6)
    (1.5, 1.0)
    >>> round(float(found["slope_change_parallel"]), 6) + 0.0
    0.0
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
    """Why a mean free path has not converged, empty when it has.

    Parameters
    ----------
    direction : str
        ``parallel`` or ``perpendicular``.
    mode_type : str
    eta : float
        Level of turbulence dB^2/(B0^2 + dB^2).
    duration : float
        In L_c/c.
    best, error : dict of float
        Estimates of :func:`mean_free_paths`, and their errors.

    Returns
    -------
    str
        The first check that fails, with what to change.

    Examples
    --------
    >>> best = {"lambda_parallel": 1.5, "slope_change_parallel": 0.01, "displacement_parallel": 10.0}
    >>> error = {"slope_change_parallel": 0.02}
    >>> reason_not_converged("parallel", "isotropic", 0.5, 15.0, best, error)
    ''
    >>> reason_not_converged("parallel", "isotropic", 0.5, 3.0, best, error)
    'ran for 2.0 parallel mean free paths, needs 8: raise duration (or max_duration)'
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
