"""Diffusion of field lines from their moments: running and asymptotic coefficients, and the checks of convergence."""

import numpy as np
from numpy.typing import NDArray

from fieldwalk.field_lines.section import SHORTEST
from fieldwalk.statistics.plateau import SLOPES_AGREE, WINDOW, slope

Floats = NDArray[np.float64]
Arrays = dict[str, Floats]

SLOWEST = 0.7
"""Arc length divided by tau for the shortest of a thousand lines, in B_tot."""

WEAK_LEVEL = 0.3
"""Largest eta of the power law in dB/B0."""


def running_line_coefficients(way: Floats, isotropic: bool, moments: Arrays) -> Arrays:
    """Running diffusion coefficient of one point, and the other curves of ``field_lines.nc``, for one coordinate.

    D = (1/4) d<dx^2 + dy^2>/dp = (<dx dx/dp> + <dy dy/dp>)/2 is computed from the exact derivative, without
    differencing; the local exponent of <dx^2 + dy^2> is 2 p (<dx dx/dp> + <dy dy/dp>)/<dx^2 + dy^2>.

    Parameters
    ----------
    way : array, shape (n,)
        The coordinate p along the lines: arc length, tau or distance.
    isotropic : bool
        Whether no direction is distinguished; the average is then over three axes.
    moments : dict of array, shape (..., n)
        ``square_x`` <dx^2>, ``fourth_x`` <dx^4> and ``cross_x`` <dx dx/dp>, and the same for y and z.

    Returns
    -------
    dict of array, shape (..., n)
        ``mean_square_perpendicular`` per axis in L_c^2, ``d_perpendicular`` in L_c (against tau in L_c B_tot),
        ``kurtosis_perpendicular`` and ``local_exponent``.

    Examples
    --------
    >>> tau = np.array([1.0, 10.0])
    >>> one_axis = {"square": 2 * 0.1 * tau, "fourth": 3 * (2 * 0.1 * tau) ** 2, "cross": np.full(2, 0.1)}  # K = 0.1
    >>> moments = {f"{name}_{axis}": values for name, values in one_axis.items() for axis in "xy"}
    >>> found = running_line_coefficients(tau, False, moments)
    >>> found["d_perpendicular"], found["kurtosis_perpendicular"].round(6), found["local_exponent"].round(6)
    (array([0.1, 0.1]), array([3., 3.]), array([1., 1.]))
    """
    square, fourth, cross = (_mean_over(moments, name, isotropic) for name in ("square", "fourth", "cross"))
    return {
        "mean_square_perpendicular": square,
        "d_perpendicular": cross,
        "kurtosis_perpendicular": fourth / square**2,
        "local_exponent": 2 * way * cross / square,
    }


def line_diffusion(way: Floats, isotropic: bool, moments: Arrays) -> Arrays:
    """Asymptotic coefficient of one point, for :func:`fieldwalk.statistics.bootstrap.with_errors`.

    2 K is the slope of <dx^2> per axis, from a line with a free intercept through its last three quarters, as for
    particles
    (:func:`fieldwalk.particles.mean_free_paths.mean_free_paths`). Arguments as in :func:`running_line_coefficients`.

    Returns
    -------
    dict of array, shape (...)
        ``diffusion_coefficient``; ``diffusion_coefficient_last``, from the last half; and ``slope_change``, the
        coefficient from the last half minus that from the second quarter.

    Notes
    -----
    The slope is a diffusion coefficient only where lines diffuse; :func:`why_no_line_diffusion` checks this.

    Examples
    --------
    >>> tau = np.geomspace(0.01, 100.0, 65)
    >>> square = 2 * 0.1 * tau - 0.05  # K = 0.1 after a ballistic beginning
    >>> found = line_diffusion(tau, False, {"square_x": square, "square_y": square})
    >>> round(float(found["diffusion_coefficient"]), 6)
    0.1
    """
    square, end = _mean_over(moments, "square", isotropic), way[-1]
    halves = [slope(way, square, end / WINDOW * n, end / WINDOW * last) / 2 for n, last in ((1, 2), (2, 4))]
    return {
        "diffusion_coefficient": slope(way, square, end / WINDOW, end) / 2,
        "diffusion_coefficient_last": halves[1],
        "slope_change": halves[1] - halves[0],
    }


def why_no_line_diffusion(way: str, mode_type: str, eta: float, end: float, best: Arrays, error: Arrays) -> str:
    """Why a diffusion coefficient of field lines has not converged or does not exist, empty when it has converged.

    Parameters
    ----------
    way : str
        One of :data:`fieldwalk.field_lines.task.WAYS`.
    mode_type : str
    eta : float
        Level of turbulence dB^2/(B0^2 + dB^2).
    end : float
        Largest value of the coordinate that all lines reach.
    best, error : dict of float
        Estimates of :func:`line_diffusion`, and their errors.

    Returns
    -------
    str
        The first check that fails, with what to change.

    Examples
    --------
    >>> best, error = {"diffusion_coefficient": 0.1, "slope_change": 0.001}, {"slope_change": 0.002}
    >>> why_no_line_diffusion("tau", "isotropic", 0.5, 100.0, best, error)
    ''
    >>> why_no_line_diffusion("tau", "slab", 0.5, 100.0, best, error)
    'slab turbulence has no diffusion coefficient: its spectrum ends at k_min, with no power at k_z = 0'
    """
    if mode_type == "two_dimensional":
        return "two_dimensional turbulence has no diffusion coefficient: lines stay on closed contours"
    if mode_type == "slab":
        return "slab turbulence has no diffusion coefficient: its spectrum ends at k_min, with no power at k_z = 0"
    if way == "distance" and eta == 1:
        return "no mean field, so no distance along it"
    value, change, spread = best["diffusion_coefficient"], best["slope_change"], error["slope_change"]
    # lines are followed to a given tau; the shortest reaches less in the other coordinates, and <|B|> is at least 0.9
    needed = SHORTEST * (np.sqrt(1 - eta) if way == "distance" else SLOWEST)
    if end < needed * (1 - 1e-9):
        return f"all lines reach {end:.3g} L_c only, needs {needed:.3g}: raise field_lines.length"
    if not np.isfinite(value) or not np.isfinite(change):
        return "too few grid values for a fit: raise field_lines.length"
    if value <= 0:
        return f"the fitted coefficient is {value:.3g}, not positive: raise realisations or field_lines.length"
    if abs(change) > SLOPES_AGREE * spread:
        return (
            f"still changing: the slope of the late half differs by {change / spread:+.1f} standard deviations:"
            " raise field_lines.length"
        )
    return ""


def diffusion_exponent(eta: Floats, value: Floats, covariance: Floats) -> tuple[float, float]:
    """Exponent of K_tau as a power law of dB/B0 = sqrt(eta/(1 - eta)) at eta <= 0.3, and its error.

    A straight line is fitted to the logarithms, weighted by the errors. The levels of one type share the waves of their
    realisations, so the errors of their coefficients are correlated. An error that is common to all levels does not
    change the exponent, while one that is common to neighbouring levels only changes it more than independent errors
    would. Therefore the error of the exponent follows from the full covariance. The weights use its diagonal only,
    because the inverse of a covariance from a few dozen realisations is too uncertain.

    Parameters
    ----------
    eta, value : array, shape (n,)
        Levels and K_tau; NaN where it has not converged.
    covariance : array, shape (n, n)
        Covariance of the errors of ``value``, used where ``value`` is finite.

    Returns
    -------
    exponent, error : float
        NaN with fewer than three levels.

    Examples
    --------
    >>> eta = np.array([0.05, 0.1, 0.2, 0.3])
    >>> value = 0.125 * (eta / (1 - eta))  # (dB/B0)^2
    >>> exponent, error = diffusion_exponent(eta, value, np.diag((0.01 * value) ** 2))
    >>> round(exponent, 6), error < 0.05
    (2.0, True)
    """
    use = np.isfinite(value) & (value > 0) & (eta <= WEAK_LEVEL) & (eta > 0)
    if use.sum() < 3:
        return np.nan, np.nan
    x = 0.5 * np.log(eta[use] / (1 - eta[use]))
    relative = covariance[np.ix_(use, use)] / np.outer(value[use], value[use])
    weight = 1 / np.diag(relative)
    x = x - np.average(x, weights=weight)
    share = weight * x / np.sum(weight * x**2)
    return float(share @ np.log(value[use])), float(np.sqrt(share @ relative @ share))


def _mean_over(moments: Arrays, name: str, isotropic: bool) -> Floats:
    return np.asarray(np.mean([moments[f"{name}_{axis}"] for axis in ("xyz" if isotropic else "xy")], axis=0))
