"""Field lines as tasks of a campaign: slices and continued runs, prices, and what is refused."""

from typing import Any

import numpy as np
import pytest

from fieldwalk.campaign.loading import campaign_from_mapping
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.coverage import Wanted
from fieldwalk.campaign.plan.selection import resolve
from fieldwalk.errors import CampaignError
from fieldwalk.field_lines import points as line_points
from fieldwalk.field_lines.numerics import auto_length
from fieldwalk.field_lines.points import LinePoint
from fieldwalk.field_lines.task import FINAL, LINE_MOMENTS, WAYS, FieldLineTask
from fieldwalk.parallel.task import Arrays
from fieldwalk.particles.points import points


def campaign(**changes: Any) -> Campaign:
    content: dict[str, Any] = {
        "name": "lines",
        "seed": 1,
        "turbulence": {"mode_types": ["isotropic", "magnetosonic"], "etas": [0.1, 0.5, 1]},
        "field_lines": {"scale_ratio": 50, "modes": 64, "length": 20},
    }
    return campaign_from_mapping({**content, **changes}, "lines.yaml")


def wanted(study: Campaign, place: int) -> tuple[LinePoint, int]:
    """A point of lines and the steps that are wanted of it."""
    found: Wanted = resolve(study).wanted_of("field_lines")[place]
    assert isinstance(found.point, LinePoint)
    return found.point, found.steps


def task(point: LinePoint, steps: tuple[int, int], earlier: Arrays | None = None) -> FieldLineTask:
    given = earlier and (lambda: tuple(earlier[name] for name in FINAL))
    return FieldLineTask(point, 1, 0, (0, 5), steps, "lines", given or None)


def result(one: FieldLineTask, slices: int = 1) -> Arrays:
    state = one.start()
    lengths = np.diff(np.linspace(0, one.length, slices + 1).astype(int))
    for length in lengths:
        state = one.advance(state, int(length))
    return one.finish(state)


@pytest.mark.parametrize("place", [1, 2])
def test_slices_change_no_bit(place: int) -> None:
    point, last = wanted(campaign(), place)
    steps = (0, last)
    whole, sliced = result(task(point, steps)), result(task(point, steps), 3)
    for name, array in whole.items():
        np.testing.assert_array_equal(array, sliced[name], err_msg=name)


def test_a_longer_run_adds_to_the_sums_of_the_shorter_one() -> None:
    """Equal to rounding, wherever it is cut; arc lengths that were reached before are not counted again."""
    point, last = wanted(campaign(), 1)
    whole = result(task(point, (0, last)))
    for cut in (last // 3 + 7, 512):
        first = result(task(point, (0, cut)))
        second = result(task(point, (cut, last), first))
        for name in FINAL:
            np.testing.assert_array_equal(second[name], whole[name], err_msg=name)
        for name in (f"{kind}_{way}" for way in WAYS for kind in (*LINE_MOMENTS, "lines", "looks")):
            held = np.zeros_like(whole[name])
            held[: first[name].size] = first[name]
            np.testing.assert_allclose(held + second[name], whole[name], rtol=1e-12, atol=1e-14, err_msg=name)


def test_without_a_mean_field_there_is_no_distance() -> None:
    point, _ = wanted(campaign(), 2)
    assert point.eta == 1
    found = result(task(point, (0, 256)))
    assert not any(name.endswith("distance") for name in found)
    assert found["lines_tau"][0] == 5


def test_price_counts_what_a_task_returns() -> None:
    point, _ = wanted(campaign(), 0)
    found = result(task(point, (0, 256)))
    kept = [name for name in found if name.endswith(WAYS) and name not in FINAL]
    assert len(kept) == line_points.MOMENTS


def test_lines_and_particles_are_points_of_one_campaign() -> None:
    study = campaign(particles={"rigidities": [0.1]})
    assert [want.point for want in resolve(study).wanted] == points(study) + line_points.points(study)
    assert line_points.points(study)[1].name == "isotropic_eta0.5_lines"
    lines_only = campaign()
    assert [want.point for want in resolve(lines_only).wanted] == line_points.points(lines_only)
    assert lines_only.datasets == ("turbulence", "field_lines", "line_traces")


def test_length_of_lines_by_type_and_level() -> None:
    assert auto_length("isotropic", 0.02) == 100
    assert auto_length("magnetosonic", 0.5) == 100
    assert auto_length("magnetosonic", 0.1) == pytest.approx(270)
    assert auto_length("magnetosonic", 0.001) == 1000


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"turbulence": {"mode_types": ["isotropic"], "etas": [0.5, 0]}}, ["turbulence.etas[1] is 0", "straight"]),
        ({"field_lines": {"length": 5}}, ["field_lines.length is 5", "20 or more"]),
        ({"field_lines": {"scale_ratio": 100, "step": 1}}, ["field_lines.step is 1", "k_max h = 132", "0.0197 or"]),
        ({"field_lines": {"scale_ratio": 1}}, ["field_lines.scale_ratio is 1"]),
        ({"field_lines": {"lenght": 50}}, ["field_lines.lenght", "did you mean length?"]),
        (
            {
                "turbulence": {"mode_types": ["slab"], "etas": [0.5], "spectrum": "bend_over", "bend_over": 60},
                "field_lines": {"scale_ratio": 50},
            },
            ["field_lines.scale_ratio is 50", "turbulence.bend_over, 60"],
        ),
        ({"outputs": ["running"]}, ["outputs[0] is running: needs the section particles"]),
        ({"field_lines": None, "particles": {"rigidities": [1]}, "outputs": ["heuristics"]}, ["outputs[0]"]),
    ],
)
def test_lines_that_cannot_be_followed_are_refused(changes: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(CampaignError) as caught:
        campaign(**changes)
    for word in words:
        assert word in str(caught.value)


def test_outputs_of_lines_need_the_section() -> None:
    with pytest.raises(CampaignError, match=r"outputs\[0\] is field_lines: needs the section field_lines"):
        campaign_from_mapping(
            {
                "name": "lines",
                "seed": 1,
                "turbulence": {"mode_types": ["slab"], "etas": [0.5]},
                "particles": {"rigidities": [1]},
                "outputs": ["field_lines"],
            },
            "lines.yaml",
        )
