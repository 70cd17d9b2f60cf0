"""Selection of the data that a figure shows, with checks that the dataset contains them."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from fieldwalk.errors import DataError


def require(dataset: xr.Dataset, names: Sequence[str], figure_name: str) -> None:
    """Check that a dataset contains every variable that a figure draws.

    Raises
    ------
    DataError
        When it does not. The message names the figure, the missing variables and those that the dataset holds.

    Examples
    --------
    >>> require(xr.Dataset({"running": 1.0}), ["plateau"], "running")
    Traceback (most recent call last):
        ...
    fieldwalk.errors.DataError: figure running: the dataset has no plateau (it holds running); make ...
    """
    missing = [name for name in names if name not in dataset.variables]
    if missing:
        there = ", ".join(sorted(str(name) for name in dataset.variables)) or "nothing"
        raise DataError(
            f"figure {figure_name}: the dataset has no {', '.join(missing)} (it holds {there}); "
            "make the dataset again with this version of Fieldwalk"
        )


def at_eta(dataset: xr.Dataset, eta: float, figure_name: str) -> xr.Dataset:
    """Select one turbulence level of a dataset, with rigidities in increasing order.

    Raises
    ------
    DataError
        When the dataset does not hold this eta; the message lists those that it holds.

    Examples
    --------
    >>> dataset = xr.Dataset(
    ...     {"value": (("eta", "rigidity"), [[1.0, 2.0], [3.0, 4.0]])}, {"eta": [0.1, 0.5], "rigidity": [1.0, 0.1]}
    ... )
    >>> at_eta(dataset, 0.5, "example")["value"].values  # in the order of rigidity
    array([4., 3.])
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
    """Select one mode type of a dataset.

    Raises
    ------
    DataError
        When the dataset does not hold this mode type; the message lists those that it holds.

    Examples
    --------
    >>> dataset = xr.Dataset({"value": ("mode_type", [1.0, 2.0])}, {"mode_type": ["slab", "isotropic"]})
    >>> float(of_type(dataset, "isotropic", "example")["value"])
    2.0
    """
    there = [str(one) for one in dataset["mode_type"].values]
    if mode_type not in there:
        raise DataError(
            f"figure {figure_name}: mode type {mode_type} is not in the dataset, which holds {', '.join(there)}; "
            "ask for one of these"
        )
    return dataset.sel(mode_type=mode_type)


def one_coefficient(dataset: xr.Dataset, eta: float, parallel: str, perpendicular: str) -> bool:
    """Whether there is only one, isotropic, coefficient: there is no mean field, and both variables are equal.

    Examples
    --------
    >>> dataset = xr.Dataset({"lambda_parallel": ("rigidity", [0.5]), "lambda_perpendicular": ("rigidity", [0.5])})
    >>> one_coefficient(dataset, 1.0, "lambda_parallel", "lambda_perpendicular")
    True
    >>> one_coefficient(dataset, 0.5, "lambda_parallel", "lambda_perpendicular")
    False
    """
    same = np.array_equal(dataset[parallel].values, dataset[perpendicular].values, equal_nan=True)
    return bool(eta == 1.0 and same)


def with_numbers(dataset: xr.Dataset, variable: str) -> xr.Dataset:
    """Leave out mode types for which a variable has no number; if none has one, all mode types are kept.

    Examples
    --------
    >>> values = ("mode_type", [1.0, np.nan])
    >>> dataset = xr.Dataset({"value": values}, {"mode_type": ["isotropic", "slab"]})
    >>> with_numbers(dataset, "value")["mode_type"].values.tolist()
    ['isotropic']
    """
    there = dataset[variable].notnull().any([dim for dim in dataset[variable].dims if dim != "mode_type"])
    return dataset.sel(mode_type=there) if bool(there.any()) else dataset
