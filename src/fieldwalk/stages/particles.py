"""Run one batch of particle tasks on all ranks and write its shard."""

import json
import logging
import time
from functools import partial
from pathlib import Path

import click
import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

from fieldwalk import kernels
from fieldwalk.campaign import paths
from fieldwalk.campaign.cost import shard_bytes
from fieldwalk.campaign.grid import Point
from fieldwalk.campaign.plan import Plan, Portion, read_plan
from fieldwalk.campaign.time_grid import samples_between
from fieldwalk.ensemble.particles import ParticleTask
from fieldwalk.errors import DataError, PlanError
from fieldwalk.io.files import require_space
from fieldwalk.io.shards import ShardWriter, open_shard, open_shard_for_writing, read_row
from fieldwalk.parallel.farm import assert_world_size, run_farm
from fieldwalk.parallel.progress import readable_time
from fieldwalk.parallel.task import Arrays
from fieldwalk.stages.context import Context, job, kernel_attributes, read_context

logger = logging.getLogger("fieldwalk.stages.particles")

LARGEST_FAILED_SHARE = 1e-3
"""Share of failed particles beyond which a batch is refused: fewer cannot move an average by more than its error."""

Floats = NDArray[np.float64]


@click.command()
@click.option("--results", type=click.Path(path_type=Path), required=True, help="Results folder of the campaign.")
@click.option("--batch", required=True, help="Name of the batch in plan.json.")
@click.option("--ranks", type=int, required=True, help="MPI processes that the launcher was asked for.")
@click.option("--log", type=click.Path(path_type=Path), help="File to log to besides stderr.")
def main(results: Path, batch: str, ranks: int, log: Path | None) -> None:
    """Run one batch of particle tasks."""
    comm = MPI.COMM_WORLD
    try:
        with job(log, comm.rank):
            assert_world_size(comm, ranks)
            agree_on_instruction_set(comm)
            context = read_context(results)
            plan = read_plan(results, context.campaign.name, context.campaign.seed)
            run_batch(context, plan, batch, comm)
    except BaseException:
        # one rank's error ends the others, which would wait for it for ever
        if comm.size > 1:
            comm.Abort(1)
        raise


def agree_on_instruction_set(comm: MPI.Comm) -> None:
    """Let all ranks use the fastest instruction set that every node has: equal bits whichever rank runs a task."""
    names = kernels.instruction_sets()
    kernels.use_instruction_set(names[comm.allreduce(names.index(kernels.instruction_set()), MPI.MIN)])


def run_batch(context: Context, plan: Plan, name: str, comm: MPI.Comm) -> None:
    """Compute every task of a batch; rank 0 writes the shard.

    Raises
    ------
    PlanError
        When the plan holds no such batch.
    DataError
        When too many particles failed, or the shard cannot be written.
    """
    if name not in plan.batches:
        raise PlanError(
            f"{paths.plan_file(context.folder)}: holds no batch {name!r}; run the campaign again to plan it"
        )
    portions = plan.batches[name].portions
    tasks = [task for portion in portions for task in _tasks(plan, portion, context.folder)]
    places = [
        (portion, row) for portion in portions for row in range(portion.realisations[1] - portion.realisations[0])
    ]
    begin, cpu_begin = time.monotonic(), time.process_time()
    if comm.rank:
        run_farm(tasks, comm, receive=_nothing)
        comm.gather(time.process_time() - cpu_begin)
        return
    shard = paths.shard(context.folder, name)
    logger.info("batch %s: %d tasks on %d ranks, %s", name, len(tasks), comm.size, kernels.instruction_set())
    require_space(shard, sum(_bytes(plan, portion) for portion in portions))
    failures: list[tuple[str, int]] = []
    with open_shard_for_writing(shard, {portion.group: _rows(portion) for portion in portions}) as writer:

        def receive(number: int, arrays: Arrays) -> None:
            portion, row = places[number]
            writer.write(portion.group, row, arrays)
            if failed := int(arrays["failed"]):
                lost = int(arrays["not_finite"])
                reason = f"{lost} not finite, {failed - lost} did not keep their speed"
                failures.append((f"{tasks[number].key}: {failed} particle(s), {reason}", failed))
                logger.warning("failed: %s", failures[-1][0])

        run_farm(tasks, comm, receive)
        _refuse_failures(failures, tasks)
        cpu = comm.gather(time.process_time() - cpu_begin)
        for portion in portions:
            _describe(writer, plan, portion)
        writer.attributes.update(context.attributes("particles") | kernel_attributes())
        writer.attributes.update(
            batch=name,
            ranks=comm.size,
            wallSeconds=time.monotonic() - begin,
            cpuSeconds=float(sum(cpu or [])),
        )
    logger.info("batch %s done in %s", name, readable_time(time.monotonic() - begin))


def _tasks(plan: Plan, portion: Portion, folder: Path) -> list[ParticleTask]:
    point = Point(**plan.points[portion.point])
    return [
        ParticleTask(
            point=point,
            seed=plan.seed,
            realisation=realisation,
            particles=portion.particles,
            steps=portion.steps,
            key=f"{portion.group}, realisation {realisation}",
            earlier=partial(_final_state, plan, portion, folder, realisation) if portion.earlier else None,
        )
        for realisation in range(*portion.realisations)
    ]


def _final_state(plan: Plan, portion: Portion, folder: Path, realisation: int) -> tuple[Floats, Floats]:
    """Position and velocity in which an earlier batch left the particles of a portion."""
    assert portion.earlier is not None
    first, last = portion.particles
    for candidate in plan.batches[portion.earlier].portions:
        holds = candidate.realisations[0] <= realisation < candidate.realisations[1]
        holds &= candidate.particles[0] <= first and last <= candidate.particles[1]
        if candidate.point == portion.point and candidate.steps[1] == portion.steps[0] and holds:
            columns = slice(first - candidate.particles[0], last - candidate.particles[0])
            row = realisation - candidate.realisations[0]
            with open_shard(paths.shard(folder, portion.earlier)) as file:
                position, velocity = (
                    read_row(file, candidate.group, name, row)[:, columns]
                    for name in ("final_position", "final_velocity")
                )
            return np.ascontiguousarray(position), np.ascontiguousarray(velocity)
    raise PlanError(
        f"{paths.plan_file(folder)}: batch {portion.earlier} does not hold the states that {portion.group} goes on from"
    )


def _refuse_failures(failures: list[tuple[str, int]], tasks: list[ParticleTask]) -> None:
    failed = sum(number for _, number in failures)
    total = sum(task.particles[1] - task.particles[0] for task in tasks)
    if failed > LARGEST_FAILED_SHARE * total:
        raise DataError(
            f"{failed} of {total} particles failed, more than {LARGEST_FAILED_SHARE:.1%}; the first: {failures[0][0]}."
            " The batch is refused and nothing else is lost; a smaller step, or a report with this line, is the remedy"
        )


def _describe(writer: ShardWriter, plan: Plan, portion: Portion) -> None:
    point = plan.points[portion.point]
    index = samples_between(*portion.steps, point["step"]).index
    writer.describe(
        portion.group,
        {
            "point": json.dumps(point),
            "realisations": np.array(portion.realisations),
            "particles": np.array(portion.particles),
            "steps": np.array(portion.steps),
            "grid_index": index,
        },
    )


def _bytes(plan: Plan, portion: Portion) -> int:
    times = samples_between(*portion.steps, plan.points[portion.point]["step"]).index.size
    return shard_bytes(_rows(portion), portion.particles[1] - portion.particles[0], times)


def _rows(portion: Portion) -> int:
    return portion.realisations[1] - portion.realisations[0]


def _nothing(number: int, arrays: Arrays) -> None:
    """Ranks other than 0 receive nothing."""


if __name__ == "__main__":
    main()
