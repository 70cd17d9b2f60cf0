"""A note beside the results for each job that runs, failed or was stopped: who it is and how far it has come.

The owner locks its note; the operating system frees the lock when the owner ends, however it ends. So a note that says
"running" and is not locked was left by a job that was killed, and no clock is needed to know it.
"""

import errno
import fcntl
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from fieldwalk.errors import CheckpointError
from fieldwalk.io.files import explained
from fieldwalk.parallel.stopping import Stopped

logger = logging.getLogger(__name__)

NOTE_BYTES = 2048
"""Notes are rewritten in place at one size, so that the lock stays with the file."""

LONGEST_MESSAGE = 800
"""Bytes of it; a quotation mark takes two in the note."""

WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""What file systems say that have no locks."""

BEAT_SECONDS = 5.0
"""How often a running job renews its note."""

SILENT_SECONDS = 120.0
"""On file systems that do not share locks between nodes, a note this old belongs to a dead job."""

HANDOVER_SECONDS = 180.0
"""How long a job waits for an older one of the same name to stop in good order."""


@dataclass(frozen=True)
class JobNote:
    """What a note says.

    Attributes
    ----------
    job : str
        Name of the job: ``particles_<batch>``, or the stage.
    state : str
        ``running``, ``stopped`` (in good order, to be gone on with), ``failed`` (see ``message``), or ``killed``.
    host, pid : str, int
        Of the process that wrote it.
    since : str
        When the job began, UTC.
    ranks : int
        MPI processes.
    share : float
        Of the predicted cost that is done.
    cpu_seconds : float
        Spent so far, earlier attempts included.
    message : str
        Why it failed or stopped.
    """

    job: str
    state: str
    host: str
    pid: int
    since: str
    ranks: int = 1
    share: float = 0.0
    cpu_seconds: float = 0.0
    message: str = ""


class OwnNote:
    """The note of this job, locked."""

    def __init__(self, path: Path, descriptor: int, note: JobNote) -> None:
        self.path = path
        self._descriptor = descriptor
        self._note = note
        self._write()

    def update(self, share: float, cpu_seconds: float) -> None:
        """Say how far the job has come."""
        self._note = replace(self._note, share=share, cpu_seconds=cpu_seconds)
        self._write()

    def close(self, state: str, message: str) -> None:
        """Leave the note with its last state."""
        kept = message.encode()[:LONGEST_MESSAGE].decode(errors="ignore")
        self._note = replace(self._note, state=state, message=kept)
        self._write()

    @property
    def handover_asked(self) -> bool:
        """Whether a newer job of this name waits for this one to stop."""
        return _handover(self.path).exists()

    def _write(self) -> None:
        text = json.dumps(asdict(self._note), ensure_ascii=False).encode()
        try:
            os.pwrite(self._descriptor, text.ljust(NOTE_BYTES - 1) + b"\n", 0)
        except OSError as error:  # a full disk is no reason to stop computing
            logger.warning("%s: cannot be written (%s)", self.path, error)


@contextmanager
def own_note(path: Path, ranks: int) -> Iterator[OwnNote]:
    """Hold the note of a job while it runs; it vanishes when the body ends, and says why when that is by an error.

    An older job that still holds the note is asked to hand over, and waited for.

    Parameters
    ----------
    path : Path
        Of the note; its stem is the job's name.
    ranks : int

    Raises
    ------
    CheckpointError
        When an older job does not stop.
    DataError
        When the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _locked(path)
    except OSError as error:
        raise explained(error, path) from error
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    note = OwnNote(path, descriptor, JobNote(path.stem, "running", os.uname().nodename, os.getpid(), since, ranks))
    try:
        yield note
        path.unlink(missing_ok=True)
    except BaseException as error:
        stopped = isinstance(error, Stopped | KeyboardInterrupt)
        note.close("stopped" if stopped else "failed", str(error) or type(error).__name__)
        raise
    finally:
        os.close(descriptor)


def read_note(path: Path) -> JobNote | None:
    """The note of a job, or None when there is none; a job that says it runs and does not is ``killed``."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        note = _parsed(descriptor)
        if note is None:
            return None
        if note.state == "running" and not _alive(descriptor, note):
            return replace(note, state="killed")
        return note
    finally:
        os.close(descriptor)


def _parsed(descriptor: int) -> JobNote | None:
    for _ in range(3):  # the owner may be writing it at this moment
        try:
            return JobNote(**json.loads(os.pread(descriptor, NOTE_BYTES, 0)))
        except (ValueError, TypeError):
            time.sleep(0.01)
    return None


def _alive(descriptor: int, note: JobNote) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        pass
    else:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    # a lock of another node may not be seen here; its beat is, and a clock that is wrong by minutes says alive
    age = time.time() - os.fstat(descriptor).st_mtime
    return note.host != os.uname().nodename and age < SILENT_SECONDS


def _locked(path: Path) -> int:
    """Open and lock a note, asking an older owner to let go of it."""
    limit = time.monotonic() + HANDOVER_SECONDS
    handover = _handover(path)
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = _parsed(descriptor)
            os.close(descriptor)
            if time.monotonic() > limit:
                handover.unlink(missing_ok=True)
                who = f"process {owner.pid} on {owner.host}" if owner else "another process"
                raise CheckpointError(
                    f"{path}: {who} still runs this job and does not stop; end it, then run the campaign again"
                ) from None
            handover.touch()
            time.sleep(0.2)
            continue
        except OSError as error:
            # a file system without locks: nothing protects against two jobs of one name, and nothing is damaged by them
            if error.errno not in WITHOUT_LOCKS:
                os.close(descriptor)
                raise
        if os.fstat(descriptor).st_nlink:
            handover.unlink(missing_ok=True)
            return descriptor
        os.close(descriptor)  # its owner finished and removed it


def _handover(path: Path) -> Path:
    return path.with_suffix(".handover")
