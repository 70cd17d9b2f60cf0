"""What a campaign costs, point by point, job by job, and as one command on a machine."""

from dataclasses import dataclass
from pathlib import Path

from fieldwalk.campaign import paths
from fieldwalk.campaign.plan import task_cost
from fieldwalk.campaign.plan.kinds import kind_of
from fieldwalk.campaign.plan.selection import Selection
from fieldwalk.campaign.plan.stages import figures_of
from fieldwalk.campaign.plan.task_cost import Speeds
from fieldwalk.campaign.points import FieldPoint, Point
from fieldwalk.campaign.price.job_price import JobPrice, job_price
from fieldwalk.campaign.rows import Stage, load

POINT_OF_A_REDUCTION = 0.03
REALISATION_OF_A_REDUCTION = 1.5e-4
"""What a reduction takes for a point and for each of its realisations, in units of starting a job."""

FIGURE_BYTES = 400_000
"""A figure as PNG and PDF, and its place in the report."""


@dataclass(frozen=True)
class PointPrice:
    """A point, all its realisations."""

    point: Point
    realisations: int
    particles: int
    steps: int
    samples: float
    task_seconds: float
    bytes: int

    def megabytes(self, ranks: int) -> int:
        """Memory of a job that holds the whole point."""
        return task_cost.memory_megabytes(ranks, self.realisations, self.particles * self.samples, self.bytes)

    @property
    def core_seconds(self) -> float:
        """Core-seconds of all realisations."""
        return self.realisations * self.task_seconds


@dataclass(frozen=True)
class Price:
    """A campaign on one machine.

    Attributes
    ----------
    points, jobs : list
        Every point whatever is done of it, and every batch that serves the campaign.
    cores, ranks : int
        Cores that work, and ranks of each job.
    launch_seconds, workflow_seconds : float
        Wall seconds that every job, and the whole command, take on top.
    stage_seconds, stages_wall_seconds : float
        Core-seconds and wall seconds of reductions, fields and figures.
    """

    points: list[PointPrice]
    jobs: list[JobPrice]
    cores: int
    ranks: int
    launch_seconds: float
    workflow_seconds: float
    stage_seconds: float
    stages_wall_seconds: float
    dataset_bytes: int

    @property
    def left(self) -> list[JobPrice]:
        """Jobs that are not done."""
        return [job for job in self.jobs if not job.done]

    @property
    def core_hours(self) -> float:
        """Of the whole campaign, whatever is done."""
        return sum(point.core_seconds for point in self.points) / 3600

    @property
    def core_hours_left(self) -> float:
        """Of the jobs that are not done."""
        return sum(job.core_seconds for job in self.left) / 3600

    @property
    def jobs_at_once(self) -> int:
        """Jobs that the cores hold at the same time."""
        return max(1, self.cores // self.ranks)

    @property
    def particles_wall_seconds(self) -> float:
        """Wall time until the last particle is pushed."""
        each = [job.wall_seconds + self.launch_seconds for job in self.left]
        return max(sum(each) / self.jobs_at_once, max(each, default=0.0))

    @property
    def wall_seconds(self) -> float:
        """Wall time of the whole command."""
        return self.particles_wall_seconds + self.stages_wall_seconds + self.workflow_seconds

    @property
    def busy(self) -> float:
        """Share of the ranks' time, launches included, in which they compute."""
        held = sum(job.wall_seconds + self.launch_seconds for job in self.left) * self.ranks
        return sum(job.core_seconds for job in self.left) / held if held else 1.0

    @property
    def bytes(self) -> int:
        """Disk that the results take."""
        return sum(job.bytes for job in self.jobs) + self.dataset_bytes

    @property
    def memory_megabytes(self) -> int:
        """Memory of the jobs that run at once."""
        return self.jobs_at_once * max((job.memory_megabytes for job in self.jobs), default=0)


def price(folder: Path, selection: Selection, speeds: Speeds, cores: int) -> Price:
    """Price a campaign that is computed by ``cores`` cores, in jobs of the campaign's ranks.

    Parameters
    ----------
    folder : Path
        Its results folder, in which what is done costs nothing more.
    selection : Selection
        The campaign, and what it needs of that folder.
    speeds : Speeds
    cores : int
    """
    campaign = selection.campaign
    ranks = min(cores, campaign.resources.ranks)
    figures = figures_of(campaign)
    stages = [stage_seconds(selection, stage, speeds) for stage in campaign.stages]
    stages += [speeds.seconds_per_figure for _ in figures]
    return Price(
        points=point_prices(selection, speeds),
        jobs=[
            job_price(selection.plan, name, ranks, speeds, done=paths.shard(folder, name).exists())
            for name in selection.batches
        ],
        cores=cores,
        ranks=ranks,
        launch_seconds=speeds.seconds_per_launch,
        workflow_seconds=speeds.seconds_per_workflow,
        stage_seconds=sum(stages),
        stages_wall_seconds=max([sum(stages) / cores, *stages]),
        dataset_bytes=_dataset_bytes(selection, len(figures)),
    )


def point_prices(selection: Selection, speeds: Speeds) -> list[PointPrice]:
    """Every point of a campaign that any output needs, as if nothing were done."""
    result = []
    for want in selection.wanted:
        point, kind, steps = want.point, kind_of(want.point), (0, want.steps)
        samples = kind.samples(point, steps)
        result.append(
            PointPrice(
                point=point,
                realisations=want.realisations,
                particles=want.particles,
                steps=want.steps,
                samples=samples,
                task_seconds=kind.seconds(point, want.particles, want.steps, samples, speeds),
                bytes=kind.bytes(point, want.realisations, want.particles, steps),
            )
        )
    return result


def stage_seconds(selection: Selection, stage: Stage, speeds: Speeds) -> float:
    """Seconds of the job of a stage."""
    if stage.seconds:
        return speeds.seconds_per_stage + float(load(stage.seconds)(selection, speeds))
    return speeds.seconds_per_stage + reduction_seconds(selection, speeds)


def reduction_seconds(selection: Selection, speeds: Speeds) -> float:
    """What reading the shards and averaging over realisations takes, for a stage that does no more than that."""
    points, realisations = len(selection.wanted), selection.campaign.statistics.realisations
    return points * (POINT_OF_A_REDUCTION + realisations * REALISATION_OF_A_REDUCTION) * speeds.seconds_per_stage


def _dataset_bytes(selection: Selection, figures: int) -> int:
    """Datasets are small beside the shards: twenty-odd variables on the grid times."""
    points = [want.point for want in selection.wanted if isinstance(want.point, FieldPoint)]
    times = max((task_cost.times_until(1, point.duration) for point in points), default=0.0)
    return round(len(points) * times * 25 * 8) + FIGURE_BYTES * figures + 10**6
