"""A campaign from its file to its report, run again and edited, as its owner would."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from children import PROGRAMS, run_command
from small_campaign import LEAN, dataset, digests, moments, run, shards, snakemake, write_campaign

pytestmark = [pytest.mark.workflow, pytest.mark.mpi]


def test_everything_is_made_and_says_how(finished: Path) -> None:
    results = finished / "results/small"
    for name in ("running.nc", "mean_free_paths.nc", "mean_free_paths.csv", "turbulence.nc", "trajectories.nc"):
        assert (results / name).stat().st_size > 0
    for name in ("running_eta0.5", "mean_free_paths_eta0.5", "turbulence", "trajectories"):
        assert (results / f"figures/{name}.png").read_bytes().startswith(b"\x89PNG")
        assert (results / f"figures/{name}.pdf").read_bytes().startswith(b"%PDF")
    report = (results / "report.html").read_text()
    for name in (
        "running diffusion coefficients",
        "mean free paths",
        "spectrum and correlation",
        "sample trajectories",
    ):
        assert name in report
    running = dataset(finished, "running")
    assert running.d_parallel.dims == ("mode_type", "eta", "rigidity", "time")
    wanted = (
        "author",
        "software",
        "softwareVersion",
        "softwareDependencies",
        "machine",
        "date",
        "campaign",
        "campaignHash",
    )
    wanted += ("kernel", "instructionSet", "seed", "gitDescribe", "ranks", "wallSeconds", "cpuSeconds", "command")
    assert not [name for name in wanted if name not in running.attrs]
    assert "name: small" in running.attrs["campaign"]
    assert not list(results.rglob("*.part"))
    printed = (finished / "printed.txt").read_text()
    assert "1 of 1 batches to compute" in printed
    assert "report.html" in printed.splitlines()[-1]


def test_a_second_run_computes_nothing(workplace: Path) -> None:
    before = {
        path: path.stat().st_mtime_ns
        for path in (workplace / "results/small").rglob("*.*")
        if path.suffix in (".h5", ".nc", ".png")
    }
    done = run(workplace)
    assert "0 of 1 batches to compute" in done.stdout
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_a_job_can_be_replayed_by_hand(lean: Path) -> None:
    log = next((lean / "results/small/logs").glob("particles_*.log")).read_text()
    line = next(line for line in log.splitlines() if "replay this job by hand" in line).split("by hand: ")[1]
    before = moments(*shards(lean))
    for shard in shards(lean):
        shard.unlink()
    done = run_command("bash", "-c", line, folder=lean, PATH=os.pathsep.join([str(PROGRAMS), os.environ["PATH"]]))
    assert done.returncode == 0, done.stderr
    assert moments(*shards(lean)) == before


def test_adding_a_rigidity_and_raising_realisations_runs_only_the_new_work(lean: Path) -> None:
    first = digests(lean)
    more = {"outputs": LEAN, "particles": {"rigidities": [0.3, 1.0, 2.0]}}
    write_campaign(lean / "small.yaml", **more)
    run(lean)
    second = digests(lean)
    assert len(second) == 2
    assert second.items() > first.items()
    write_campaign(lean / "small.yaml", **more, statistics={"realisations": 5})
    run(lean)
    third = digests(lean)
    assert len(third) == 3
    assert third.items() > second.items()
    mean_free_paths = dataset(lean, "mean_free_paths")
    assert mean_free_paths.sizes["rigidity"] == 3
    assert (mean_free_paths.realisations == 5).all()


def test_a_longer_duration_goes_on_to_the_same_bits(lean: Path, tmp_path: Path) -> None:
    """Extending from stored states must equal a run that was long from the start."""
    first = digests(lean)
    longer = {"particles": {"duration": 60}, "statistics": {"particles_per_realisation": 32}, "outputs": ["running"]}
    write_campaign(lean / "small.yaml", **longer)
    run(lean)
    assert digests(lean).items() > first.items()
    whole = tmp_path / "whole"
    whole.mkdir()
    write_campaign(whole / "small.yaml", **longer)
    run(whole, "--results", "results")
    extended, straight = (dataset(folder, "running") for folder in (lean, whole))
    # the averages over 16 + 16 and over 32 particles are added in another order, hence rounding
    for name in ("d_parallel", "mean_square_perpendicular", "pitch_angle_correlation"):
        np.testing.assert_allclose(extended[name], straight[name], rtol=1e-10, atol=1e-13)


def test_datasets_of_another_edit_are_renewed_whatever_snakemake_remembers(lean: Path) -> None:
    """Results that were moved, or run from another folder, come without Snakemake's memory of their making."""
    shutil.rmtree(lean / ".snakemake")
    write_campaign(lean / "small.yaml", statistics={"realisations": 2}, outputs=LEAN)
    run(lean)
    mean_free_paths = dataset(lean, "mean_free_paths")
    assert (mean_free_paths.realisations == 2).all()
    assert "realisations: 2" in mean_free_paths.attrs["campaign"]


def test_three_ranks_and_plain_snakemake_give_the_same_bits(finished: Path, tmp_path: Path) -> None:
    """Every dataset; figures are left out. One and two ranks are compared where a shard is replayed and in the farm."""
    names = ("running", "mean_free_paths", "turbulence", "trajectories")
    write_campaign(tmp_path / "small.yaml", resources={"ranks": 3})
    done = snakemake(tmp_path, *(f"results/small/{name}.nc" for name in names), cores=3)
    assert done.returncode == 0, done.stderr
    assert moments(*shards(tmp_path)) == moments(*shards(finished))
    for name in names:
        xr.testing.assert_equal(dataset(tmp_path, name), dataset(finished, name))
