"""Diffusion of field lines from their moments: running coefficients, and the plateau with the checks that it is one."""

import numpy as np
from numpy.typing import NDArray

from fieldwalk.field_lines.section import SHORTEST
from fieldwalk.statistics.plateau import SLOPES_AGREE, WINDOW, slope

Floats = NDArray[np.float64]
Arrays = dict[str, Floats]

SLOWEST = 0.7
"""Arc length over tau of the slowest of a thousand lines."""

WEAK_LEVEL = 0.3
"""Largest eta of the power law in dB/B0."""


def running_line_coefficients(way: Floats, isotropic: bool, moments: Arrays) -> Arrays:
    """Everything that the dataset of field lines holds of one point against one way along the lines.

    D = (1/4) d<dx^2 + dy^2>/dp = (<dx dx/dp> + <dy dy/dp>)/2, the exact derivative without differencing, and from it
    the local exponent 2 p (<dx dx/dp> + ...)/<dx^2 + ...>.

    Parameters
    ----------
    way : array, shape (n,)
        p: arc length, tau or distance.
    isotropic : bool
        No direction is distinguished: the average is over three axes.
    moments : dict of array, shape (..., n)
        ``square_x`` <dx^2>, ``fourth_x`` <dx^4> and ``cross_x`` <dx dx/dp>, and the same for y and z.

    Returns
    -------
    dict of array, shape (..., n)
        ``mean_square_perpendicular``, ``d_perpendicular``, ``kurtosis_perpendicular`` and ``local_exponent``.
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

    2 K is the slope of <dx^2> per axis, by a line with free intercept through its last three quarters, as for particles
    (:func:`fieldwalk.particles.mean_free_paths.mean_free_paths`). Arguments as in :func:`running_line_coefficients`.

    Returns
    -------
    dict of array, shape (...)
        ``diffusion_coefficient``, ``diffusion_coefficient_last`` of the last half, and ``slope_change``, that of the
        second half of the window less that of the first.
    """
    square, end = _mean_over(moments, "square", isotropic), way[-1]
    halves = [slope(way, square, end / WINDOW * n, end / WINDOW * last) / 2 for n, last in ((1, 2), (2, 4))]
    return {
        "diffusion_coefficient": slope(way, square, end / WINDOW, end) / 2,
        "diffusion_coefficient_last": halves[1],
        "slope_change": halves[1] - halves[0],
    }


def why_no_line_diffusion(way: str, mode_type: str, eta: float, end: float, best: Arrays, error: Arrays) -> str:
    """Why a diffusion coefficient of field lines must not be believed, empty when it may.

    Parameters
    ----------
    way : str
        One of :data:`fieldwalk.field_lines.task.WAYS`.
    mode_type : str
    eta : float
    end : float
        Where all lines end along the way.
    best, error : dict of float
        From :func:`line_diffusion` with their errors.
    """
    if mode_type == "two_dimensional":
        return "two_dimensional turbulence has no diffusion coefficient: lines stay on closed contours"
    if mode_type == "slab":
        return "slab turbulence has no diffusion coefficient: its spectrum ends at k_min, with no power at k_z = 0"
    if way == "distance" and eta == 1:
        return "no mean field, so no distance along it"
    value, change, spread = best["diffusion_coefficient"], best["slope_change"], error["slope_change"]
    # lines are followed to a tau; the slowest of them gets less far along the others, and <|B|> is 0.9 at the least
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
    """Power of dB/B0 = sqrt(eta/(1 - eta)) in K_tau at eta <= 0.3, and its error.

    A straight line through the logarithms, weighted by the errors. Levels of one type share the waves of their
    realisations, so their coefficients err together: an error common to all levels does not turn the line, one common
    to neighbours alone turns it more than independent ones would. So the error takes the whole covariance. The weights
    do not, because the inverse of a covariance from a few dozen realisations is too uncertain to be a weight.

    Parameters
    ----------
    eta, value : array, shape (n,)
        Levels and K_tau; NaN where not converged.
    covariance : array, shape (n, n)
        Of the errors of ``value``; read where that is finite.

    Returns
    -------
    exponent, error : float
        NaN with fewer than three levels.
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
