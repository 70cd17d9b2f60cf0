"""A campaign that goes on: points extended by name, jobs that outlive Snakemake, damage, kills, and cleaning up."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest
import xarray as xr
from children import run_command, wait_until
from small_campaign import (
    LEAN,
    ROOT,
    dataset,
    digests,
    fieldwalk,
    flip_a_bit,
    only_shard,
    run,
    running,
    wait_for_tasks,
    write_campaign,
)

from fieldwalk.particles.points import point_name

pytestmark = [pytest.mark.workflow, pytest.mark.mpi]


def test_a_point_is_extended_by_name(lean: Path, tmp_path: Path) -> None:
    """Only that point runs on, from its stored states; asked twice it is not doubled twice; and it is remembered."""
    before, first = dataset(lean, "mean_free_paths"), digests(lean)
    point = {"mode_type": "isotropic", "eta": 0.5, "rigidity": 1.0}
    assert not before["converged_perpendicular"].sel(point)
    name = point_name("isotropic", 0.5, 1.0)
    run(lean, "--extend", name, "--", "--dry-run")
    assert digests(lean) == first
    done = run(lean, "--extend", name)
    assert f"extended: {name} is followed to Ωt = " in done.stdout
    assert "1 of 2 batches to compute" in done.stdout
    after = dataset(lean, "mean_free_paths")
    assert 2 <= float(after["duration"].sel(point) / before["duration"].sel(point)) < 2.31  # the next time of the grid
    others = after["duration"].where(after["duration"] != after["duration"].sel(point), drop=False)
    assert (others.dropna("rigidity", how="all") <= before["duration"].max()).sum() == 3
    assert digests(lean).items() > first.items()
    assert f"{name}: " in after.attrs["campaign"]

    assert "0 of 2 batches to compute" in run(lean).stdout
    straight = tmp_path / "straight"
    straight.mkdir()
    duration = float(after["duration"].sel(point))
    write_campaign(straight / "small.yaml", particles={"extended": {name: duration}}, outputs=LEAN)
    run(straight)
    xr.testing.assert_equal(dataset(straight, "mean_free_paths"), after)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("isotropic_eta0.5_rg1.5", "did you mean isotropic_eta0.5_rg1?"),
        ("isotropic_eta0.5_rg1=soon", "is no duration; write Ωt as a number"),
        ("nonsense=100", "nonsense: is no point of this campaign; its points are alfvenic_eta0.5_rg0.3"),
    ],
)
def test_a_wrong_point_is_refused(finished_lean: Path, word: str, message: str) -> None:
    done = run(finished_lean, "--extend", word, status=2)
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_flipped_bit_is_found_told_set_aside_and_made_good(lean: Path) -> None:
    before = dataset(lean, "mean_free_paths")
    shard = only_shard(lean)
    damaged = flip_a_bit(shard)
    (lean / "results/small/mean_free_paths.nc").unlink()
    failed = run(lean, status=1)
    assert f"{shard.name}: damaged (its checksum is not that of its content)" in failed.stderr
    aside = shard.with_name(f"{shard.name}.damaged")
    assert aside.read_bytes() == damaged
    assert not shard.exists()

    found = json.loads(fieldwalk(lean, "status", "--json").stdout)
    (job,) = [job for job in found["jobs"] if job["stage"] == "mean_free_paths"]
    assert job["state"] == "failed"
    assert "checksum" in job["message"]
    assert [file["replaced"] for file in found["damaged"]] == [False]
    said = fieldwalk(lean, "status").stdout
    assert f"Damaged and set aside: results/small/particles/{aside.name}" in said
    assert "log: results/small/logs/mean_free_paths.log" in said

    run(lean)
    assert shard.exists()
    xr.testing.assert_equal(dataset(lean, "mean_free_paths"), before)
    fieldwalk(lean, "clean")
    assert aside.exists(), "what is damaged is evidence, not a side file"


@pytest.mark.serial
def test_jobs_that_outlive_snakemake_work_for_the_next_run(tmp_path: Path) -> None:
    write_campaign(tmp_path / "small.yaml", particles={"duration": 10_000}, outputs=LEAN)
    with running(tmp_path) as process:
        wait_for_tasks(tmp_path, process)
        (snakemake,) = [child for child in process.children() if "snakemake" in child.cmdline()]
        snakemake.send_signal(signal.SIGKILL)
        assert process.wait(timeout=30) == 1
    wait_until(lambda: digests(tmp_path), "the job that outlived it is done", seconds=120)
    before = digests(tmp_path)
    done = run(tmp_path)
    assert "1 batch(es) were finished by jobs that outlived an earlier run; they are kept" in done.stdout
    assert digests(tmp_path) == before


def test_clean_removes_what_finished_work_left_and_nothing_else(lean: Path) -> None:
    results = lean / "results/small"
    batch = only_shard(lean).stem
    leftovers = [results / "checkpoints" / batch / "0001_rank00000.sqlite", results / f"particles/{batch}.h5.99.part"]
    leftovers.append(results / f"jobs/particles_{batch}.json")
    unfinished = [results / "checkpoints" / "ffffffffffff" / "0001_rank00000.sqlite"]
    unfinished += [results / "particles/ffffffffffff.h5.99.part", results / "jobs/particles_ffffffffffff.json"]
    note = {"job": "x", "state": "running", "host": os.uname().nodename, "pid": 1, "since": "2026-11-20T00:00:00Z"}
    for path in (*leftovers, *unfinished):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(note))
    everything = {path for path in results.rglob("*") if path.is_file()}
    shown = fieldwalk(lean, "clean", "--dry-run")
    assert "3 side file(s) and folder(s)" in shown.stdout
    assert {path for path in results.rglob("*") if path.is_file()} == everything
    fieldwalk(lean, "clean")
    assert everything - {path for path in results.rglob("*") if path.is_file()} == set(leftovers)


def test_results_of_another_physics_version_are_explained_and_kept(lean: Path) -> None:
    """Other hashes in the names of the points are what a folder begun by another version looks like."""
    plan = lean / "results/small/plan.json"
    content = json.loads(plan.read_text())
    text = plan.read_text()
    for name in content["points"]:
        text = text.replace(name, name[:-12] + "0" * 12)
    shard = only_shard(lean)
    plan.write_text(text.replace(shard.stem, "a" * 12))
    shard.rename(shard.with_stem("a" * 12))
    before = digests(lean)
    for verb, words in (("plan", ()), ("run", ("--", "--dry-run"))):
        done = fieldwalk(lean, verb, *words)
        assert "holds 4 point(s) of another physics version" in done.stdout
        assert "1 of their 1 batches are done" in done.stdout
    run(lean)
    assert digests(lean).items() > before.items()


@pytest.mark.serial
def test_kills_of_the_whole_workflow_change_no_bit(tmp_path: Path) -> None:
    """The soak in small, on one to three ranks. Its seed draws four different victims, half a second or more into the
    computing; other ranks than the first are killed in tests/mpi."""
    tally = tmp_path / "tally.json"
    done = run_command(
        *(sys.executable, str(ROOT / "benchmarks" / "soak.py"), "--kills", "4", "--core-seconds", "25"),
        *("--seed", "187", "--json", str(tally)),
        folder=tmp_path,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    content = json.loads(tally.read_text())
    assert content["kills"] == {"rank 0": 1, "launcher": 1, "tree": 1, "snakemake": 1}
    assert content["arrays"] > 0
    assert not content["differences"]
