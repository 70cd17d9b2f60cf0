"""The farm: deals tasks to MPI ranks, long ones first, and hands every result to rank 0.

Every rank computes. Rank 0 answers the others between slices of its own work, and the others ask for their next task
before they begin the one in hand, so nobody waits for the answer.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fieldwalk.errors import KernelError
from fieldwalk.parallel.progress import Progress
from fieldwalk.parallel.task import Arrays, Task

if TYPE_CHECKING:
    from mpi4py import MPI

SLICE_SECONDS = 0.01
"""Predicted length of a slice of work, and so the longest that rank 0 lets an answer wait."""

POLL_SECONDS = 1e-3
"""How often rank 0 looks for results once it has no work of its own."""

_TO_LEADER, _TO_WORKER = 1, 2


def assert_world_size(comm: "MPI.Comm", ranks: int) -> None:
    """Check that the launcher started one world of ``ranks`` processes.

    Raises
    ------
    KernelError
        When it did not: typically a launcher of another MPI library, which starts that many worlds of one process each.
    """
    if comm.size != ranks:
        raise KernelError(
            f"MPI started a world of {comm.size} process(es) where {ranks} were asked for: the launcher does not belong"
            " to the MPI library that mpi4py loads, or starts another number of processes; set `mpi` in the profile to"
            " the matching mpiexec (or srun --mpi=...)"
        )


def run_farm(tasks: Sequence[Task], comm: "MPI.Comm", receive: Callable[[int, Arrays], None]) -> None:
    """Run every task once, on whichever rank is free.

    Parameters
    ----------
    tasks : sequence of Task
        The same on all ranks.
    comm : MPI communicator
    receive : callable
        Called on rank 0 alone, with the number of a task and its results, in the order of completion.
    """
    if comm.rank == 0:
        _lead(tasks, comm, receive)
    else:
        _work(tasks, comm)


def _lead(tasks: Sequence[Task], comm: "MPI.Comm", receive: Callable[[int, Arrays], None]) -> None:
    waiting = deque(sorted(range(len(tasks)), key=lambda number: (-tasks[number].cost, number)))
    progress = Progress(sum(task.cost for task in tasks))
    unfinished = len(tasks)
    busy_workers = comm.size - 1

    def take(number: int, arrays: Arrays) -> None:
        """Hand a result on and count it."""
        nonlocal unfinished
        receive(number, arrays)
        unfinished -= 1
        progress.add(tasks[number].cost)

    def serve() -> None:
        nonlocal busy_workers
        while (message := comm.improbe(tag=_TO_LEADER)) is not None:
            source, result = message.recv()
            if result is not None:
                take(*result)
                continue
            following = waiting.popleft() if waiting else None
            comm.send(following, dest=source, tag=_TO_WORKER)
            busy_workers -= following is None

    def between(underway: float) -> None:
        serve()
        progress.show(underway)

    while waiting:
        number = waiting.popleft()
        take(number, _run(tasks[number], between))
        serve()
    while unfinished or busy_workers:
        serve()
        progress.show()
        time.sleep(POLL_SECONDS)


def _work(tasks: Sequence[Task], comm: "MPI.Comm") -> None:
    def ask() -> None:
        comm.send((comm.rank, None), dest=0, tag=_TO_LEADER)

    ask()
    number = comm.recv(source=0, tag=_TO_WORKER)
    sending = None
    while number is not None:
        ask()
        result = _run(tasks[number])
        if sending is not None:
            sending.wait()
        sending = comm.isend((comm.rank, (number, result)), dest=0, tag=_TO_LEADER)
        number = comm.recv(source=0, tag=_TO_WORKER)
    if sending is not None:
        sending.wait()


def _run(task: Task, between: Callable[[float], None] | None = None) -> Arrays:
    slices = max(1, round(task.cost / SLICE_SECONDS)) if between else 1
    size = -(-task.length // slices)
    state = task.start()
    done = 0
    while done < task.length:
        n = min(size, task.length - done)
        state = task.advance(state, n)
        done += n
        if between:
            between(task.cost * done / task.length)
    return task.finish(state)
