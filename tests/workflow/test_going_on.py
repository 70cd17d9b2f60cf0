"""A campaign that goes on: points extended by name, jobs that outlive Snakemake, damage, kills, and cleaning up."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import xarray as xr
from small_campaign import ROOT, Run, run_command, write_campaign

from fieldwalk.particles.points import point_name

pytestmark = [pytest.mark.workflow, pytest.mark.mpi]


def fieldwalk(folder: Path, verb: str, *words: str) -> Run:
    """A verb on the small campaign."""
    return run_command("fieldwalk", verb, "small.yaml", *words, folder=folder)


def run(folder: Path, *words: str, status: int = 0) -> Run:
    """``fieldwalk run`` with the status that is expected of it."""
    done = fieldwalk(folder, "run", "--cores", "2", *words)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def digests(folder: Path) -> dict[str, str]:
    """Digest of every shard."""
    found = (folder / "results/small/particles").glob("*.h5")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def mean_free_paths(folder: Path) -> xr.Dataset:
    with xr.open_dataset(folder / "results/small/mean_free_paths.nc", engine="h5netcdf") as dataset:
        return dataset.load()


def test_a_point_is_extended_by_name(workplace: Path, tmp_path: Path) -> None:
    """Only that point runs on, from its stored states; asked twice it is not doubled twice; and it is remembered."""
    before, first = mean_free_paths(workplace), digests(workplace)
    point = {"mode_type": "isotropic", "eta": 0.5, "rigidity": 1.0}
    assert not before["converged_perpendicular"].sel(point)
    name = point_name("isotropic", 0.5, 1.0)
    asked = fieldwalk(workplace, "run", "--extend", name, "--", "--dry-run")
    assert asked.returncode == 0, asked.stderr
    assert digests(workplace) == first
    done = run(workplace, "--extend", name)
    assert f"extended: {name} is followed to Ωt = " in done.stdout
    assert "1 of 2 batches to compute" in done.stdout
    after = mean_free_paths(workplace)
    assert 2 <= float(after["duration"].sel(point) / before["duration"].sel(point)) < 2.31  # the next time of the grid
    others = after["duration"].where(after["duration"] != after["duration"].sel(point), drop=False)
    assert (others.dropna("rigidity", how="all") <= before["duration"].max()).sum() == 3
    assert digests(workplace).items() > first.items()
    assert f"{name}: " in after.attrs["campaign"]

    assert "0 of 2 batches to compute" in run(workplace).stdout
    straight = tmp_path / "straight"
    straight.mkdir()
    duration = float(after["duration"].sel(point))
    write_campaign(straight / "small.yaml", particles={"extended": {name: duration}})
    run(straight)
    xr.testing.assert_equal(mean_free_paths(straight), after)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("isotropic_eta0.5_rg1.5", "did you mean isotropic_eta0.5_rg1?"),
        ("isotropic_eta0.5_rg1=soon", "is no duration; write Ωt as a number"),
        ("nonsense=100", "nonsense: is no point of this campaign; its points are alfvenic_eta0.5_rg0.3"),
    ],
)
def test_a_wrong_point_is_refused(finished: Path, word: str, message: str) -> None:
    done = fieldwalk(finished, "run", "--extend", word)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_flipped_bit_is_found_set_aside_and_made_good(workplace: Path) -> None:
    before = mean_free_paths(workplace)
    (shard,) = (workplace / "results/small/particles").glob("*.h5")
    whole = bytearray(shard.read_bytes())
    whole[len(whole) // 2] ^= 4
    shard.write_bytes(whole)
    (workplace / "results/small/mean_free_paths.nc").unlink()
    failed = run(workplace, status=1)
    assert f"{shard.name}: damaged (its checksum is not that of its content)" in failed.stderr
    aside = shard.with_name(f"{shard.name}.damaged")
    assert aside.read_bytes() == whole
    assert not shard.exists()
    run(workplace)
    xr.testing.assert_equal(mean_free_paths(workplace), before)
    cleaned = fieldwalk(workplace, "clean")
    assert cleaned.returncode == 0
    assert aside.exists(), "what is damaged is evidence, not a side file"


def start(folder: Path) -> tuple[psutil.Popen, psutil.Process]:
    """Start a run and wait until its ranks compute; returns it and its Snakemake."""
    command = [str(Path(sys.executable).parent / "fieldwalk"), "run", "small.yaml", "--cores", "2"]
    process = psutil.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    limit = time.monotonic() + 60
    while not any("tasks on" in log.read_text() for log in folder.glob("results/small/logs/particles_*.log")):
        assert process.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.05)
    (snakemake,) = [child for child in process.children() if "snakemake" in child.cmdline()]
    return process, snakemake


def test_jobs_that_outlive_snakemake_work_for_the_next_run(tmp_path: Path) -> None:
    write_campaign(tmp_path / "small.yaml", particles={"duration": 10_000})
    process, snakemake = start(tmp_path)
    snakemake.send_signal(signal.SIGKILL)
    assert process.wait(timeout=30) == 1
    limit = time.monotonic() + 120
    while not digests(tmp_path):
        assert time.monotonic() < limit
        time.sleep(0.1)
    before = digests(tmp_path)
    done = run(tmp_path)
    assert "1 batch(es) were finished by jobs that outlived an earlier run; they are kept" in done.stdout
    assert digests(tmp_path) == before


def test_clean_removes_what_finished_work_left_and_nothing_else(workplace: Path) -> None:
    results = workplace / "results/small"
    (shard,) = (results / "particles").glob("*.h5")
    batch = shard.stem
    leftovers = [results / "checkpoints" / batch / "0001_rank00000.sqlite", results / f"particles/{batch}.h5.99.part"]
    leftovers.append(results / f"jobs/particles_{batch}.json")
    unfinished = [results / "checkpoints" / "ffffffffffff" / "0001_rank00000.sqlite"]
    unfinished += [results / "particles/ffffffffffff.h5.99.part", results / "jobs/particles_ffffffffffff.json"]
    note = {"job": "x", "state": "running", "host": os.uname().nodename, "pid": 1, "since": "2026-11-20T00:00:00Z"}
    for path in (*leftovers, *unfinished):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(note))
    everything = {path for path in results.rglob("*") if path.is_file()}
    shown = fieldwalk(workplace, "clean", "--dry-run")
    assert "3 side file(s) and folder(s)" in shown.stdout
    assert {path for path in results.rglob("*") if path.is_file()} == everything
    done = fieldwalk(workplace, "clean")
    assert done.returncode == 0, done.stderr
    assert everything - {path for path in results.rglob("*") if path.is_file()} == set(leftovers)


def test_clean_is_refused_while_a_run_is_under_way(tmp_path: Path) -> None:
    write_campaign(tmp_path / "small.yaml", particles={"duration": 100_000})
    process, _ = start(tmp_path)
    try:
        done = fieldwalk(tmp_path, "clean")
        assert done.returncode == 2
        assert "another run is under way" in done.stderr
    finally:
        process.terminate()
        process.wait(timeout=60)


def test_results_of_another_physics_version_are_explained_and_kept(workplace: Path) -> None:
    """Other hashes in the names of the points are what a folder begun by another version looks like."""
    plan = workplace / "results/small/plan.json"
    content = json.loads(plan.read_text())
    text = plan.read_text()
    for name in content["points"]:
        text = text.replace(name, name[:-12] + "0" * 12)
    (shard,) = (workplace / "results/small/particles").glob("*.h5")
    plan.write_text(text.replace(shard.stem, "a" * 12))
    shard.rename(shard.with_stem("a" * 12))
    before = digests(workplace)
    for verb, words in (("plan", ()), ("run", ("--", "--dry-run"))):
        done = fieldwalk(workplace, verb, *words)
        assert done.returncode == 0, done.stderr
        assert "holds 4 point(s) of another physics version" in done.stdout
        assert "1 of their 1 batches are done" in done.stdout
    run(workplace)
    assert digests(workplace).items() > before.items()


def test_kills_of_the_whole_workflow_change_no_bit(tmp_path: Path) -> None:
    """The soak in small, with its seed: launcher, Snakemake, ranks and the whole tree."""
    tally = tmp_path / "tally.json"
    command = [sys.executable, str(ROOT / "benchmarks" / "soak.py"), "--kills", "6", "--core-seconds", "25"]
    done = subprocess.run(
        [*command, "--seed", "5", "--json", str(tally)], capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    content = json.loads(tally.read_text())
    assert sum(content["kills"].values()) == 6
    assert content["arrays"] > 0
    assert not content["differences"]
