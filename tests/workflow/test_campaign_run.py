"""A campaign from its file to its report, run again and edited, as its owner would."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr
from small_campaign import ROOT, Run, run_command, write_campaign

pytestmark = [pytest.mark.workflow, pytest.mark.mpi]


def run(folder: Path, *words: str, **environment: str) -> Run:
    """``fieldwalk run`` in a folder; must succeed."""
    done = run_command("fieldwalk", "run", "small.yaml", "--cores", "2", *words, folder=folder, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def shards(folder: Path) -> dict[str, str]:
    """Digest of every shard."""
    found = (folder / "results/small/particles").glob("*.h5")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def moments(folder: Path) -> dict[str, bytes]:
    """Bytes of every dataset of every shard, by point and realisation range."""
    result: dict[str, bytes] = {}
    for path in sorted((folder / "results/small/particles").glob("*.h5")):
        with h5py.File(path) as file:
            file.visititems(
                lambda name, item: (
                    result.__setitem__(name, item[...].tobytes()) if isinstance(item, h5py.Dataset) else None
                )
            )
    return result


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
    running = xr.open_dataset(results / "running.nc", engine="h5netcdf")
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


def test_a_job_can_be_replayed_by_hand(workplace: Path) -> None:
    log = next((workplace / "results/small/logs").glob("particles_*.log")).read_text()
    line = next(line for line in log.splitlines() if "replay this job by hand" in line).split("by hand: ")[1]
    before = moments(workplace)
    for shard in (workplace / "results/small/particles").glob("*.h5"):
        shard.unlink()
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=workplace,
        env={**os.environ, "PATH": path_with_environment()},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert moments(workplace) == before


def test_adding_a_rigidity_and_raising_realisations_runs_only_the_new_work(workplace: Path) -> None:
    first = shards(workplace)
    write_campaign(workplace / "small.yaml", particles={"rigidities": [0.3, 1.0, 2.0]})
    run(workplace)
    second = shards(workplace)
    assert len(second) == 2
    assert second.items() > first.items()
    write_campaign(workplace / "small.yaml", particles={"rigidities": [0.3, 1.0, 2.0]}, statistics={"realisations": 5})
    run(workplace)
    third = shards(workplace)
    assert len(third) == 3
    assert third.items() > second.items()
    mean_free_paths = xr.open_dataset(workplace / "results/small/mean_free_paths.nc", engine="h5netcdf")
    assert mean_free_paths.sizes["rigidity"] == 3
    assert (mean_free_paths.realisations == 5).all()


def test_a_longer_duration_goes_on_to_the_same_bits(workplace: Path, tmp_path: Path) -> None:
    """Extending from stored states must equal a run that was long from the start."""
    first = shards(workplace)
    write_campaign(workplace / "small.yaml", particles={"duration": 60}, statistics={"particles_per_realisation": 32})
    run(workplace)
    assert shards(workplace).items() > first.items()
    whole = tmp_path / "whole"
    whole.mkdir()
    write_campaign(whole / "small.yaml", particles={"duration": 60}, statistics={"particles_per_realisation": 32})
    run(whole, "--results", "results")
    extended, straight = (
        xr.open_dataset(folder / "results/small/running.nc", engine="h5netcdf") for folder in (workplace, whole)
    )
    # the averages over 16 + 16 and over 32 particles are added in another order, hence rounding
    for name in ("d_parallel", "mean_square_perpendicular", "pitch_angle_correlation"):
        np.testing.assert_allclose(extended[name], straight[name], rtol=1e-10, atol=1e-13)


def test_datasets_of_another_edit_are_renewed_whatever_snakemake_remembers(workplace: Path) -> None:
    """Results that were moved, or run from another folder, come without Snakemake's memory of their making."""
    shutil.rmtree(workplace / ".snakemake")
    write_campaign(workplace / "small.yaml", statistics={"realisations": 2})
    run(workplace)
    mean_free_paths = xr.open_dataset(workplace / "results/small/mean_free_paths.nc", engine="h5netcdf")
    assert (mean_free_paths.realisations == 2).all()
    assert "realisations: 2" in mean_free_paths.attrs["campaign"]


def test_ranks_and_plain_snakemake_give_the_same_bits(finished: Path, tmp_path: Path) -> None:
    expected = moments(finished)
    for ranks in (1, 3):
        folder = tmp_path / f"{ranks} ranks"
        folder.mkdir()
        write_campaign(folder / "small.yaml", resources={"ranks": ranks})
        done = run_command(
            *("snakemake", "--snakefile", str(ROOT / "Snakefile"), "--configfile", "small.yaml", "--cores", str(ranks)),
            folder=folder,
        )
        assert done.returncode == 0, done.stderr
        assert moments(folder) == expected
        for name in ("running.nc", "mean_free_paths.nc", "turbulence.nc", "trajectories.nc"):
            ours = xr.open_dataset(folder / "results/small" / name, engine="h5netcdf")
            xr.testing.assert_equal(ours, xr.open_dataset(finished / "results/small" / name, engine="h5netcdf"))


def path_with_environment() -> str:
    """PATH with this environment's programs first."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
