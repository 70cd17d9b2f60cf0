"""The heuristic model as a user runs it: its dataset says where it stands and why not elsewhere, and is made again."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from children import run_command
from small_campaign import RESULTS, fieldwalk, run, shards, write_campaign
from tables import table

from fieldwalk.io.datasets import read_attribute

pytestmark = [pytest.mark.workflow, pytest.mark.mpi, pytest.mark.xdist_group("model")]

LEVELS = {"mode_types": ["isotropic", "slab"], "etas": [0.5, 1]}
LINES = {"scale_ratio": 20, "modes": 48, "length": 20}
FIGURES = ("heuristic_eta0.5", "coefficients_eta0.5", "running_laws_eta0.5", "subdiffusion")


@pytest.fixture(scope="module")
def modelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a campaign of particles and lines that asks for the model alone, in several batches."""
    folder = tmp_path_factory.mktemp("modelled")
    resources = {"ranks": 2, "job_minutes": 0.003}
    write_campaign(
        folder / "small.yaml", turbulence=LEVELS, field_lines=LINES, outputs=["heuristic"], resources=resources
    )
    run(folder)
    return folder


@pytest.fixture(scope="module")
def dataset(modelled: Path) -> xr.Dataset:
    return xr.open_dataset(modelled / RESULTS / "heuristic.nc", engine="h5netcdf")


def test_dataset_and_figures_are_all_that_is_made(modelled: Path) -> None:
    made = {path.relative_to(modelled / RESULTS).as_posix() for path in (modelled / RESULTS).rglob("*.*")}
    assert {f"figures/{name}.{suffix}" for name in FIGURES for suffix in ("png", "pdf")} == {
        name for name in made if name.startswith("figures/")
    }
    assert {name for name in made if name.endswith(".nc")} == {"heuristic.nc"}


def test_dataset_is_that_of_the_schema_and_of_the_campaign(modelled: Path, dataset: xr.Dataset) -> None:
    assert set(dataset.data_vars) == set(table("heuristic").variables)
    assert list(dataset["mode_type"].values) == LEVELS["mode_types"]
    assert list(dataset["eta"].values) == LEVELS["etas"]
    assert dataset.attrs["shards"] == len(shards(modelled)) > 1
    assert dataset.attrs["seed"] == 11
    assert "field_lines:" in dataset.attrs["campaign"]
    assert "fieldwalk.stages.run heuristic" in dataset.attrs["command"]
    drawn = read_attribute(modelled / RESULTS / "heuristic.nc", "stageIdentity")
    assert len(drawn) == 12


def test_no_point_without_mean_field_or_perpendicular_diffusion_has_a_model(dataset: xr.Dataset) -> None:
    reason = dataset["reason_model"]
    assert (reason.sel(eta=1) != "").all()
    assert (reason.sel(mode_type="slab") != "").all()
    assert all("mean field" in str(text) for text in reason.sel(eta=1).values.ravel())
    assert np.isnan(dataset["kappa_perpendicular_modelled"].sel(eta=1)).all()
    # four points cannot tell how mean free paths scale
    assert (dataset["reason_coefficient"] != "").all()


def test_simulated_curves_stand_where_there_is_a_mean_field(dataset: xr.Dataset) -> None:
    curve = dataset["d_parallel_simulated"].sel(mode_type="isotropic", eta=0.5)
    assert np.isfinite(curve).any("time").all()


def test_log_tells_how_the_model_does(modelled: Path) -> None:
    log = (modelled / RESULTS / "logs/heuristic.log").read_text()
    assert "without doubt at" in log
    assert "in doubt: " in log
    for mode_type in LEVELS["mode_types"]:
        for direction in ("parallel", "perpendicular"):
            assert f"fit over all points: {mode_type}, lambda_{direction}: " in log


@pytest.mark.parametrize("name", ["heuristic.nc", "figures/running_laws_eta0.5.png"])
def test_files_are_made_again_from_their_own_record(modelled: Path, name: str) -> None:
    done = run_command("fieldwalk", "replay", str(RESULTS / name), folder=modelled)
    assert done.returncode == 0, done.stdout + done.stderr


def test_status_plan_and_validate_know_it(modelled: Path) -> None:
    shown = fieldwalk(modelled, "status")
    assert "Everything is done." in shown.stdout, shown.stdout + shown.stderr
    for verb in ("plan", "cost", "validate"):
        fieldwalk(modelled, verb)
    again = run(modelled)
    assert again.stdout.startswith("campaign small: 0 of"), again.stdout + again.stderr
