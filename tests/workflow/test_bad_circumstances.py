"""What the world does to a campaign: each ends in one clear message, and nothing that was computed is lost."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from small_campaign import ROOT, Run, run_command, write_campaign

from fieldwalk.cli.run import check_launcher
from fieldwalk.errors import CampaignError

pytestmark = [pytest.mark.workflow]


def run(folder: Path, *words: str, **environment: str) -> Run:
    """``fieldwalk run`` in a folder, whatever comes of it."""
    return run_command("fieldwalk", "run", "small.yaml", "--cores", "2", *words, folder=folder, **environment)


def shard_of(folder: Path) -> Path:
    """The only shard of the finished campaign."""
    (shard,) = (folder / "results/small/particles").glob("*.h5")
    return shard


def test_another_seed_is_refused_and_changes_nothing(workplace: Path) -> None:
    before = (workplace / "results/small/plan.json").read_bytes(), shard_of(workplace).read_bytes()
    write_campaign(workplace / "small.yaml", seed=12)
    done = run(workplace)
    assert done.returncode == 2
    assert "seed 11" in done.stderr
    assert "seed 12" in done.stderr
    assert "--results" in done.stderr
    assert "Traceback" not in done.stderr
    assert before == ((workplace / "results/small/plan.json").read_bytes(), shard_of(workplace).read_bytes())


@pytest.mark.parametrize("place", ["results", "results/small"])
def test_a_file_where_the_results_folder_should_be(tmp_path: Path, place: str) -> None:
    write_campaign(tmp_path / "small.yaml")
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text("mine")
    done = run(tmp_path)
    assert done.returncode == 2
    assert "a file stands where the results folder should be" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / place).read_text() == "mine"


def test_no_launcher(tmp_path: Path) -> None:
    write_campaign(tmp_path / "small.yaml")
    profile = tmp_path / "site"
    profile.mkdir()
    (profile / "config.yaml").write_text("set-resources:\n  particles:\n    mpi: no-such-mpiexec\n")
    done = run(tmp_path, "--profile", str(profile))
    assert done.returncode == 2
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
    assert done.returncode == 0
    assert "particles" in done.stdout + done.stderr
    assert not (tmp_path / "results").exists()


def test_an_unknown_profile_names_those_that_exist(tmp_path: Path) -> None:
    write_campaign(tmp_path / "small.yaml")
    done = run(tmp_path, "--profile", "lokal")
    assert done.returncode == 2
    assert "default, local" in done.stderr


@pytest.mark.mpi
def test_a_launcher_that_starts_singletons(tmp_path: Path) -> None:
    """A launcher that does not belong to the MPI library starts worlds of one process each."""
    write_campaign(tmp_path / "small.yaml")
    launcher = tmp_path / "wrong-mpiexec"
    launcher.write_text('#!/bin/sh\nshift 2\nexec "$@"\n')
    launcher.chmod(0o755)
    profile = tmp_path / "site"
    profile.mkdir()
    (profile / "config.yaml").write_text(f"set-resources:\n  particles:\n    mpi: '\"{launcher}\"'\n")
    done = run(tmp_path, "--profile", str(profile))
    assert done.returncode == 1
    assert "MPI started a world of 1 process(es) where 2 were asked for" in done.stderr
    assert not list(tmp_path.glob("results/small/particles/*"))


def test_a_truncated_shard(workplace: Path) -> None:
    shard = shard_of(workplace)
    whole = shard.read_bytes()
    shard.write_bytes(whole[: len(whole) // 2])
    done = run(workplace)
    assert done.returncode == 1
    assert f"{shard.name}: damaged" in done.stderr
    assert shard.with_name(f"{shard.name}.damaged").exists()
    assert run(workplace).returncode == 0
    assert shard.exists()


def test_a_foreign_shard(workplace: Path) -> None:
    """A shard of another campaign in the place of ours."""
    other = workplace / "other"
    other.mkdir()
    write_campaign(other / "small.yaml", particles={"rigidities": [2.0]}, outputs=["running"])
    assert run(other).returncode == 0
    shutil.copy(shard_of(other), shard_of(workplace))
    done = run(workplace)
    assert done.returncode == 1
    assert "belongs to another campaign or plan" in done.stderr


@pytest.mark.mpi
def test_killing_everything_leaves_a_state_that_a_rerun_picks_up(finished: Path, tmp_path: Path) -> None:
    """SIGKILL to the whole tree while particles move: no lock to clear by hand, and the same data in the end."""
    write_campaign(tmp_path / "small.yaml", particles={"duration": 30_000})
    command = [str(Path(sys.executable).parent / "fieldwalk"), "run", "small.yaml", "--cores", "2"]
    with subprocess.Popen(
        command, cwd=tmp_path, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        wait_for_tasks(tmp_path)
        kill_tree(process.pid)
    assert not list(tmp_path.glob("results/small/particles/*.h5"))
    write_campaign(tmp_path / "small.yaml")
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    again, straight = (
        [line for line in (folder / "results/small/mean_free_paths.csv").read_text().splitlines() if line[0] != "#"]
        for folder in (tmp_path, finished)
    )
    assert again == straight


@pytest.mark.mpi
def test_a_plain_kill_stops_everything_in_good_order(tmp_path: Path) -> None:
    """SIGTERM to fieldwalk alone: jobs end too, the lock is free, and a second run meanwhile is told whom to end."""
    write_campaign(tmp_path / "small.yaml", particles={"duration": 100_000})
    command = [str(Path(sys.executable).parent / "fieldwalk"), "run", "small.yaml", "--cores", "2"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        wait_for_tasks(tmp_path)
        second = run(tmp_path)
        assert second.returncode == 2
        group = re.search(r"process group (\d+) on .*; `kill -INT -- -\1` ends it", second.stderr)
        assert group, second.stderr
        process.send_signal(signal.SIGTERM)
        _, printed = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped. What is done is kept; run again to go on:" in printed
    limit = time.monotonic() + 20  # ranks may outlive Snakemake by a moment
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < limit:
            os.killpg(int(group[1]), 0)
            time.sleep(0.1)
    write_campaign(tmp_path / "small.yaml")
    assert run(tmp_path).returncode == 0


def wait_for_tasks(folder: Path) -> None:
    """Wait until ranks compute."""
    limit = time.monotonic() + 60
    while not any("tasks on" in log.read_text() for log in folder.glob("results/small/logs/particles_*.log")):
        assert time.monotonic() < limit, "the job never began"
        time.sleep(0.05)


def kill_tree(pid: int) -> None:
    """SIGKILL a process and all its descendants, wherever their sessions are."""
    process = psutil.Process(pid)
    for one in (process, *process.children(recursive=True)):
        one.kill()


def test_the_campaign_is_checked_before_anything_is_written(tmp_path: Path) -> None:
    write_campaign(tmp_path / "small.yaml", particles={"rigidites": [1.0]})
    done = run(tmp_path)
    assert done.returncode == 2
    assert "particles.rigidites" in done.stderr
    assert "rigidities" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.yaml"]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk(tmp_path: Path) -> None:
    """A results folder on a disk of half a megabyte is refused before anything is computed."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine does not let root mount a tmpfs")
    try:
        write_campaign(tmp_path / "small.yaml")
        done = run(tmp_path, "--results", str(disk))
        assert done.returncode == 2
        assert "MB free" in done.stderr
        assert "Traceback" not in done.stderr
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a read-only disk needs root; others have no such rights anyway")
def test_read_only_results(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(disk)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let root mount a tmpfs")
    try:
        write_campaign(tmp_path / "small.yaml")
        done = run(tmp_path, "--results", str(disk))
        assert done.returncode == 2
        assert "no permission to write here (Read-only file system)" in done.stderr
        assert "Traceback" not in done.stderr
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_plain_snakemake_says_the_same(tmp_path: Path) -> None:
    write_campaign(tmp_path / "small.yaml", turbulence={"etas": [1.5]})
    done = run_command(
        "snakemake",
        "--snakefile",
        str(ROOT / "Snakefile"),
        "--configfile",
        "small.yaml",
        "--cores",
        "1",
        folder=tmp_path,
    )
    assert done.returncode == 1
    assert "turbulence.etas[0]" in done.stderr
