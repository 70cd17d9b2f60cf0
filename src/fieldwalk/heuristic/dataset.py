"""The dataset of the heuristic model, filled point by point."""

from collections.abc import Callable

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from fieldwalk.campaign.time_grid import FIRST_INDEX, LINE_GRID, TIMES_PER_DECADE, grid_time
from fieldwalk.field_lines.collect import LineMoments
from fieldwalk.field_lines.curves import compound_curve, published_curve
from fieldwalk.heuristic.coefficient_fit import HELD_OUT
from fieldwalk.heuristic.coefficient_law import TERMS
from fieldwalk.heuristic.coefficient_table import DIRECTIONS, put_coefficients
from fieldwalk.heuristic.point import VARIANTS, PointModel, fit_parallel, model_point
from fieldwalk.heuristic.table import HEURISTIC
from fieldwalk.io import schema
from fieldwalk.particles.collect import PointMoments
from fieldwalk.particles.curves import quiet_curves
from fieldwalk.particles.datasets import Collected, Grid, at_position, grid_positions, put_mean_free_paths
from fieldwalk.particles.estimates import why_never_perpendicular
from fieldwalk.particles.table import POINTS
from fieldwalk.statistics.bootstrap import bootstrap_weights
from fieldwalk.statistics.broken_power_law import parameter_names
from fieldwalk.statistics.curve_fit import CurveFit, fit_curve
from fieldwalk.turbulence.mode_types import no_direction

Floats = NDArray[np.float64]
Arrays = dict[str, Floats]
Place = dict[str, str | float]
"""Coordinate labels of one point of the dataset."""

CURVES = {"published": published_curve, "compound": compound_curve}
"""The curve of the lines that each variant of the model uses."""

PARAMETERS = parameter_names(3)
LINE_DECADES = 4
"""Number of decades of zeta in the dataset, from the first grid value of field lines on."""


def heuristic_dataset(
    grid: Grid,
    longest: float,
    particles: Collected,
    lines: Callable[[str, float], LineMoments],
    seed: int,
    done: Callable[[int], None] = lambda number: None,
) -> xr.Dataset:
    """Model every point, and fit each mean free path over all of them.

    Parameters
    ----------
    grid : dict
        Coordinates mode_type, eta and rigidity.
    longest : float
        Omega t of the longest run.
    particles : callable
        Returns the moments of the particles of the point at a position on the grid.
    lines : callable
        Returns the moments of the field lines of a mode type and eta.
    seed : int
        Seed of the bootstrap.
    done : callable, optional
        Called with the number of every point when it is finished.

    Returns
    -------
    xarray.Dataset
        Content of ``heuristic.nc``, see :mod:`fieldwalk.heuristic.table`.
    """
    dataset, mean_free_paths = empty_dataset(grid, longest), schema.empty(POINTS, grid)
    for number, position in enumerate(grid_positions(grid)):
        moments = particles(position)
        put_mean_free_paths(mean_free_paths, grid, position, moments, seed)
        mode_type, eta, rigidity = at_position(grid, position)
        level: Place = {"mode_type": mode_type, "eta": eta}
        if why := without_model(mode_type, eta):
            dataset["reason_model"].loc[level] = why
        else:
            if position["rigidity"] == 0:
                fits = _fit_lines(dataset, level, lines(mode_type, eta), seed)
            _put_point(dataset, {**level, "rigidity": rigidity}, moments, fits, seed)
        done(number)
    put_coefficients(dataset, mean_free_paths)
    for name, scale in (("parallel", 3), ("perpendicular", 3), ("ratio", 1)):
        for ending in ("", "_error"):
            kappa = mean_free_paths[f"lambda_{name}{ending}"].values / scale
            dataset[f"kappa_{name}_simulated{ending}"].values[...] = kappa
    return dataset


def _put_point(dataset: xr.Dataset, place: Place, moments: PointMoments, lines: dict[str, CurveFit], seed: int) -> None:
    """Fit and model one point with every variant."""
    mode_type, eta, rigidity = str(place["mode_type"]), float(place["eta"]), float(place["rigidity"])
    time, weights = moments.time, bootstrap_weights(seed, moments.point, moments.particles.size)
    best, samples = quiet_curves(time, rigidity, no_direction(mode_type, eta), moments.values, weights)
    _put_curves(dataset, place, best, samples)
    parallel = fit_parallel(time, rigidity, best["d_parallel"], samples["d_parallel"])
    _put_law(dataset, "d_parallel", place, parallel)
    for variant, leaving in VARIANTS.items():
        model = model_point(time, rigidity, best, samples, parallel, lines[variant], leaving)
        _put_model(dataset, {"variant": variant, **place}, model)


def _fit_lines(dataset: xr.Dataset, place: Place, moments: LineMoments, seed: int) -> dict[str, CurveFit]:
    weights = bootstrap_weights(seed, moments.point, moments.lines.size)
    fits = {}
    for variant, curve in CURVES.items():
        zeta, best, samples = curve(moments, weights)
        here: Place = {"variant": variant, **place}
        inside = zeta <= dataset["zeta"].values[-1] * (1 + 1e-9)
        there = {"zeta": dataset["zeta"].sel(zeta=zeta[inside], method="nearest").values}
        dataset["d_line_simulated"].loc[{**here, **there}] = best[inside]
        dataset["d_line_simulated_error"].loc[{**here, **there}] = np.std(samples, axis=0)[inside]
        fits[variant] = fit_curve(zeta, best, samples)
        _put_law(dataset, "d_line", here, fits[variant])
    return fits


def without_model(mode_type: str, eta: float) -> str:
    """Why there is no model for a mode type and eta, empty when there is one.

    Examples
    --------
    >>> without_model("isotropic", 0.0), without_model("isotropic", 0.5)
    ('no turbulence: field lines are straight', '')
    """
    if no_direction(mode_type, eta) or eta == 1:
        return "no mean field: nothing is parallel or perpendicular"
    if eta == 0:
        return "no turbulence: field lines are straight"
    return why_never_perpendicular(mode_type)


def empty_dataset(grid: Grid, longest: float) -> xr.Dataset:
    """The dataset with all its coordinates and without values; arguments are those of :func:`heuristic_dataset`."""
    times = round(TIMES_PER_DECADE * np.log10(longest)) - FIRST_INDEX + 1
    names = {"parameter": PARAMETERS, "other_parameter": PARAMETERS, "term": TERMS, "other_term": TERMS}
    return schema.empty(
        HEURISTIC,
        {
            **grid,
            **names,
            "time": grid_time(np.arange(FIRST_INDEX, FIRST_INDEX + times)),
            "zeta": grid_time(LINE_GRID.first_index + np.arange(LINE_DECADES * TIMES_PER_DECADE + 1)),
            "variant": list(VARIANTS),
            "coefficient": list(DIRECTIONS),
            "held_out": list(HELD_OUT),
        },
    )


def _put_curves(dataset: xr.Dataset, place: Place, best: Arrays, samples: Arrays) -> None:
    for direction in DIRECTIONS:
        name, curve = f"d_{direction}_simulated", best[f"d_{direction}"]
        dataset[name].loc[place][: curve.size] = curve
        dataset[f"{name}_error"].loc[place][: curve.size] = np.std(samples[f"d_{direction}"], axis=0)


def _put_law(dataset: xr.Dataset, name: str, place: Place, fit: CurveFit) -> None:
    size = fit.law.size
    dataset[f"reason_{name}"].loc[place] = fit.reason
    if fit.usable:
        dataset[f"{name}_law"].loc[place][:size] = fit.law
        dataset[f"{name}_law_error"].loc[place][:size] = fit.error
        dataset[f"{name}_covariance"].loc[place][:size, :size] = fit.covariance
        dataset[f"{name}_residual"].loc[place] = fit.rms


def _put_model(dataset: xr.Dataset, place: Place, model: PointModel) -> None:
    dataset["d_perpendicular_modelled"].loc[place][: model.modelled.size] = model.modelled
    dataset["d_perpendicular_modelled_error"].loc[place][: model.modelled.size] = model.modelled_error
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
