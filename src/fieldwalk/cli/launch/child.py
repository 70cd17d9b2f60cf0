"""Snakemake as a child process that can be stopped as a whole."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import FrameType

from fieldwalk.cli.launch.run_lock import Lock

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
    started: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopped
        if stopped:
            # a launcher takes a second interrupt as the order to kill its ranks, unsaved
            print("stopping already, in good order", file=sys.stderr)
            return
        stopped = True
        for group in started:
            # Snakemake ends its jobs in good order on an interrupt, and only then
            os.killpg(group, signal.SIGINT)

    # Before the child begins: signals that are caught here are not ignored there, as they are behind a shell's `&`.
    # A hangup that is ignored already was meant to be, by nohup.
    caught = [number for number in STOPPING if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in caught}
    with subprocess.Popen(command, env=environment, pass_fds=(lock.descriptor,), process_group=0) as process:
        try:
            started.append(process.pid)
            if stopped:
                os.killpg(process.pid, signal.SIGINT)
            lock.say(f"process group {process.pid} on {os.uname().nodename}; `kill -INT -- -{process.pid}` ends it")
            status = process.wait()
            if status >= 0:
                lock.say("")
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    return -signal.SIGINT if stopped else abs(status)
