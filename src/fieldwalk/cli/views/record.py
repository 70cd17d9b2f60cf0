"""What ``fieldwalk status --json`` prints: everything that is known, under names that stay."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fieldwalk.campaign import paths
from fieldwalk.campaign.status.point_status import PointStatus
from fieldwalk.campaign.status.progress import StageStatus, Status
from fieldwalk.campaign.status.survey import FAILED, Job

FORMAT = "fieldwalk status 1"

Record = dict[str, Any]


def record_of(status: Status, now: datetime) -> Record:
    """The status as plain values; docs/status.md describes each name.

    Parameters
    ----------
    status : Status
    now : datetime
        When it was found out, with its time zone.
    """
    return {
        "format": FORMAT,
        "campaign": status.campaign.name,
        "folder": str(status.folder),
        "made": now.isoformat(timespec="seconds"),
        "begun": status.begun,
        "finished": status.finished,
        "not_planned": status.unplanned,
        "convergence_is_current": status.convergence_is_current,
        "stages": [_stage(stage, now) for stage in status.stages],
        "points": [_point(point) for point in status.points],
        "jobs": [_job(job, status.folder) for job in status.jobs],
        "other_jobs": [
            {"job": note.job, "host": note.host, "pid": note.pid, "since": note.since} for note in status.strangers
        ],
        "damaged": [{"file": str(file.path), "replaced": file.replaced} for file in status.damaged],
    }


def _stage(stage: StageStatus, now: datetime) -> Record:
    seconds = stage.seconds_left
    return {
        "stage": stage.stage,
        **stage.jobs,
        "ranks": stage.ranks,
        "cpu_hours_used": _hours(stage.core_seconds_used),
        "cpu_hours_left": _hours(stage.core_seconds_left),
        "seconds_left": seconds,
        "done_by": (now + timedelta(seconds=seconds)).isoformat(timespec="seconds") if seconds else None,
    }


def _point(status: PointStatus) -> Record:
    return {
        "point": status.name,
        "kind": status.point.kind,
        **status.point.coordinates,
        "state": status.state,
        "share": status.share,
        "converged_parallel": status.converged_parallel,
        "converged_perpendicular": status.converged_perpendicular,
    }


def _job(job: Job, folder: Path) -> Record:
    note = job.note
    return {
        "job": job.name,
        "stage": job.stage,
        "state": job.state,
        "share": job.share,
        "cpu_hours_predicted": _hours(job.core_seconds),
        "cpu_hours_used": _hours(job.cpu_seconds),
        "note": note.state if note else None,
        "host": note.host if note else None,
        "pid": note.pid if note else None,
        "ranks": note.ranks if note else None,
        "since": note.since if note else None,
        "message": job.message or (note.message if note else ""),
        "log": str(paths.log(folder, job.name)) if job.state == FAILED else None,
    }


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 3600
