"""Shards: one HDF5 file per batch, written by one process while results arrive in any order.

A shard holds one group per portion of work; each dataset in it has one row per realisation. Rows stand in their own
place whatever the order in which they were computed, so the data do not depend on the number of ranks.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from fieldwalk.errors import DataError
from fieldwalk.io.files import explained, written_whole
from fieldwalk.io.provenance import Attributes

FORMAT = "fieldwalk shard 1"

Arrays = dict[str, NDArray[np.float64]]


class ShardWriter:
    """Rows of results, placed as they come."""

    def __init__(self, file: h5py.File, path: Path, rows: Mapping[str, int]) -> None:
        self._file = file
        self._path = path
        self._rows = dict(rows)
        self._written: dict[str, set[int]] = {group: set() for group in rows}
        self.attributes: Attributes = {}
        """Global attributes; complete them before the shard is closed."""

    def write(self, group: str, row: int, arrays: Arrays) -> None:
        """Write the arrays of one realisation into ``row`` of ``group``; the first call reserves the space of the
        whole group.

        Raises
        ------
        DataError
            When the disk is full.
        """
        try:
            for name in sorted(arrays):
                value = np.asarray(arrays[name], dtype=np.float64)
                if f"{group}/{name}" not in self._file:
                    self._file.create_dataset(
                        f"{group}/{name}", shape=(self._rows[group], *value.shape), dtype="f8", fillvalue=np.nan
                    )
                self._file[f"{group}/{name}"][row] = value
        except OSError as error:
            raise explained(error, self._path) from error
        self._written[group].add(row)

    def describe(self, group: str, attributes: Mapping[str, str | int | float | NDArray[np.generic]]) -> None:
        """Set attributes of a group."""
        target = self._file.require_group(group)
        for name, value in attributes.items():
            target.attrs[name] = value

    def missing(self) -> list[str]:
        """Rows that have not been written, as ``group/row``."""
        return [
            f"{group}/{row}"
            for group, total in self._rows.items()
            for row in range(total)
            if row not in self._written[group]
        ]

    def close(self) -> None:
        """Write the global attributes and close; complete shards only."""
        if missing := self.missing():
            raise DataError(
                f"{self._path}: {len(missing)} results are missing, the first is {missing[0]}; run the batch again"
            )
        for name, value in self.attributes.items():
            self._file.attrs[name] = value
        self._file.attrs["format"] = FORMAT
        self._file.close()


@contextmanager
def open_shard_for_writing(path: Path, rows: Mapping[str, int]) -> Iterator[ShardWriter]:
    """Open a new shard; it appears at ``path`` only when every row has been written.

    Parameters
    ----------
    path : Path
    rows : mapping
        Number of rows of each group.

    Raises
    ------
    DataError
        When the disk is full, the folder cannot be written to, or rows are missing at the end.
    """
    with written_whole(path) as part:
        file = h5py.File(part, "w")
        writer = ShardWriter(file, path, rows)
        try:
            yield writer
            writer.close()
        finally:
            _close_quietly(file)


@contextmanager
def open_shard(path: Path) -> Iterator[h5py.File]:
    """Open a shard for reading.

    Raises
    ------
    DataError
        When it is missing, truncated, or no shard of this format.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such shard; run the campaign again to make it")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise DataError(f"{path}: not a complete HDF5 file ({error}); delete it and run the campaign again") from error
    try:
        found = file.attrs.get("format")
        if found != FORMAT:
            raise DataError(
                f"{path}: not a shard of this version (format {found!r}, expected {FORMAT!r});"
                " delete it or move it away"
            )
        yield file
    finally:
        file.close()


def read_group(file: h5py.File, group: str) -> Arrays:
    """Every array of a group.

    Raises
    ------
    DataError
        When the group is absent or damaged.
    """
    if group not in file:
        raise DataError(
            f"{file.filename}: holds no {group}: it belongs to another campaign or plan; delete it and run again"
        )
    try:
        return {name: dataset[...] for name, dataset in file[group].items()}
    except OSError as error:
        raise DataError(
            f"{file.filename}: {group} cannot be read ({error}); delete the file and run the campaign again"
        ) from error


def _close_quietly(file: h5py.File) -> None:
    # After a failed write HDF5 may fail once more when it flushes on closing; the first error is the one to tell.
    with suppress(OSError, RuntimeError):
        file.close()
