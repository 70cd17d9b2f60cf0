"""Every other rank of a farm: asks for tasks, computes, and sends the results."""

import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from fieldwalk.parallel.bench import Bench, log_failure
from fieldwalk.parallel.messages import (
    ANSWER,
    ASK,
    BYE,
    FAILURE,
    LAST_WORD,
    POLL_SECONDS,
    RESULT,
    STOPPING,
    TO_LEADER,
    UNDERWAY,
    UNDERWAY_SECONDS,
)
from fieldwalk.parallel.stopping import Stopped
from fieldwalk.parallel.task import Task

if TYPE_CHECKING:
    from mpi4py import MPI

SLICE_SECONDS = 0.2
"""Length of a slice of work, and so the longest that this rank takes to see that it should stop."""


def work(tasks: Sequence[Task], comm: "MPI.Comm", bench: Bench) -> None:
    """Ask rank 0 for tasks until there are none, and stay until it says that all are done or that all stop.

    Parameters
    ----------
    tasks : sequence of Task
        The same on all ranks.
    comm : MPI communicator
    bench : Bench
        Of this rank.

    Raises
    ------
    Stopped
        When all stop; what this rank has done is saved.
    """
    sending: list[MPI.Request] = []
    told, last_said = False, time.monotonic()

    def tell(kind: str, content: object = None) -> None:
        sending[:] = [request for request in sending if not request.test()[0]]
        sending.append(comm.isend((comm.rank, kind, content), dest=0, tag=TO_LEADER))

    def listen(number: int | None = None, done: float = 0.0) -> bool:
        nonlocal told, last_said
        if number is not None and time.monotonic() - last_said > UNDERWAY_SECONDS:
            last_said = time.monotonic()
            tell(UNDERWAY, (number, done))
        if not told and comm.iprobe(source=0, tag=LAST_WORD):
            told = True
            if reason := comm.recv(source=0, tag=LAST_WORD):
                bench.stop.ask(reason)
        return bench.stop.reason is not None

    tell(ASK)
    while (number := comm.recv(source=0, tag=ANSWER)) is not None:
        tell(ASK)
        if listen():
            tell(STOPPING, bench.stop.reason)
            continue
        try:
            result = bench.run(tasks[number], SLICE_SECONDS, partial(listen, number))
        except Stopped:
            tell(STOPPING, bench.stop.reason)
        except Exception as error:
            log_failure(tasks[number], error)
            tell(FAILURE, (number, error))
        else:
            tell(RESULT, (number, result))
    said = False
    while not told:
        if listen() and not told and not said:
            said = True
            tell(STOPPING, bench.stop.reason)
        time.sleep(POLL_SECONDS)
    if bench.stop.reason:
        bench.save()
    tell(BYE)
    for request in sending:
        request.wait()
    if bench.stop.reason:
        raise Stopped(bench.stop.reason)
