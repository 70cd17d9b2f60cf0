"""The fits to all points of a campaign, in the dataset of the heuristic model."""

import numpy as np
import xarray as xr

from fieldwalk.heuristic.coefficient_fit import HELD_OUT, Table, fit_coefficient, hold_out
from fieldwalk.heuristic.coefficient_law import SHIFTS, TERMS
from fieldwalk.particles.estimates import why_never_perpendicular
from fieldwalk.particles.scaling import converged

DIRECTIONS = ("parallel", "perpendicular")


def put_coefficients(dataset: xr.Dataset, mean_free_paths: xr.Dataset) -> None:
    """Fit the mean free paths of every mode type and direction, and store the fits in the heuristic dataset.

    Parameters
    ----------
    dataset, mean_free_paths : xarray.Dataset
        Contents of ``heuristic.nc``, which is changed in place, and of ``mean_free_paths.nc``, on the same grid.
    """
    for mode_type in map(str, dataset["mode_type"].values):
        for direction in DIRECTIONS:
            _put_one(dataset, mode_type, direction, converged_table(mean_free_paths, mode_type, direction))


def converged_table(mean_free_paths: xr.Dataset, mode_type: str, direction: str) -> Table:
    """Converged points of a mode type that have a mean field, in the order of eta and rigidity."""
    rows = []
    for eta in sorted(map(float, mean_free_paths["eta"].values)):
        if 0 < eta < 1:
            curve = mean_free_paths.sel(mode_type=mode_type, eta=eta).sortby("rigidity")
            value, error = converged(curve, f"lambda_{direction}")
            found = zip(map(float, curve["rigidity"].values), value, error, strict=True)
            rows += [(rigidity, eta, one, sigma) for rigidity, one, sigma in found if one > 0 and sigma > 0]
    return Table(*np.array(rows, dtype=np.float64).reshape(-1, 4).T)


def _put_one(dataset: xr.Dataset, mode_type: str, direction: str, table: Table) -> None:
    place = {"mode_type": mode_type, "coefficient": direction}
    dataset["coefficient_points"].loc[place] = table.rigidity.size
    if direction == "perpendicular" and (why := why_never_perpendicular(mode_type)):
        dataset["reason_coefficient"].loc[place] = why
        return
    fit = fit_coefficient(direction, table)
    if isinstance(fit, str):
        dataset["reason_coefficient"].loc[place] = fit
        return
    law = fit.numbers.size - SHIFTS
    where = np.r_[:law, len(TERMS) - SHIFTS : len(TERMS)]  # parameters of a second break remain NaN when there is none
    dataset["coefficient_numbers"].loc[place][where] = fit.numbers
    covariance = np.full((len(TERMS), len(TERMS)), np.nan)
    covariance[np.ix_(where, where)] = fit.covariance
    dataset["coefficient_covariance"].loc[place] = covariance
    dataset["coefficient_scatter"].loc[place] = fit.scatter
    dataset["reason_at_limit"].loc[place] = fit.at_limit
    dataset["lowest_eta"].loc[place], dataset["highest_eta"].loc[place] = table.eta.min(), table.eta.max()
    for eta in np.unique(table.eta):
        here = table.rigidity[table.eta == eta]
        dataset["lowest_rigidity"].loc[{**place, "eta": eta}] = here.min()
        dataset["highest_rigidity"].loc[{**place, "eta": eta}] = here.max()
    held_out = hold_out(direction, table)
    for kind in HELD_OUT:
        off, pull = (one[np.isfinite(one)] for one in held_out[kind])
        error = np.abs(np.expm1(off))
        if error.size:
            numbers = {"median": np.median(error), "most": np.percentile(error, 68), "worst": error.max()}
            numbers |= {"pull": np.sqrt(np.mean(pull**2)), "points": error.size}
            for name, number in numbers.items():
                dataset[f"held_out_{name}"].loc[{**place, "held_out": kind}] = number
