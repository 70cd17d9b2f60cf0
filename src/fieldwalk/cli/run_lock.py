"""One run per results folder; a run that was killed leaves nothing that has to be cleared by hand."""

import fcntl
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from fieldwalk.errors import PlanError
from fieldwalk.io.files import explained


@contextmanager
def running_alone(folder: Path, unlock: Sequence[str], environment: Mapping[str, str]) -> Iterator[int]:
    """Hold the lock of a results folder.

    The operating system frees the lock when the last process that holds it ends, however it ends. The file's text
    says that a run is under way; text in a file that nobody locks was left by a killed run, whose Snakemake lock is
    then cleared too.

    Parameters
    ----------
    folder : Path
    unlock : sequence of str
        Command that clears Snakemake's lock.
    environment : mapping
        Of that command.

    Yields
    ------
    int
        File descriptor of the lock, to be passed on to Snakemake so that the lock lives as long as it does.

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
            owner = os.read(descriptor, 200).decode().strip()
            raise PlanError(
                f"{folder}: another run is under way ({owner}); wait for it, or end it, or choose another --results"
            ) from None
        if os.read(descriptor, 200):
            subprocess.run(unlock, env=environment, capture_output=True, check=False)
        _say(descriptor, f"process {os.getpid()} on {os.uname().nodename}")
        yield descriptor
        _say(descriptor, "")
    finally:
        os.close(descriptor)


def _say(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)
