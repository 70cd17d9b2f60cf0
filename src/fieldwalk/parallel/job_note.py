"""A note beside the results for each job that is running, failed or was stopped: its process and its progress.

The owner locks its note, and the operating system releases the lock when the owner ends for any reason. Therefore a
note with the state ``running`` that is not locked was left by a job that was killed. This does not rely on clocks.
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
"""Size of a note. Notes are rewritten in place at a fixed size, so that the lock stays with the file."""

LONGEST_MESSAGE = 800
"""Largest length of a message in bytes; a quotation mark takes two bytes in the note."""

WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""Error numbers of file systems without locks."""

BEAT_SECONDS = 5.0
"""Seconds after which a running job renews its note."""

SILENT_SECONDS = 120.0
"""Age in seconds from which a note belongs to a dead job on file systems that do not share locks between nodes."""

HANDOVER_SECONDS = 180.0
"""Seconds for which a job waits for an older job of the same name to save its work and stop."""


@dataclass(frozen=True)
class JobNote:
    """Content of a note.

    Attributes
    ----------
    job : str
        Name of the job: ``particles_<batch>``, or the stage.
    state : str
        ``running``, ``stopped`` (its work is saved and can be continued), ``failed`` (see ``message``), or ``killed``.
    host, pid : str, int
        Host name and number of the process that wrote the note.
    since : str
        When the job began, UTC.
    ranks : int
        Number of MPI processes.
    share : float
        Share of the predicted cost that is done.
    cpu_seconds : float
        Processor time so far, including earlier attempts.
    message : str
        Why the job failed or stopped.
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
    """The locked note of this job."""

    def __init__(self, path: Path, descriptor: int, note: JobNote) -> None:
        self.path = path
        self._descriptor = descriptor
        self._note = note
        self._write()

    def update(self, share: float, cpu_seconds: float) -> None:
        """Record the progress of the job."""
        self._note = replace(self._note, share=share, cpu_seconds=cpu_seconds)
        self._write()

    def close(self, state: str, message: str) -> None:
        """Release the note with its last state."""
        kept = message.encode()[:LONGEST_MESSAGE].decode(errors="ignore")
        self._note = replace(self._note, state=state, message=kept)
        self._write()

    @property
    def handover_asked(self) -> bool:
        """Whether a newer job of the same name waits for this one to stop."""
        return _handover(self.path).exists()

    def _write(self) -> None:
        text = json.dumps(asdict(self._note), ensure_ascii=False).encode()
        try:
            os.pwrite(self._descriptor, text.ljust(NOTE_BYTES - 1) + b"\n", 0)
        except OSError as error:  # the computation continues on a full disk
            logger.warning("%s: cannot be written (%s)", self.path, error)


@contextmanager
def own_note(path: Path, ranks: int) -> Iterator[OwnNote]:
    """Hold the note of a job while it runs.

    The note is removed when the body ends without an error; otherwise it remains and gives the reason. An older job
    that still holds the note is asked to stop, and this function waits until it has.

    Parameters
    ----------
    path : Path
        Path of the note; its stem is the name of the job.
    ranks : int
        Number of MPI processes.

    Raises
    ------
    CheckpointError
        When an older job does not stop; end it, then run the campaign again.
    DataError
        When the folder cannot be written to.
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
    """Read the note of a job; None when there is none.

    The state of a job that is recorded as running but no longer runs is ``killed``.
    """
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
    for _ in range(3):  # the owner may be writing the note at this moment
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
    # the lock of a job on another node may not be visible here, but its renewals are; with a clock that is wrong by
    # minutes the job counts as alive
    age = time.time() - os.fstat(descriptor).st_mtime
    return note.host != os.uname().nodename and age < SILENT_SECONDS


def _locked(path: Path) -> int:
    """Open and lock a note, after asking an older owner to release it."""
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
            # without locks two jobs of the same name are not kept apart; they do not damage any data
            if error.errno not in WITHOUT_LOCKS:
                os.close(descriptor)
                raise
        if os.fstat(descriptor).st_nlink:
            handover.unlink(missing_ok=True)
            return descriptor
        os.close(descriptor)  # its owner finished and removed it


def _handover(path: Path) -> Path:
    return path.with_suffix(".handover")
