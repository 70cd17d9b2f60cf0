"""One run per results folder; a run that was killed leaves nothing that has to be cleared by hand."""

import fcntl
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from fieldwalk.errors import PlanError
from fieldwalk.io.files import explained
from fieldwalk.parallel.job_note import WITHOUT_LOCKS


@dataclass(frozen=True)
class Lock:
    """The lock of a results folder, held."""

    descriptor: int

    def say(self, text: str) -> None:
        """Write who holds the lock, for whoever finds it held."""
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, text.encode(), 0)


def refuse_while_running(folder: Path) -> None:
    """Raise PlanError when a run holds the lock of a results folder; takes and writes nothing."""
    path = folder / "run.lock"
    if not path.exists():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _under_way(folder, descriptor) from None
    except OSError as error:
        if error.errno not in WITHOUT_LOCKS:
            raise
    finally:
        os.close(descriptor)


@contextmanager
def running_alone(folder: Path, unlock: Sequence[str], environment: Mapping[str, str]) -> Iterator[Lock]:
    """Hold the lock of a results folder.

    The operating system frees the lock when the last process that holds it ends, however it ends. The file's text
    says that a run is under way, and is emptied when Snakemake has ended by itself; text in a file that nobody locks
    was left by a killed run, whose Snakemake lock is then cleared too.

    Parameters
    ----------
    folder : Path
    unlock : sequence of str
        Command that clears Snakemake's lock.
    environment : mapping
        Of that command.

    Yields
    ------
    Lock
        To be passed on to Snakemake, so that the lock lives as long as it does.

    Raises
    ------
    PlanError
        When another run holds the lock.
    """
    path = folder / "run.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise explained(error, path) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _under_way(folder, descriptor) from None
        except OSError as error:
            if error.errno not in WITHOUT_LOCKS:
                raise explained(error, path) from error
            click.echo(f"warning: {folder}: this file system has no locks; start one run at a time", err=True)
        if os.read(descriptor, 200):
            subprocess.run(unlock, env=environment, capture_output=True, check=False)
        lock = Lock(descriptor)
        lock.say(f"process {os.getpid()} on {os.uname().nodename}")
        yield lock
    finally:
        os.close(descriptor)


def _under_way(folder: Path, descriptor: int) -> PlanError:
    owner = os.read(descriptor, 200).decode().strip()
    return PlanError(f"{folder}: another run is under way ({owner}); wait for it, or choose another --results")
