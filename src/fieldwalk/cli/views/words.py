"""Words for the status of a campaign that a terminal and a page share."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from fieldwalk.campaign import paths
from fieldwalk.campaign.status.progress import StageStatus, Status
from fieldwalk.campaign.status.survey import DONE, RUNNING, Job
from fieldwalk.parallel.progress import readable_time


def hours(core_seconds: float | None) -> str:
    """Core-hours with two digits behind the point while they matter; ``-`` for what nothing tells."""
    if core_seconds is None:
        return "-"
    value = core_seconds / 3600
    if value < 0.005:
        return "<0.01" if value else "0"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def span(seconds: float) -> str:
    """A predicted time with no more digits than a prediction deserves."""
    if 600 <= seconds < 3600:
        return f"{seconds / 60:.0f} min"
    if seconds < 36_000:
        return readable_time(seconds)
    return f"{seconds / 3600:.0f} h" if seconds < 360_000 else f"{seconds / 86_400:.0f} days"


def local_time(then: datetime, now: datetime) -> str:
    """A time as short as it can be told from now: ``17:45``, ``23 Nov 17:45`` or ``2027-01-23``."""
    if then.date() == now.date():
        return f"{then:%H:%M}"
    return f"{then:%d %b %H:%M}" if abs(then - now) < timedelta(days=180) else f"{then:%Y-%m-%d}"


def eta(stage: StageStatus, now: datetime) -> tuple[str, str]:
    """When a stage will be done: how long it takes, and the local time; empty where there is nothing to say."""
    if stage.jobs[DONE] == stage.total:
        return "done", ""
    if stage.seconds_left is None:
        return "-", ""
    return span(stage.seconds_left), local_time(now + timedelta(seconds=stage.seconds_left), now)


def remarks(status: Status, again: str) -> Iterable[str]:
    """What is to be known of the campaign as a whole, one sentence each.

    Parameters
    ----------
    status : Status
    again : str
        Command that runs the campaign.
    """
    if status.finished:
        yield "Everything is done."
    elif not status.begun:
        yield f"Nothing ran here yet; this begins: {again}"
    yield from _points(status)
    for stage in status.stages:
        if stage.seconds_left and not stage.jobs[RUNNING]:
            yield f"No job of {stage.stage} runs now; its ETA holds if it begins now on {stage.ranks} rank(s)."
    if status.begun and status.unplanned:
        yield f"Not planned yet: {status.unplanned} batch(es); this plans and runs them: {again}"
    for how in ("killed", "stopped"):
        if number := len(status.jobs_left(how)):
            yield f"{number} {'jobs were' if number > 1 else 'job was'} {how}; run again to go on: {again}"
    for file in status.damaged:
        what = "computed again since, delete it at will" if file.replaced else f"this computes it again: {again}"
        yield f"Damaged and set aside: {file.path}; {what}"
    if status.strangers:
        listed = ", ".join(f"{note.job} (process {note.pid} on {note.host})" for note in status.strangers)
        yield f"Also running here, for what the campaign does not ask for now: {listed}"


def _points(status: Status) -> Iterable[str]:
    if not status.points:
        return
    done = sum(point.state == DONE for point in status.points)
    yield f"Points: {done} of {len(status.points)} done."
    if status.convergence_is_current is not None:
        along = sum(point.converged_parallel is False for point in status.points)
        across = sum(point.converged_perpendicular is False for point in status.points)
        edition = "" if status.convergence_is_current else " (as last fitted, before newer work)"
        yield (
            f"Mean free paths that did not converge{edition}: {along} along the mean field, {across} across; reasons in"
            f" {paths.table(status.folder, 'mean_free_paths')}"
        )


def whereabouts(job: Job, now: datetime) -> str:
    """Where a running job runs, how far it has come, and since when."""
    assert job.note is not None
    note = job.note
    share = f", {percent(job.share)} % done" if job.core_seconds else ""
    return f"{note.host}, process {note.pid}, {note.ranks} rank(s){share}, since {_since(note.since, now)}"


def percent(share: float) -> int:
    """A share in per cent, rounded down: 100 means done."""
    return int(100 * share)


def _since(text: str, now: datetime) -> str:
    try:
        then = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).astimezone(now.tzinfo)
    except ValueError:
        return text
    return f"{local_time(then, now)} ({readable_time(max(0.0, (now - then).total_seconds()))})"
