"""The output `heuristic` of a campaign: what it needs, what it brings, and what it waits for."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from synthetic_results import add_note, add_products, add_shards, write_grid_campaign

from fieldwalk.campaign import paths
from fieldwalk.campaign.loading import campaign_from_mapping
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.selection import resolve, select
from fieldwalk.campaign.plan.stages import batches_read, figures_of, stage_identity
from fieldwalk.campaign.plan.task_cost import REFERENCE
from fieldwalk.campaign.price.campaign_price import price
from fieldwalk.campaign.stage_table import FIGURES
from fieldwalk.campaign.status.progress import status_of
from fieldwalk.cli.records.citing import keys_used
from fieldwalk.errors import CampaignError

CONTENT: dict[str, Any] = {
    "name": "model",
    "seed": 3,
    "turbulence": {"mode_types": ["isotropic"], "etas": [0.1, 0.5, 1]},
    "particles": {"rigidities": [0.1, 1.0], "max_duration": 1000},
    "field_lines": {"scale_ratio": 50, "modes": 64, "length": 20},
}


def mapping(*without: str, **changes: Any) -> dict[str, Any]:
    return {key: value for key, value in (CONTENT | changes).items() if key not in without}


def campaign(*without: str, **changes: Any) -> Campaign:
    return campaign_from_mapping(mapping(*without, **changes), "model.yaml")


def levels(*etas: float) -> dict[str, Any]:
    return {"turbulence": CONTENT["turbulence"] | {"etas": list(etas)}}


def test_it_is_made_where_both_sections_and_a_level_are_there() -> None:
    assert "heuristic" in campaign().datasets
    for lacking in (campaign("particles"), campaign("field_lines"), campaign(**levels(1))):
        assert "heuristic" not in lacking.datasets
        written = yaml.safe_load(yaml.safe_dump(lacking.model_dump(mode="json")))
        assert "heuristic" not in written["outputs"]
        assert campaign_from_mapping(written, "again.yaml").datasets == lacking.datasets


@pytest.mark.parametrize(
    ("without", "changes", "words"),
    [
        ("particles", {}, ["needs the section particles; add that"]),
        ("field_lines", {}, ["needs the section field_lines; add that"]),
        ("author", levels(1), ["0 < eta < 1", "turbulence.etas", "remove this"]),
        ("field_lines", levels(0, 1), ["needs the section field_lines"]),
    ],
)
def test_asked_for_in_vain_it_says_what_is_missing(without: str, changes: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(CampaignError) as caught:
        campaign(without, outputs=["turbulence", "heuristic"], **changes)
    for word in ("outputs[1] is heuristic: ", *words):
        assert word in str(caught.value)


def test_alone_it_brings_particles_and_lines() -> None:
    alone = campaign(outputs=["heuristic"])
    assert alone.kinds == ("particles", "field_lines")
    assert {want.point.kind for want in resolve(alone).wanted} == {"particles", "field_lines"}


def test_its_figures_are_those_of_levels_with_a_model() -> None:
    each = [f"{kind}_eta{eta}" for kind in ("heuristic", "coefficients", "running_laws") for eta in (0.1, 0.5)]
    assert [figure.name for figure in figures_of(campaign(outputs=["heuristic"]))] == [*each, "subdiffusion"]


def test_every_figure_is_of_the_kind_that_its_name_begins_with() -> None:
    figures = {figure.name: figure.row.name for figure in figures_of(campaign())}
    assert figures["running_laws_eta0.5"] == "running_laws"
    assert figures["running_eta0.5"] == "running"
    assert all(name.startswith(kind) for name, kind in figures.items())
    assert set(figures.values()) == set(FIGURES) - {"scaling"}


@pytest.mark.parametrize(
    "changes",
    [
        {"field_lines": CONTENT["field_lines"] | {"length": 40}},
        {"particles": CONTENT["particles"] | {"duration": 50}},
        {"statistics": {"realisations": 8}},
        levels(0.1, 0.5),
    ],
    ids=["lines", "particles", "realisations", "levels"],
)
def test_more_of_either_makes_it_anew(changes: dict[str, Any]) -> None:
    assert stage_identity(resolve(campaign(**changes)), "heuristic") != stage_identity(resolve(campaign()), "heuristic")


def test_reductions_wait_for_the_shards_that_they_read(tmp_path: Path) -> None:
    content = mapping(resources={"ranks": 1, "job_minutes": 0.004}, outputs=["running", "field_lines", "heuristic"])
    study, results, selection = write_grid_campaign(tmp_path, content)
    particles, lines = (batches_read(selection, stage) for stage in ("running", "field_lines"))
    assert len(particles) > 1
    assert len(lines) > 1
    assert batches_read(selection, "heuristic") == selection.batches
    assert batches_read(selection, "turbulence") == []

    def states() -> dict[str, str]:
        done = {job.name: job.state for job in status_of(study, results).jobs}
        return {stage: done[stage] for stage in content["outputs"]}

    assert set(states().values()) == {"waiting"}
    add_shards(results, lines, 1.0)
    assert states() == {"running": "waiting", "field_lines": "ready", "heuristic": "waiting"}
    add_shards(results, particles, 1.0)
    assert set(states().values()) == {"ready"}
    add_note(results, "heuristic", "failed", message="no fit")
    assert states()["heuristic"] == "failed"


def test_figures_of_the_model_wait_for_its_dataset_alone(tmp_path: Path) -> None:
    study, results, selection = write_grid_campaign(tmp_path, mapping(outputs=["running", "heuristic"]))
    add_shards(results, selection.batches, 1.0)
    add_products(study, results)
    paths.dataset(results, "running").unlink()
    found = {job.name: job.state for job in status_of(study, results).jobs if job.stage == "figure"}
    assert {name for name, state in found.items() if state == "waiting"} == {
        f"figure_running_eta{eta}" for eta in (0.1, 0.5, 1)
    }


def test_the_model_has_its_price_and_its_paper(tmp_path: Path) -> None:
    others = ["running", "field_lines"]
    with_it, without = campaign(outputs=[*others, "heuristic"]), campaign(outputs=others)
    dear, cheap = (price(tmp_path, select(one, tmp_path), REFERENCE, 2) for one in (with_it, without))
    drawn = REFERENCE.seconds_per_figure * (len(figures_of(with_it)) - len(figures_of(without)))
    points = 2 * 3
    assert dear.stage_seconds - cheap.stage_seconds - drawn > points
    assert "Kuhlen2022a" in keys_used(with_it)
    assert "Kuhlen2022a" not in keys_used(without)
