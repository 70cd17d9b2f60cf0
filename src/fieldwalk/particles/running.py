"""Running diffusion coefficients of particles from their moments."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import savgol_filter

from fieldwalk.campaign.time_grid import SAMPLED_MORE_FROM

Floats = NDArray[np.float64]
Arrays = dict[str, Floats]

WINDOW, ORDER = 7, 2
"""Savitzky-Golay smoothing with parabolas over seven grid times (0.4 decades).

It preserves a power law d ~ t to 3e-4, and to 5e-3 in the last three grid times."""


def running_coefficients(time: Floats, rigidity: float, isotropic: bool, moments: Arrays) -> Arrays:
    """Running diffusion coefficients of one point, and the other curves of ``running.nc``.

    d_parallel = <dz v_z> and d_perpendicular = (<dx v_x> + <dy v_y>)/2 are the exact derivatives (1/2) d<dr^2>/dt per
    axis. For comparison, the estimates named ``_difference`` difference <dr^2> in time, and
    ``d_parallel_green_kubo`` is the integral of <v_z(0) v_z(t)>.

    Parameters
    ----------
    time : array, shape (n_times,)
        Omega t.
    rigidity : float
        r_g in L_c, so that t = Omega t * rigidity in L_c/c.
    isotropic : bool
        Whether no direction is distinguished; parallel and perpendicular are then both the mean over the three axes.
    moments : dict of array, shape (..., n_times)
        Named as in :data:`fieldwalk.particles.task.MOMENTS`.

    Returns
    -------
    dict of array, shape (..., n_times)
        ``mean_square_<direction>`` in L_c^2, ``d_<direction>`` and ``d_<direction>_difference`` in c L_c,
        ``velocity_correlation_<direction>`` in c^2 and ``kurtosis_<direction>``, all per axis;
        ``d_parallel_green_kubo`` in c L_c and ``pitch_angle_correlation``.

    Examples
    --------
    >>> time, r_g = np.array([0.1, 0.2, 0.4]), 0.5  # ballistic: v_x^2 = 1/3, dx = v_x t
    >>> t = time * r_g
    >>> one_axis = {"square": t**2 / 3, "fourth": t**4 / 5, "cross": t / 3, "velocity": np.full(3, 1 / 3)}
    >>> moments = {f"{name}_{axis}": values for name, values in one_axis.items() for axis in "xyz"}
    >>> found = running_coefficients(time, r_g, False, {**moments, "pitch": np.full(3, 1 / 3)})
    >>> (found["d_parallel"] / t).round(4), (found["d_parallel_green_kubo"] / t).round(4)
    (array([0.3333, 0.3333, 0.3333]), array([0.3333, 0.3333, 0.3333]))
    >>> found["kurtosis_perpendicular"].round(4)  # 9/5
    array([1.8, 1.8, 1.8])
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
    """Axes over which each direction is averaged.

    Examples
    --------
    >>> directions(isotropic=False)
    {'parallel': 'z', 'perpendicular': 'xy'}
    """
    return {"parallel": "xyz", "perpendicular": "xyz"} if isotropic else {"parallel": "z", "perpendicular": "xy"}


def smoothed(time: Floats, values: Floats) -> Floats:
    """Smooth along the time grid from where the grid no longer resolves the gyration; earlier values are unchanged.

    Parameters
    ----------
    time : array, shape (n_times,)
        Omega t.
    values : array, shape (..., n_times)

    Examples
    --------
    >>> from fieldwalk.campaign.time_grid import grid_time
    >>> time = grid_time(np.arange(40))
    >>> smooth = smoothed(time, np.log(time) ** 2)  # a parabola in the logarithm is unchanged
    >>> bool(np.allclose(smooth, np.log(time) ** 2))
    True
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
    """Integral of a velocity correlation from t = 0, where it is 1/3 for isotropic directions.

    The trapezoidal rule is used on the time grid.
    """
    first = 0.5 * (1 / 3 + correlation[..., :1]) * seconds[0]
    pieces = 0.5 * (correlation[..., 1:] + correlation[..., :-1]) * np.diff(seconds)
    return np.concatenate([first, first + np.cumsum(pieces, axis=-1)], axis=-1)
