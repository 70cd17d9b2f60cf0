"""The heuristic dataset, filled point by point."""

from collections.abc import Callable

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from fieldwalk.campaign.estimates import NEVER_PERPENDICULAR
from fieldwalk.campaign.time_grid import FIRST_INDEX, TIMES_PER_DECADE, grid_time
from fieldwalk.io import schema
from fieldwalk.transport.broken_power_law import parameter_names
from fieldwalk.transport.coefficient_fit import TERMS, CoefficientFit, Table, fit_coefficient
from fieldwalk.transport.curve_fit import CurveFit, fit_curve
from fieldwalk.transport.heuristic_point import PointModel, fit_parallel, model_point
from fieldwalk.transport.running import no_direction
from fieldwalk.transport.scaling import converged

Floats = NDArray[np.float64]
Arrays = dict[str, Floats]
Grid = dict[str, list[str] | list[float]]
Curves = tuple[Floats, Arrays, Arrays]
"""Omega t, best curves and their samples, as :func:`fieldwalk.transport.curves.quiet_curves` gives them."""
LineCurve = tuple[Floats, Floats, Floats]
"""Distance along the mean field in L_c, running coefficient of field lines in L_c, and its samples."""

Place = dict[str, str | float]
"""Labels of a place in the dataset."""

VARIANTS = {"root_mean_square": False, "gaussian_average": True}
"""Variants of the model, and whether they average over dz."""

DIRECTIONS = ("parallel", "perpendicular")
PARAMETERS = parameter_names(3)


def heuristic_dataset(
    grid: Grid,
    longest: float,
    curves: Callable[[str, float, float], Curves],
    lines: Callable[[str, float], LineCurve],
    mean_free_paths: xr.Dataset,
) -> xr.Dataset:
    """Model every point, and fit each mean free path over all of them.

    Parameters
    ----------
    grid : dict
        Coordinates mode_type, eta and rigidity.
    longest : float
        Omega t of the longest point.
    curves : callable
        Of a point's mode type, eta and rigidity.
    lines : callable
        Of a mode type and eta.
    mean_free_paths : xarray.Dataset
        On the same grid.
    """
    dataset = _empty(grid, longest)
    for mode_type in map(str, grid["mode_type"]):
        for eta in map(float, grid["eta"]):
            if why := without_model(mode_type, eta):
                dataset["reason_model"].loc[{"mode_type": mode_type, "eta": eta}] = why
                continue
            line = fit_curve(*lines(mode_type, eta))
            _put_law(dataset, "d_line", {"mode_type": mode_type, "eta": eta}, line)
            for rigidity in map(float, grid["rigidity"]):
                place: Place = {"mode_type": mode_type, "eta": eta, "rigidity": rigidity}
                time, best, samples = curves(mode_type, eta, rigidity)
                _put_curves(dataset, place, time, best, samples)
                parallel = fit_parallel(time, rigidity, best["d_parallel"], samples["d_parallel"])
                _put_law(dataset, "d_parallel", place, parallel)
                for variant, averaged in VARIANTS.items():
                    model = model_point(time, rigidity, best, samples, parallel, line, averaged)
                    _put_model(dataset, {"variant": variant, **place}, time, model)
        for direction in DIRECTIONS:
            table = converged_table(mean_free_paths, mode_type, direction)
            _put_coefficient(
                dataset, {"mode_type": mode_type, "coefficient": direction}, table, fit_coefficient(direction, table)
            )
    kappa = mean_free_paths[["lambda_perpendicular", "lambda_perpendicular_error"]] / 3
    for ending in ("", "_error"):
        dataset[f"kappa_perpendicular_simulated{ending}"].values[...] = kappa[f"lambda_perpendicular{ending}"].values
    return dataset


def without_model(mode_type: str, eta: float) -> str:
    """Why a mode type at some eta has no model, or empty."""
    if no_direction(mode_type, eta) or eta == 1:
        return "no mean field: nothing is parallel or perpendicular"
    if eta == 0:
        return "no turbulence: field lines are straight"
    if mode_type in NEVER_PERPENDICULAR:
        return f"{mode_type} turbulence has no perpendicular diffusion coefficient"
    return ""


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


def _empty(grid: Grid, longest: float) -> xr.Dataset:
    times = round(TIMES_PER_DECADE * np.log10(longest)) - FIRST_INDEX + 1
    names = {"parameter": PARAMETERS, "other_parameter": PARAMETERS, "term": TERMS, "other_term": TERMS}
    return schema.empty(
        "heuristic",
        {
            **grid,
            **names,
            "time": grid_time(np.arange(FIRST_INDEX, FIRST_INDEX + times)),
            "variant": list(VARIANTS),
            "coefficient": list(DIRECTIONS),
        },
    )


def _put_curves(dataset: xr.Dataset, place: Place, time: Floats, best: Arrays, spread: Arrays) -> None:
    for direction in DIRECTIONS:
        name = f"d_{direction}_simulated"
        dataset[name].loc[place][: time.size] = best[f"d_{direction}"]
        dataset[f"{name}_error"].loc[place][: time.size] = np.std(spread[f"d_{direction}"], axis=0)


def _put_law(dataset: xr.Dataset, name: str, place: Place, fit: CurveFit) -> None:
    size = fit.law.size
    dataset[f"reason_{name}"].loc[place] = fit.reason
    if fit.usable:
        dataset[f"{name}_law"].loc[place][:size] = fit.law
        dataset[f"{name}_law_error"].loc[place][:size] = fit.error
        dataset[f"{name}_covariance"].loc[place][:size, :size] = fit.covariance
        dataset[f"{name}_residual"].loc[place] = np.sqrt(np.nanmean(fit.residual**2))


def _put_model(dataset: xr.Dataset, place: Place, time: Floats, model: PointModel) -> None:
    dataset["d_perpendicular_modelled"].loc[place][: time.size] = model.modelled
    dataset["d_perpendicular_modelled_error"].loc[place][: time.size] = model.modelled_error
    numbers = {
        "reach": model.reach,
        "decorrelation_time": model.decorrelation_time,
        "kappa_perpendicular_modelled": model.kappa,
        "exponent_modelled": model.exponent_model,
        "exponent_simulated": model.exponent_simulation,
    }
    for name, (value, error) in numbers.items():
        dataset[name].loc[place], dataset[f"{name}_error"].loc[place] = value, error
    single = {
        "window_first": model.window[0],
        "window_last": model.window[1],
        "residual_rms": model.rms,
        "residual_largest": model.largest,
        "residual_noise": model.noise,
        "reason_model": model.reason,
        "reason_exponent": model.reason_exponent,
    }
    for name, number in single.items():
        dataset[name].loc[place] = number


def _put_coefficient(dataset: xr.Dataset, place: Place, table: Table, fit: CoefficientFit) -> None:
    dataset["reason_coefficient"].loc[place] = fit.reason
    dataset["coefficient_points"].loc[place] = table.rigidity.size
    if fit.reason:
        return
    law = fit.numbers.size - 4
    where = np.r_[:law, len(TERMS) - 4 : len(TERMS)]  # a second break that was not needed stays NaN
    dataset["coefficient_numbers"].loc[place][where] = fit.numbers
    covariance = np.full((len(TERMS), len(TERMS)), np.nan)
    covariance[np.ix_(where, where)] = fit.covariance
    dataset["coefficient_covariance"].loc[place] = covariance
    off = np.abs(np.expm1(fit.held_out))
    single = {
        "coefficient_scatter": fit.scatter,
        "held_out_median": np.median(off),
        "held_out_most": np.percentile(off, 68),
        "held_out_worst": off.max(),
    }
    single |= {"lowest_eta": table.eta.min(), "highest_eta": table.eta.max()}
    for eta in np.unique(table.eta):
        here = table.rigidity[table.eta == eta]
        dataset["lowest_rigidity"].loc[{**place, "eta": eta}] = here.min()
        dataset["highest_rigidity"].loc[{**place, "eta": eta}] = here.max()
    for name, number in single.items():
        dataset[name].loc[place] = number
