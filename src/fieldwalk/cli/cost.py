"""``fieldwalk cost``: core-hours, wall time, memory and disk of a campaign, before anything runs."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from fieldwalk.campaign import paths
from fieldwalk.campaign.loading import load_campaign
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.selection import Selection, resolve, select
from fieldwalk.campaign.price.campaign_price import PointPrice, Price, point_prices, price
from fieldwalk.campaign.price.job_price import farm_seconds
from fieldwalk.campaign.price.proposal import Proposal, propose
from fieldwalk.campaign.price.speeds_record import Basis, calibration_file, find_basis, write_calibration
from fieldwalk.cli.calibration.rehearsal import calibrate
from fieldwalk.cli.run import workflow_root
from fieldwalk.cli.tables import NUMERICS, WIDTH_OF_A_FILE, point_table, work_of_each_point
from fieldwalk.errors import DataError
from fieldwalk.io.files import explained
from fieldwalk.parallel.progress import readable_time

PAPER_SCALE = Path("workflow/campaigns/mean-free-paths.yaml")
"""In the source tree: the campaign that every other one is set beside."""

MOST_POINTS = 60
"""Rows of the table; the rest is counted, and listed by --json."""

BUSY_MACHINE = 0.1
"""Share of the wall time without a core beyond which a calibration is not to be trusted."""


@click.command()
@click.argument("campaign_file", metavar="CAMPAIGN.yaml", type=click.Path(path_type=Path))
@click.option("--ranks", type=click.IntRange(min=1), help="MPI ranks of each job, instead of the campaign's.")
@click.option("--calibrate", "measure", is_flag=True, help="Measure this machine first; half a minute on idle cores.")
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    default=paths.DEFAULT_RESULTS,
    show_default=True,
    help="Folder of all results, and of calibrations.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def cost(campaign_file: Path, ranks: int | None, measure: bool, results: Path, as_json: bool) -> None:
    """Show what CAMPAIGN.yaml costs: core-hours, wall time, memory, disk. Writes nothing but a calibration.

    Wall times hold for this machine, or for one like it with as many cores as there are ranks.
    """
    asked = load_campaign(campaign_file)
    if ranks:
        asked = asked.model_copy(update={"resources": asked.resources.model_copy(update={"ranks": ranks})})
    folder = paths.campaign_folder(results, asked.name)
    selection = select(asked, folder)
    here = len(os.sched_getaffinity(0))
    if measure:
        _require_place(results)
        click.echo(f"measuring this machine with {here} process(es) at work ...", err=True)
        write_calibration(calibrate(here), results)
    basis = find_basis(results)
    cores = max(here, ranks or 0)
    priced = price(folder, selection, basis.speeds, cores)
    proposal = propose(selection, basis.speeds, cores)
    paper = _paper_scale()
    beside = sum(point.core_seconds for point in point_prices(resolve(paper), basis.speeds)) / 3600 if paper else None
    if as_json:
        click.echo(json.dumps(_record(selection, priced, basis, proposal, beside), indent=1))
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_OF_A_FILE
    console.print(_table(selection.campaign, priced))
    for line in [*_summary(priced, here), *_advice(proposal, priced, here), *_origin(basis), _beside(priced, beside)]:
        console.print(line, markup=False, soft_wrap=True)


def _require_place(results: Path) -> None:
    """Refuse, before measuring, a folder that cannot hold the calibration."""
    place = calibration_file(results, "host").parent
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explained(error, place) from error
    if not os.access(place, os.W_OK):
        raise DataError(f"{place}: no permission to write here; choose another --results or change its rights")


def _paper_scale() -> Campaign | None:
    path = workflow_root() / PAPER_SCALE
    return load_campaign(path) if path.exists() else None


def _table(campaign: Campaign, priced: Price) -> Table:
    rows = [
        (
            entry.point,
            (
                *(f"{entry.steps:,}", f"{entry.core_seconds / 3600:.3g}", readable_time(_wall_seconds(entry, priced))),
                *(f"{entry.megabytes(priced.ranks):,.0f} MB", f"{entry.bytes / 1e6:,.1f} MB"),
            ),
        )
        for entry in priced.points
    ]
    headings = ("steps", "core-h", "wall time", "memory", "disk")
    return point_table(work_of_each_point(campaign), rows, headings, leave_out=NUMERICS, most=MOST_POINTS)


def _wall_seconds(entry: PointPrice, priced: Price) -> float:
    return farm_seconds([(entry.task_seconds, entry.realisations)], priced.ranks)


def _summary(priced: Price, here: int) -> list[str]:
    left, jobs = priced.left, priced.jobs
    machine = f"{priced.cores} core(s) of this machine" if priced.cores <= here else f"{priced.cores} such cores"
    lines = [
        f"In all: {priced.core_hours:.3g} core-hours, {priced.bytes / 1e6:,.0f} MB of disk,"
        f" {priced.memory_megabytes:,} MB of memory, {len(jobs)} job(s)."
    ]
    if left:
        lines.append(
            f"To compute now: {priced.core_hours_left:.3g} core-hours in {len(left)} job(s) of {priced.ranks} rank(s),"
            f" {priced.jobs_at_once} at once on {machine}: particles {readable_time(priced.particles_wall_seconds)}"
            f" ({priced.busy:.0%} busy), whole command {readable_time(priced.wall_seconds)}."
        )
    elif jobs:
        lines.append("All of its jobs are done.")
    return lines


def _advice(proposal: Proposal | None, priced: Price, here: int) -> list[str]:
    if proposal is None:
        return []
    where = "this machine" if priced.cores <= here else f"{priced.cores} cores"
    words = (
        f"Proposed for {where}: ranks: {proposal.ranks}, job_minutes: {proposal.job_minutes}:"
        f" {proposal.jobs} job(s), the longest {readable_time(proposal.longest_job_seconds)},"
        f" {proposal.busy:.0%} busy, {proposal.least_tasks_per_rank:.3g} or more tasks a rank"
    )
    rule = "the most ranks, and with them the shortest jobs from 30 minutes on, that stay 95 % busy"
    if not proposal.enough:
        rule = "nothing keeps the ranks 95 % busy: single realisations are too long for so many"
    return [f"{words} ({rule})."]


def _origin(basis: Basis) -> list[str]:
    lines = [f"Speeds: {basis.words}."]
    calibration = basis.calibration
    if calibration and calibration.waiting > BUSY_MACHINE:
        lines.append(
            f"That machine was busy: its processes waited {calibration.waiting:.0%} of the time; calibrate again when"
            " it is idle."
        )
    return lines


def _beside(priced: Price, beside: float | None) -> str:
    if beside is None:
        return f"Beside it: {PAPER_SCALE} is not in this source tree."
    ratio = beside / priced.core_hours if priced.core_hours else float("inf")
    days = beside / priced.cores / 24
    return (
        f"Beside it: the paper-scale campaign ({PAPER_SCALE}) takes {beside:,.0f} core-hours at these speeds,"
        f" {ratio:.3g} times this one, {days:.3g} days of {priced.cores} core(s)."
    )


def _record(
    selection: Selection, priced: Price, basis: Basis, proposal: Proposal | None, beside: float | None
) -> dict[str, Any]:
    return {
        "campaign": selection.campaign.name,
        "pointsTotal": len(selection.wanted),
        "speeds": asdict(basis.speeds),
        "speedsFrom": basis.words,
        "calibration": asdict(basis.calibration) if basis.calibration else None,
        "cores": priced.cores,
        "ranks": priced.ranks,
        "jobsAtOnce": priced.jobs_at_once,
        "coreHours": priced.core_hours,
        "coreHoursLeft": priced.core_hours_left,
        "particlesWallSeconds": priced.particles_wall_seconds,
        "wallSeconds": priced.wall_seconds,
        "busy": priced.busy,
        "memoryMegabytes": priced.memory_megabytes,
        "bytes": priced.bytes,
        "points": [
            {
                "kind": entry.point.kind,
                **entry.point.coordinates,
                **entry.point.labels,
                "steps": entry.steps,
                "realisations": entry.realisations,
                "taskSeconds": entry.task_seconds,
                "coreSeconds": entry.core_seconds,
                "wallSeconds": _wall_seconds(entry, priced),
                "memoryMegabytes": entry.megabytes(priced.ranks),
                "bytes": entry.bytes,
            }
            for entry in priced.points
        ],
        "jobs": [asdict(job) for job in priced.jobs],
        "proposal": asdict(proposal) if proposal else None,
        "paperScaleCoreHours": beside,
    }
