"""Every job that a campaign asks for now, and what it is doing: from plan, files and notes alone."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fieldwalk.campaign import paths
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.plan import Batch
from fieldwalk.campaign.plan.selection import Selection, select
from fieldwalk.campaign.plan.stages import FARM, batches_read, figures_of, input_file, products, stage_identity
from fieldwalk.campaign.rows import Stage
from fieldwalk.errors import DataError
from fieldwalk.io.datasets import read_attribute
from fieldwalk.io.shards import read_head
from fieldwalk.parallel.job_note import JobNote, read_note

DONE, RUNNING, READY, WAITING, FAILED = STATES = ("done", "running", "ready", "waiting", "failed")
"""A job is ready when all that it reads exists, whether or not a scheduler holds it in a queue."""

Notes = Mapping[str, JobNote]


@dataclass(frozen=True)
class Job:
    """One job of a campaign.

    Attributes
    ----------
    stage, name : str
        The name is that of its note and its log.
    state : str
        One of :data:`STATES`.
    note : JobNote or None
        What the job says of itself, or left behind.
    message : str
        Why it failed; empty otherwise.
    core_seconds : float or None
        Predicted cost, known of batches alone.
    cpu_seconds : float or None
        Processor time spent on it so far, all starts together; None when nothing says.
    share : float
        Of its predicted cost that is done and kept.
    """

    stage: str
    name: str
    state: str
    note: JobNote | None = None
    message: str = ""
    core_seconds: float | None = None
    cpu_seconds: float | None = None
    share: float = 0.0


@dataclass(frozen=True)
class Survey:
    """What a campaign asks for and what exists of it.

    Attributes
    ----------
    selection : Selection
        The campaign with the longer durations that the folder was asked for, and the batches that serve it, those
        included that are not planned yet.
    jobs : tuple of Job
        Stage by stage, batches in the order of the plan.
    strangers : tuple of JobNote
        Jobs that run in this folder although the campaign does not ask for them now.
    """

    selection: Selection
    jobs: tuple[Job, ...]
    strangers: tuple[JobNote, ...]


def survey(campaign: Campaign, folder: Path) -> Survey:
    """Look at every job of a campaign; reads the folder and writes nothing.

    Raises
    ------
    PlanError
        When the folder belongs to another campaign or seed, or cannot be read.
    """
    # before the files: what ends meanwhile is then seen twice rather than not at all
    notes = read_notes(folder)
    selection = select(campaign, folder)
    campaign = selection.campaign
    jobs = [_batch_job(folder, name, selection, notes) for name in selection.batches]
    jobs += _dataset_jobs(selection, folder, notes, _done(jobs))
    jobs += _figure_jobs(campaign, folder, notes, _done(jobs))
    known = {job.name for job in jobs}
    strangers = [note for name, note in notes.items() if name not in known and note.state == "running"]
    return Survey(selection, tuple(jobs), tuple(strangers))


def read_notes(folder: Path) -> dict[str, JobNote]:
    """Every readable note of a results folder by the name of its job."""
    found = {path.stem: read_note(path) for path in sorted(paths.job_note(folder, "any").parent.glob("*.json"))}
    return {name: note for name, note in found.items() if note}


def _done(jobs: Iterable[Job]) -> set[str]:
    return {job.name for job in jobs if job.state == DONE}


def _batch_job(folder: Path, name: str, selection: Selection, notes: Notes) -> Job:
    batch, job, shard = selection.plan.batches[name], paths.farm_job(name), paths.shard(folder, name)
    note = notes.get(job)
    exists = shard.exists()
    state = _state(note, exists, lambda: _states_to_continue_from_exist(batch, folder))
    message = note.message if note and state == FAILED else ""
    cpu_seconds = note.cpu_seconds if note else None
    if state == DONE:
        try:
            cpu_seconds = read_head(shard).get("cpuSeconds")
        except DataError as error:  # no reduction can read it either
            state, message = FAILED, str(error)
    share = 1.0 if state == DONE else note.share if note else 0.0
    return Job(FARM, job, state, note, message, batch.core_seconds, cpu_seconds, share)


def _states_to_continue_from_exist(batch: Batch, folder: Path) -> bool:
    return all(paths.shard(folder, name).exists() for name in {p.earlier for p in batch.portions if p.earlier})


def _dataset_jobs(selection: Selection, folder: Path, notes: Notes, done: set[str]) -> Iterable[Job]:
    for stage in selection.campaign.stages:
        startable = done.issuperset(paths.farm_job(batch) for batch in batches_read(selection, stage.name))
        startable &= all(
            one.dataset in done or (bool(one.key) and input_file(selection.campaign, one, folder).exists())
            for one in stage.inputs
        )
        exists = startable and _dataset_is_current(selection, folder, stage)
        if exists:
            done = {*done, stage.name}
        yield _plain_job(stage.name, stage.name, notes, exists, startable)


def _dataset_is_current(selection: Selection, folder: Path, stage: Stage) -> bool:
    made = products(stage, folder)
    if not all(path.exists() for path in made):
        return False
    return read_attribute(made[0], "stageIdentity") == stage_identity(selection, stage.name)


def _figure_jobs(campaign: Campaign, folder: Path, notes: Notes, done: set[str]) -> Iterable[Job]:
    for figure in figures_of(campaign):
        startable = done.issuperset(figure.datasets)
        datasets = [paths.dataset(folder, dataset) for dataset in figure.datasets]
        files = [paths.figure(folder, figure.name, suffix) for suffix in ("png", "pdf")]
        exists = startable and _figure_is_current(files, datasets)
        yield _plain_job("figure", f"figure_{figure.name}", notes, exists, startable)


def _figure_is_current(files: list[Path], datasets: list[Path]) -> bool:
    """Whether the files of a figure are there, and drawn after the datasets that they show."""
    try:
        newest = max(path.stat().st_mtime_ns for path in datasets)
        return all(path.stat().st_mtime_ns >= newest for path in files)
    except FileNotFoundError:
        return False


def _plain_job(stage: str, name: str, notes: Notes, exists: bool, startable: bool) -> Job:
    note = notes.get(name)
    state = _state(note, exists, lambda: startable)
    message = note.message if note and state == FAILED else ""
    return Job(stage, name, state, note, message, share=float(state == DONE))


def _state(note: JobNote | None, exists: bool, startable: Callable[[], bool]) -> str:
    if note and note.state == "running":
        return RUNNING
    if exists:
        return DONE
    if note and note.state == "failed":
        return FAILED
    return READY if startable() else WAITING
