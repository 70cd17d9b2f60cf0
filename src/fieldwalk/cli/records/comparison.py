"""Two files of the same kind, compared array by array and byte by byte; the record of their making is left out."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from PIL import Image

from fieldwalk.io.datasets import read_dataset
from fieldwalk.io.shards import open_shard

Array = NDArray[Any]

_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)


@dataclass(frozen=True)
class Comparison:
    """What two files have in common.

    Attributes
    ----------
    arrays, size : int
        Number of arrays in the first, and their bytes.
    differences : list of str
        One line for each array that differs, empty when none does.
    """

    arrays: int
    size: int
    differences: list[str]


def compare(before: Path, after: Path) -> Comparison:
    """Compare what two files of the same kind hold.

    Shards: every dataset and every array among the attributes of groups. Datasets: every variable, with its dimensions
    and attributes. Tables: the rows. PNG: the pixels. PDF: every stream, drawings and fonts alike.

    Raises
    ------
    DataError
        When one of them cannot be read.
    """
    arrays_of = _ARRAYS[before.suffix]
    comparison = compare_arrays(arrays_of(before), arrays_of(after))
    if before.suffix == ".nc":
        comparison.differences.extend(_described_differently(read_dataset(before), read_dataset(after)))
    return comparison


def compare_arrays(before: Mapping[str, Array], after: Mapping[str, Array]) -> Comparison:
    """Compare arrays by name, bit for bit: NaN equals NaN, and 0.0 does not equal -0.0."""
    lines = [f"{name}: is not made any more" for name in before if name not in after]
    lines += [f"{name}: is new" for name in after if name not in before]
    common = [name for name in before if name in after]
    lines += [line for name in common if (line := _difference(name, before[name], after[name]))]
    return Comparison(len(before), sum(array.nbytes for array in before.values()), lines)


def _described_differently(before: xr.Dataset, after: xr.Dataset) -> list[str]:
    return [
        f"{name}: {before[name].dims} {before[name].attrs} in the file, {after[name].dims} {after[name].attrs} now"
        for name in before.variables.keys() & after.variables.keys()
        if (before[name].dims, before[name].attrs) != (after[name].dims, after[name].attrs)
    ]


def _difference(name: str, before: Array, after: Array) -> str | None:
    if before.dtype.kind == after.dtype.kind == "U":  # as wide as the longest text in either
        before, after = (one.astype(np.result_type(before, after)) for one in (before, after))
    if before.shape != after.shape or before.dtype != after.dtype:
        return f"{name}: {before.dtype} of shape {before.shape} in the file, {after.dtype} of shape {after.shape} now"
    unequal = _unequal(before, after)
    places = np.argwhere(unequal)
    if not len(places):
        return None
    first = tuple(int(index) for index in places[0])
    line = f"{name}: {len(places)} of {unequal.size} values differ, the first at {list(first)}:"
    line += f" {before[first]} in the file, {after[first]} now"
    if before.dtype.kind not in "iuf":
        return line
    with np.errstate(invalid="ignore"):
        by = np.abs(before.astype(float) - after.astype(float))[unequal]
    if np.all(np.isnan(by)):
        return line
    return f"{line}; largest difference {np.nanmax(by):.3g}"


def _unequal(before: Array, after: Array) -> NDArray[np.bool_]:
    """Which elements differ in any bit."""
    if not before.size:
        return np.zeros(before.shape, dtype=bool)
    first, second = (np.ascontiguousarray(one).reshape(-1, 1).view(np.uint8) for one in (before, after))
    return np.asarray((first != second).any(axis=1)).reshape(before.shape)


def _of_shard(path: Path) -> dict[str, Array]:
    found: dict[str, Array] = {}

    def visit(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = item[...]
        found.update({f"{name}@{key}": value for key, value in item.attrs.items() if isinstance(value, np.ndarray)})

    with open_shard(path) as file:
        file.visititems(visit)
    return found


def _of_dataset(path: Path) -> dict[str, Array]:
    return {str(name): _plain(variable.values) for name, variable in read_dataset(path).variables.items()}


def _of_table(path: Path) -> dict[str, Array]:
    from fieldwalk.io.tables import read_table  # astropy's tables take a second to import

    table = read_table(path)
    return {name: _plain(np.asarray(table[name])) for name in table.colnames}


def _plain(array: Array) -> Array:
    """Text as NumPy's own type, whose bytes are the text itself."""
    return array.astype(str) if array.dtype.hasobject else array


def _of_png(path: Path) -> dict[str, Array]:
    with Image.open(path) as image:
        return {"pixels": np.asarray(image)}


def _of_pdf(path: Path) -> dict[str, Array]:
    streams = _STREAM.findall(path.read_bytes())
    return {f"stream {number}": np.frombuffer(stream, np.uint8) for number, stream in enumerate(streams)}


_ARRAYS: dict[str, Callable[[Path], dict[str, Array]]] = {
    ".h5": _of_shard,
    ".nc": _of_dataset,
    ".csv": _of_table,
    ".png": _of_png,
    ".pdf": _of_pdf,
}
