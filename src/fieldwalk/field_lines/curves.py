"""Running diffusion coefficients of field lines against the distance zeta along the mean field, for the model.

Two readings of "how far a line spreads while it goes zeta along the mean field":

published
    The mean way, zeta = B0 tau, as in arXiv:2211.05882.
compound
    What the particles' <dz^2> is to be compared with: that of the lines themselves. A particle at arc length S of its
    line has <dx^2> = <X(|S|)> and <dz^2> = <Z(|S|)>, where X(s) and Z(s) are the mean squares of lines, and S spreads
    as a Gaussian because particles turn round (compound diffusion). With Xbar(sigma) = E[X(sigma |u|)], u a standard
    normal number, and Zbar alike, d_perpendicular/d_parallel = dXbar/dZbar where Zbar = <dz^2>, so
    d_line(zeta) = zeta dXbar/dZbar at zeta = sqrt(Zbar).

Both agree where dB << B0 but for the average. In strong turbulence lines are inclined and turn back: B0 tau is not the
distance that they go.
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
"""Where the average over a normal number is cut off: beyond it lies 3e-5 of <u^2>."""

DEVIATES = 400
FINER = 4
"""Values of sigma per grid value: the curve is looked up between them by straight lines, good to 2e-4 then."""


def published_curve(moments: LineMoments, weights: Floats) -> LineCurve:
    """d_line against B0 tau.

    Parameters
    ----------
    moments : LineMoments
    weights : array, shape (n_samples, n_realisations)
    """

    def estimate(means: Arrays) -> Arrays:
        return {"d_line": (means["cross_x_distance"] + means["cross_y_distance"]) / 2}

    names = ("cross_x_distance", "cross_y_distance")
    best, samples = with_samples(estimate, {name: moments.values[name] for name in names}, weights)
    return moments.grid["distance"], best["d_line"], samples["d_line"]


def compound_curve(moments: LineMoments, weights: Floats) -> LineCurve:
    """d_line against the lines' own root mean square distance, averaged over Gaussian arc lengths.

    Parameters are those of :func:`published_curve`. The curve ends at a quarter of the lines' length in arc length,
    which leaves 0.1 per cent of <u^2> to what is assumed beyond their end.
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
    """Matrix that turns f(s) on a grid into E[f(sigma |u|)], or for power 1 into E[|u| f(sigma |u|)].

    f/s^power, which is constant at both ends of Z and at the start of X, is interpolated in ln s; beyond the grid it
    keeps its last value.

    Returns
    -------
    array, shape (n_sigma, n_grid)
    """
    deviate = (np.arange(DEVIATES) + 0.5) * LARGEST_DEVIATE / DEVIATES
    density = np.exp(-(deviate**2) / 2)
    density /= np.sum(density * deviate**2)  # E[u^2] = 1: what is proportional to s^2 comes back exactly
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
