"""Checkpoints: results and unfinished tasks of a batch, in side files that remain valid if the job is killed.

Each rank writes its own file. When a batch begins again, on any number of ranks, one process gathers the content of all
files in a single file that every rank reads, and only then removes the others.
"""

import json
import logging
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fieldwalk.errors import CheckpointError
from fieldwalk.io.files import set_aside, written_whole
from fieldwalk.parallel.side_file import FINISHED, FORMAT, Row, read_about, read_row, read_rows, row, write
from fieldwalk.parallel.task import Arrays, State

logger = logging.getLogger(__name__)

Identity = Mapping[str, str | int]
"""Properties in which a checkpoint must agree with the batch that continues from it."""


@dataclass(frozen=True)
class Gathered:
    """What earlier starts of a batch saved.

    Attributes
    ----------
    folder : Path
        Folder of the batch's side files.
    attempt : int
        Number of this start, from 1.
    cpu_seconds : float
        Processor time of the earlier starts, as far as it was saved.
    instruction_sets : tuple of str
        Instruction sets that computed what was saved.
    underway : dict of int
        Units done of each task whose state was saved, by its key.
    """

    folder: Path
    attempt: int
    cpu_seconds: float = 0.0
    instruction_sets: tuple[str, ...] = ()
    underway: Mapping[str, int] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The gathered file; it does not exist at the first start."""
        return self.folder / f"{self.attempt:04d}_gathered.sqlite"

    def finished(self) -> Iterator[tuple[str, Arrays]]:
        """Key and results of every finished task."""
        if self.path.exists():
            for found in read_rows(self.path):
                if found.progress == FINISHED:
                    yield found.key, found.arrays

    def restore(self, key: str) -> tuple[int, State] | None:
        """Units done and state of an unfinished task; None when no state was saved."""
        found = read_row(self.path, key) if key in self.underway else None
        return (found.progress, found.arrays) if found else None


def gather(folder: Path, identity: Identity) -> Gathered:
    """Gather everything that earlier starts of a batch saved in one file.

    One process calls this before any other opens a side file.

    Parameters
    ----------
    folder : Path
        Folder of the batch's side files.
    identity : mapping
        Identity of the batch that is to continue.

    Raises
    ------
    CheckpointError
        When the side files belong to another batch or version; the message gives both remedies.
    DataError
        When the gathered file cannot be written.
    """
    files = sorted(folder.glob("*.sqlite"))
    attempt = 1 + max((int(path.name[:4]) for path in files), default=0)
    if not files:
        return Gathered(folder, attempt)
    abouts = {path: about for path in files if (about := read_about(path))}
    for path, about in abouts.items():
        _require(path, about, identity)
    # a job killed while gathering may have left both the gathered file and its sources
    superseded = {name for about in abouts.values() for name in json.loads(about.get("gathered_from", "[]"))}
    best: dict[str, Row] = {}
    cpu_seconds, instruction_sets = 0.0, set()
    for path, about in abouts.items():
        if path.name in superseded:
            continue
        cpu_seconds += float(about.get("cpu_seconds", 0.0))
        instruction_sets |= set(about.get("instruction_sets", "").split())
        for found in read_rows(path):
            held = best.get(found.key)
            if held is None or _further(found, held):
                best[found.key] = found
    underway = {key: found.progress for key, found in best.items() if found.progress != FINISHED}
    gathered = Gathered(folder, attempt, cpu_seconds, tuple(sorted(instruction_sets)), underway)
    facts: dict[str, str | int | float] = {
        **identity,
        "cpu_seconds": cpu_seconds,
        "instruction_sets": " ".join(gathered.instruction_sets),
        "gathered_from": json.dumps([path.name for path in files]),
    }
    with written_whole(gathered.path) as part:
        write(part, best.values(), facts)
    for path in files:
        if path not in abouts:  # unreadable, perhaps only temporarily
            set_aside(path)
            continue
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
    return gathered


class Checkpoints:
    """Writes the checkpoints of one rank.

    Parameters
    ----------
    gathered : Gathered
        What was gathered at this start of the batch.
    rank, size : int
        Number of this rank, and number of ranks; the first checkpoints of the ranks are spread over half an interval.
    interval : float
        Seconds between checkpoints.
    identity : mapping
        Identity of the batch.
    instruction_set : str
        Instruction set in use.
    """

    def __init__(
        self, gathered: Gathered, rank: int, size: int, interval: float, identity: Identity, instruction_set: str
    ) -> None:
        self.restore = gathered.restore
        self._path = gathered.folder / f"{gathered.attempt:04d}_rank{rank:05d}.sqlite"
        self._about = {**identity, "instruction_sets": instruction_set}
        self._interval = interval
        self._last = time.monotonic() - interval * rank / size / 2
        self._cpu_begin = time.process_time()
        self.seconds = 0.0
        """Time spent on saving."""

    @property
    def due(self) -> bool:
        """Whether the interval has passed since the last checkpoint."""
        return time.monotonic() - self._last > self._interval

    def save(self, finished: Mapping[str, Arrays], underway: tuple[str, int, State] | None) -> bool:
        """Save the results since the last checkpoint and the current task in one transaction.

        Returns
        -------
        bool
            Whether that succeeded. On a full disk the computation continues: the older checkpoint remains valid, and
            the next attempt follows after an interval.
        """
        begin = time.monotonic()
        rows = [row(key, FINISHED, arrays) for key, arrays in finished.items()]
        if underway is not None:
            rows.append(row(*underway))
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write(self._path, rows, {**self._about, "cpu_seconds": time.process_time() - self._cpu_begin})
            saved = True
        except (OSError, sqlite3.Error) as error:
            logger.warning("%s: no checkpoint could be written (%s)", self._path, error)
            saved = False
        self._last = time.monotonic()
        self.seconds += self._last - begin
        return saved


def remove(folder: Path) -> None:
    """Remove the side files of a batch whose shard is complete."""
    shutil.rmtree(folder, ignore_errors=True)


def _require(path: Path, about: Mapping[str, str], identity: Identity) -> None:
    wanted = {name: str(value) for name, value in {"format": FORMAT, **identity}.items()}
    if other := {name: about.get(name) for name in wanted if about.get(name) != wanted[name]}:
        expected = {name: wanted[name] for name in other}
        raise CheckpointError(
            f"{path}: belongs to another batch or version: it has {json.dumps(other)}, computed now is"
            f" {json.dumps(expected)}; nothing was changed: finish it with the version that wrote it, or move its"
            " folder away to begin this batch anew"
        )


def _further(one: Row, other: Row) -> bool:
    """Whether a row of a task is more advanced than another row of the same task."""
    return other.progress != FINISHED and (one.progress == FINISHED or one.progress > other.progress)
