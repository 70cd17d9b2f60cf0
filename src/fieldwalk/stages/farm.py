"""Run one batch of tasks on all ranks and write its shard, continuing from checkpoints where there are any."""

import logging
import time
from pathlib import Path

import click
from mpi4py import MPI

from fieldwalk import kernels
from fieldwalk.campaign import paths
from fieldwalk.campaign.identity import PHYSICS_VERSION
from fieldwalk.campaign.plan.kinds import length
from fieldwalk.campaign.plan.plan import Plan, read_plan
from fieldwalk.campaign.plan.stages import farm_identity
from fieldwalk.campaign.price.job_price import batch_bytes
from fieldwalk.errors import DataError
from fieldwalk.io.files import require_space
from fieldwalk.io.shards import ShardWriter, open_shard, open_shard_for_writing
from fieldwalk.jobs.context import Context, job, kernel_attributes
from fieldwalk.jobs.path_task import STATE_VERSION
from fieldwalk.parallel.checkpoint import Checkpoints, Gathered, gather
from fieldwalk.parallel.farm import assert_world_size, run_farm
from fieldwalk.parallel.progress import readable_time
from fieldwalk.parallel.stopping import EXIT_STOPPED, StopRequest
from fieldwalk.parallel.task import Arrays, Task
from fieldwalk.stages.batch import describe, places_of, tasks_of

logger = logging.getLogger("fieldwalk.stages.farm")

LARGEST_FAILED_SHARE = 1e-3
"""Share of failed particles beyond which a batch is refused: fewer cannot move an average by more than its error."""

SECONDS_FOR_LAST_WORDS = 0.5


@click.command()
@click.option("--results", type=click.Path(path_type=Path), required=True, help="Results folder of the campaign.")
@click.option("--batch", required=True, help="Name of the batch in plan.json.")
@click.option("--ranks", type=int, required=True, help="MPI processes that the launcher was asked for.")
@click.option("--minutes", type=float, default=0.0, help="Wall time that a scheduler enforces; 0 for none.")
@click.option("--log", type=click.Path(path_type=Path), help="File to log to besides stderr.")
def main(results: Path, batch: str, ranks: int, minutes: float, log: Path | None) -> None:
    """Run one batch of tasks."""
    comm = MPI.COMM_WORLD
    stop = StopRequest(minutes)
    stop.listen()
    try:
        with job(results, paths.farm_job(batch), log, comm.rank, ranks) as context:
            assert_world_size(comm, ranks)
            plan = read_plan(results, context.campaign.name, context.campaign.seed)
            run_batch(context, plan, batch, comm, stop)
    except BaseException as error:
        if isinstance(error, SystemExit) and error.code in (0, EXIT_STOPPED):
            # agreed among all ranks: end in good order, or mpi4py's runner would abort for the exit status
            MPI.Finalize()
        elif comm.size > 1:
            # one rank's error ends the others, which would wait for it for ever; the launcher then
            # drops what it has not passed on yet, so give it time for the message
            time.sleep(SECONDS_FOR_LAST_WORDS)
            comm.Abort(1)
        raise


def run_batch(context: Context, plan: Plan, name: str, comm: MPI.Comm, stop: StopRequest) -> None:
    """Compute every task of a batch that is not done yet; rank 0 writes the shard.

    Raises
    ------
    PlanError
        When the plan holds no such batch.
    CheckpointError
        When the checkpoints belong to something else.
    DataError
        When too many particles failed, or the shard cannot be written.
    Stopped
        When it was asked to stop; what was done is in the checkpoints.
    """
    tasks = tasks_of(plan, name, context.folder)
    if comm.bcast(comm.rank == 0 and _stands(context, name)):
        return
    identity: dict[str, str | int] = {
        "batch": name,
        "seed": plan.seed,
        "physics_version": PHYSICS_VERSION,
        "state_version": STATE_VERSION,
    }
    folder = paths.checkpoint_folder(context.folder, name)
    gathered: Gathered = comm.bcast(gather(folder, identity) if comm.rank == 0 else None)
    agree_on_instruction_set(comm, gathered.instruction_sets)
    interval = 60 * context.campaign.resources.checkpoint_minutes
    checkpoints = Checkpoints(gathered, comm.rank, comm.size, interval, identity, kernels.instruction_set())
    begin, cpu_begin = time.monotonic(), time.process_time()
    if comm.rank:
        run_farm(tasks, comm, _nothing, checkpoints=checkpoints, stop=stop)
        comm.gather((time.process_time() - cpu_begin, checkpoints.seconds))
        return
    shard = paths.shard(context.folder, name)
    logger.info("batch %s: %d tasks on %d ranks, %s", name, len(tasks), comm.size, kernels.instruction_set())
    require_space(shard, 2 * batch_bytes(plan, plan.batches[name]))  # as much again for checkpoints
    rows = {portion.group: length(portion.realisations) for portion in plan.batches[name].portions}
    with open_shard_for_writing(shard, rows) as writer:
        arrivals = _Arrivals(writer, plan, name, tasks)

        def report(share: float) -> None:
            if context.note:
                context.note.update(share, gathered.cpu_seconds + comm.size * (time.process_time() - cpu_begin))
                if context.note.handover_asked:
                    stop.ask("a newer job of this batch goes on from here")

        earlier = arrivals.take_saved(gathered)
        run_farm(tasks, comm, arrivals.take, checkpoints=checkpoints, stop=stop, earlier=earlier, report=report)
        arrivals.refuse_failures()
        spent = comm.gather((time.process_time() - cpu_begin, checkpoints.seconds)) or []
        for portion in plan.batches[name].portions:
            describe(writer, plan, portion)
        writer.attributes.update(context.attributes(farm_identity(context.campaign)) | kernel_attributes())
        writer.attributes.update(
            batch=name,
            ranks=comm.size,
            wallSeconds=time.monotonic() - begin,
            cpuSeconds=gathered.cpu_seconds + sum(cpu for cpu, _ in spent),
            starts=gathered.attempt,
            instructionSet=", ".join(sorted({kernels.instruction_set(), *gathered.instruction_sets})),
        )
    # the checkpoints stay: should the launcher fail after this, Snakemake deletes the shard
    logger.info(
        "batch %s done in %s, of which checkpoints took %.1f s",
        *(name, readable_time(time.monotonic() - begin), max(saving for _, saving in spent)),
    )


def agree_on_instruction_set(comm: MPI.Comm, earlier: tuple[str, ...]) -> None:
    """Let all ranks use one instruction set that every node has, so that the bits are equal whichever rank runs a task.

    Parameters
    ----------
    comm : MPI communicator
    earlier : tuple of str
        Those that computed the checkpoints; one that all have is kept, otherwise it is the fastest of all.
    """
    names = kernels.instruction_sets()
    common = comm.allreduce(names.index(kernels.instruction_set()), MPI.MIN)
    usable = [names.index(name) for name in earlier if name in names[: common + 1]]
    chosen = names[max(usable, default=common)]
    if comm.rank == 0 and set(earlier) - {chosen}:
        logger.warning("goes on with %s; part of this batch was computed with %s", chosen, ", ".join(earlier))
    kernels.use_instruction_set(chosen)


class _Arrivals:
    """Results on their way into the shard, and the particles that failed among them."""

    def __init__(self, writer: ShardWriter, plan: Plan, name: str, tasks: list[Task]) -> None:
        self._writer, self._tasks = writer, tasks
        self._places = places_of(plan, name)
        self._failures: list[tuple[str, int]] = []

    def take_saved(self, gathered: Gathered) -> dict[int, float]:
        """Take the results that an earlier start of the batch saved; returns the share of each task that is done."""
        numbers = {task.key: number for number, task in enumerate(self._tasks)}
        shares = {numbers[key]: done / self._tasks[numbers[key]].length for key, done in gathered.underway.items()}
        # one unit more is wanted of a task that was stopped at its end: its results
        shares = {number: min(share, 0.999) for number, share in shares.items()}
        for key, arrays in gathered.finished():
            shares[numbers[key]] = 1.0
            self.take(numbers[key], arrays)
        if shares:
            done = sum(share == 1 for share in shares.values())
            logger.info("going on from checkpoints: %d tasks done, %d under way", done, len(gathered.underway))
        return shares

    def take(self, number: int, arrays: Arrays) -> None:
        """Write the results of a task into its row."""
        portion, row = self._places[number]
        self._writer.write(portion.group, row, arrays)
        if failed := int(arrays.get("failed", 0)):
            lost = int(arrays.get("not_finite", 0))
            reason = f"{lost} not finite, {failed - lost} did not keep their speed"
            self._failures.append((f"{self._tasks[number].key}: {failed} particle(s), {reason}", failed))
            logger.warning("failed: %s", self._failures[-1][0])

    def refuse_failures(self) -> None:
        """Raise DataError when too many particles failed."""
        failed = sum(number for _, number in self._failures)
        total = sum(length(portion.particles) for portion, _ in self._places)
        if failed > LARGEST_FAILED_SHARE * total:
            raise DataError(
                f"{failed} of {total} particles failed, more than {LARGEST_FAILED_SHARE:.1%}; the first:"
                f" {self._failures[0][0]}. The batch is refused and nothing else is lost; a smaller step, or a report"
                " with this line, is the remedy"
            )


def _stands(context: Context, name: str) -> bool:
    """Whether the shard was finished meanwhile, by a job that a killed run had left behind."""
    path = paths.shard(context.folder, name)
    if not path.exists():
        return False
    with open_shard(path) as file:
        same = file.attrs.get("stageIdentity") == farm_identity(context.campaign)
    if same:
        logger.info("batch %s was finished meanwhile by another job", name)
    return bool(same)


def _nothing(number: int, arrays: Arrays) -> None:
    """Ranks other than 0 receive nothing."""


if __name__ == "__main__":
    main()
