"""Any rank of a farm but rank 0: it asks for tasks, computes them, and sends the results."""

import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from fieldwalk.errors import FieldwalkError, KernelError
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
"""Duration of a slice of work, and therefore the longest delay until this rank notices that it should stop."""


def work(tasks: Sequence[Task], comm: "MPI.Comm", bench: Bench) -> None:
    """Ask rank 0 for tasks until there are none, and wait until rank 0 says that all are done or that all ranks stop.

    Parameters
    ----------
    tasks : sequence of Task
        The same on all ranks.
    comm : MPI communicator
    bench : Bench
        The bench of this rank.

    Raises
    ------
    Stopped
        When all ranks stop; the work of this rank is saved.
    """
    sending: list[MPI.Request] = []
    last_words: list[str | None] = []
    last_said = time.monotonic()

    def tell(kind: str, content: object = None) -> None:
        sending[:] = [request for request in sending if not request.test()[0]]
        sending.append(comm.isend((comm.rank, kind, content), dest=0, tag=TO_LEADER))

    def listen(number: int | None = None, done: float = 0.0) -> bool:
        nonlocal last_said
        if number is not None and time.monotonic() - last_said > UNDERWAY_SECONDS:
            last_said = time.monotonic()
            tell(UNDERWAY, (number, done))
        if not last_words and comm.iprobe(source=0, tag=LAST_WORD):
            last_words.append(comm.recv(source=0, tag=LAST_WORD))
        return bool(last_words or bench.stop.reason)

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
            # some errors of other packages cannot be sent
            ours = isinstance(error, FieldwalkError)
            tell(FAILURE, (number, error if ours else KernelError(f"{type(error).__name__}: {error}")))
        else:
            tell(RESULT, (number, result))
    said = False
    while not last_words:
        if listen() and not last_words and not said:
            said = True
            tell(STOPPING, bench.stop.reason)
        time.sleep(POLL_SECONDS)
    # rank 0 decides: a rank that was asked to stop when everything was done ends normally
    bench.save()
    tell(BYE)
    for request in sending:
        request.wait()
    if last_words[0]:
        raise Stopped(last_words[0])
