"""Campaigns on a scheduler: the same bits as here, and nothing lost to wall times, kills and lost ranks."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import h5py
import psutil
import pytest
import xarray as xr
import yaml
from children import default_signals, kill_tree, wait_until
from one_node_slurm import OneNodeSlurm
from small_campaign import ROOT, dataset, moments, shards

pytestmark = [pytest.mark.cluster, pytest.mark.mpi, pytest.mark.workflow, pytest.mark.serial]

PROFILES = ROOT / "profiles"
SOON = ("--slurm-init-seconds-before-status-checks", "1")
# one core here: what a login node has must not shape the jobs
RUN = ("fieldwalk", "run", "small.yaml", "--cores", "1", "--profile")
PATIENCE_SECONDS = 300


def attribute(shard: Path, name: str) -> int:
    with h5py.File(shard) as file:
        return int(file.attrs[name])


def same_running_coefficients(one: Path, other: Path) -> None:
    xr.testing.assert_equal(dataset(one, "running"), dataset(other, "running"))


def wait_for(reached: Callable[[], object], what: str) -> None:
    wait_until(reached, what, seconds=PATIENCE_SECONDS)


def what_jobs_printed(folder: Path) -> str:
    """Logs that the plugin keeps of the jobs that failed."""
    return "\n".join(path.read_text() for path in sorted((folder / ".snakemake/slurm_logs").rglob("*.log")))


def ranks_in(folder: Path) -> list[psutil.Process]:
    """MPI processes that compute for the campaign in a folder."""
    found = []
    for process in psutil.process_iter(["name", "cmdline", "cwd"]):
        about = process.info
        if "fieldwalk.stages.farm" in (about["cmdline"] or []) and about["cwd"] == str(folder):
            found += [process] if about["name"].startswith("python") else []
    return found


@contextmanager
def at_work(
    cluster: OneNodeSlurm, folder: Path, batch: str, *command: str
) -> Iterator[tuple[psutil.Popen, Path]]:
    """A run under way on the cluster, the job of one batch at work; with the log of that job."""
    log = folder / f"results/small/logs/particles_{batch}.log"
    log.unlink(missing_ok=True)
    with (folder / "printed.txt").open("w") as printed:
        line = cluster.command(*command, folder=folder)
        with default_signals():
            process = psutil.Popen(line, env=cluster.environment, stdout=printed, stderr=subprocess.STDOUT)
    try:
        wait_for(lambda: log.exists() and "tasks on 2 ranks" in log.read_text(), f"batch {batch} is computed")
        yield process, log
    finally:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
        process.wait(60)


@pytest.fixture(scope="session")
def finished_on_slurm(cluster: OneNodeSlurm, finished_here: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder, with a space in its name, of the campaign as the cluster computed it."""
    place = tmp_path_factory.mktemp("on slurm")
    shutil.copy(finished_here / "small.yaml", place)
    done = cluster.run(*RUN, "slurm", "--", *SOON, folder=place, timeout=2 * PATIENCE_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr + cluster.logs()
    return place


def test_slurm_computes_the_same_bits(finished_here: Path, finished_on_slurm: Path) -> None:
    assert len(shards(finished_here)) == 2
    assert moments(*shards(finished_on_slurm)) == moments(*shards(finished_here))
    same_running_coefficients(finished_on_slurm, finished_here)
    assert (finished_on_slurm / "results/small/report.html").exists()


def test_every_job_ran_under_slurm_with_the_ranks_that_were_asked_for(
    cluster: OneNodeSlurm, finished_on_slurm: Path
) -> None:
    jobs = cluster.finished_jobs(finished_on_slurm)
    assert [job["JobState"] for job in jobs] == ["COMPLETED"] * 4, what_jobs_printed(finished_on_slurm)
    assert sorted(job["ProcCnt"] for job in jobs) == ["1", "1", "2", "2"]
    assert [attribute(shard, "ranks") for shard in shards(finished_on_slurm)] == [2, 2]


def test_a_job_that_is_told_of_its_wall_time_goes_on(
    cluster: OneNodeSlurm, finished_here: Path, tmp_path: Path
) -> None:
    """A signal, or the job's own clock: it stops, ends with status 75, is submitted again and goes on."""
    shard = shards(finished_here)[0]
    shutil.copy(finished_here / "small.yaml", tmp_path)
    command = ["snakemake", "--snakefile", str(ROOT / "Snakefile"), "--configfile", "small.yaml"]
    command += ["--profile", str(PROFILES / "slurm"), *SOON, str(shard.relative_to(finished_here))]
    with at_work(cluster, tmp_path, shard.stem, *command) as (process, log):
        cluster.run("scancel", "--signal=USR1", *cluster.jobs("RUNNING"))
        assert process.wait(PATIENCE_SECONDS) == 0, (tmp_path / "printed.txt").read_text() + cluster.logs()
    assert [job["JobState"] for job in cluster.finished_jobs(tmp_path)] == ["FAILED", "COMPLETED"]
    assert "stopped: signal SIGUSR1" in what_jobs_printed(tmp_path)
    assert "going on from checkpoints" in log.read_text()
    (made,) = shards(tmp_path)
    assert attribute(made, "starts") == 2
    assert moments(made) == moments(shard)


def test_a_rerun_takes_over_from_a_killed_one_and_another_profile_does_the_rest(
    cluster: OneNodeSlurm, finished_here: Path, finished_on_slurm: Path, tmp_path: Path
) -> None:
    """Nobody tells a job that its Snakemake is gone: the rerun's job asks it to stop and goes on where it was.

    In the end one batch was computed through one profile, and the other was taken over by the other.
    """
    place = tmp_path / "both profiles"
    shutil.copytree(finished_on_slurm, place)
    first, second = shards(place)
    first.unlink()
    untouched = second.stat().st_mtime_ns
    site = cluster.folder / "site"  # a copy as a site would make one, and a path without a space
    shutil.copytree(PROFILES / "cluster-generic", site)
    rerun = cluster.command(*RUN, str(site), "--", "--seconds-between-status-checks", "1", folder=place)
    with at_work(cluster, place, first.stem, *RUN, "slurm", "--", *SOON) as (process, log):
        # held, so that it is not done before its successor comes, however slow this machine is
        ranks = ranks_in(place)
        for rank in ranks:
            rank.suspend()
        kill_tree(process)
        process.wait()
        assert len(ranks) == 2
        with (place / "printed.txt").open("w") as printed:
            again = subprocess.Popen(rerun, env=cluster.environment, stdout=printed, stderr=subprocess.STDOUT)
        wait_for(lambda: list((place / "results/small/jobs").glob("*.handover")), "the rerun's job asks for the batch")
        for rank in ranks:
            rank.resume()
        status = again.wait(PATIENCE_SECONDS)
    assert status == 0, (place / "printed.txt").read_text() + cluster.logs()
    jobs = {job["Name"]: job for job in cluster.finished_jobs(place)}
    assert {"running", "figure_running_0.5"} < set(jobs)
    ours = jobs[f"particles_{first.stem}"]
    assert (ours["JobState"], ours["ProcCnt"]) == ("COMPLETED", "2")
    assert "going on from checkpoints" in log.read_text()
    assert second.stat().st_mtime_ns == untouched
    assert [attribute(shard, "ranks") for shard in (first, second)] == [2, 2]
    assert moments(first, second) == moments(*shards(finished_here))
    same_running_coefficients(place, finished_here)


def test_a_lost_rank_ends_the_job(cluster: OneNodeSlurm) -> None:
    """A rank that the kernel kills for its memory must not leave the others waiting until the wall time, or ours."""
    launcher = yaml.safe_load((PROFILES / "slurm/config.yaml").read_text())["set-resources"]["particles"]["mpi"]
    code = "from mpi4py import MPI; import os, time; MPI.COMM_WORLD.rank or os.kill(os.getpid(), 9); time.sleep(300)"
    done = cluster.run(*launcher.split(), "-n", "2", "python", "-c", code, timeout=100)
    assert done.returncode != 0


def test_status_script_knows_what_ended_well_and_what_nobody_remembers(
    cluster: OneNodeSlurm, finished_on_slurm: Path
) -> None:
    script = str(PROFILES / "cluster-generic/status.sh")
    number = cluster.finished_jobs(finished_on_slurm)[-1]["JobId"]
    assert cluster.run(script, number).stdout == "success\n"
    assert cluster.run(script, "1").stdout == "failed\n"


def test_status_script_waits_for_a_scheduler_that_does_not_answer(tmp_path: Path) -> None:
    squeue = tmp_path / "squeue"
    squeue.write_text("#!/bin/sh\necho 'Unable to contact slurm controller (connect failure)' >&2\nexit 1\n")
    squeue.chmod(0o755)
    done = subprocess.run(
        ["sh", str(PROFILES / "cluster-generic/status.sh"), "1"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "running\n"
