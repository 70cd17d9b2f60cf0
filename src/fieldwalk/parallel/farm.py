"""The farm: it distributes tasks over MPI ranks, long ones first, and passes every result to rank 0.

Every rank computes. Rank 0 answers the others between slices of its own work, and the others ask for their next task
before they begin the current one, so no rank waits for an answer. When one rank has to stop, all ranks save their work.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from fieldwalk.errors import KernelError
from fieldwalk.parallel.bench import Bench
from fieldwalk.parallel.checkpoint import Checkpoints
from fieldwalk.parallel.leader import Leader
from fieldwalk.parallel.stopping import StopRequest
from fieldwalk.parallel.task import Arrays, Task
from fieldwalk.parallel.worker import work

if TYPE_CHECKING:
    from mpi4py import MPI


def assert_world_size(comm: "MPI.Comm", ranks: int) -> None:
    """Check that the launcher started one world of ``ranks`` processes.

    Raises
    ------
    KernelError
        When it did not. The usual cause is a launcher of another MPI library, which starts ``ranks`` worlds of one
        process each; set ``mpi`` in the profile to the matching launcher.
    """
    if comm.size != ranks:
        raise KernelError(
            f"MPI started a world of {comm.size} process(es) where {ranks} were asked for: the launcher does not belong"
            " to the MPI library that mpi4py loads, or starts another number of processes; set `mpi` in the profile to"
            " the matching mpiexec (or srun --mpi=...)"
        )


def run_farm(
    tasks: Sequence[Task],
    comm: "MPI.Comm",
    receive: Callable[[int, Arrays], None],
    *,
    checkpoints: Checkpoints | None = None,
    stop: StopRequest | None = None,
    earlier: Mapping[int, float] | None = None,
    report: Callable[[float], None] | None = None,
) -> None:
    """Run every task once, on whichever rank is free.

    Parameters
    ----------
    tasks : sequence of Task
        The same on all ranks.
    comm : MPI communicator
    receive : callable
        Called on rank 0 only, with the number of a task and its results, in the order of completion.
    checkpoints : Checkpoints, optional
        Checkpoints of this rank, where it saves its work and finds unfinished tasks.
    stop : StopRequest, optional
        Whether this rank should stop; a request to one rank stops all.
    earlier : mapping, optional
        Share of each task that an earlier start has done, by the number of the task; tasks at 1 are not run. Only the
        mapping on rank 0 is used.
    report : callable, optional
        Called on rank 0 every few seconds with the share of the predicted cost that is done.

    Raises
    ------
    Stopped
        On all ranks, when they stopped before the end; all results and states are in the checkpoints.
    FieldwalkError
        On rank 0, when tasks failed: the error of the first one. The other tasks were run, and are in the checkpoints.
    """
    bench = Bench(checkpoints, stop or StopRequest())
    if comm.rank == 0:
        Leader(tasks, comm, receive, bench, earlier or {}, report).lead()
    else:
        work(tasks, comm, bench)
