"""How the table of a dataset is declared (dimensions, unit and meaning of every variable), and its empty dataset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import xarray as xr
from numpy.typing import NDArray

Variables = dict[str, tuple[tuple[str, ...], str, str]]
"""Variable: (dimensions, unit, meaning)."""

Coordinates = dict[str, tuple[str, str]]
"""Coordinate: (unit, meaning)."""

POINT = ("mode_type", "eta", "rigidity")
"""Dimensions of the grid of points."""

COORDINATES: Coordinates = {
    "mode_type": ("1", "type of turbulence"),
    "eta": ("1", "turbulence level dB^2/(B0^2 + dB^2)"),
    "rigidity": ("L_c", "gyroradius in the total rms field, r_g/L_c"),
    "time": ("1/Omega", "time since the start, Omega t"),
    "axis": ("1", "axis, z along the mean field"),
}
"""Coordinates that several results share."""


@dataclass(frozen=True)
class Table:
    """The table of a dataset.

    Attributes
    ----------
    variables : dict
        (dimensions, unit, meaning) by name. Truth values are named ``converged...``, texts ``reason...``.
    coordinates : dict
        (unit, meaning) of coordinates that no other result has.
    rows : tuple of str
        Dimensions of the rows, if the dataset is also written as comma-separated values.
    """

    variables: Variables
    coordinates: Coordinates = field(default_factory=dict)
    rows: tuple[str, ...] = ()

    def described(self, name: str) -> dict[str, str]:
        """Attributes ``units`` and ``long_name`` of a coordinate."""
        return _attributes(*{**COORDINATES, **self.coordinates}[name])


def with_error(dims: tuple[str, ...], unit: str, name: str, meaning: str) -> Variables:
    """Declare a variable and its standard error, ``<name>_error``, with the same dimensions and unit.

    Examples
    --------
    >>> list(with_error(("eta",), "L_c", "length", "correlation length"))
    ['length', 'length_error']
    """
    return {name: (dims, unit, meaning), f"{name}_error": (dims, unit, f"standard error of: {meaning}")}


def empty(table: Table, coordinates: Mapping[str, Sequence[str] | Sequence[float] | NDArray[np.float64]]) -> xr.Dataset:
    """Dataset of a table, filled with NaN (False for ``converged...``, empty text for ``reason...``).

    Parameters
    ----------
    table : Table
    coordinates : mapping
        Values of every dimension.

    Returns
    -------
    xarray.Dataset

    Examples
    --------
    >>> table = Table({"power": (("eta",), "1", "power of the field")})
    >>> empty(table, {"eta": [0.1, 0.5]})["power"].values
    array([nan, nan])
    """
    dataset = xr.Dataset(coords={key: (key, values, table.described(key)) for key, values in coordinates.items()})
    for variable, (dims, unit, meaning) in table.variables.items():
        shape = [dataset.sizes[dim] for dim in dims]
        filled: NDArray[np.generic] = np.full(shape, np.nan)
        if variable.startswith("converged"):
            filled = np.zeros(shape, dtype=bool)
        elif variable.startswith("reason"):
            filled = np.full(shape, "", dtype=object)
        dataset[variable] = (dims, filled, _attributes(unit, meaning))
    return dataset


def _attributes(unit: str, meaning: str) -> dict[str, str]:
    return {"units": unit, "long_name": meaning}
