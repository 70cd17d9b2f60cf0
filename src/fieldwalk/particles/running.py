"""Running diffusion coefficients from moments."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import savgol_filter

from fieldwalk.campaign.time_grid import SAMPLED_MORE_FROM

Floats = NDArray[np.float64]
Arrays = dict[str, Floats]

WINDOW, ORDER = 7, 2
"""Savitzky-Golay smoothing over seven grid times (0.4 decades) by parabolas: a power law d ~ t keeps its value to 3e-4,
and to 5e-3 in the last three grid times."""


def running_coefficients(time: Floats, rigidity: float, isotropic: bool, moments: Arrays) -> Arrays:
    """Everything that the running dataset holds of one point.

    d_parallel = <dz v_z> and d_perpendicular = (<dx v_x> + <dy v_y>)/2 are the exact derivatives (1/2) d<dr^2>/dt per
    axis, without differencing. The ``_difference`` estimates difference <dr^2>, and the Green-Kubo one integrates
    <v_z(0) v_z(t)>.

    Parameters
    ----------
    time : array, shape (n_times,)
        Omega t.
    rigidity : float
        r_g in L_c, so that t = Omega t * rigidity in L_c/c.
    isotropic : bool
        No direction is distinguished: parallel and perpendicular both hold the mean over the three axes.
    moments : dict of array, shape (..., n_times)
        As :func:`fieldwalk.particles.moments.moments` names them.

    Returns
    -------
    dict of array, shape (..., n_times)
    """
    seconds = time * rigidity
    result: Arrays = {}
    for direction, axes in directions(isotropic).items():
        square = _mean_over(moments, "square", axes)
        fourth = _mean_over(moments, "fourth", axes)
        result[f"mean_square_{direction}"] = square
        result[f"d_{direction}"] = smoothed(time, _mean_over(moments, "cross", axes))
        result[f"d_{direction}_difference"] = smoothed(time, 0.5 * np.gradient(square, seconds, axis=-1, edge_order=2))
        result[f"velocity_correlation_{direction}"] = _mean_over(moments, "velocity", axes)
        result[f"kurtosis_{direction}"] = fourth / square**2
    result["d_parallel_green_kubo"] = _integral(seconds, result["velocity_correlation_parallel"])
    result["pitch_angle_correlation"] = moments["pitch"]
    return result


def directions(isotropic: bool) -> dict[str, str]:
    """Axes that are averaged for each direction."""
    return {"parallel": "xyz", "perpendicular": "xyz"} if isotropic else {"parallel": "z", "perpendicular": "xy"}


def smoothed(time: Floats, values: Floats) -> Floats:
    """Smooth along the grid from where it no longer follows the gyration; earlier values stay as they are.

    Parameters
    ----------
    time : array, shape (n_times,)
        Omega t.
    values : array, shape (..., n_times)
    """
    late = time >= SAMPLED_MORE_FROM
    if late.sum() < WINDOW:
        return values
    result: Floats = values.copy()
    result[..., late] = savgol_filter(values[..., late], WINDOW, ORDER, axis=-1)
    return result


def _mean_over(moments: Arrays, name: str, axes: str) -> Floats:
    return np.asarray(np.mean([moments[f"{name}_{axis}"] for axis in axes], axis=0))


def _integral(seconds: Floats, correlation: Floats) -> Floats:
    """Integral of a correlation from zero, where it is 1/3 for isotropic directions, by the trapezoidal rule on the
    grid.
    """
    first = 0.5 * (1 / 3 + correlation[..., :1]) * seconds[0]
    pieces = 0.5 * (correlation[..., 1:] + correlation[..., :-1]) * np.diff(seconds)
    return np.concatenate([first, first + np.cumsum(pieces, axis=-1)], axis=-1)
