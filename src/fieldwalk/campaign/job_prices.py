"""What a batch costs as a job on its ranks."""

from dataclasses import dataclass

from fieldwalk.campaign import cost
from fieldwalk.campaign.cost import Speeds
from fieldwalk.campaign.farm_time import farm_seconds
from fieldwalk.campaign.grid import Point
from fieldwalk.campaign.plan import Batch, Plan, Portion, Range
from fieldwalk.campaign.time_grid import LINE_GRID, PARTICLE_GRID
from fieldwalk.campaign.work import field_work


@dataclass(frozen=True)
class JobPrice:
    """A batch on its ranks: one MPI job."""

    batch: str
    done: bool
    tasks: int
    longest_task_seconds: float
    core_seconds: float
    wall_seconds: float
    memory_megabytes: int
    bytes: int


def job_price(plan: Plan, name: str, ranks: int, speeds: Speeds, done: bool = False) -> JobPrice:
    """Price one batch of a plan, on ``ranks`` ranks."""
    batch = plan.batches[name]
    work = [(task_seconds(plan, portion, speeds), _length(portion.realisations)) for portion in batch.portions]
    size = sum(_bytes(plan, portion) for portion in batch.portions)
    tasks = sum(number for _, number in work)
    return JobPrice(
        batch=name,
        done=done,
        tasks=tasks,
        longest_task_seconds=max(seconds for seconds, _ in work),
        core_seconds=sum(seconds * number for seconds, number in work),
        wall_seconds=farm_seconds(work, ranks),
        memory_megabytes=memory_megabytes(plan, batch, ranks),
        bytes=size,
    )


def task_seconds(plan: Plan, portion: Portion, speeds: Speeds) -> float:
    """Core-seconds of one realisation of a portion."""
    field = field_work(Point(**plan.points[portion.point]))
    return cost.core_seconds(
        field, _length(portion.particles), _length(portion.steps), _samples(plan, portion), speeds
    )


def memory_megabytes(plan: Plan, batch: Batch, ranks: int) -> int:
    """Memory to ask for when a batch runs on ``ranks`` ranks."""
    return cost.memory_megabytes(
        ranks,
        tasks=sum(_length(portion.realisations) for portion in batch.portions),
        largest_task=max(_length(portion.particles) * _samples(plan, portion) for portion in batch.portions),
        shard=sum(_bytes(plan, portion) for portion in batch.portions),
    )


def _samples(plan: Plan, portion: Portion) -> float:
    return samples_of(Point(**plan.points[portion.point]), portion.steps)


def _bytes(plan: Plan, portion: Portion) -> int:
    point = Point(**plan.points[portion.point])
    return bytes_of(point, _length(portion.realisations), _length(portion.particles), portion.steps)


def samples_of(point: Point, steps: Range) -> float:
    """Samples of each path over some steps: a field line has those of arc length, tau and distance."""
    grid, ways = (LINE_GRID, 3) if point.is_field_line else (PARTICLE_GRID, 1)
    first, last = (ways * cost.samples_until(step, point.step, grid) for step in steps)
    return last - first


def bytes_of(point: Point, realisations: int, paths: int, steps: Range) -> int:
    """Bytes that a shard needs for some realisations of a point over some steps."""
    grid, moments = (LINE_GRID, cost.LINE_MOMENTS) if point.is_field_line else (PARTICLE_GRID, cost.MOMENTS)
    first, last = (cost.times_until(step, point.step, grid) for step in steps)
    # sums over lines stand on the whole grid, whatever the first step
    times = last if point.is_field_line else last - first
    return cost.shard_bytes(realisations, paths, times, moments)


def _length(span: Range) -> int:
    return span[1] - span[0]
