"""A results folder of many batches without any physics in it: the plan is real, shards are heads, notes are notes."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import h5py
import yaml

from fieldwalk.campaign import paths
from fieldwalk.campaign.loading import load_campaign
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.plan import write_plan
from fieldwalk.campaign.plan.selection import Selection, resolve, select
from fieldwalk.campaign.plan.stages import figures_of, products, stage_identity
from fieldwalk.io.shards import FORMAT, HEAD_BYTES
from fieldwalk.parallel.job_note import NOTE_BYTES, JobNote

MODE_TYPES = ("isotropic", "alfvenic", "magnetosonic")


def spread(low: float, high: float, number: int) -> list[float]:
    """Values evenly spaced in the logarithm."""
    return [float(f"{low * (high / low) ** (i / (number - 1)):.4g}") for i in range(number)]


def grid_campaign(rigidities: int, etas: int, realisations: int = 64, **resources: float) -> dict[str, Any]:
    """Content of a campaign file over a grid of points, of three mode types."""
    return {
        "name": "grid",
        "seed": 5,
        "turbulence": {
            "mode_types": list(MODE_TYPES),
            "etas": [round((i + 0.5) / etas, 4) for i in range(etas)],
        },
        "particles": {"rigidities": spread(1e-3, 10, rigidities), "max_duration": 1000},
        "statistics": {"realisations": realisations, "particles_per_realisation": 16},
        "resources": {"ranks": 2, "job_minutes": 30, **resources},
    }


def write_grid_campaign(folder: Path, content: dict[str, Any]) -> tuple[Campaign, Path, Selection]:
    """Write a campaign file and freeze its plan in ``folder/results``."""
    file = folder / f"{content['name']}.yaml"
    file.write_text(yaml.safe_dump(content))
    campaign = load_campaign(file)
    results = paths.campaign_folder(folder / "results", campaign.name)
    selection = select(campaign, results)
    write_plan(selection.plan, results)
    paths.campaign_file(results).write_text(file.read_text())
    return campaign, results, selection


def add_shards(results: Path, batches: Iterable[str], cpu_seconds: float) -> None:
    """Heads of finished shards, each of the same cost."""
    for name in batches:
        head = {"format": FORMAT, "sha256": "0" * 64, "batch": name, "ranks": 2, "cpuSeconds": cpu_seconds}
        path = paths.shard(results, name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes((json.dumps(head).ljust(HEAD_BYTES - 1) + "\n").encode())


def add_note(results: Path, job: str, state: str, **facts: Any) -> Path:
    """The note of a job that nobody holds; one that says ``running`` was killed."""
    facts = {"host": os.uname().nodename, "pid": 4711, "since": "2026-11-20T17:00:00Z", "ranks": 2} | facts
    path = paths.job_note(results, job)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(asdict(JobNote(job, state, **facts))).ljust(NOTE_BYTES - 1) + "\n")
    return path


def add_products(campaign: Campaign, results: Path, identity: str | None = None) -> None:
    """Every dataset as a file with nothing but its identity, and every figure."""
    selection = resolve(campaign)
    for stage in campaign.stages:
        for path in products(stage, results):
            path.write_text("")
        with h5py.File(paths.dataset(results, stage.name), "w") as file:
            file.attrs["stageIdentity"] = identity or stage_identity(selection, stage.name)
    for figure in figures_of(campaign):
        for suffix in ("png", "pdf"):
            path = paths.figure(results, figure.name, suffix)
            path.parent.mkdir(exist_ok=True)
            path.write_text("")
