"""A batch as the work of a job: its tasks, the states they continue from, and their rows in its shard."""

import json
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fieldwalk.campaign import paths
from fieldwalk.campaign.plan.kinds import kind_of, length
from fieldwalk.campaign.plan.plan import Plan, Portion, plain_point
from fieldwalk.campaign.rows import load
from fieldwalk.errors import PlanError
from fieldwalk.io.shards import ShardWriter, open_shard, read_row
from fieldwalk.parallel.task import Task

Floats = NDArray[np.float64]


def tasks_of(plan: Plan, name: str, folder: Path) -> list[Task]:
    """Tasks of a batch, portion by portion and realisation by realisation.

    Raises
    ------
    PlanError
        When the plan holds no such batch.
    """
    if name not in plan.batches:
        raise PlanError(f"{paths.plan_file(folder)}: holds no batch {name!r}; run the campaign again to plan it")
    return [task for portion in plan.batches[name].portions for task in _tasks(plan, portion, folder)]


def places_of(plan: Plan, name: str) -> list[tuple[Portion, int]]:
    """Portion and row in the shard of each task, in the order of :func:`tasks_of`."""
    return [(portion, row) for portion in plan.batches[name].portions for row in range(length(portion.realisations))]


def describe(writer: ShardWriter, plan: Plan, portion: Portion) -> None:
    """Set the attributes of a portion's group: what it is, and what its kind adds, such as grid times."""
    point = plan.points[portion.point]
    writer.describe(
        portion.group,
        {
            "point": json.dumps(plain_point(point)),
            "realisations": np.array(portion.realisations),
            "particles": np.array(portion.particles),
            "steps": np.array(portion.steps),
            **kind_of(point).attributes(point, portion.steps),
        },
    )


def _tasks(plan: Plan, portion: Portion, folder: Path) -> list[Task]:
    point = plan.points[portion.point]
    kind = kind_of(point)
    task = load(kind.task)
    return [
        task(
            point=point,
            seed=plan.seed,
            realisation=realisation,
            particles=portion.particles,
            steps=portion.steps,
            key=f"{portion.group}, realisation {realisation}",
            earlier=partial(final_state, plan, portion, folder, realisation, kind.final) if portion.earlier else None,
        )
        for realisation in range(*portion.realisations)
    ]


def final_state(
    plan: Plan, portion: Portion, folder: Path, realisation: int, names: tuple[str, ...]
) -> tuple[Floats, ...]:
    """Arrays, such as position and velocity, in which an earlier batch left the paths of a portion.

    Raises
    ------
    DataError
        When that batch's shard is missing or damaged.
    PlanError
        When that batch does not hold them.
    """
    assert portion.earlier is not None
    first, last = portion.particles
    for candidate in plan.batches[portion.earlier].portions:
        holds = candidate.realisations[0] <= realisation < candidate.realisations[1]
        holds &= candidate.particles[0] <= first and last <= candidate.particles[1]
        if candidate.point == portion.point and candidate.steps[1] == portion.steps[0] and holds:
            columns = slice(first - candidate.particles[0], last - candidate.particles[0])
            row = realisation - candidate.realisations[0]
            with open_shard(paths.shard(folder, portion.earlier)) as file:
                found = [read_row(file, candidate.group, name, row)[..., columns] for name in names]
            return tuple(np.ascontiguousarray(array) for array in found)
    raise PlanError(
        f"{paths.plan_file(folder)}: batch {portion.earlier} does not hold the states that {portion.group} goes on from"
    )
