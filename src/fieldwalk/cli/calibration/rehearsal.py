"""What a campaign takes besides its tasks, measured on one of a moment, job by job, in a temporary folder."""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from fieldwalk import kernels
from fieldwalk.campaign import paths
from fieldwalk.campaign.plan.stages import figures_of
from fieldwalk.campaign.plan.task_cost import Speeds
from fieldwalk.campaign.price.speeds_record import Calibration
from fieldwalk.cli.calibration.task_speeds import measure_tasks
from fieldwalk.errors import CampaignError, FieldwalkError
from fieldwalk.io.shards import open_shard
from fieldwalk.stages.workflow import RESULTS_KEY, CampaignWorkflow, open_workflow

CAMPAIGN: dict[str, Any] = {
    "name": "rehearsal",
    "seed": 1,
    "turbulence": {"mode_types": ["isotropic"], "etas": [0.5], "modes": 16, "scale_ratio": 10},
    "particles": {"rigidities": [1.0], "step": 0.08, "duration": 30},
    "statistics": {"realisations": 2, "particles_per_realisation": 16},
}

LAUNCHES = 3

REPORT_BESIDE_DRY_RUN = 1.0
"""Seconds that Snakemake takes for its report and for scheduling, for each second of a dry run."""


def calibrate(cores: int) -> Calibration:
    """Measure this machine with ``cores`` processes at work.

    Raises
    ------
    CampaignError
        When there is no MPI launcher.
    FieldwalkError
        When a job fails.
    """
    if shutil.which("mpiexec", path=_environment()["PATH"]) is None:
        raise CampaignError("--calibrate: no mpiexec on the PATH; the project's requirements bring one (mpich)")
    with tempfile.TemporaryDirectory(prefix="fieldwalk-calibration-") as folder:
        jobs = _rehearse(Path(folder), cores)
    tasks = measure_tasks(cores)
    low, middle, high = ({name: pick(times) for name, times in jobs.items()} for pick in (min, median, max))
    return Calibration(
        host=platform.node(),
        processor=processor(),
        instruction_set=kernels.instruction_set(),
        cores=len(os.sched_getaffinity(0)),
        processes=cores,
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S +0000"),
        version=version("fieldwalk"),
        speeds=Speeds(**tasks.middle, **middle),
        fastest=Speeds(**tasks.low, **low),
        slowest=Speeds(**tasks.high, **high),
        largest_deviation=tasks.largest_deviation,
        waiting=tasks.waiting,
    )


def processor() -> str:
    """Model of the processor as the system names it."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _rehearse(folder: Path, cores: int) -> dict[str, list[float]]:
    """Seconds of each kind of job, in every repetition."""
    campaign = {**CAMPAIGN, "resources": {"ranks": cores}}
    file = folder / "rehearsal.yaml"
    file.write_text(json.dumps(campaign), encoding="utf-8")  # JSON is YAML
    workflow = open_workflow({**campaign, RESULTS_KEY: str(folder / "results")}, str(file))
    workflow.freeze()
    launches = [_launch_seconds(workflow, cores) for _ in range(LAUNCHES)]
    with ThreadPoolExecutor(cores) as pool:
        stages = list(pool.map(_run, [_stage(workflow, stage.name) for stage in workflow.stages]))
        names = [figure.name for figure in figures_of(workflow.campaign)]
        figures = list(pool.map(_run, [_figure(workflow, name) for name in names]))
    run = [*_python("fieldwalk.cli.main"), "run", str(file), "--results", str(folder / "results")]
    dry_run = _run([*run, "--", "--dry-run"], cwd=folder)
    return {
        "seconds_per_launch": launches,
        "seconds_per_stage": stages,
        "seconds_per_figure": figures,
        "seconds_per_workflow": [dry_run * (1 + REPORT_BESIDE_DRY_RUN)],
    }


def _launch_seconds(workflow: CampaignWorkflow, ranks: int) -> float:
    """Seconds of an MPI job besides those of its tasks."""
    (batch,) = workflow.selection.batches
    shard = paths.shard(workflow.folder, batch)
    shard.unlink(missing_ok=True)
    seconds = _run(
        [
            *("mpiexec", "-n", str(ranks), sys.executable, "-m", "mpi4py", "-m", "fieldwalk.stages.farm"),
            *("--results", str(workflow.folder), "--batch", batch, "--ranks", str(ranks)),
        ]
    )
    with open_shard(shard) as file:
        return seconds - float(file.attrs["wallSeconds"])


def _stage(workflow: CampaignWorkflow, name: str) -> list[str]:
    return [*_python("fieldwalk.stages.run"), name, "--results", str(workflow.folder)]


def _figure(workflow: CampaignWorkflow, name: str) -> list[str]:
    return [*_python("fieldwalk.stages.figure"), name, "--results", str(workflow.folder)]


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", module]


def _run(command: list[str], cwd: Path | None = None) -> float:
    """Wall seconds of a command."""
    begin = time.monotonic()
    done = subprocess.run(command, env=_environment(), cwd=cwd, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begin
    if done.returncode:
        raise FieldwalkError(
            f"--calibrate: {' '.join(command)} ended with status {done.returncode}; does the quickstart run here?"
            f" It said:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return seconds


def _environment() -> Mapping[str, str]:
    return {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])}
