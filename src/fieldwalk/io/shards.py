"""Shards: one HDF5 file per batch, written by one process while results arrive in any order.

A shard holds one group per portion of work, and each dataset of a group has one row per realisation. The position of a
row does not depend on the order of computation, so the data do not depend on the number of ranks.

The file begins with an HDF5 user block: one line of JSON with the checksum of the file and the cost of the batch. This
line can be read quickly, also from thousands of shards.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from fieldwalk.errors import DamagedFileError, DataError
from fieldwalk.io.files import written_whole
from fieldwalk.io.provenance import Attributes

FORMAT = "fieldwalk shard 2"

HEAD_BYTES = 512
"""Size of the user block, the smallest that HDF5 allows."""

HEAD_ATTRIBUTES = ("batch", "ranks", "cpuSeconds", "wallSeconds")
"""Global attributes that are also in the head."""

Arrays = dict[str, NDArray[np.float64]]


class ShardWriter:
    """Writes rows of results in the order in which they arrive.

    The file is built in memory and written to disk in one piece, because HDF5 cannot recover when the disk fills while
    a file is open.
    """

    def __init__(self, path: Path, rows: Mapping[str, int]) -> None:
        self._file = h5py.File(path.name, "w", driver="core", backing_store=False, userblock_size=HEAD_BYTES)
        self._path = path
        self._rows = dict(rows)
        self._written: dict[str, set[int]] = {group: set() for group in rows}
        self.attributes: Attributes = {}
        """Global attributes, to be completed before the shard is closed."""

    def write(self, group: str, row: int, arrays: Arrays) -> None:
        """Write the arrays of one realisation into ``row`` of ``group``."""
        for name in sorted(arrays):
            value = np.asarray(arrays[name], dtype=np.float64)
            if f"{group}/{name}" not in self._file:
                shape = (self._rows[group], *value.shape)
                self._file.create_dataset(f"{group}/{name}", shape=shape, dtype="f8", fillvalue=np.nan)
            self._file[f"{group}/{name}"][row] = value
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

    def content(self) -> bytes:
        """Content of the finished file.

        Raises
        ------
        DataError
            When rows are missing; run the batch again.
        """
        if missing := self.missing():
            raise DataError(
                f"{self._path}: {len(missing)} results are missing, the first is {missing[0]}; run the batch again"
            )
        for name, value in self.attributes.items():
            self._file.attrs[name] = value
        self._file.attrs["format"] = FORMAT
        self._file.flush()
        image: bytes = self._file.id.get_file_image()
        facts: dict[str, Any] = {"format": FORMAT}
        facts |= {name: self.attributes[name] for name in HEAD_ATTRIBUTES if name in self.attributes}
        checksum = hashlib.sha256(_line(facts) + image)
        return _line({**facts, "sha256": checksum.hexdigest()}) + image

    def close(self) -> None:
        """Free the memory."""
        self._file.close()


@contextmanager
def open_shard_for_writing(path: Path, rows: Mapping[str, int]) -> Iterator[ShardWriter]:
    """Open a new shard, which appears at ``path`` only when every row has been written.

    Parameters
    ----------
    path : Path
    rows : mapping
        Number of rows of each group.

    Raises
    ------
    DataError
        When the disk is full, the folder cannot be written to, or rows are missing at the end.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "batch.h5"
    ...     with open_shard_for_writing(path, {"point": 2}) as shard:
    ...         for row in (1, 0):
    ...             shard.write("point", row, {"square_x": np.array([row + 0.5])})
    ...         shard.attributes |= {"batch": "batch", "ranks": 1, "cpuSeconds": 0.0, "wallSeconds": 0.0}
    ...     with open_shard(path) as file:
    ...         read_group(file, "point")["square_x"].ravel()
    array([0.5, 1.5])
    """
    with closing(ShardWriter(path, rows)) as writer:
        yield writer
        content = writer.content()
    with written_whole(path) as part:
        part.write_bytes(content)


def read_head(path: Path) -> dict[str, Any]:
    """Read the first line of a shard: ``format``, ``sha256``, and :data:`HEAD_ATTRIBUTES`.

    Raises
    ------
    DataError
        When there is no such file, or it is not a shard of this format.
    DamagedFileError
        When the line cannot be read; move the file away and run the campaign again.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such shard; run the campaign again to make it")
    with path.open("rb") as file:
        block = file.read(HEAD_BYTES)
    if block.startswith(b"\x89HDF"):
        raise DataError(f"{path}: an HDF5 file, but not a shard of this version; delete it or move it away")
    try:
        head: dict[str, Any] = json.loads(block)
        found = head["format"]
    except (ValueError, TypeError, KeyError):
        raise DamagedFileError(path, "it does not begin as a shard does") from None
    if found != FORMAT:
        raise DataError(
            f"{path}: not a shard of this version (format {found!r}, expected {FORMAT!r}); delete it or move it away"
        )
    return head


@contextmanager
def open_shard(path: Path) -> Iterator[h5py.File]:
    """Open a shard for reading, after checking that its content is what was written.

    Raises
    ------
    DataError
        When it is missing, or not a shard of this format.
    DamagedFileError
        When it is truncated, or a bit of it has changed; move the file away and run the campaign again.
    """
    read_head(path)
    entry = path.stat()
    if not _whole(path, entry.st_mtime_ns, entry.st_size):
        raise DamagedFileError(path, "its checksum is not that of its content")
    with h5py.File(path, "r") as file:
        yield file


@lru_cache(maxsize=4096)  # a reduction opens a shard for each of its points; the time identifies a file that changed
def _whole(path: Path, modified: int, size: int) -> bool:
    with path.open("rb") as file:
        block = file.read(HEAD_BYTES)
        head = json.loads(block)
        expected = head.pop("sha256", "")
        checksum = hashlib.sha256(_line(head))
        while piece := file.read(2**20):
            checksum.update(piece)
    return checksum.hexdigest() == expected and block == _line({**head, "sha256": expected})


def _line(facts: Mapping[str, Any]) -> bytes:
    return (json.dumps(facts).ljust(HEAD_BYTES - 1) + "\n").encode()


def read_group(file: h5py.File, group: str) -> Arrays:
    """Read every array of a group.

    Raises
    ------
    DataError
        When the group is absent or damaged; delete the file and run the campaign again.
    """
    with _readable(file, group):
        return {name: dataset[...] for name, dataset in file[group].items()}


def read_row(file: h5py.File, group: str, name: str, row: int) -> NDArray[np.float64]:
    """Read one realisation of one array of a group; raises as :func:`read_group` does."""
    with _readable(file, group):
        return np.asarray(file[group][name][row])


def read_attributes(file: h5py.File, group: str) -> dict[str, Any]:
    """Read every attribute of a group; raises as :func:`read_group` does."""
    with _readable(file, group):
        return dict(file[group].attrs)


@contextmanager
def _readable(file: h5py.File, group: str) -> Iterator[None]:
    try:
        if group in file:
            yield
            return
    except Exception as error:  # HDF5 reports damage with errors of many kinds
        raise DataError(
            f"{file.filename}: {group} cannot be read ({error}); delete the file and run the campaign again"
        ) from error
    raise DataError(
        f"{file.filename}: holds no {group}: it belongs to another campaign or plan; delete it and run again"
    )
