"""``fieldwalk cost`` as a user meets it: before a run, after it, calibrated, as JSON, and refused."""

import json
import platform
import re
from pathlib import Path
from typing import Any

import pytest
from children import Run, run_command
from click.testing import CliRunner
from small_campaign import ROOT, write_campaign

from fieldwalk.campaign import paths
from fieldwalk.cli.main import main

pytestmark = [pytest.mark.workflow]


def cost(folder: Path, *options: str) -> Run:
    return run_command("fieldwalk", "cost", "small.yaml", *options, folder=folder)


def record(folder: Path, *options: str) -> dict[str, Any]:
    done = cost(folder, "--json", *options)
    assert done.returncode == 0, done.stderr
    content: dict[str, Any] = json.loads(done.stdout)
    return content


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A folder with a space in its name, and the campaign in it."""
    folder = tmp_path / "a new place"
    folder.mkdir()
    write_campaign(folder / "small.yaml")
    return folder


def test_before_a_run(new: Path) -> None:
    shown = cost(new)
    assert shown.returncode == 0, shown.stderr
    lines = [line for line in shown.stdout.splitlines() if line.strip()]
    assert sum("isotropic" in line or "alfvenic" in line for line in lines) == 4
    assert re.search(r"To compute now: \S+ core-hours in 1 job\(s\) of [12] rank\(s\)", shown.stdout)
    assert re.search(r"Proposed for this machine: ranks: \d+, job_minutes: 30", shown.stdout)
    assert "Speeds: the reference numbers of another machine" in shown.stdout
    assert re.fullmatch(
        r"Beside it: the paper-scale campaign \(workflow/campaigns/mean-free-paths.yaml\) takes [\d,]+ core-hours"
        r" at these speeds, \S+ times this one, \S+ days of \d+ core\(s\)\.",
        lines[-1],
    )
    assert [path.name for path in new.iterdir()] == ["small.yaml"]


def test_as_json(new: Path) -> None:
    found = record(new)
    assert len(found["points"]) == 4
    assert found["coreHours"] == pytest.approx(sum(point["coreSeconds"] for point in found["points"]) / 3600)
    assert found["coreHoursLeft"] == pytest.approx(sum(job["core_seconds"] for job in found["jobs"]) / 3600)
    assert found["wallSeconds"] > found["particlesWallSeconds"] > 0
    assert found["paperScaleCoreHours"] > 20
    assert found["calibration"] is None


def test_more_ranks_are_a_larger_machine(new: Path) -> None:
    found = record(new, "--ranks", "4096")
    assert (found["cores"], found["ranks"]) == (4096, 4096)
    assert "4096 such cores" in cost(new, "--ranks", "4096").stdout


def test_after_a_run_nothing_is_left_and_the_disk_was_foreseen(finished_lean: Path) -> None:
    found = record(finished_lean)
    assert (found["coreHoursLeft"], found["particlesWallSeconds"]) == (0, 0)
    assert "All of its jobs are done." in cost(finished_lean).stdout
    (job,) = found["jobs"]
    assert job["done"]
    real = paths.shard(finished_lean / "results" / "small", job["batch"]).stat().st_size
    assert 0.7 * real < job["bytes"] < 2 * real


@pytest.mark.slow
@pytest.mark.serial
def test_calibrated_here(new: Path) -> None:
    shown = cost(new, "--calibrate")
    assert shown.returncode == 0, shown.stderr
    assert f"Speeds: this host's calibration: {platform.node()}" in shown.stdout
    stored = json.loads((new / "results" / "calibration" / f"{platform.node()}.json").read_text())
    assert stored["host"] == platform.node()
    assert stored["processes"] == stored["cores"]
    assert all(seconds >= 0 for seconds in stored["speeds"].values())
    assert 1e-11 < stored["speeds"]["seconds_per_wave"] < 1e-7
    assert stored["speeds"]["seconds_per_realisation"] > 0
    assert stored["speeds"]["seconds_per_launch"] > 0
    found = record(new)
    assert found["speeds"] == stored["speeds"]
    assert found["calibration"] == stored
    # nothing of the rehearsal stays
    assert [path.name for path in (new / "results").iterdir()] == ["calibration"]


def test_refusals_come_before_anything_is_measured_or_written(new: Path) -> None:
    (new / "file").write_text("")
    refused = cost(new, "--calibrate", "--results", "file")
    assert refused.returncode == 2
    assert "a file stands where" in refused.stderr
    assert "Traceback" not in refused.stderr
    refused = run_command("fieldwalk", "cost", "nowhere.yaml", "--calibrate", folder=new)
    assert refused.returncode == 2
    assert "no such campaign file" in refused.stderr
    assert cost(new, "--ranks", "0").returncode == 2
    assert sorted(path.name for path in new.iterdir()) == ["file", "small.yaml"]


def test_the_campaigns_of_the_project_can_be_priced(new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(new)
    for path in sorted((ROOT / "workflow" / "campaigns").glob("*.yaml")):
        done = CliRunner().invoke(main, ["cost", str(path), "--json"])
        assert done.exit_code == 0, done.stderr
        assert json.loads(done.stdout)["coreHours"] > 0
