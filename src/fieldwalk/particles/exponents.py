"""The exponents in ``mean_free_paths.nc``: a power law of rigidity in each window, where the points allow one."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from fieldwalk.io import schema
from fieldwalk.particles.scaling import WINDOWS, PowerLawFit, Window, converged, fit_power_law, variables
from fieldwalk.particles.table import EXPONENTS

ALL_WINDOWS: tuple[Window, ...] = tuple(dict.fromkeys(window for windows in WINDOWS.values() for window in windows))
"""Every window of any variable."""

NOT_FITTED = "not fitted in this window"


@dataclass(frozen=True)
class Exponent:
    """One fit, and of what: variable of ``mean_free_paths.nc``, window, mode type and eta."""

    mode_type: str
    eta: float
    variable: str
    window: Window
    fit: PowerLawFit

    def __str__(self) -> str:
        """One line of a table."""
        fit = self.fit
        found = fit.reason or (
            f"{fit.exponent:6.3f} +- {fit.error:.3f}, {fit.points} points,"
            f" chi2/dof = {fit.chi_square:.1f}/{fit.points - 2}"
        )
        return f"{self.mode_type:<17} eta = {self.eta:<5g} {self.variable:<20} {self.window!s:<21} {found}"


def exponents(dataset: xr.Dataset) -> Iterator[Exponent]:
    """Fit every mode type, eta, variable and window of a dataset, in this order.

    Parameters
    ----------
    dataset : xarray.Dataset
        Mean free paths, as in ``mean_free_paths.nc``.
    """
    rigidity = np.asarray(dataset["rigidity"].values, dtype=np.float64)
    for mode_type in map(str, dataset["mode_type"].values):
        for eta in map(float, dataset["eta"].values):
            curve = dataset.sel(mode_type=mode_type, eta=eta)
            for variable in variables(mode_type, eta):
                value, error = converged(curve, variable)
                for window in WINDOWS[variable]:
                    yield Exponent(mode_type, eta, variable, window, fit_power_law(rigidity, value, error, window))


def with_exponents(dataset: xr.Dataset) -> xr.Dataset:
    """Add the fitted power laws to a dataset of mean free paths, in the place of any that it has.

    Parameters
    ----------
    dataset : xarray.Dataset
        Mean free paths with their errors and flags, on (mode_type, eta, rigidity).

    Returns
    -------
    xarray.Dataset
        With the variables of :data:`fieldwalk.particles.table.EXPONENTS` on (mode_type, eta, fitted, rigidity_window).
    """
    found = schema.empty(
        EXPONENTS,
        {
            "mode_type": [str(one) for one in dataset["mode_type"].values],
            "eta": [float(one) for one in dataset["eta"].values],
            "fitted": list(WINDOWS),
            "rigidity_window": [window.name for window in ALL_WINDOWS],
        },
    )
    found["window_low"][:] = [window.low for window in ALL_WINDOWS]
    found["window_high"][:] = [window.high for window in ALL_WINDOWS]
    found["reason_exponent"][:] = NOT_FITTED
    for one in exponents(dataset):
        place = {
            "mode_type": one.mode_type,
            "eta": one.eta,
            "fitted": one.variable,
            "rigidity_window": one.window.name,
        }
        fit = one.fit
        numbers = {"": fit.exponent, "_error": fit.error, "_chi_square": fit.chi_square}
        numbers |= {"_points": fit.points, "_pivot": fit.pivot, "_level": fit.level}
        for ending, number in numbers.items():
            found[f"exponent{ending}"].loc[place] = number
        found["reason_exponent"].loc[place] = fit.reason
    kept = dataset.drop_vars([name for name in (*EXPONENTS.variables, *EXPONENTS.coordinates) if name in dataset])
    return kept.merge(found, combine_attrs="override")


def stored_fit(curve: xr.Dataset, variable: str, window: Window) -> PowerLawFit:
    """The power law that a dataset holds of one variable in one window.

    Parameters
    ----------
    curve : xarray.Dataset
        ``mean_free_paths.nc`` at one mode type and eta.
    variable : str
        A key of :data:`fieldwalk.particles.scaling.WINDOWS`.
    window : Window
        One of the variable's.
    """
    row = curve.sel(fitted=variable, rigidity_window=window.name)
    numbers = {ending: float(row[f"exponent{ending}"]) for ending in ("", "_error", "_chi_square", "_pivot", "_level")}
    return PowerLawFit(
        exponent=numbers[""],
        error=numbers["_error"],
        chi_square=numbers["_chi_square"],
        points=int(row["exponent_points"]),
        pivot=numbers["_pivot"],
        level=numbers["_level"],
        reason=str(row["reason_exponent"].item()),
    )
