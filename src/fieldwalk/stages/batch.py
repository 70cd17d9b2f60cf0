"""A batch as the work of a job: its tasks, the states they go on from, and their rows in its shard."""

import json
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fieldwalk.campaign import paths
from fieldwalk.campaign.grid import Point
from fieldwalk.campaign.job_prices import bytes_of as bytes_of_point
from fieldwalk.campaign.plan import Plan, Portion
from fieldwalk.campaign.time_grid import samples_between
from fieldwalk.ensemble import field_lines
from fieldwalk.ensemble.field_lines import FieldLineTask
from fieldwalk.ensemble.particles import ParticleTask
from fieldwalk.ensemble.path_task import PathTask
from fieldwalk.errors import PlanError
from fieldwalk.io.shards import ShardWriter, open_shard, read_row

Floats = NDArray[np.float64]

FINAL = ("final_position", "final_velocity")
"""Names of the arrays that a longer run of particles goes on from."""


def tasks_of(plan: Plan, name: str, folder: Path) -> list[PathTask]:
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
    return [(portion, row) for portion in plan.batches[name].portions for row in range(rows_of(portion))]


def rows_of(portion: Portion) -> int:
    """Number of realisations of a portion."""
    return portion.realisations[1] - portion.realisations[0]


def bytes_of(plan: Plan, name: str) -> int:
    """Size of the shard of a batch."""
    total = 0
    for portion in plan.batches[name].portions:
        paths_per_field = portion.particles[1] - portion.particles[0]
        total += bytes_of_point(Point(**plan.points[portion.point]), rows_of(portion), paths_per_field, portion.steps)
    return total


def describe(writer: ShardWriter, plan: Plan, portion: Portion) -> None:
    """Set the attributes of a portion's group: what it is, and the grid times of its columns.

    Those of field lines begin at the first of the grid.
    """
    point = plan.points[portion.point]
    times = {}
    if not Point(**point).is_field_line:
        times["grid_index"] = samples_between(*portion.steps, point["step"]).index
    writer.describe(
        portion.group,
        {
            "point": json.dumps(point),
            "realisations": np.array(portion.realisations),
            "particles": np.array(portion.particles),
            "steps": np.array(portion.steps),
            **times,
        },
    )


def _tasks(plan: Plan, portion: Portion, folder: Path) -> list[PathTask]:
    point = Point(**plan.points[portion.point])
    kind = FieldLineTask if point.is_field_line else ParticleTask
    names = field_lines.FINAL if point.is_field_line else FINAL
    return [
        kind(
            point=point,
            seed=plan.seed,
            realisation=realisation,
            particles=portion.particles,
            steps=portion.steps,
            key=f"{portion.group}, realisation {realisation}",
            earlier=partial(final_state, plan, portion, folder, realisation, names) if portion.earlier else None,
        )
        for realisation in range(*portion.realisations)
    ]


def final_state(
    plan: Plan, portion: Portion, folder: Path, realisation: int, names: tuple[str, ...] = FINAL
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
