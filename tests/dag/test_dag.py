"""Which jobs an edit of the campaign brings, by dry runs over files that only pretend to be results."""

import os
from collections import Counter
from pathlib import Path

import pytest
import yaml
from small_campaign import jobs_of, snakemake, write_campaign

from fieldwalk.stages.workflow import open_workflow

pytestmark = [pytest.mark.workflow]

REDUCTIONS = {"running": 1, "mean_free_paths": 1}
FIGURES = {"figure_running": 1, "figure_mean_free_paths": 1, "figure_turbulence": 1, "figure_trajectories": 1}
TRANSPORT_FIGURES = {"figure_running": 1, "figure_mean_free_paths": 1}


def planned_jobs(folder: Path) -> Counter[str]:
    return jobs_of(snakemake(folder, "--dry-run"))


def pretend_to_finish(folder: Path) -> None:
    """Freeze the plan and make every product as a file of one byte, in the order of the workflow."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        workflow = open_workflow(yaml.safe_load((folder / "small.yaml").read_text()), "small.yaml")
        workflow.freeze()
        drawn = [path for path in workflow.targets() if not any(path in stage.outputs for stage in workflow.stages)]
        products = [workflow.shards(), *(stage.outputs for stage in workflow.stages), drawn]
        for age, paths in enumerate(products):
            for path in map(Path, paths):
                path.parent.mkdir(parents=True, exist_ok=True)
                if not path.exists():
                    path.write_text("x")
                    os.utime(path, (1_700_000_000 + age, 1_700_000_000 + age))
    finally:
        os.chdir(here)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_campaign(tmp_path / "small.yaml")
    pretend_to_finish(tmp_path)
    return tmp_path


def test_a_new_campaign_runs_every_stage_and_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    write_campaign(tmp_path / "small.yaml")
    jobs = planned_jobs(tmp_path)
    assert jobs == Counter({"particles": 1, **REDUCTIONS, "turbulence": 1, "trajectories": 1, **FIGURES, "all": 1})
    assert not (tmp_path / "results").exists()


def test_a_finished_campaign_runs_nothing(folder: Path) -> None:
    assert planned_jobs(folder) == Counter()


@pytest.mark.parametrize(
    "edit",
    [
        {"particles": {"rigidities": [0.3, 1.0, 3.0]}},
        {"statistics": {"realisations": 8}},
        {"statistics": {"particles_per_realisation": 48}},
        {"particles": {"duration": 100}},
        {"turbulence": {"mode_types": ["isotropic", "alfvenic", "slab"]}},
    ],
    ids=["rigidity", "realisations", "particles", "duration", "mode type"],
)
def test_more_work_adds_one_batch_and_renews_what_it_feeds(folder: Path, edit: dict) -> None:
    write_campaign(folder / "small.yaml", **edit)
    jobs = planned_jobs(folder)
    assert jobs["particles"] == 1
    assert {name: jobs[name] for name in (*REDUCTIONS, *TRANSPORT_FIGURES)} == {**REDUCTIONS, **TRANSPORT_FIGURES}


@pytest.mark.parametrize(
    "edit",
    [
        {"resources": {"ranks": 1}},
        {"resources": {"job_minutes": 1}},
        {"author": "Somebody Else"},
        {"outputs": ["running"]},
        {"particles": {"rigidities": [1.0]}},
        {"statistics": {"realisations": 2}},
    ],
    ids=["ranks", "job minutes", "author", "fewer outputs", "fewer points", "fewer realisations"],
)
def test_other_edits_move_no_particle(folder: Path, edit: dict) -> None:
    write_campaign(folder / "small.yaml", **edit)
    assert planned_jobs(folder)["particles"] == 0


@pytest.mark.parametrize(
    "edit",
    [
        {"turbulence": {"spectral_index": 1.5}},
        {"turbulence": {"modes": 48}},
        {"turbulence": {"etas": [0.4]}},
        {"particles": {"step": 0.001}},
    ],
    ids=["spectrum", "modes", "eta", "step"],
)
def test_other_physics_takes_new_paths(folder: Path, edit: dict) -> None:
    old = set((folder / "results/small/particles").iterdir())
    write_campaign(folder / "small.yaml", **edit)
    assert planned_jobs(folder)["particles"] == 1
    pretend_to_finish(folder)
    assert set((folder / "results/small/particles").iterdir()) > old


@pytest.mark.parametrize(
    ("etas", "expected"),
    [([0.5], {"figure_scaling": 1}), ([0.2, 0.5], {"figure_scaling": 2})],
    ids=["one level", "two levels"],
)
def test_five_rigidities_over_a_decade_bring_the_figure_of_scaling(
    tmp_path: Path, etas: list[float], expected: dict[str, int]
) -> None:
    write_campaign(
        tmp_path / "small.yaml", particles={"rigidities": [0.1, 0.2, 0.3, 0.5, 1.0]}, turbulence={"etas": etas}
    )
    jobs = planned_jobs(tmp_path)
    assert {name: number for name, number in jobs.items() if name.startswith("figure_scaling")} == expected


MODEL = {"outputs": ["running", "heuristic"], "field_lines": {"scale_ratio": 20, "modes": 48, "length": 20}}
MODEL_FIGURES = {
    "figure_heuristic": 2,
    "figure_coefficients": 2,
    "figure_running_laws": 2,
    "figure_subdiffusion": 1,
}


def test_the_model_reads_particles_and_lines_and_is_drawn_where_there_is_a_mean_field(tmp_path: Path) -> None:
    write_campaign(tmp_path / "small.yaml", turbulence={"etas": [0.2, 0.5, 1]}, **MODEL)
    expected = {"particles": 1, "running": 1, "heuristic": 1, "figure_running": 3, **MODEL_FIGURES, "all": 1}
    assert planned_jobs(tmp_path) == Counter(expected)


def test_longer_lines_renew_the_model_and_no_other_reduction(tmp_path: Path) -> None:
    write_campaign(tmp_path / "small.yaml", **MODEL)
    pretend_to_finish(tmp_path)
    assert planned_jobs(tmp_path) == Counter()
    write_campaign(tmp_path / "small.yaml", **{**MODEL, "field_lines": {**MODEL["field_lines"], "length": 40}})
    jobs = planned_jobs(tmp_path)
    assert (jobs["particles"], jobs["heuristic"], jobs["figure_heuristic"], jobs["running"]) == (1, 1, 1, 0)


def test_job_minutes_cuts_the_work_into_batches(tmp_path: Path) -> None:
    write_campaign(
        tmp_path / "small.yaml",
        statistics={"realisations": 1000},
        particles={"duration": 3000},
        resources={"ranks": 1, "job_minutes": 0.1},
    )
    jobs = planned_jobs(tmp_path)
    assert jobs["particles"] > 3
    assert jobs["running"] == 1
