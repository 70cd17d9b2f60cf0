"""Which ``ranks`` and ``job_minutes`` suit a campaign and a machine."""

from dataclasses import dataclass, replace

from fieldwalk.campaign.plan.batching import make_batches
from fieldwalk.campaign.plan.coverage import missing_portions
from fieldwalk.campaign.plan.plan import Plan
from fieldwalk.campaign.plan.selection import Selection
from fieldwalk.campaign.plan.task_cost import Speeds
from fieldwalk.campaign.price.job_price import JobPrice, job_price

BUSY_ENOUGH = 0.95
"""Share of the ranks' time, launches included, that must go into tasks."""

MINUTES = (30, 60, 120, 240, 480, 720, 1440)


@dataclass(frozen=True)
class Proposal:
    """Resources to write into the campaign file, and what they lead to.

    Attributes
    ----------
    ranks, job_minutes : int
    jobs : int
    longest_job_seconds : float
    busy : float
        Share of the ranks' time in which they compute.
    least_tasks_per_rank : float
        Of the job that has fewest.
    """

    ranks: int
    job_minutes: int
    jobs: int
    longest_job_seconds: float
    busy: float
    least_tasks_per_rank: float

    @property
    def enough(self) -> bool:
        """Whether the ranks are as busy as wanted."""
        return self.busy >= BUSY_ENOUGH


def propose(selection: Selection, speeds: Speeds, cores: int) -> Proposal | None:
    """Ranks and minutes for the whole campaign, as if nothing were done; None when it follows nothing.

    The most ranks, up to ``cores``, and with them the shortest jobs, from half an hour on, that keep 95 % of
    the ranks' time busy: what keeps them idle is the end of a job, when fewer tasks are left than ranks, and the
    launching of many short jobs. Where nothing does, what keeps them busiest.
    """
    if not selection.wanted:
        return None
    best = None
    ranks = cores
    while ranks:
        for minutes in MINUTES:
            found = _outcome(selection, speeds, ranks, minutes)
            if found.enough:
                return found
            best = max(best or found, found, key=lambda proposal: proposal.busy)
            if found.jobs == 1:
                break
        ranks //= 2
    return best


def _outcome(selection: Selection, speeds: Speeds, ranks: int, minutes: int) -> Proposal:
    jobs = _jobs(selection, speeds, ranks, minutes)
    held = ranks * sum(job.wall_seconds + speeds.seconds_per_launch for job in jobs)
    return Proposal(
        ranks=ranks,
        job_minutes=minutes,
        jobs=len(jobs),
        longest_job_seconds=max(job.wall_seconds for job in jobs),
        busy=sum(job.core_seconds for job in jobs) / held,
        least_tasks_per_rank=min(job.tasks for job in jobs) / ranks,
    )


def _jobs(selection: Selection, speeds: Speeds, ranks: int, minutes: int) -> list[JobPrice]:
    portions = [(portion, want.point) for want in selection.wanted for portion in missing_portions(want, [])]
    batches = {batch.name: batch for batch in make_batches(portions, 60.0 * minutes * ranks)}
    points = {want.name: want.point for want in selection.wanted}
    plan = replace(Plan(selection.campaign.name, selection.campaign.seed), points=points, batches=batches)
    return [job_price(plan, name, ranks, speeds) for name in batches]
