"""Datasets: NetCDF-4 files with units and a long name on every variable and with their provenance."""

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import h5py

from fieldwalk.errors import DataError
from fieldwalk.io.files import written_whole
from fieldwalk.io.provenance import Attributes

if TYPE_CHECKING:
    import xarray as xr


def write_dataset(dataset: "xr.Dataset", path: Path, attributes: Attributes) -> None:
    """Write a dataset completely or not at all.

    Parameters
    ----------
    dataset : xarray.Dataset
        Every variable has ``units`` and ``long_name``.
    path : Path
        File to write; it is replaced when it exists.
    attributes : dict
        Global attributes of the file, see :func:`fieldwalk.io.provenance.provenance`.

    Raises
    ------
    DataError
        When a variable lacks its units or long name, or the file cannot be written.

    Examples
    --------
    >>> import xarray as xr
    >>> dataset = xr.Dataset({"lambda_parallel": ("rigidity", [0.5], {"units": "L_c"})})
    >>> write_dataset(dataset, Path("mean_free_paths.nc"), {})
    Traceback (most recent call last):
        ...
    fieldwalk.errors.DataError: mean_free_paths.nc: variable lambda_parallel has no long_name
    """
    for name, variable in dataset.variables.items():
        if absent := {"units", "long_name"} - set(variable.attrs):
            raise DataError(f"{path}: variable {name} has no {' and no '.join(sorted(absent))}")
    # made in memory first: HDF5 cannot recover when the disk fills while a file is open
    content = BytesIO()
    dataset.assign_attrs(attributes).to_netcdf(content, engine="h5netcdf")
    with written_whole(path) as part:
        part.write_bytes(content.getvalue())


def read_dataset(path: Path) -> "xr.Dataset":
    """Read a dataset into memory.

    Raises
    ------
    DataError
        When the file is missing or damaged; run the campaign that makes it.

    Examples
    --------
    >>> import xarray as xr
    >>> from tempfile import TemporaryDirectory
    >>> described = {"units": "L_c", "long_name": "mean free path"}
    >>> dataset = xr.Dataset({"lambda_parallel": ("rigidity", [0.5], described)})
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "mean_free_paths.nc"
    ...     write_dataset(dataset, path, {"author": "A. Author"})
    ...     again = read_dataset(path)
    >>> float(again["lambda_parallel"][0]), again["lambda_parallel"].attrs["units"], again.attrs["author"]
    (0.5, 'L_c', 'A. Author')
    """
    import xarray as xr  # imported here: it takes half a second, and reading an attribute does not need it

    if not path.is_file():
        raise DataError(f"{path}: no such dataset; run the campaign that makes it")
    try:
        with xr.open_dataset(path, engine="h5netcdf") as dataset:
            return dataset.load()
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{path}: not a readable NetCDF-4 dataset ({error}); if a campaign made it, delete it and run the campaign"
            " again"
        ) from error


def read_attribute(path: Path, name: str) -> str | None:
    """Read one global attribute of a dataset; None when the file cannot be read or has no such attribute.

    Examples
    --------
    >>> read_attribute(Path("no_such_file.nc"), "author") is None
    True
    """
    try:
        with h5py.File(path) as file:
            value = file.attrs.get(name)
    except OSError:
        return None
    return value if isinstance(value, str) else None


def write_text(text: str, path: Path) -> None:
    """Write a text file completely or not at all; raises DataError as :func:`fieldwalk.io.files.written_whole` does.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_text("eta = 0.5", Path(folder) / "notes" / "levels.txt")
    ...     (Path(folder) / "notes" / "levels.txt").read_text(encoding="utf-8")
    'eta = 0.5'
    """
    with written_whole(path) as part:
        part.write_text(text, encoding="utf-8")
