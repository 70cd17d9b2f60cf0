"""How far a campaign has come: by stage, by point, in core-hours and in time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fieldwalk.campaign import paths
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.stages import FARM
from fieldwalk.campaign.stage_table import STAGES
from fieldwalk.campaign.status.point_status import CONVERGENCE, PointStatus, convergence, point_statuses
from fieldwalk.campaign.status.survey import DONE, READY, RUNNING, STATES, WAITING, Job, survey
from fieldwalk.parallel.job_note import JobNote


@dataclass(frozen=True)
class StageStatus:
    """One stage in numbers; None means that nothing says.

    Attributes
    ----------
    stage : str
    jobs : dict
        Number of jobs in each of ``jobs.STATES``.
    core_seconds_used : float or None
        Measured: of finished jobs, and of what others have kept.
    core_seconds_left : float or None
        Predicted, scaled by what the work done so far took beside its prediction.
    ranks : int
        That work now; those that the campaign asks for while nothing runs.
    """

    stage: str
    jobs: Mapping[str, int]
    core_seconds_used: float | None
    core_seconds_left: float | None
    ranks: int

    @property
    def total(self) -> int:
        """Number of jobs."""
        return sum(self.jobs.values())

    @property
    def seconds_left(self) -> float | None:
        """Wall time of what is left on :attr:`ranks`."""
        return None if self.core_seconds_left is None else self.core_seconds_left / self.ranks


@dataclass(frozen=True)
class Damaged:
    """A shard that was set aside, and whether it has been computed again."""

    path: Path
    replaced: bool


@dataclass(frozen=True)
class Status:
    """Everything that ``fieldwalk status`` knows.

    Attributes
    ----------
    campaign : Campaign
        With the longer durations that its folder was asked for.
    folder : Path
        Of the campaign's results.
    begun : bool
        Whether anything ever ran there.
    stages : tuple of StageStatus
        Those that the campaign uses, in their order.
    points : tuple of PointStatus
        In the order of the file; none for a campaign that needs no moments.
    jobs : tuple of Job
    unplanned : int
        Batches that are not in the plan yet; the next run adds them.
    damaged : tuple of Damaged
    strangers : tuple of JobNote
        Jobs that run there and belong to something the campaign does not ask for now.
    convergence_is_current : bool or None
        Whether the table of mean free paths is that of the campaign as asked for now; None when there is none.
    """

    campaign: Campaign
    folder: Path
    begun: bool
    stages: tuple[StageStatus, ...]
    points: tuple[PointStatus, ...]
    jobs: tuple[Job, ...]
    unplanned: int
    damaged: tuple[Damaged, ...]
    strangers: tuple[JobNote, ...]
    convergence_is_current: bool | None

    @property
    def finished(self) -> bool:
        """Whether every job is done."""
        return all(job.state == DONE for job in self.jobs)

    def jobs_that(self, *states: str) -> list[Job]:
        """Jobs in one of some states."""
        return [job for job in self.jobs if job.state in states]

    def jobs_left(self, how: str) -> list[Job]:
        """Jobs to continue that were ``killed`` or ``stopped``."""
        return [job for job in self.jobs_that(READY, WAITING) if job.note and job.note.state == how]


def status_of(campaign: Campaign, folder: Path) -> Status:
    """Find out how far a campaign has come; reads its results folder and writes nothing.

    Raises
    ------
    PlanError
        When the folder belongs to another campaign or seed, or cannot be read.
    """
    found = survey(campaign, folder)
    by_stage: dict[str, list[Job]] = defaultdict(list)
    for job in found.jobs:
        by_stage[job.stage].append(job)
    table = convergence(paths.table(folder, CONVERGENCE))
    return Status(
        campaign=found.selection.campaign,
        folder=folder,
        begun=paths.campaign_file(folder).exists(),
        stages=tuple(
            _stage(name, by_stage[name], campaign.resources.ranks)
            for name in (FARM, *STAGES, "figure")
            if by_stage[name]
        ),
        points=tuple(point_statuses(found, table or {})),
        jobs=found.jobs,
        unplanned=len(found.selection.new),
        damaged=tuple(_damaged(folder)),
        strangers=found.strangers,
        convergence_is_current=None if table is None else _is_done(by_stage[CONVERGENCE]),
    )


def _stage(name: str, jobs: Sequence[Job], ranks: int) -> StageStatus:
    spent = [job.cpu_seconds for job in jobs if job.cpu_seconds is not None]
    working = sum(job.note.ranks for job in jobs if job.state == RUNNING and job.note)
    counts = Counter(job.state for job in jobs)
    return StageStatus(
        stage=name,
        jobs={state: counts[state] for state in STATES},
        core_seconds_used=sum(spent) if spent else None,
        core_seconds_left=0.0 if _is_done(jobs) else _core_seconds_left(jobs),
        ranks=working or ranks,
    )


def _core_seconds_left(jobs: Iterable[Job]) -> float | None:
    left = predicted = measured = 0.0
    for job in jobs:
        if job.core_seconds is None:
            return None
        left += job.core_seconds * (1 - job.share)
        if job.cpu_seconds and job.share:
            predicted += job.core_seconds * job.share
            measured += job.cpu_seconds
    return left * measured / predicted if predicted else left


def _is_done(jobs: Sequence[Job]) -> bool:
    return bool(jobs) and all(job.state == DONE for job in jobs)


def _damaged(folder: Path) -> Iterable[Damaged]:
    for path in sorted(paths.shard(folder, "any").parent.glob("*.damaged")):
        yield Damaged(path, path.with_suffix("").exists())
