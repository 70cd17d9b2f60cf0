"""The plan: what is wanted is covered, once, whatever was wanted before and whatever became of it."""

import json
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fieldwalk.campaign import paths
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.batching import MOST_JOBS, make_batches
from fieldwalk.campaign.plan.coverage import Wanted, missing_portions
from fieldwalk.campaign.plan.plan import Batch, Plan, Portion, read_plan, write_plan
from fieldwalk.campaign.plan.selection import Selection, resolve, select
from fieldwalk.campaign.points import Point
from fieldwalk.errors import PlanError
from fieldwalk.field_lines.points import LinePoint
from fieldwalk.particles.points import ParticlePoint

MakeCampaign = Callable[..., Campaign]
Freeze = Callable[[Campaign, Path], Selection]
Counts = NDArray[np.int64]


def particles_of(modes: int, tolerance: float = 0.0) -> ParticlePoint:
    """A point of particles of so many waves."""
    return ParticlePoint(
        mode_type="isotropic",
        eta=0.5,
        rigidity=0.1,
        spectrum={"shape": "power_law", "spectral_index": 5 / 3},
        slab_fraction=None,
        scale_ratio=100.0,
        modes=modes,
        step=0.05,
        precision="mixed" if tolerance else "float64",
        duration=1000.0,
        tolerance=tolerance,
    )


USUAL = particles_of(256, tolerance=1e-3)


def finish(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        shard = paths.shard(folder, name)
        shard.parent.mkdir(parents=True, exist_ok=True)
        shard.touch()


def counts(want: Wanted, portions: Iterable[Portion]) -> Counts:
    """How often each (realisation, particle, step) that is wanted is covered."""
    box = np.zeros((want.realisations, want.particles, want.steps), dtype=np.int64)
    for portion in portions:
        if portion.point == want.name:
            box[slice(*portion.realisations), slice(*portion.particles), slice(*portion.steps)] += 1
    return box


def all_wanted(campaign: Campaign) -> list[Wanted]:
    return resolve(campaign).wanted


def assert_covered_once(campaign: Campaign, selection: Selection) -> None:
    for want in all_wanted(campaign):
        assert np.all(counts(want, (portion for _, portion in selection.by_point.get(want.name, []))) == 1)


def assert_runs_only_what_is_wanted(campaign: Campaign, selection: Selection, folder: Path) -> None:
    by_point = {want.name: want for want in all_wanted(campaign)}
    for name in selection.batches:
        for portion in () if paths.shard(folder, name).exists() else selection.plan.batches[name].portions:
            want = by_point[portion.point]
            ends = portion.realisations[1], portion.particles[1], portion.steps[1]
            assert np.all(np.array(ends) <= (want.realisations, want.particles, want.steps)), portion


def assert_goes_on_from_what_stands(selection: Selection, folder: Path) -> None:
    """Work to come that begins above step zero finds its first states in one portion, of a batch that serves too."""
    for name in selection.batches:
        if paths.shard(folder, name).exists():
            continue
        for portion in selection.plan.batches[name].portions:
            assert (portion.earlier is None) == (portion.steps[0] == 0)
            if portion.earlier is None:
                continue
            assert portion.earlier in selection.batches[: selection.batches.index(name)]
            for realisation in range(*portion.realisations):
                assert any(
                    before.point == portion.point
                    and before.steps[1] == portion.steps[0]
                    and before.realisations[0] <= realisation < before.realisations[1]
                    and before.particles[0] <= portion.particles[0]
                    and portion.particles[1] <= before.particles[1]
                    for before in selection.plan.batches[portion.earlier].portions
                )


def new_portions(selection: Selection) -> list[Portion]:
    return [portion for name in selection.new for portion in selection.plan.batches[name].portions]


@pytest.fixture
def run(tmp_path: Path, make_campaign: MakeCampaign, freeze: Freeze) -> Callable[..., Selection]:
    """A function: plan the tiny campaign with some keys changed, check the plan, and finish its batches."""

    def planned(finished: bool = True, **edits: Any) -> Selection:
        campaign = make_campaign(**edits)
        selection = freeze(campaign, tmp_path)
        assert_covered_once(campaign, selection)
        assert_goes_on_from_what_stands(selection, tmp_path)
        assert_runs_only_what_is_wanted(campaign, selection, tmp_path)
        if finished:
            finish(tmp_path, selection.batches)
        return selection

    return planned


def test_a_first_run_is_everything(run: Callable[..., Selection], make_campaign: MakeCampaign) -> None:
    first = run()
    (want,) = all_wanted(make_campaign())
    assert new_portions(first) == [Portion(want.name, (0, 5), (0, 20), (0, want.steps))]
    again = run()
    assert again.new == []
    assert again.batches == first.batches


def test_an_unfinished_run_goes_on_with_the_same_batches(run: Callable[..., Selection]) -> None:
    first = run(finished=False)
    again = run()
    assert (again.new, again.batches) == ([], first.batches)


def test_more_realisations_run_only_those(run: Callable[..., Selection], make_campaign: MakeCampaign) -> None:
    run()
    (want,) = all_wanted(make_campaign())
    more = run(realisations=8)
    assert new_portions(more) == [Portion(want.name, (5, 8), (0, 20), (0, want.steps))]


def test_more_particles_run_only_those(run: Callable[..., Selection], make_campaign: MakeCampaign) -> None:
    run()
    (want,) = all_wanted(make_campaign())
    more = run(particles_per_realisation=33)
    assert new_portions(more) == [Portion(want.name, (0, 5), (20, 33), (0, want.steps))]


def test_a_longer_run_goes_on_from_the_stored_states(
    run: Callable[..., Selection], make_campaign: MakeCampaign
) -> None:
    first = run()
    (before,), (after,) = all_wanted(make_campaign()), all_wanted(make_campaign(duration=10))
    longer = run(duration=10)
    going_on = Portion(before.name, (0, 5), (0, 20), (before.steps, after.steps), first.batches[0])
    assert new_portions(longer) == [going_on]


def test_more_of_everything_at_once(run: Callable[..., Selection]) -> None:
    first = run()
    more = run(realisations=7, particles_per_realisation=30, duration=10)
    assert sorted(portion.earlier or "" for portion in new_portions(more)) == ["", "", first.batches[0]]
    assert run(realisations=7, particles_per_realisation=30, duration=10).new == []


def test_a_lowered_number_runs_nothing(run: Callable[..., Selection]) -> None:
    first = run(realisations=8, particles_per_realisation=40, duration=10)
    fewer = run(realisations=3, particles_per_realisation=40, duration=2)
    assert (fewer.new, fewer.batches) == ([], first.batches)
    assert run(realisations=8, particles_per_realisation=40, duration=10).new == []


def test_a_new_point_runs_alone_and_a_removed_one_not_at_all(run: Callable[..., Selection]) -> None:
    run(rigidities=[1.0])
    both = run(rigidities=[0.8, 1.0])
    assert {portion.point[:20] for portion in new_portions(both)} == {"isotropic_eta0.5_rg0"}
    less = run(rigidities=[0.8])
    assert (less.new, less.batches) == ([], both.new)
    assert run(rigidities=[1.0, 0.8]).new == []


def test_an_unfinished_batch_with_unwanted_work_is_left_aside(run: Callable[..., Selection]) -> None:
    first = run(finished=False, rigidities=[0.8, 1.0])
    less = run(rigidities=[1.0])
    assert set(less.batches).isdisjoint(first.batches)
    assert {portion.point for portion in new_portions(less)} < {portion.point for portion in new_portions(first)}


@pytest.mark.parametrize("lowered", [{"realisations": 3}, {"particles_per_realisation": 16}, {"duration": 1}])
def test_work_that_was_left_aside_is_not_done_twice_when_it_is_wanted_again(
    run: Callable[..., Selection], lowered: dict[str, Any]
) -> None:
    run(finished=False)
    run(**lowered)
    run()


def test_a_lost_shard_is_made_again_and_nothing_else(tmp_path: Path, run: Callable[..., Selection]) -> None:
    first, longer = run(), run(duration=10)
    paths.shard(tmp_path, first.batches[0]).unlink()
    again = run(finished=False, duration=10)
    assert (again.new, again.batches) == ([], longer.batches)


@pytest.mark.parametrize("lowered", [{"realisations": 3}, {"particles_per_realisation": 16}])
def test_a_lost_shard_that_is_not_wholly_wanted_any_more(
    tmp_path: Path, run: Callable[..., Selection], lowered: dict[str, Any]
) -> None:
    first = run()
    run(duration=10)
    paths.shard(tmp_path, first.batches[0]).unlink()
    run(duration=10, **lowered)


def test_a_lost_beginning_is_made_again_only_as_far_as_it_is_wanted(
    tmp_path: Path, run: Callable[..., Selection]
) -> None:
    first = run()
    run(duration=10)
    paths.shard(tmp_path, first.batches[0]).unlink()
    run(duration=2)


EDITS = st.fixed_dictionaries(
    {
        "realisations": st.integers(2, 6),
        "particles_per_realisation": st.sampled_from([1, 5, 16, 20]),
        "duration": st.sampled_from([1, 1.5, 2, 3]),
        "rigidities": st.sampled_from([[1.0], [0.8], [0.8, 1.0]]),
        # half a millisecond of core time, a few tasks, everything
        "job_minutes": st.sampled_from([1e-5, 5e-4, 30]),
    }
)


@settings(max_examples=25, deadline=None)
@given(edits=st.lists(EDITS, min_size=1, max_size=5))
def test_any_edits_are_covered_once_when_every_run_ends(
    make_campaign: MakeCampaign, freeze: Freeze, edits: list[dict[str, Any]]
) -> None:
    # averages over fewer particles are other averages, so only growing numbers of them compute nothing twice
    for edit, particles in zip(edits, sorted(edit["particles_per_realisation"] for edit in edits), strict=True):
        edit["particles_per_realisation"] = particles
    largest = {want.name: want for edit in edits for want in all_wanted(make_campaign(**edit))}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for edit in edits:
            campaign = make_campaign(**edit)
            selection = freeze(campaign, folder)
            assert_covered_once(campaign, selection)
            assert_goes_on_from_what_stands(selection, folder)
            assert_runs_only_what_is_wanted(campaign, selection, folder)
            finish(folder, selection.batches)
            plan = read_plan(folder, campaign.name, campaign.seed)
            for want in largest.values():
                everything = Wanted(want.name, want.point, 6, 20, 60)
                done = counts(everything, (p for batch in plan.batches.values() for p in batch.portions))
                assert done.max(initial=0) <= 1


@settings(max_examples=25, deadline=None)
@given(data=st.data(), edits=st.lists(EDITS, min_size=1, max_size=5))
def test_any_edits_are_covered_once_when_runs_are_interrupted_and_shards_lost(
    make_campaign: MakeCampaign, freeze: Freeze, data: st.DataObject, edits: list[dict[str, Any]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for edit in edits:
            campaign = make_campaign(**edit)
            selection = freeze(campaign, folder)
            assert_covered_once(campaign, selection)
            assert_goes_on_from_what_stands(selection, folder)
            assert_runs_only_what_is_wanted(campaign, selection, folder)
            # batches end in some order that keeps earlier steps before later ones; the run is killed in between
            finish(folder, selection.batches[: data.draw(st.integers(0, len(selection.batches)), "finished")])
            if data.draw(st.integers(0, 3), "luck") == 0:
                lost = data.draw(st.sampled_from(selection.batches), "lost")
                paths.shard(folder, lost).unlink(missing_ok=True)


@settings(max_examples=200, deadline=None)
@given(
    work=st.lists(
        st.tuples(st.integers(1, 50), st.integers(1, 40), st.integers(1, 100_000), st.integers(2, 5000)),
        min_size=1,
        max_size=20,
    ),
    seconds=st.floats(1e-9, 1e5),
    most=st.integers(1, 60),
)
def test_batches_hold_all_work_once_and_are_never_too_many(
    work: list[tuple[int, int, int, int]], seconds: float, most: int
) -> None:
    portions = [
        (Portion(f"p{number}", (0, rows), (0, particles), (0, steps)), particles_of(modes))
        for number, (rows, particles, steps, modes) in enumerate(work)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fieldwalk.campaign.plan.batching.MOST_JOBS", most)
        batches = make_batches(portions, seconds)
    assert len(batches) <= most
    assert len({batch.name for batch in batches}) == len(batches)
    assert all(batch.portions and batch.core_seconds > 0 for batch in batches)
    pieces = [portion for batch in batches for portion in batch.portions]
    for portion, _ in portions:
        mine = [piece for piece in pieces if piece.point == portion.point]
        assert all((piece.particles, piece.steps) == (portion.particles, portion.steps) for piece in mine)
        covered = [row for piece in mine for row in range(*piece.realisations)]
        assert covered == list(range(*portion.realisations))


def test_batches_are_about_as_long_as_wished() -> None:
    portions = [(Portion(f"p{number}", (0, 100), (0, 16), (0, 10_000)), USUAL) for number in range(10)]
    total = make_batches(portions, 1e9)[0].core_seconds
    batches = make_batches(portions, total / 20)
    assert len(batches) == 20
    np.testing.assert_allclose([batch.core_seconds for batch in batches], total / 20, rtol=0.1)


def test_nothing_missing_makes_no_batches() -> None:
    assert make_batches([], 60.0) == []


def test_a_long_task_has_a_batch_of_its_own() -> None:
    long, short = Portion("long", (0, 2), (0, 16), (0, 10**6)), Portion("short", (0, 50), (0, 16), (0, 100))
    batches = make_batches([(long, particles_of(1000)), (short, particles_of(16))], 1.0)
    assert [portion for batch in batches[:2] for portion in batch.portions] == [
        Portion("long", (0, 1), (0, 16), (0, 10**6)),
        Portion("long", (1, 2), (0, 16), (0, 10**6)),
    ]


@pytest.mark.slow
def test_ten_thousand_points_of_a_thousand_realisations(tmp_path: Path) -> None:
    begin = time.perf_counter()
    wanted = [Wanted(f"p{number}", USUAL, 1000, 16, 10_000 + number) for number in range(10_000)]
    missing = [(portion, want.point) for want in wanted for portion in missing_portions(want, [])]
    batches = make_batches(missing, 60.0)
    points: dict[str, Point] = {want.name: want.point for want in wanted}
    write_plan(Plan("large", 1, points=points, batches={batch.name: batch for batch in batches}), tmp_path)
    plan = read_plan(tmp_path, "large", 1)
    print(f"{len(batches)} batches in {time.perf_counter() - begin:.1f} s")
    assert 0.9 * MOST_JOBS <= len(batches) <= MOST_JOBS
    assert plan.batches == {batch.name: batch for batch in batches}
    assert plan.points == points


def test_the_largest_task_does_not_break_the_limit_on_jobs() -> None:
    # every batch takes one task and misses its aim by a third
    batches = make_batches([(Portion("p", (0, 2985), (0, 16), (0, 100_000)), USUAL)], 1e-9)
    assert len(batches) <= MOST_JOBS


def test_a_plan_is_read_as_written_and_only_appended_to(
    tmp_path: Path, make_campaign: MakeCampaign, freeze: Freeze
) -> None:
    first = freeze(make_campaign(), tmp_path)
    assert read_plan(tmp_path, "tiny", 7) == first.plan
    second = freeze(make_campaign(realisations=9, rigidities=[0.8, 1.0]), tmp_path)
    old, new = list(first.plan.batches.items()), list(second.plan.batches.items())
    assert new[: len(old)] == old
    assert first.plan.points.items() <= second.plan.points.items()


def test_points_of_every_kind_are_read_as_they_were_written(tmp_path: Path) -> None:
    points = {"particles": USUAL, "lines": LinePoint(**{**asdict(USUAL), "rigidity": 0.0})}
    write_plan(Plan("tiny", 7, points=dict(points)), tmp_path)
    found = read_plan(tmp_path, "tiny", 7).points
    assert found == points
    assert [type(point) for point in found.values()] == [ParticlePoint, LinePoint]


def test_points_of_before_kinds_were_named_are_told_by_their_rigidity(tmp_path: Path) -> None:
    """A folder of an older version goes on: its points are particles, or lines where the rigidity is 0."""
    points = {"particles": USUAL, "lines": LinePoint(**{**asdict(USUAL), "rigidity": 0.0})}
    write_plan(Plan("tiny", 7, points=dict(points)), tmp_path)
    file = paths.plan_file(tmp_path)
    content = json.loads(file.read_text())
    assert [point.pop("kind") for point in content["points"].values()] == ["particles", "field_lines"]
    file.write_text(json.dumps(content))
    assert read_plan(tmp_path, "tiny", 7).points == points


@pytest.mark.parametrize("edit", [{"kind": "photons"}, {"charge": 2}], ids=["its kind", "its fields"])
def test_a_point_of_another_version_is_kept_as_it_is(tmp_path: Path, edit: dict[str, Any]) -> None:
    write_plan(Plan("tiny", 7, points={"p": USUAL}), tmp_path)
    file = paths.plan_file(tmp_path)
    content = json.loads(file.read_text())
    content["points"]["p"] |= edit
    file.write_text(json.dumps(content))
    write_plan(read_plan(tmp_path, "tiny", 7), tmp_path)
    assert json.loads(file.read_text()) == content


def test_planning_writes_nothing(tmp_path: Path, make_campaign: MakeCampaign) -> None:
    folder = tmp_path / "results" / "tiny"
    selection = select(make_campaign(), folder)
    assert selection.new
    assert not (tmp_path / "results").exists()


def test_a_campaign_without_moments_plans_no_batches(tmp_path: Path, make_campaign: MakeCampaign) -> None:
    assert select(make_campaign(outputs=["turbulence"]), tmp_path).batches == []


def test_the_same_work_has_the_same_name() -> None:
    portion = Portion("p", (0, 5), (0, 16), (0, 100))
    assert Batch((portion,), 1.0).name == Batch((portion,), 2.0).name == "4cccbf1b8d53"
    assert Batch((Portion("p", (0, 5), (0, 16), (0, 101)),), 1.0).name != Batch((portion,), 1.0).name
    assert portion.group == "p/0-5_0-16_0-100"


@pytest.mark.parametrize(("name", "seed"), [("tiny", 8), ("other", 7)])
def test_a_folder_of_another_campaign_is_refused(
    tmp_path: Path, make_campaign: MakeCampaign, freeze: Freeze, name: str, seed: int
) -> None:
    freeze(make_campaign(), tmp_path)
    before = paths.plan_file(tmp_path).read_bytes()
    words = f"holds results of campaign 'tiny' with seed 7, but the file asks for '{name}' with seed {seed}"
    with pytest.raises(PlanError, match=words):
        select(make_campaign(name=name, seed=seed), tmp_path)
    assert paths.plan_file(tmp_path).read_bytes() == before


def damages() -> dict[str, Callable[[str], str]]:
    def without(*keys: str) -> Callable[[str], str]:
        return lambda text: json.dumps({key: value for key, value in json.loads(text).items() if key not in keys})

    def with_portion(**changes: Any) -> Callable[[str], str]:
        def changed(text: str) -> str:
            content = json.loads(text)
            (batch,) = content["batches"].values()
            batch["portions"][0] |= changes
            return json.dumps(content)

        return changed

    return {
        "empty": lambda text: "",
        "half": lambda text: text[: len(text) // 2],
        "not JSON": lambda text: "name: tiny",
        "a list": lambda text: "[]",
        "null": lambda text: "null",
        "no seed": without("seed"),
        "a range of three": with_portion(steps=[0, 10, 20]),
        "a range of words": with_portion(realisations=["none", "all"]),
    }


@pytest.mark.parametrize("damage", damages())
def test_a_damaged_plan_is_refused_and_left_as_it_is(
    tmp_path: Path, make_campaign: MakeCampaign, freeze: Freeze, damage: str
) -> None:
    freeze(make_campaign(), tmp_path)
    path = paths.plan_file(tmp_path)
    path.write_text(damages()[damage](path.read_text()))
    before = path.read_bytes()
    with pytest.raises(PlanError, match=r"(?s)plan\.json: cannot be read .*restore it, or choose another --results"):
        select(make_campaign(), tmp_path)
    assert path.read_bytes() == before


def test_bytes_that_are_no_text_are_refused(tmp_path: Path, make_campaign: MakeCampaign) -> None:
    paths.plan_file(tmp_path).write_bytes(b"\xff\xfe\x00plan")
    with pytest.raises(PlanError, match="cannot be read"):
        select(make_campaign(), tmp_path)


def test_a_plan_of_another_format_is_refused(tmp_path: Path, make_campaign: MakeCampaign, freeze: Freeze) -> None:
    freeze(make_campaign(), tmp_path)
    path = paths.plan_file(tmp_path)
    path.write_text(path.read_text().replace("fieldwalk plan 1", "fieldwalk plan 99"))
    with pytest.raises(PlanError, match="format 'fieldwalk plan 99', this version writes 'fieldwalk plan 1'"):
        select(make_campaign(), tmp_path)


@pytest.mark.parametrize("depth", [0, 1])
def test_a_file_where_the_results_folder_should_be(tmp_path: Path, make_campaign: MakeCampaign, depth: int) -> None:
    obstacle = tmp_path / "results"
    obstacle.write_text("not a folder")
    with pytest.raises(PlanError, match="results: a file stands where the results folder should be; move it away"):
        select(make_campaign(), obstacle / "tiny" if depth else obstacle)
    assert obstacle.read_text() == "not a folder"
