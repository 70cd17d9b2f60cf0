"""Points that are followed longer than the campaign says: what is remembered, and what it means to the plan."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from fieldwalk.campaign import paths
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.plan import read_plan, write_plan
from fieldwalk.campaign.plan.selection import Selection, select
from fieldwalk.campaign.plan.stages import stage_identity
from fieldwalk.cli.launch.extension import longer_durations
from fieldwalk.errors import CampaignError
from fieldwalk.particles.points import points

MakeCampaign = Callable[..., Campaign]
Freeze = Callable[[Campaign, Path], Selection]

ONE, OTHER = "isotropic_eta0.5_rg1", "isotropic_eta0.5_rg2"
NAMES = (ONE, OTHER, "slab_eta0.5_rg1", "slab_eta0.5_rg2")


@pytest.fixture
def campaign(make_campaign: MakeCampaign) -> Campaign:
    return make_campaign(rigidities=[1.0, 2.0], duration=3)


def durations(selection: Selection) -> list[float]:
    return [round(point.duration, 2) for point in points(selection.campaign)]


def test_only_the_point_that_is_named_goes_on(campaign: Campaign, tmp_path: Path, freeze: Freeze) -> None:
    freeze(campaign, tmp_path)
    selection = select(campaign, tmp_path, {ONE: 6.0})
    assert durations(selection) == [6.49, 3.16]  # the next times of the grid 10^(j/16)
    portions = [portion for _, portion in selection.served if portion.steps[0] > 0]
    assert [portion.point.rsplit("_", 1)[0] for portion in portions] == [ONE]
    assert all(portion.earlier for portion in portions)


def test_what_was_asked_for_is_remembered(campaign: Campaign, tmp_path: Path) -> None:
    write_plan(select(campaign, tmp_path, {ONE: 6.0}).plan, tmp_path)
    assert durations(select(campaign, tmp_path)) == [6.49, 3.16]
    assert durations(select(campaign, tmp_path, {ONE: 4.0})) == [4.22, 3.16], "the last word counts"
    assert read_plan(tmp_path, "tiny", 7).extended == {ONE: 6.0}


def test_the_file_may_say_it_too(make_campaign: MakeCampaign, campaign: Campaign, tmp_path: Path) -> None:
    particles = campaign.particles.model_copy(update={"extended": {ONE: 6.0}})
    named = campaign.model_copy(update={"particles": particles})
    assert durations(select(named, tmp_path)) == [6.49, 3.16]
    assert select(named, tmp_path).plan.extended == {}, "what the file says is not remembered when it no longer does"
    assert durations(select(campaign, tmp_path, {ONE: 6.0})) == durations(select(named, tmp_path))


def test_a_duration_that_is_longer_anyhow_counts(make_campaign: MakeCampaign, tmp_path: Path) -> None:
    longer = make_campaign(rigidities=[1.0, 2.0], duration=20)
    assert durations(select(longer, tmp_path, {ONE: 6.0})) == [20.54, 20.54]


def test_a_point_that_was_removed_takes_its_extension_along(
    make_campaign: MakeCampaign, campaign: Campaign, tmp_path: Path
) -> None:
    write_plan(select(campaign, tmp_path, {ONE: 6.0}).plan, tmp_path)
    fewer = make_campaign(rigidities=[2.0], duration=3)
    assert durations(select(fewer, tmp_path)) == [3.16]
    assert durations(select(campaign, tmp_path)) == [6.49, 3.16]


def test_datasets_of_the_shorter_run_are_out_of_date(campaign: Campaign, tmp_path: Path) -> None:
    before, after = (select(campaign, tmp_path, extend) for extend in ({}, {ONE: 6.0}))
    assert stage_identity(before, "running") != stage_identity(after, "running")
    assert stage_identity(before, "turbulence") == stage_identity(after, "turbulence")


def test_an_unknown_point_is_refused(campaign: Campaign, tmp_path: Path) -> None:
    with pytest.raises(CampaignError, match=f"isotropic_eta0.5_rg3 is no point of campaign tiny; did you mean {OTHER}"):
        select(campaign, tmp_path, {"isotropic_eta0.5_rg3": 6.0})


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A dataset in which one point has converged, one has not, and slab turbulence cannot across the field."""
    coordinates = {"mode_type": ["isotropic", "slab"], "eta": [0.5], "rigidity": [1.0, 2.0]}
    shape = ("mode_type", "eta", "rigidity")
    parallel = np.array([[[True, True]], [[True, False]]])
    perpendicular = np.array([[[True, False]], [[False, False]]])
    values = {
        "converged_parallel": (shape, parallel),
        "converged_perpendicular": (shape, perpendicular),
        "duration": (shape, np.full((2, 1, 2), 100.0)),
    }
    xr.Dataset(values, coordinates).to_netcdf(paths.dataset(tmp_path, "mean_free_paths"), engine="h5netcdf")
    return tmp_path


def test_a_point_that_has_not_converged_is_followed_twice_as_long(results: Path) -> None:
    assert longer_durations([OTHER], NAMES, results) == {OTHER: 200.0}
    assert longer_durations([f"{ONE}=150"], NAMES, results) == {ONE: 150.0}


def test_all_are_those_that_may_converge(results: Path) -> None:
    assert longer_durations(["all"], NAMES, results) == {OTHER: 200.0, "slab_eta0.5_rg2": 200.0}


def test_a_converged_point_is_refused(results: Path) -> None:
    with pytest.raises(CampaignError, match=f"{ONE}: has converged already; .* give a time: {ONE}=20000"):
        longer_durations([ONE], NAMES, results)


@pytest.mark.parametrize("text", ["soon", "nan", "inf", "-1", "0.5", "", "1e300"])
def test_a_duration_is_a_number(results: Path, text: str) -> None:
    with pytest.raises(CampaignError, match="is no duration; write Ωt as a number"):
        longer_durations([f"{ONE}={text}"], NAMES, results)


def test_a_misspelt_point_is_told_from_a_converged_one(results: Path) -> None:
    with pytest.raises(CampaignError, match=f"rg22: is no point of this campaign; did you mean {OTHER}"):
        longer_durations(["isotropic_eta0.5_rg22"], NAMES, results)


def test_before_the_first_run_a_time_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(CampaignError, match=f"nothing says yet what has converged; .* give a time: {ONE}=20000"):
        longer_durations([ONE], NAMES, tmp_path)
    assert longer_durations([f"{ONE}=500"], NAMES, tmp_path) == {ONE: 500.0}
