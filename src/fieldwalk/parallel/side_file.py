"""The side file of one rank: an SQLite database with one row per task, each with its checksum.

Transactions of SQLite are atomic: if a process is killed while it writes, the file holds the result of the last
complete transaction. Each file has one writer and is not locked, because many file systems of clusters have no locks.
"""

import hashlib
import json
import logging
import math
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

logger = logging.getLogger(__name__)

FORMAT = "fieldwalk checkpoint 1"

FINISHED = -1
"""Progress of a finished task, whose row holds results. Otherwise progress is the number of units done, and the row
holds the state after these."""


class Row(NamedTuple):
    """Row of one task: its key, its progress, the checksum, and its arrays as :func:`row` packs them."""

    key: str
    progress: int
    sha256: str
    packed: bytes

    @property
    def whole(self) -> bool:
        """Whether the checksum of the row is right."""
        return self.sha256 == _digest(self.key, self.progress, self.packed)

    @property
    def arrays(self) -> dict[str, Any]:
        """The arrays by name."""
        described, _, content = self.packed.partition(b"\n")
        found, start = {}, 0
        for name, (kind, shape) in json.loads(described).items():
            count = math.prod(shape)
            found[name] = np.frombuffer(content, kind, count, start).reshape(shape).copy()
            start += found[name].nbytes
        return found


def row(key: str, progress: int, arrays: Mapping[str, Any]) -> Row:
    """Pack one task: a line of JSON with the type and shape of each array, then the bytes of the arrays.

    An .npz archive takes four times as long, which matters where thousands of short tasks are saved.
    """
    values = {name: np.asarray(value) for name, value in arrays.items()}
    described = json.dumps({name: (value.dtype.str, value.shape) for name, value in values.items()})
    packed = b"".join([described.encode(), b"\n", *(value.tobytes() for value in values.values())])
    return Row(key, progress, _digest(key, progress, packed), packed)


def write(path: Path, rows: Iterable[Row], about: Mapping[str, str | int | float]) -> None:
    """Write rows and facts about the file in one transaction, replacing those of the same name.

    Raises
    ------
    sqlite3.Error, OSError
        When that fails; the file is then unchanged.
    """
    with closing(_opened(path, "rwc")) as file, file:
        file.execute("BEGIN")
        file.execute("CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT)")
        file.execute(
            "CREATE TABLE IF NOT EXISTS tasks (key TEXT PRIMARY KEY, progress INTEGER, sha256 TEXT, arrays BLOB)"
        )
        facts = {name: str(value) for name, value in {"format": FORMAT, **about}.items()}
        facts["sha256"] = _digest_of_facts(facts)
        file.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", facts.items())
        file.executemany("INSERT OR REPLACE INTO tasks VALUES (?, ?, ?, ?)", rows)


def read_about(path: Path) -> dict[str, str]:
    """Read the facts about a file; empty when its first transaction was not completed, or when it is damaged."""
    try:
        with closing(_opened(path, "rw")) as file:
            facts: dict[str, str] = dict(file.execute("SELECT name, value FROM about"))
        if facts.pop("sha256", None) == _digest_of_facts(facts):
            return facts
        reason = "its checksum is wrong"
    except (sqlite3.Error, ValueError, TypeError) as error:
        reason = str(error)
    logger.warning("%s: cannot be read (%s); what it held is computed again", path, reason)
    return {}


def read_rows(path: Path) -> list[Row]:
    """Read every row whose checksum is right; for the others a warning says that they are computed again."""
    rows = []
    try:
        with closing(_opened(path, "rw")) as file:
            for values in file.execute("SELECT key, progress, sha256, arrays FROM tasks ORDER BY rowid"):
                found = Row(*values)
                if found.whole:
                    rows.append(found)
                else:
                    logger.warning("%s: what it holds of %s is damaged and is computed again", path, found.key)
    except (sqlite3.Error, ValueError, TypeError) as error:
        logger.warning("%s: damaged (%s); what could not be read of it is computed again", path, error)
    return rows


def read_row(path: Path, key: str) -> Row | None:
    """Read the row of one task; None when there is none or it is damaged."""
    try:
        with closing(_opened(path, "ro")) as file:
            values = file.execute("SELECT key, progress, sha256, arrays FROM tasks WHERE key = ?", (key,)).fetchone()
    except sqlite3.Error as error:
        logger.warning("%s: cannot be read (%s); %s is computed again", path, error, key)
        return None
    found = Row(*values) if values else None
    return found if found and found.whole else None


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}&nolock=1", uri=True)


def _digest_of_facts(facts: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _digest(key: str, progress: int, packed: bytes) -> str:
    return hashlib.sha256(f"{key}\n{progress}\n".encode() + bytes(packed)).hexdigest()
