"""What a figure takes from its dataset, checked first."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from fieldwalk.errors import DataError


def require(dataset: xr.Dataset, names: Sequence[str], figure_name: str) -> None:
    """Refuse a dataset that lacks what a figure draws.

    Raises
    ------
    DataError
        Naming the figure, the missing variables and those that are there.
    """
    missing = [name for name in names if name not in dataset.variables]
    if missing:
        there = ", ".join(sorted(str(name) for name in dataset.variables)) or "nothing"
        raise DataError(
            f"figure {figure_name}: the dataset has no {', '.join(missing)} (it holds {there}); "
            "make the dataset again with this version of Fieldwalk"
        )


def at_eta(dataset: xr.Dataset, eta: float, figure_name: str) -> xr.Dataset:
    """Take the slice of a dataset at one turbulence level, rigidities in rising order.

    Raises
    ------
    DataError
        When the dataset does not hold this eta.
    """
    etas = np.asarray(dataset["eta"].values, dtype=np.float64)
    hits = np.flatnonzero(np.isclose(etas, eta, rtol=1e-9, atol=1e-12))
    if hits.size == 0:
        raise DataError(
            f"figure {figure_name}: eta = {eta:g} is not in the dataset, which holds "
            f"{', '.join(f'{one:g}' for one in etas)}; ask for one of these"
        )
    return dataset.isel(eta=int(hits[0])).sortby("rigidity")


def of_type(dataset: xr.Dataset, mode_type: str, figure_name: str) -> xr.Dataset:
    """Take the slice of a dataset at one mode type.

    Raises
    ------
    DataError
        When the dataset does not hold this mode type.
    """
    there = [str(one) for one in dataset["mode_type"].values]
    if mode_type not in there:
        raise DataError(
            f"figure {figure_name}: mode type {mode_type} is not in the dataset, which holds {', '.join(there)}; "
            "ask for one of these"
        )
    return dataset.sel(mode_type=mode_type)


def one_coefficient(dataset: xr.Dataset, eta: float, parallel: str, perpendicular: str) -> bool:
    """Tell whether there is one isotropic coefficient only: no mean field, both variables equal."""
    same = np.array_equal(dataset[parallel].values, dataset[perpendicular].values, equal_nan=True)
    return bool(eta == 1.0 and same)


def with_numbers(dataset: xr.Dataset, variable: str) -> xr.Dataset:
    """Leave out mode types of which a variable holds no number; all stay when none of them has any."""
    there = dataset[variable].notnull().any([dim for dim in dataset[variable].dims if dim != "mode_type"])
    return dataset.sel(mode_type=there) if bool(there.any()) else dataset
