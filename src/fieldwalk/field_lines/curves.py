"""Running diffusion coefficients of field lines against the distance zeta along the mean field, for the model.

There are two definitions of the spread of a line at a distance zeta along the mean field:

published
    zeta = B0 tau is the mean distance along the mean field, as in arXiv:2211.05882.
compound
    zeta^2 is the mean square distance of the lines themselves, to which the particles' <dz^2> is compared. A particle
    at arc length S of its line has <dx^2> = <X(|S|)> and <dz^2> = <Z(|S|)>, where X(s) and Z(s) are the mean square
    displacements of lines. The distribution of S is a Gaussian because particles reverse their direction (compound
    diffusion). With Xbar(sigma) = E[X(sigma |u|)] for a standard normal number u, and Zbar likewise,
    d_perpendicular/d_parallel = dXbar/dZbar where Zbar = <dz^2>, so d_line(zeta) = zeta dXbar/dZbar at
    zeta = sqrt(Zbar).

For dB << B0 the two differ only by the average over S. In strong turbulence lines are inclined and turn back, and
B0 tau is not the distance that they cover.
"""

import numpy as np
from numpy.typing import NDArray

from fieldwalk.campaign.time_grid import LINE_GRID, grid_time
from fieldwalk.field_lines.collect import LineMoments
from fieldwalk.statistics.bootstrap import with_samples

Floats = NDArray[np.float64]
Arrays = dict[str, Floats]
LineCurve = tuple[Floats, Floats, Floats]
"""zeta in L_c, shape (n,), d_line in L_c, shape (n,), and its bootstrap samples, shape (n_samples, n)."""

LARGEST_DEVIATE = 5.0
"""Largest deviate in the average over a normal number; larger ones contribute 3e-5 of <u^2>."""

DEVIATES = 400
FINER = 4
"""Values of sigma per grid value, between which the curve is interpolated linearly with an error of 2e-4."""


def published_curve(moments: LineMoments, weights: Floats) -> LineCurve:
    """d_line in L_c against B0 tau in L_c.

    Parameters
    ----------
    moments : LineMoments
    weights : array, shape (n_samples, n_realisations)
        From :func:`fieldwalk.statistics.bootstrap.bootstrap_weights`.

    Returns
    -------
    LineCurve

    Examples
    --------
    >>> tau = grid_time(LINE_GRID.first_index + np.arange(81))
    >>> cross = {f"cross_{axis}_distance": np.full((4, 81), 0.125) for axis in "xy"}  # D = 0.125 L_c in 4 realisations
    >>> moments = LineMoments("point", {"distance": tau}, cross, *np.ones((4, 4)))
    >>> zeta, best, samples = published_curve(moments, np.full((10, 4), 0.25))
    >>> best[[0, -1]], samples.shape
    (array([0.125, 0.125]), (10, 81))
    """

    def estimate(means: Arrays) -> Arrays:
        return {"d_line": (means["cross_x_distance"] + means["cross_y_distance"]) / 2}

    names = ("cross_x_distance", "cross_y_distance")
    best, samples = with_samples(estimate, {name: moments.values[name] for name in names}, weights)
    return moments.grid["distance"], best["d_line"], samples["d_line"]


def compound_curve(moments: LineMoments, weights: Floats) -> LineCurve:
    """d_line in L_c against the root mean square distance of the lines, averaged over Gaussian arc lengths.

    Parameters and returned arrays are those of :func:`published_curve`. The curve ends where sigma is a quarter of the
    arc length of the lines; 0.1 per cent of <u^2> then lies beyond their end, where it is extrapolated.

    Examples
    --------
    >>> s = grid_time(LINE_GRID.first_index + np.arange(81))
    >>> curves = {"square_z": s**2, "cross_z": s, "square_x": 0.25 * s, "cross_x": 0.125 * np.ones(81)}  # z = s
    >>> curves |= {"square_y": curves["square_x"], "cross_y": curves["cross_x"]}
    >>> values = {f"{name}_arc_length": np.tile(curve, (4, 1)) for name, curve in curves.items()}
    >>> moments = LineMoments("point", {"arc_length": s}, values, *np.ones((4, 4)))
    >>> zeta, best, samples = compound_curve(moments, np.full((10, 4), 0.25))
    >>> float((best[40] / 0.125).round(2))  # E|u| = sqrt(2/pi)
    0.8
    """
    grid = moments.grid["arc_length"]
    sigma = np.geomspace(grid[0], grid[-1] / 4, FINER * grid.size)
    square = _averaging(grid, sigma, power=2)
    cross = _averaging(grid, sigma, power=1)

    def ratio(means: Arrays) -> Arrays:
        across = (means["cross_x_arc_length"] + means["cross_y_arc_length"]) / 2
        along = means["cross_z_arc_length"] @ cross.T
        zeta = np.sqrt(means["square_z_arc_length"] @ square.T)
        return {"ln_zeta": np.log(zeta), "d_line": zeta * (across @ cross.T) / along}

    names = [f"{kind}_{axis}_arc_length" for kind in ("cross", "square") for axis in "xyz"]
    zeta = np.exp(ratio({name: moments.values[name].mean(axis=0) for name in names})["ln_zeta"])
    wanted = grid_time(LINE_GRID.first_index + np.arange(grid.size))
    wanted = wanted[(wanted >= zeta[0]) & (wanted <= zeta[-1])]

    def estimate(means: Arrays) -> Arrays:
        found = ratio(means)
        rows = np.atleast_2d(found["d_line"]), np.atleast_2d(found["ln_zeta"])
        table = np.array([np.interp(np.log(wanted), at, row) for row, at in zip(*rows, strict=True)])
        return {"d_line": table.reshape(*found["d_line"].shape[:-1], wanted.size)}

    best, samples = with_samples(estimate, {name: moments.values[name] for name in names}, weights)
    return wanted, best["d_line"], samples["d_line"]


def _averaging(grid: Floats, sigma: Floats, power: int) -> Floats:
    """Matrix that transforms f(s) on a grid into E[f(sigma |u|)], or for power 1 into E[|u| f(sigma |u|)].

    f/s^power is interpolated in ln s, because it is constant at both ends of Z and at the start of X; beyond the grid
    it is constant.

    Returns
    -------
    array, shape (n_sigma, n_grid)
    """
    deviate = (np.arange(DEVIATES) + 0.5) * LARGEST_DEVIATE / DEVIATES
    density = np.exp(-(deviate**2) / 2)
    density /= np.sum(density * deviate**2)  # E[u^2] = 1, so that f proportional to s^2 is exact
    s = sigma[:, None] * deviate
    place = np.clip(np.interp(np.log(s), np.log(grid), np.arange(grid.size)), 0, grid.size - 1)
    before = np.minimum(place.astype(np.int64), grid.size - 2)
    share = place - before
    weight = density * (deviate if power == 1 else 1.0) * s**power
    result = np.zeros((sigma.size, grid.size))
    rows = np.broadcast_to(np.arange(sigma.size)[:, None], s.shape)
    np.add.at(result, (rows, before), weight * (1 - share) / grid[before] ** power)
    np.add.at(result, (rows, before + 1), weight * share / grid[before + 1] ** power)
    return result
