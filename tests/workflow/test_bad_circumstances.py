"""What the world does to a campaign: each ends in one clear message, and nothing that was computed is lost."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from children import wait_until
from small_campaign import LEAN, ROOT, fieldwalk, only_shard, run, running, snakemake, wait_for_tasks, write_campaign

from fieldwalk.cli.run import check_launcher
from fieldwalk.errors import CampaignError

pytestmark = [pytest.mark.workflow]


def test_another_seed_is_refused_and_changes_nothing(lean: Path) -> None:
    before = (lean / "results/small/plan.json").read_bytes(), only_shard(lean).read_bytes()
    write_campaign(lean / "small.yaml", seed=12)
    done = run(lean, status=2)
    assert "seed 11" in done.stderr
    assert "seed 12" in done.stderr
    assert "--results" in done.stderr
    assert "Traceback" not in done.stderr
    assert before == ((lean / "results/small/plan.json").read_bytes(), only_shard(lean).read_bytes())


@pytest.mark.parametrize("place", ["results", "results/small"])
def test_a_file_where_the_results_folder_should_be(tmp_path: Path, place: str) -> None:
    write_campaign(tmp_path / "small.yaml")
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text("mine")
    done = run(tmp_path, status=2)
    assert "a file stands where the results folder should be" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / place).read_text() == "mine"


def test_no_launcher(tmp_path: Path) -> None:
    write_campaign(tmp_path / "small.yaml")
    profile = tmp_path / "site"
    profile.mkdir()
    (profile / "config.yaml").write_text("set-resources:\n  particles:\n    mpi: no-such-mpiexec\n")
    done = run(tmp_path, "--profile", str(profile), status=2)
    assert "no-such-mpiexec" in done.stderr
    assert "config.yaml" in done.stderr
    assert not (tmp_path / "results").exists()


def test_jobs_of_a_scheduler_need_a_python_without_a_space_in_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/a clone/bin/python")
    with pytest.raises(CampaignError, match="/a clone/bin/python: Snakemake does not quote"):
        check_launcher(ROOT / "profiles" / "slurm", os.environ["PATH"])


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    write_campaign(tmp_path / "small.yaml")
    done = run(tmp_path, "--", "--dry-run")
    assert "particles" in done.stdout + done.stderr
    assert not (tmp_path / "results").exists()


def test_an_unknown_profile_names_those_that_exist(tmp_path: Path) -> None:
    write_campaign(tmp_path / "small.yaml")
    done = run(tmp_path, "--profile", "lokal", status=2)
    assert "default, local" in done.stderr


@pytest.mark.mpi
def test_a_launcher_that_starts_singletons(tmp_path: Path) -> None:
    """A launcher that does not belong to the MPI library starts worlds of one process each."""
    write_campaign(tmp_path / "small.yaml", outputs=LEAN)
    launcher = tmp_path / "wrong-mpiexec"
    launcher.write_text('#!/bin/sh\nshift 2\nexec "$@"\n')
    launcher.chmod(0o755)
    profile = tmp_path / "site"
    profile.mkdir()
    (profile / "config.yaml").write_text(f"set-resources:\n  particles:\n    mpi: '\"{launcher}\"'\n")
    done = run(tmp_path, "--profile", str(profile), status=1)
    assert "MPI started a world of 1 process(es) where 2 were asked for" in done.stderr
    assert not list(tmp_path.glob("results/small/particles/*"))


def test_a_foreign_shard(lean: Path) -> None:
    """A shard of another campaign in the place of ours."""
    other = lean / "other"
    other.mkdir()
    write_campaign(other / "small.yaml", particles={"rigidities": [2.0]}, outputs=LEAN)
    done = snakemake(other, "--until", "particles")
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.copy(only_shard(other), only_shard(lean))
    done = run(lean, status=1)
    assert "belongs to another campaign or plan" in done.stderr


@pytest.mark.mpi
@pytest.mark.serial
def test_a_plain_kill_stops_everything_in_good_order(tmp_path: Path) -> None:
    """SIGTERM to fieldwalk alone: jobs end too, the lock is free.

    Meanwhile a second run is told whom to end, and nothing is cleaned up.
    """
    write_campaign(tmp_path / "small.yaml", particles={"duration": 100_000}, outputs=LEAN)
    with running(tmp_path, stderr=subprocess.PIPE, text=True) as process:
        wait_for_tasks(tmp_path, process)
        second = run(tmp_path, status=2)
        group = re.search(r"process group (\d+) on .*; `kill -INT -- -\1` ends it", second.stderr)
        assert group, second.stderr
        refused = fieldwalk(tmp_path, "clean", status=2)
        assert "another run is under way" in refused.stderr
        process.send_signal(signal.SIGTERM)
        _, printed = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped. What is done is kept; run again to go on:" in printed

    def gone() -> bool:
        try:
            os.killpg(int(group[1]), 0)
        except ProcessLookupError:
            return True
        return False

    wait_until(gone, "the ranks, which may outlive Snakemake by a moment, have ended", seconds=20)
    write_campaign(tmp_path / "small.yaml", outputs=LEAN)
    run(tmp_path)


def test_the_campaign_is_checked_before_anything_is_written(tmp_path: Path) -> None:
    write_campaign(tmp_path / "small.yaml", particles={"rigidites": [1.0]})
    done = run(tmp_path, status=2)
    assert "particles.rigidites" in done.stderr
    assert "rigidities" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.yaml"]


def test_a_full_disk(tmp_path: Path, mounted: Callable[[str], Path]) -> None:
    """A results folder on a disk of half a megabyte is refused before anything is computed."""
    write_campaign(tmp_path / "small.yaml")
    done = run(tmp_path, "--results", str(mounted("size=512k")), status=2)
    assert "MB free" in done.stderr
    assert "Traceback" not in done.stderr


def test_read_only_results(tmp_path: Path, mounted: Callable[[str], Path]) -> None:
    write_campaign(tmp_path / "small.yaml")
    done = run(tmp_path, "--results", str(mounted("ro")), status=2)
    assert "no permission to write here (Read-only file system)" in done.stderr
    assert "Traceback" not in done.stderr


def test_plain_snakemake_says_the_same(tmp_path: Path) -> None:
    write_campaign(tmp_path / "small.yaml", turbulence={"etas": [1.5]})
    done = snakemake(tmp_path, cores=1)
    assert done.returncode == 1
    assert "turbulence.etas[0]" in done.stderr
