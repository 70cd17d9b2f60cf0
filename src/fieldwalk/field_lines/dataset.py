"""The dataset of field lines, filled point by point."""

from collections.abc import Callable
from functools import partial

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from fieldwalk.campaign.time_grid import LINE_GRID, grid_time
from fieldwalk.field_lines.collect import LineMoments
from fieldwalk.field_lines.diffusion import (
    diffusion_exponent,
    line_diffusion,
    running_line_coefficients,
    why_no_line_diffusion,
)
from fieldwalk.field_lines.table import FIELD_LINES
from fieldwalk.field_lines.task import LINE_MOMENTS, WAYS
from fieldwalk.field_lines.theory import (
    composite_diffusion,
    corrsin_diffusion,
    quasi_linear_diffusion,
    quasi_linear_limit,
)
from fieldwalk.io import schema
from fieldwalk.statistics.bootstrap import bootstrap_weights, with_errors
from fieldwalk.turbulence.mode_types import no_direction
from fieldwalk.turbulence.spectrum import Spectrum

Floats = NDArray[np.float64]

WEAK_FIELD = 0.01
"""|B| in B_tot below which the field counts as nearly zero."""


def field_line_dataset(
    mode_types: list[str],
    etas: list[float],
    collected: Callable[[str, float], LineMoments],
    seed: int,
    *,
    lengths: dict[tuple[str, float], float],
    spectrum: Spectrum,
    scale_ratio: float,
    slab_fraction: float,
) -> xr.Dataset:
    """Diffusion of the field lines of every type and level of turbulence.

    Parameters
    ----------
    mode_types, etas : list
        Coordinates of the dataset.
    collected : callable
        Returns the moments of a mode type and eta.
    seed : int
        Seed of the bootstrap.
    lengths : dict
        tau to which the lines of each mode type and eta were followed.
    spectrum, scale_ratio, slab_fraction
        Parameters of the fields, for the theories.

    Returns
    -------
    xarray.Dataset
        Content of ``field_lines.nc``, see :mod:`fieldwalk.field_lines.table`.
    """
    found = {(mode_type, eta): collected(mode_type, eta) for mode_type in mode_types for eta in etas}
    ways = {way: _longest([one.grid[way] for one in found.values() if way in one.grid]) for way in WAYS}
    dataset = schema.empty(FIELD_LINES, {"mode_type": mode_types, "eta": etas, **ways})
    for (mode_type, eta), moments in found.items():
        place = {"mode_type": mode_types.index(mode_type), "eta": etas.index(eta)}
        weights = bootstrap_weights(seed, moments.point, moments.lines.size)
        isotropic = no_direction(mode_type, eta)
        for way in WAYS:
            _fill_way(dataset, place, way, mode_type, eta, moments, weights, isotropic)
        dataset["mean_field_strength"][place] = moments.strength.mean()
        spread = moments.strength.std(ddof=1) / np.sqrt(moments.strength.size)
        dataset["mean_field_strength_error"][place] = spread
        if dataset["converged_arc_length"][place] and dataset["converged_tau"][place]:
            identity, its_error = _strength_identity(moments, weights, isotropic)
            dataset["strength_identity"][place], dataset["strength_identity_error"][place] = identity, its_error
        dataset["weakest_field"][place] = moments.weakest.min()
        dataset["weak_field_lines"][place] = np.sum(moments.weakest < WEAK_FIELD)
        dataset["length"][place] = lengths[mode_type, eta]
        dataset["realisations"][place] = moments.lines.size
        dataset["lines"][place] = moments.lines.sum()
        dataset["failed"][place] = moments.failed.sum()
        dataset["corrsin"][place] = corrsin_diffusion(mode_type, eta)
        if eta < 1:
            level = eta / (1 - eta)
            running = quasi_linear_diffusion(mode_type, spectrum, scale_ratio, ways["distance"])
            dataset["quasi_linear"][place] = level * running
            dataset["quasi_linear_limit"][place] = level * quasi_linear_limit(mode_type)
            if mode_type == "composite":
                theory = composite_diffusion(spectrum, scale_ratio, eta, slab_fraction)
                dataset["composite_theory"][place] = theory
    for number, mode_type in enumerate(mode_types):
        levels = [(eta, found[mode_type, eta]) for eta in etas]
        covariance = covariance_of_levels(mode_type, levels, seed)
        value = dataset["diffusion_coefficient_tau"][number].values
        exponent, error = diffusion_exponent(np.array(etas), value, covariance)
        dataset["diffusion_exponent"][number], dataset["diffusion_exponent_error"][number] = exponent, error
    return dataset


def covariance_of_levels(mode_type: str, levels: list[tuple[float, LineMoments]], seed: int) -> Floats:
    """Covariance of K_tau between the levels of one type, shape (n_levels, n_levels).

    A realisation has the same waves at every level, so each bootstrap sample uses the same realisations for all levels.

    Parameters
    ----------
    mode_type : str
    levels : list of (eta, moments)
        All with the same number of realisations.
    seed : int
        Seed of the bootstrap.
    """
    realisations = levels[0][1].lines.size
    weights = bootstrap_weights(seed, levels[0][1].point, realisations)
    samples = []
    for eta, moments in levels:
        means = {name: weights @ moments.values[f"{name}_tau"] for name in LINE_MOMENTS}
        found = line_diffusion(moments.grid["tau"], no_direction(mode_type, eta), means)
        samples.append(found["diffusion_coefficient"])
    correction = realisations / (realisations - 1)  # unbiased for few realisations, like all other errors
    return np.atleast_2d(correction * np.cov(samples, bias=True))


def _fill_way(
    dataset: xr.Dataset,
    place: dict[str, int],
    way: str,
    mode_type: str,
    eta: float,
    moments: LineMoments,
    weights: Floats,
    isotropic: bool,
) -> None:
    if way not in moments.grid:
        dataset[f"reason_{way}"][place] = why_no_line_diffusion(way, mode_type, eta, 0.0, {**_NONE}, {**_NONE})
        return
    grid = moments.grid[way]
    values = {name: moments.values[f"{name}_{way}"] for name in LINE_MOMENTS}
    best, error = with_errors(partial(running_line_coefficients, grid, isotropic), values, weights)
    here = {**place, way: slice(0, grid.size)}
    for name, value in best.items():
        dataset[f"{name}_{way}"][here] = value
        dataset[f"{name}_{way}_error"][here] = error[name]
    best, error = with_errors(partial(line_diffusion, grid, isotropic), values, weights)
    reason = why_no_line_diffusion(way, mode_type, eta, grid[-1], best, error)
    if not reason:
        # a value that has not converged is never stored as an asymptotic one
        dataset[f"diffusion_coefficient_{way}"][place] = best["diffusion_coefficient"]
        dataset[f"diffusion_coefficient_{way}_error"][place] = error["diffusion_coefficient"]
    dataset[f"diffusion_coefficient_{way}_last"][place] = best["diffusion_coefficient_last"]
    dataset[f"diffusion_coefficient_{way}_last_error"][place] = error["diffusion_coefficient_last"]
    dataset[f"converged_{way}"][place] = not reason
    dataset[f"reason_{way}"][place] = reason


def _strength_identity(moments: LineMoments, weights: Floats, isotropic: bool) -> tuple[Floats, Floats]:
    """K_s <|B|>/K_tau and its error, which is smaller than those of both because the lines are the same."""

    def ratio(means: dict[str, Floats]) -> dict[str, Floats]:
        found = [
            line_diffusion(moments.grid[way], isotropic, {name: means[f"{name}_{way}"] for name in LINE_MOMENTS})
            for way in ("arc_length", "tau")
        ]
        along, tau = (one["diffusion_coefficient"] for one in found)
        return {"ratio": along * means["strength"][..., 0] / tau}

    best, error = with_errors(ratio, {**moments.values, "strength": moments.strength[:, None]}, weights)
    return best["ratio"], error["ratio"]


def _longest(grids: list[Floats]) -> Floats:
    size = max((grid.size for grid in grids), default=0)
    return grid_time(LINE_GRID.first_index + np.arange(size))


_NONE = dict.fromkeys(("diffusion_coefficient", "diffusion_coefficient_last", "slope_change"), np.asarray(np.nan))
