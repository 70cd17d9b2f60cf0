"""What a batch costs as a job on its ranks."""

from dataclasses import dataclass

from fieldwalk.campaign import cost
from fieldwalk.campaign.cost import Speeds
from fieldwalk.campaign.farm_time import farm_seconds
from fieldwalk.campaign.grid import Point
from fieldwalk.campaign.plan import Batch, Plan, Portion, Range
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
    step = plan.points[portion.point]["step"]
    first, last = (cost.samples_until(steps, step) for steps in portion.steps)
    return last - first


def _bytes(plan: Plan, portion: Portion) -> int:
    step = plan.points[portion.point]["step"]
    first, last = (cost.times_until(steps, step) for steps in portion.steps)
    return cost.shard_bytes(_length(portion.realisations), _length(portion.particles), last - first)


def _length(span: Range) -> int:
    return span[1] - span[0]
