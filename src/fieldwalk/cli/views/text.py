"""The status of a campaign as text for a terminal, a file or a pipe."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from fieldwalk.campaign import paths
from fieldwalk.campaign.status.progress import StageStatus, Status
from fieldwalk.campaign.status.survey import FAILED, RUNNING, STATES, Job
from fieldwalk.cli.views.words import eta, hours, remarks, whereabouts

MOST_LISTED = 10
"""Jobs of a kind that are listed one by one."""

STYLES = {"done": "green", "running": "cyan", "ready": "", "waiting": "", "failed": "bold red"}


def shown(status: Status, again: str, now: datetime) -> RenderableType:
    """Table of stages, and below it what needs to be known of single jobs; fits into 80 columns.

    Parameters
    ----------
    status : Status
    again : str
        Command that runs the campaign.
    now : datetime
        When the status was found out, in the local time zone.
    """
    title = f"campaign {status.campaign.name} in {status.folder}, {now:%Y-%m-%d %H:%M:%S}\n"
    lines = [*remarks(status, again), *_running(status, now), *_failed(status, again)]
    return Group(Text(title), _table(status, now), Text(), *map(Text, lines))


def _table(status: Status, now: datetime) -> Table:
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False, collapse_padding=True)
    table.add_column("Stage", no_wrap=True)
    for heading in (*(state.capitalize() for state in STATES), "CPU-h\nused", "CPU-h\nleft"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("ETA", no_wrap=True)
    for stage in status.stages:
        amounts = hours(stage.core_seconds_used), hours(stage.core_seconds_left)
        table.add_row(
            stage.stage, *(_count(stage, state) for state in STATES), *amounts, "\n".join(filter(None, eta(stage, now)))
        )
    return table


def _count(stage: StageStatus, state: str) -> Text:
    number = stage.jobs[state]
    return Text(str(number), style=STYLES[state] if number else "dim")


def _running(status: Status, now: datetime) -> Iterable[str]:
    jobs = status.jobs_that(RUNNING)
    if jobs:
        yield f"\nRunning: {len(jobs)} job(s)"
    for job in jobs[:MOST_LISTED]:
        yield f"  {job.name}: {whereabouts(job, now)}"
    yield from _others(jobs)


def _failed(status: Status, again: str) -> Iterable[str]:
    jobs = status.jobs_that(FAILED)
    if not jobs:
        return
    yield f"\nFailed: {len(jobs)} job(s)"
    for job in jobs[:MOST_LISTED]:
        yield f"  {job.name}: {job.message or 'no message'}"
        yield f"    log: {paths.log(status.folder, job.name)}"
    yield from _others(jobs)
    yield f"  Once the cause is gone, run again; finished work is kept: {again}"


def _others(jobs: Sequence[Job]) -> Iterable[str]:
    if len(jobs) > MOST_LISTED:
        yield f"  and {len(jobs) - MOST_LISTED} more; --json lists all"
