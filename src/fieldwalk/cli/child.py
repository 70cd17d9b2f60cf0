"""Snakemake as a child process that can be stopped as a whole."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from types import FrameType

from fieldwalk.cli.run_lock import Lock

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_to_the_end(command: Sequence[str], environment: Mapping[str, str], lock: Lock) -> int:
    """Run a command in a process group of its own; whatever would stop us stops that whole group.

    Parameters
    ----------
    command : sequence of str
    environment : mapping
    lock : Lock
        Of the results folder; lives as long as the command does, and names it.

    Returns
    -------
    int
        Its exit status, negative when it was stopped.
    """
    stopped = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True
        # Snakemake ends its jobs in good order on an interrupt, and only then
        os.killpg(process.pid, signal.SIGINT)

    with subprocess.Popen(command, env=environment, pass_fds=(lock.descriptor,), process_group=0) as process:
        before = {number: signal.signal(number, stop) for number in STOPPING}
        try:
            lock.say(f"process group {process.pid} on {os.uname().nodename}; `kill -INT -- -{process.pid}` ends it")
            status = process.wait()
            if status >= 0:
                lock.say("")
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    return -signal.SIGINT if stopped else abs(status)
