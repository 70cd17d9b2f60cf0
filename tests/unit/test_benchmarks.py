"""Every program of benchmarks/ and docs/pages/ runs at toy size and gives something sensible.

A program that nobody starts breaks unseen when a function it calls is renamed. No test here looks at a time. Programs
run in this process where they can, since starting Python takes longer than they do.
"""

import json
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from small_campaign import run_command

from fieldwalk import kernels
from fieldwalk.campaign.loading import campaign_from_mapping
from fieldwalk.field_lines.points import points as line_points
from fieldwalk.field_lines.traces import line_traces
from fieldwalk.io.datasets import read_dataset
from fieldwalk.stages.workflow import RESULTS_KEY, open_workflow
from fieldwalk.statistics import broken_power_law

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "docs" / "data"
FOLDERS = ("benchmarks", "docs/pages")

Run = Callable[..., str]

LAUNCHED_BY_OTHERS = {
    "benchmarks/farm/messages.py": "benchmarks/farm/real_runs.py",
    "benchmarks/farm/sleepers.py": "benchmarks/farm/real_runs.py",
    "benchmarks/soak.py": "tests/workflow/test_going_on.py",
}
"""Programs that need no test of their own here: what starts them."""

TESTED: dict[str, str] = {}
"""Name of the test by program."""


def runs(program: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Mark a test as the one that runs a program."""

    def remember(test: Callable[..., None]) -> Callable[..., None]:
        TESTED[program] = test.__name__
        return test

    return remember


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """A function: run a program with some arguments as Python would, and return what it prints."""
    chosen, loaded = kernels.instruction_set(), set(sys.modules)

    def started(program: str, *arguments: object) -> str:
        path = ROOT / program
        monkeypatch.setattr(sys, "argv", [str(path), *map(str, arguments)])
        monkeypatch.syspath_prepend(path.parent)
        try:
            runpy.run_path(str(path), run_name="__main__")
        except SystemExit as end:
            assert not end.code, end.code
        return capsys.readouterr().out

    yield started
    kernels.use_instruction_set(chosen)
    # programs of two folders have modules of the same name
    for name in set(sys.modules) - loaded:
        file = getattr(sys.modules[name], "__file__", None) or ""
        if any(Path(file).is_relative_to(ROOT / folder) for folder in FOLDERS):
            del sys.modules[name]


def assert_drawn(path: Path) -> None:
    """A PNG of some size, and not one colour all over."""
    from matplotlib.image import imread

    image = imread(path)
    assert min(image.shape[:2]) > 200
    assert np.ptp(image[..., :3]) > 0.5


def test_no_program_is_left_out() -> None:
    """A new program is found here before it has broken."""
    programs = {
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    }
    assert programs == {*TESTED, *LAUNCHED_BY_OTHERS}
    for program, other in LAUNCHED_BY_OTHERS.items():
        assert Path(program).name in (ROOT / other).read_text(encoding="utf-8")


def test_every_program_is_described() -> None:
    """The README of the benchmarks says of each what it measures; the make target names one that exists."""
    text = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    for program in {*TESTED, *LAUNCHED_BY_OTHERS}:
        place, name = program.split("/", 1)
        if place == "benchmarks":
            assert f"`{name}`" in text, f"benchmarks/README.md does not mention {name}"
    started = re.findall(r"\$\(BIN\)/python (benchmarks/\S+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert started
    assert all((ROOT / path).is_file() for path in started)


@runs("benchmarks/kernels/kernel_speed.py")
def test_kernel_speed(run: Run) -> None:
    """All variants agree on the field and the orbits, or the program ends; errors keep the tolerance."""
    printed = run("benchmarks/kernels/kernel_speed.py", "--rounds", "1")
    for name in kernels.instruction_sets():
        rows = re.findall(rf"^│ {name} +│ +(256|512) │.*│ +(\S+) │$", printed, re.MULTILINE)
        assert [modes for modes, _ in rows] == ["256", "512"]
        assert all(1e-4 < float(error) < 1.1e-3 for _, error in rows)
    assert "a step without modes" in printed


@runs("benchmarks/checkpoint_cost.py")
def test_checkpoint_cost(run: Run, tmp_path: Path) -> None:
    """One row: 16 particles, a hundred results, and as many bytes as those have."""
    printed = run("benchmarks/checkpoint_cost.py", "--toy", "--rounds", 1, "--folder", tmp_path)
    row = re.search(r"^ +16 +3e\+01 +\S+ +100 +(\S+) ", printed, re.MULTILINE)
    assert row
    assert 0.1 < float(row[1]) < 10


@runs("benchmarks/cost_model.py")
@pytest.mark.slow
def test_cost_model(run: Run) -> None:
    """Speeds of every kind of work, and tasks held against them."""
    printed = run("benchmarks/cost_model.py", "--toy", "--processes", 1)
    speeds = re.findall(r"^(seconds_per_\w+): (\S+) ", printed, re.MULTILINE)
    assert len(speeds) == 7
    assert all(float(seconds) >= 0 for _, seconds in speeds)
    assert sum(int(number) for number in re.findall(r"^(\d+) tasks ", printed, re.MULTILINE)) > 10
    # one grid time more or less, and its samples
    samples = re.search(r"samples is off by at most (\S+);", printed)
    assert samples
    assert float(samples[1]) < 10


@runs("benchmarks/plan_scale.py")
def test_plan_scale(run: Run) -> None:
    """A hundred points make the job that Snakemake counts."""
    printed = run("benchmarks/plan_scale.py", "--points", 100, "--realisations", 20)
    assert "100 points, 1 jobs, 100 portions" in printed
    assert "Snakemake counts: particles 1 jobs" in printed


@runs("benchmarks/status_speed.py")
def test_status_speed(run: Run) -> None:
    """`fieldwalk status` was run on a folder of many batches, with and without a page."""
    printed = run("benchmarks/status_speed.py", "--toy", "--repeats", 1)
    batches = re.search(r"status, 12 points in (\d+) batches", printed)
    assert batches
    assert int(batches[1]) > 100
    assert "the same with --html" in printed


@runs("benchmarks/memory_per_rank.py")
@pytest.mark.mpi
def test_memory_per_rank(tmp_path: Path) -> None:
    """What a rank holds lies between an empty Python and a gigabyte, and a task adds to it."""
    done = run_command(
        *("mpiexec", "-n", "1", sys.executable, str(ROOT / "benchmarks" / "memory_per_rank.py")), folder=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"^rank 0: (\d+) MB after imports; after a task (\d+) MB", done.stdout, re.MULTILINE)
    assert found
    assert 20 < int(found[1]) <= int(found[2]) < 1000


@runs("benchmarks/farm/scaling.py")
@pytest.mark.slow
@pytest.mark.mpi
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="two ranks on one core only take turns")
def test_farm_scaling(run: Run) -> None:
    """One rank, two ranks and two lone processes all did the same tasks."""
    printed = run("benchmarks/farm/scaling.py", "--repeats", 1, "--realisations", 2)
    assert "one and two ranks left the same bits" in printed
    for name in ("one rank", "two alone", "two ranks"):
        assert re.search(rf"^│ {name} +│ +\d", printed, re.MULTILINE)


@runs("benchmarks/farm/simulation.py")
@pytest.mark.slow
@pytest.mark.mpi
def test_farm_simulation(run: Run, tmp_path: Path) -> None:
    """Ranks are busier with more tasks each, and no more than always; real runs of every batch stand beside."""
    data, figure = tmp_path / "farm.json", tmp_path / "farm.png"
    run("benchmarks/farm/simulation.py", "--toy", "--repeats", 1, "--data", data, "--figure", figure)
    found = json.loads(data.read_text(encoding="utf-8"))
    for ranks in (2, 32, 512, 2048):
        few, many = (row["busy"] for row in found["by_tasks"] if row["ranks"] == ranks)
        assert 0.3 < few < many <= 1
    assert [row["case"] for row in found["validation"]] == ["12 short tasks", "2 long tasks", "6 sleeping tasks"]
    assert all(row["real"] > 0 and row["simulated"] > 0 for row in found["validation"])
    (whole,) = found["paper_scale"]
    assert whole["jobs"] >= 1
    assert 0 < whole["busy"] <= 1
    assert 0 < whole["formula_over_simulated"] < np.inf
    assert_drawn(figure)


@runs("benchmarks/convergence/convergence.py")
@pytest.mark.slow
def test_convergence(run: Run, tmp_path: Path) -> None:
    """Four realisations give the mean free path of the study to within their scatter, where they were run."""
    dataset, figure = tmp_path / "convergence.nc", tmp_path / "convergence.png"
    places = ("--folder", tmp_path, "--dataset", dataset, "--figure", figure)
    names = [f"rg1_{name}" for name in ("default_1", "step_2", "step_0.25")]
    program = "benchmarks/convergence/convergence.py"
    printed = run(program, *places, "--more", 0.008, "--processes", 1, "--only", *names)
    assert re.search(r"^step +parallel +r_g = 1 ", printed, re.MULTILINE)
    here = {"direction": "parallel", "rigidity": 1.0}
    found, study = (read_dataset(path)["lambda_by_step"].sel(here) for path in (dataset, DATA / "convergence.nc"))
    assert np.isfinite(found).sum() == 3
    ratio = (found / study).values[np.isfinite(found)]
    assert np.all((ratio > 0.4) & (ratio < 2.5))
    assert_drawn(figure)


@pytest.mark.slow
def test_convergence_of_the_documentation_is_drawn_again(run: Run, tmp_path: Path) -> None:
    """The stored study still has all that the figure and the verdict read."""
    figure = tmp_path / "convergence.png"
    places = ("--dataset", DATA / "convergence.nc", "--figure", figure)
    printed = run("benchmarks/convergence/convergence.py", "--redraw", *places)
    assert printed.count(": met") == 23
    assert "MISSED" not in printed
    assert_drawn(figure)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A folder like docs/, empty."""
    for name in ("data", "images", "results"):
        (tmp_path / name).mkdir()
    return tmp_path


def in_results(dataset: xr.Dataset, docs: Path, name: str, folder: str = "results") -> Path:
    """Write a dataset as a campaign's; returns the results folder."""
    (docs / folder).mkdir(exist_ok=True)
    dataset.drop_encoding().to_netcdf(docs / folder / f"{name}.nc", engine="h5netcdf")
    return docs / folder


@runs("docs/pages/field_lines.py")
@pytest.mark.slow
def test_page_of_field_lines(run: Run, docs: Path) -> None:
    """The copy is the campaign's to single precision; all three figures are drawn, and two of them again."""
    some = read_dataset(DATA / "field_lines.nc").sel(mode_type=["isotropic"], eta=[0.15, 0.5])
    results = in_results(some, docs, "field_lines")
    content = {"name": "lines", "seed": 1, "turbulence": {"mode_types": ["isotropic"], "etas": [0.5], "modes": 32}}
    campaign = campaign_from_mapping({**content, "field_lines": {"scale_ratio": 20, "length": 20}}, "lines")
    in_results(line_traces(line_points(campaign), 1), docs, "line_traces")
    printed = run("docs/pages/field_lines.py", results, "--docs", docs)
    assert len(re.findall(r"^  eta = \S+ +K_tau = ", printed, re.MULTILINE)) == 2
    kept = read_dataset(docs / "data" / "field_lines.nc")
    name = "diffusion_coefficient_tau"
    np.testing.assert_allclose(kept[name], some[name], rtol=1e-6)
    for name in ("field_lines", "line_diffusion", "line_traces"):
        assert_drawn(docs / "images" / f"{name}.png")


@pytest.fixture
def modelled() -> xr.Dataset:
    """A few points of the model, with covariances as a campaign's dataset has them and the documentation's has not."""
    some = read_dataset(DATA / "heuristic.nc").sel(mode_type=["isotropic", "alfvenic"], eta=[0.5])
    some = some.isel(rigidity=[0, 6])
    for name in ("d_parallel", "d_line"):
        law = some[f"{name}_law"]
        sides = xr.DataArray(np.eye(law.sizes["parameter"]), dims=("parameter", "other_parameter"))
        some[f"{name}_covariance"] = xr.ones_like(law) * 1e-4 * sides
    return some


@runs("docs/pages/heuristic.py")
@pytest.mark.slow
def test_page_of_the_heuristic_model(run: Run, docs: Path, modelled: xr.Dataset) -> None:
    """The copy lacks covariances and keeps curves to three digits; all figures are drawn."""
    modelled = modelled.sel(mode_type=["isotropic"])
    printed = run("docs/pages/heuristic.py", in_results(modelled, docs, "heuristic"), "--docs", docs)
    assert "held out: median" in printed
    kept = read_dataset(docs / "data" / "heuristic.nc")
    assert not {"d_parallel_covariance", "d_line_covariance"} & set(kept)
    name = "d_perpendicular_simulated"
    np.testing.assert_allclose(kept[name], modelled[name], rtol=1e-3)
    for name in ("heuristic", "running_laws", "coefficients", "subdiffusion"):
        assert_drawn(docs / "images" / f"{name}.png")


@runs("docs/pages/heuristic_low.py")
@pytest.mark.slow
def test_page_of_low_rigidities(run: Run, docs: Path, modelled: xr.Dataset) -> None:
    """Two campaigns become one table, with the plateau that the law of the lines has far away."""
    first = in_results(modelled.sel(mode_type=["isotropic"]), docs, "heuristic", "low")
    second = in_results(modelled.sel(mode_type=["alfvenic"]).isel(rigidity=[0]), docs, "heuristic", "low-modes")
    printed = run("docs/pages/heuristic_low.py", first, second, "--docs", docs)
    assert "isotropic: d_line " in printed
    kept = read_dataset(docs / "data" / "heuristic_low.nc").sel(eta=0.5)
    assert "not run" in str(kept["reason_model"].sel(mode_type="alfvenic").isel(rigidity=1).item())
    law = modelled["d_line_law"].sel(variant="compound", mode_type="isotropic", eta=0.5).values
    plateau = broken_power_law.value(np.array([1e9]), law[np.isfinite(law)])
    np.testing.assert_allclose(kept["d_line_plateau"].sel(mode_type="isotropic"), plateau[0], rtol=1e-5)
    assert_drawn(docs / "images" / "heuristic_low.png")


@runs("docs/pages/heuristic_halves.py")
@pytest.mark.slow
def test_halves_of_a_campaign(run: Run, tmp_path: Path) -> None:
    """Both halves of a campaign of a second are modelled, and their difference is a number of errors."""
    content = {
        "name": "halves",
        "seed": 11,
        "turbulence": {"mode_types": ["isotropic"], "etas": [0.5], "modes": 32},
        "particles": {"rigidities": [0.3], "duration": 100},
        "field_lines": {"scale_ratio": 20, "modes": 48, "length": 20},
        "statistics": {"realisations": 8, "particles_per_realisation": 16},
        "outputs": ["heuristic"],
    }
    workflow = open_workflow({**content, RESULTS_KEY: str(tmp_path)}, "halves")
    workflow.freeze()
    for batch in workflow.selection.batches:
        command = [sys.executable, "-m", "fieldwalk.stages.farm", "--results", str(workflow.folder), "--batch", batch]
        subprocess.run([*command, "--ranks", "1"], check=True, capture_output=True)
    printed = run("docs/pages/heuristic_halves.py", workflow.folder, "--splits", 1, "--rigidities", 1)
    found = re.search(r"^d_parallel +rms (\S+), 1 values$", printed, re.MULTILINE)
    assert found
    assert 0 < float(found[1]) < 10
    assert re.search(r"^isotropic, other half +rms ", printed, re.MULTILINE)


@runs("docs/pages/mean_free_paths.py")
@pytest.mark.slow
def test_page_of_mean_free_paths(run: Run, docs: Path) -> None:
    """Of a point in two parts the one with more particles counts; power laws are fitted to the whole."""
    whole = read_dataset(DATA / "mean_free_paths.nc").sel(mode_type=["isotropic"], eta=[0.5])
    worse = whole.isel(rigidity=slice(2, 6)).copy(deep=True)
    worse["particles"] /= 2
    worse["lambda_parallel"] *= 2
    parts = [in_results(part, docs, "mean_free_paths", name) for part, name in ((worse, "worse"), (whole, "all"))]
    printed = run("docs/pages/mean_free_paths.py", *parts, "--docs", docs)
    kept = read_dataset(docs / "data" / "mean_free_paths.nc")
    np.testing.assert_array_equal(kept["lambda_parallel"], whole["lambda_parallel"])
    here = {"mode_type": "isotropic", "eta": 0.5, "fitted": "lambda_parallel", "rigidity_window": "parallel"}
    exponent = float(kept["exponent"].sel(here))
    # Kolmogorov turbulence has 1/3 well below L_c
    assert exponent == pytest.approx(1 / 3, abs=0.1)
    assert f"{exponent:.3f} +- " in printed
    for name in ("scaling_isotropic", "scaling_modes"):
        assert_drawn(docs / "images" / f"{name}.png")
