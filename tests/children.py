"""Programs that the tests start: this environment's, in a folder, with the signals of a program that a user starts."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

PROGRAMS = Path(sys.executable).parent
MPIEXEC = PROGRAMS / "mpiexec"
ASKING = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1)
"""Signals by which a program is asked to stop."""

Run = subprocess.CompletedProcess[str]


@contextmanager
def default_signals() -> Iterator[None]:
    """What is started meanwhile gets the default signals, whatever this process ignores.

    A shell's ``&`` ignores SIGINT and ``nohup`` ignores SIGHUP, and all descendants inherit that: a child would never
    hear the signal that a test sends. What is caught instead of ignored is the default again in a new program.
    """
    ignored = [number for number in ASKING if signal.getsignal(number) == signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, lambda number, frame: None)
    try:
        yield
    finally:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)


def start_command(*command: str, **options: Any) -> psutil.Popen:
    """Start a program of this environment, or another by its path; it says nothing unless the options let it."""
    ours = PROGRAMS / command[0]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with default_signals():
        return psutil.Popen([str(ours) if ours.exists() else command[0], *command[1:]], **{**quiet, **options})


def run_command(*command: str, folder: Path, timeout: float = 600, **environment: str) -> Run:
    """Run a program to its end and return what it printed and its exit status."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with start_command(*command, cwd=folder, env={**os.environ, **environment}, **pipes) as process:
        try:
            printed = process.communicate(timeout=timeout)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, *printed)


@contextmanager
def started(*command: str, **options: Any) -> Iterator[psutil.Popen]:
    """Start a program; its whole tree is killed in the end if it still runs."""
    with start_command(*command, **options) as process:
        try:
            yield process
        finally:
            kill_tree(process)


def kill_tree(process: psutil.Process) -> None:
    """SIGKILL to a process and all its descendants, wherever their sessions are."""
    with suppress(psutil.NoSuchProcess):
        for one in (*process.children(recursive=True), process):
            with suppress(psutil.NoSuchProcess):
                one.kill()


def wait_until(
    reached: Callable[[], object], what: str, process: psutil.Popen | None = None, seconds: float = 60
) -> None:
    """Wait for something; a process that ends before it, or too long a time, fails the test."""
    limit = time.monotonic() + seconds
    while not reached():
        assert process is None or process.poll() is None, f"ended with status {process.poll()} before {what}"
        assert time.monotonic() < limit, f"waited {seconds:g} s in vain until {what}"
        time.sleep(0.02)
