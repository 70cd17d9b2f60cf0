"""What a batch costs as a job on its ranks."""

from collections.abc import Iterable
from dataclasses import dataclass

from fieldwalk.campaign.plan import task_cost
from fieldwalk.campaign.plan.kinds import kind_of, length
from fieldwalk.campaign.plan.plan import Batch, ForeignPoint, Plan, Portion
from fieldwalk.campaign.plan.task_cost import Speeds

TAIL = 0.6
"""Share of a task by which the last rank ends after all would have ended together, when many ranks run many tasks of
this length and nothing shorter is left to fill the gaps (benchmarks/farm/simulation.py)."""


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
    known = _known(plan, batch)
    work = [(task_seconds(plan, portion, speeds), length(portion.realisations)) for portion in known]
    return JobPrice(
        batch=name,
        done=done,
        tasks=sum(number for _, number in work),
        longest_task_seconds=max((seconds for seconds, _ in work), default=0.0),
        core_seconds=sum(seconds * number for seconds, number in work),
        wall_seconds=farm_seconds(work, ranks),
        memory_megabytes=memory_megabytes(plan, batch, ranks),
        bytes=batch_bytes(plan, batch),
    )


def farm_seconds(work: Iterable[tuple[float, int]], ranks: int) -> float:
    """Wall seconds of tasks that are dealt to ranks, long ones first.

    The end of the tasks that are as long as T or longer spreads over about T; shorter ones fill the gaps if there are
    enough of them. So the wall time is the largest over T of W(T)/ranks + 0.6 T (1 - 1/ranks), W(T) the
    core-seconds of tasks not shorter than T, and no less than the longest task.

    Parameters
    ----------
    work : iterable of (seconds, number)
        Core-seconds of a task, and number of such tasks.
    ranks : int

    Examples
    --------
    >>> farm_seconds([(10.0, 100)], ranks=1)
    1000.0
    >>> farm_seconds([(10.0, 100)], ranks=10)
    105.4
    """
    longest = done = end = 0.0
    for seconds, number in sorted(work, reverse=True):
        longest = max(longest, seconds)
        done += seconds * number
        end = max(end, done / ranks + TAIL * seconds * (1 - 1 / ranks))
    return max(longest, end)


def task_seconds(plan: Plan, portion: Portion, speeds: Speeds) -> float:
    """Core-seconds of one realisation of a portion."""
    point = plan.points[portion.point]
    kind, paths, steps = kind_of(point), length(portion.particles), length(portion.steps)
    return kind.seconds(point, paths, steps, kind.samples(point, portion.steps), speeds)


def memory_megabytes(plan: Plan, batch: Batch, ranks: int) -> int:
    """Memory to ask for when a batch runs on ``ranks`` ranks."""
    return task_cost.memory_megabytes(
        ranks,
        tasks=sum(length(portion.realisations) for portion in batch.portions),
        largest_task=max(
            (length(portion.particles) * _samples(plan, portion) for portion in _known(plan, batch)), default=0.0
        ),
        shard=batch_bytes(plan, batch),
    )


def batch_bytes(plan: Plan, batch: Batch) -> int:
    """Size of the shard of a batch."""
    total = 0
    for portion in _known(plan, batch):
        point = plan.points[portion.point]
        realisations, paths = length(portion.realisations), length(portion.particles)
        total += kind_of(point).bytes(point, realisations, paths, portion.steps)
    return total


def _known(plan: Plan, batch: Batch) -> list[Portion]:
    """Portions whose points this version can price; a finished batch may also hold points of another version."""
    return [portion for portion in batch.portions if not isinstance(plan.points[portion.point], ForeignPoint)]


def _samples(plan: Plan, portion: Portion) -> float:
    point = plan.points[portion.point]
    return kind_of(point).samples(point, portion.steps)
