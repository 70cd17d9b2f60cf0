"""What a campaign costs, point by point, job by job, and as one command on a machine."""

from dataclasses import dataclass
from pathlib import Path

from fieldwalk.campaign import cost, paths
from fieldwalk.campaign.cost import Speeds
from fieldwalk.campaign.grid import Point, field_points, points
from fieldwalk.campaign.job_prices import JobPrice, bytes_of, job_price, samples_of
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.selection import Selection, followed_points, wanted_of
from fieldwalk.campaign.stages import FEWEST_FIELDS, figure_names

POINT_OF_A_REDUCTION = 0.03
REALISATION_OF_A_REDUCTION = 1.5e-4
"""What a reduction takes for a point and for each of its realisations, in units of starting a job."""

POINT_OF_THE_MODEL = 0.6
"""What the stage ``heuristic`` takes for a point beside its reduction, in the same units: it fits every sample."""

POSITIONS_PER_FIELD = 64 * 65
"""Positions at which the stage ``turbulence`` evaluates each field."""

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
        return cost.memory_megabytes(ranks, self.realisations, self.particles * self.samples, self.bytes)

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
    stages = _stage_seconds(campaign, speeds)
    return Price(
        points=point_prices(campaign, speeds),
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
        dataset_bytes=_dataset_bytes(campaign),
    )


def point_prices(campaign: Campaign, speeds: Speeds) -> list[PointPrice]:
    """Every point of a campaign that any output needs, as if nothing were done."""
    result = []
    for point in followed_points(campaign):
        want = wanted_of(campaign, point)
        samples = samples_of(point, (0, want.steps))
        result.append(
            PointPrice(
                point=point,
                realisations=want.realisations,
                particles=want.particles,
                steps=want.steps,
                samples=samples,
                task_seconds=cost.core_seconds(want.work, want.particles, want.steps, samples, speeds),
                bytes=bytes_of(point, want.realisations, want.particles, (0, want.steps)),
            )
        )
    return result


def _stage_seconds(campaign: Campaign, speeds: Speeds) -> list[float]:
    """Seconds of each job that pushes no ensemble."""
    n_points, realisations = len(followed_points(campaign)), campaign.statistics.realisations
    drawn = field_points(campaign)
    field = speeds.seconds_per_realisation + sum(
        point.modes * (speeds.seconds_per_mode + POSITIONS_PER_FIELD * speeds.seconds_per_wave) for point in drawn[:1]
    )
    reduction = n_points * (POINT_OF_A_REDUCTION + realisations * REALISATION_OF_A_REDUCTION)
    on_top = {
        "running": reduction * speeds.seconds_per_stage,
        "mean_free_paths": reduction * speeds.seconds_per_stage,
        "turbulence": len(drawn) * max(realisations, FEWEST_FIELDS) * field,
        "trajectories": 0.0,
        "field_lines": reduction * speeds.seconds_per_stage,
        "line_traces": 0.0,
        "heuristic": (reduction + POINT_OF_THE_MODEL * len(points(campaign))) * speeds.seconds_per_stage,
    }
    stages = [speeds.seconds_per_stage + on_top[name] for name in campaign.datasets]
    return stages + [speeds.seconds_per_figure for _ in figure_names(campaign)]


def _dataset_bytes(campaign: Campaign) -> int:
    """Datasets are small beside the shards: twenty-odd variables on the grid times."""
    grid = followed_points(campaign)
    times = max((cost.times_until(1, point.duration) for point in grid), default=0.0)
    return round(len(grid) * times * 25 * 8) + FIGURE_BYTES * len(figure_names(campaign)) + 10**6
