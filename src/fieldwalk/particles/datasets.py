"""The datasets of running coefficients and of mean free paths, filled point by point."""

from collections.abc import Callable
from functools import partial

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from fieldwalk.campaign.time_grid import FIRST_INDEX, TIMES_PER_DECADE, grid_time
from fieldwalk.io import schema
from fieldwalk.particles.collect import PointMoments
from fieldwalk.particles.mean_free_paths import mean_free_paths, reason_not_converged
from fieldwalk.particles.running import running_coefficients
from fieldwalk.particles.table import POINTS, RUNNING
from fieldwalk.statistics.bootstrap import bootstrap_weights, with_errors
from fieldwalk.turbulence.mode_types import no_direction

Floats = NDArray[np.float64]
Arrays = dict[str, Floats]
Grid = dict[str, list[str] | list[float]]
"""Coordinates mode_type, eta and rigidity, in the order of the campaign."""

Collected = Callable[[dict[str, int]], PointMoments]


def grid_positions(grid: Grid) -> list[dict[str, int]]:
    """Position of every point on the grid.

    Examples
    --------
    >>> grid_positions({"mode_type": ["isotropic"], "eta": [0.1, 0.5], "rigidity": [0.01]})
    [{'mode_type': 0, 'eta': 0, 'rigidity': 0}, {'mode_type': 0, 'eta': 1, 'rigidity': 0}]
    """
    shape = [len(grid[name]) for name in ("mode_type", "eta", "rigidity")]
    return [dict(zip(("mode_type", "eta", "rigidity"), map(int, place), strict=True)) for place in np.ndindex(*shape)]


def at_position(grid: Grid, place: dict[str, int]) -> tuple[str, float, float]:
    """Mode type, eta and rigidity at a position on the grid.

    Examples
    --------
    >>> grid = {"mode_type": ["isotropic", "slab"], "eta": [0.1, 0.5], "rigidity": [0.01]}
    >>> at_position(grid, {"mode_type": 1, "eta": 0, "rigidity": 0})
    ('slab', 0.1, 0.01)
    """
    mode_type, eta, rigidity = (grid[name][place[name]] for name in ("mode_type", "eta", "rigidity"))
    return str(mode_type), float(eta), float(rigidity)


def running_dataset(grid: Grid, longest: float, collected: Collected, seed: int) -> xr.Dataset:
    """Running coefficients of every point against Omega t.

    Parameters
    ----------
    grid : dict
        Coordinates mode_type, eta and rigidity.
    longest : float
        Omega t of the longest run; shorter ones have NaN after their end.
    collected : callable
        Returns the moments of the point at a position on the grid.
    seed : int
        Seed of the bootstrap.
    """
    n_times = round(TIMES_PER_DECADE * np.log10(longest)) - FIRST_INDEX + 1
    time = grid_time(np.arange(FIRST_INDEX, FIRST_INDEX + n_times))
    dataset = schema.empty(RUNNING, {**grid, "time": time})
    for place in grid_positions(grid):
        moments = collected(place)
        mode_type, eta, rigidity = at_position(grid, place)
        estimate = partial(running_coefficients, moments.time, rigidity, no_direction(mode_type, eta))
        best, error = with_errors(estimate, moments.values, _weights(seed, moments))
        here = {**place, "time": slice(0, moments.time.size)}
        for name, value in best.items():
            dataset[name][here] = value
            dataset[f"{name}_error"][here] = error[name]
        dataset["energy_drift"][here] = moments.values["energy_drift"].max(axis=0)
        _count(dataset, place, moments)
    return dataset


def mean_free_path_dataset(grid: Grid, collected: Collected, seed: int) -> xr.Dataset:
    """Mean free paths of every point, NaN where they have not converged, with the reason.

    Parameters are those of :func:`running_dataset`.
    """
    dataset = schema.empty(POINTS, grid)
    for place in grid_positions(grid):
        put_mean_free_paths(dataset, grid, place, collected(place), seed)
    return dataset


def put_mean_free_paths(
    dataset: xr.Dataset, grid: Grid, place: dict[str, int], moments: PointMoments, seed: int
) -> None:
    """Fill one point of the dataset of mean free paths, at its position on the grid."""
    mode_type, eta, rigidity = at_position(grid, place)
    estimate = partial(mean_free_paths, moments.time, rigidity, no_direction(mode_type, eta))
    best, error = with_errors(estimate, moments.values, _weights(seed, moments))
    reasons = {
        direction: reason_not_converged(direction, mode_type, eta, moments.time[-1] * rigidity, best, error)
        for direction in ("parallel", "perpendicular")
    }
    for direction, reason in reasons.items():
        if reason:
            # a value that has not converged is never stored as an asymptotic one
            best[f"lambda_{direction}"] = error[f"lambda_{direction}"] = np.asarray(np.nan)
            best["lambda_ratio"] = error["lambda_ratio"] = np.asarray(np.nan)
        dataset[f"converged_{direction}"][place] = not reason
        dataset[f"reason_{direction}"][place] = reason
    for name in (
        "lambda_parallel",
        "lambda_perpendicular",
        "lambda_ratio",
        "lambda_parallel_last",
        "lambda_perpendicular_last",
    ):
        dataset[name][place] = best[name]
        dataset[f"{name}_error"][place] = error[name]
    dataset["displacement_perpendicular"][place] = best["displacement_perpendicular"]
    dataset["duration"][place] = moments.time[-1]
    _count(dataset, place, moments)


def _weights(seed: int, moments: PointMoments) -> Floats:
    return bootstrap_weights(seed, moments.point, moments.particles.size)


def _count(dataset: xr.Dataset, place: dict[str, int], moments: PointMoments) -> None:
    dataset["realisations"][place] = moments.particles.size
    dataset["particles"][place] = moments.particles.sum()
    dataset["failed"][place] = moments.failed.sum()
