"""The cost model: what follows from its own definitions, and its agreement with what is counted elsewhere."""

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldwalk.campaign import paths
from fieldwalk.campaign.loading import campaign_from_mapping, load_campaign
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan import task_cost
from fieldwalk.campaign.plan.batching import MOST_JOBS
from fieldwalk.campaign.plan.field_work import FieldWork, field_work
from fieldwalk.campaign.plan.selection import Selection, resolve, select
from fieldwalk.campaign.plan.task_cost import REFERENCE, path_seconds, samples_until, times_until
from fieldwalk.campaign.price.campaign_price import point_prices, price
from fieldwalk.campaign.price.job_price import farm_seconds
from fieldwalk.campaign.price.proposal import BUSY_ENOUGH, propose
from fieldwalk.campaign.time_grid import SAMPLES_PER_CELL, samples_between
from fieldwalk.cli.calibration.task_speeds import KINDS, SPEEDS, fit_speeds, predicted
from fieldwalk.parallel.task import run_task
from fieldwalk.particles.points import ParticlePoint
from fieldwalk.particles.task import ParticleTask
from fieldwalk.stages.workflow import CampaignWorkflow

MakeCampaign = Callable[..., Campaign]
Freeze = Callable[[Campaign, Path], Selection]

EXACT = FieldWork(256, exact=256)

PAPER_SCALE = Path(__file__).parents[2] / "workflow" / "campaigns" / "mean-free-paths.yaml"


@pytest.mark.parametrize("step", [0.1, 0.02, 0.0076])
@pytest.mark.parametrize("steps", [1, 50, 1000, 20_000, 10**6])
def test_the_number_of_samples_is_that_of_the_time_grid(steps: int, step: float) -> None:
    samples = samples_between(0, steps, step)
    assert abs(samples_until(steps, step) - samples.steps.size) <= SAMPLES_PER_CELL + 1
    assert abs(times_until(steps, step) - samples.index.size) <= 1.5


def test_a_run_that_goes_on_has_the_samples_that_are_left() -> None:
    counted = samples_between(2000, 50_000, 0.05).steps.size
    assert abs(samples_until(50_000, 0.05) - samples_until(2000, 0.05) - counted) <= 2 * SAMPLES_PER_CELL


def test_seventeen_particles_cost_nearly_as_much_as_thirty_two() -> None:
    sixteen, seventeen, thirty_two = (path_seconds(EXACT, particles, 100_000) for particles in (16, 17, 32))
    assert seventeen > 1.8 * sixteen
    assert seventeen <= thirty_two <= 1.05 * seventeen


def test_a_long_task_is_its_wave_evaluations() -> None:
    waves = {"exact": "seconds_per_wave", "fast": "seconds_per_fast_wave", "expanded": "seconds_per_expansion"}
    for kind, speed in waves.items():
        seconds = path_seconds(FieldWork(1000, **{kind: 1000.0}), 16, 10**7)
        assert seconds == pytest.approx(1000 * 16 * 1e7 * getattr(REFERENCE, speed), rel=0.03)


def test_the_fast_field_costs_what_its_schedule_says(make_point: Callable[..., ParticlePoint]) -> None:
    """Fewer waves per step than the exact one, the same for all levels, and fewer with a larger tolerance."""
    numerics = {"modes": 256, "scale_ratio": 100.0, "rigidity": 0.1, "step": 0.08, "tolerance": 1e-3}
    point = replace(make_point(), **numerics)
    work = field_work(point)
    assert (work.modes, work.exact) == (256, 0)
    assert 0 < work.fast < 128
    assert 0 < work.expanded < 64
    assert field_work(replace(point, eta=0.1, mode_type="alfvenic")) == work
    loose = field_work(replace(point, tolerance=1e-2))
    assert path_seconds(loose, 16, 10**6) < path_seconds(work, 16, 10**6) < 0.5 * path_seconds(EXACT, 16, 10**6)
    assert field_work(replace(point, tolerance=0.0)) == FieldWork(256, exact=256)


def test_a_slower_machine_takes_longer() -> None:
    slower = replace(REFERENCE, seconds_per_wave=3 * REFERENCE.seconds_per_wave)
    assert path_seconds(EXACT, 16, 10**6, speeds=slower) == pytest.approx(3 * path_seconds(EXACT, 16, 10**6), rel=0.05)


def test_the_speeds_are_found_from_the_times_that_they_make() -> None:
    speeds = np.array([5e-10, 2e-10, 8e-10, 3e-9, 2e-7, 2e-6, 2e-3])
    found, deviation = fit_speeds(KINDS, predicted(KINDS, speeds))
    np.testing.assert_allclose(found, speeds, rtol=1e-6)
    assert np.abs(deviation).max() < 1e-9


def test_measured_kinds_and_the_formula_agree() -> None:
    """Times made by the fitted rows are what path_seconds predicts, but for the closed formula for samples."""
    speeds = np.array([getattr(REFERENCE, name) for name in SPEEDS])
    ours = [path_seconds(field_work(kind.point), kind.particles, kind.steps, kind.samples) for kind in KINDS]
    np.testing.assert_allclose(ours, predicted(KINDS, speeds), rtol=1e-12)


def test_no_speed_is_negative_whatever_the_noise() -> None:
    noise = 1 + 0.3 * np.random.default_rng(1).standard_normal(len(KINDS))
    found, _ = fit_speeds(KINDS, predicted(KINDS, np.array([5e-10, 2e-10, 0.0, 0.0, 0.0, 0.0, 1e-3])) * np.abs(noise))
    assert np.all(found >= 0)


@given(
    work=st.lists(st.tuples(st.floats(1e-3, 1e4), st.integers(1, 5000)), min_size=1, max_size=8),
    ranks=st.integers(1, 3000),
)
def test_a_farm_takes_no_less_than_its_work_and_its_longest_task(work: list[tuple[float, int]], ranks: int) -> None:
    seconds = farm_seconds(work, ranks)
    total = sum(each * number for each, number in work)
    assert seconds >= max(total / ranks, max(each for each, _ in work)) * (1 - 1e-12)
    assert farm_seconds(work[::-1], ranks) == seconds
    if ranks == 1:
        assert seconds == pytest.approx(total)


def test_short_tasks_fill_the_gaps_that_long_ones_leave() -> None:
    long, short = (100.0, 40), (0.1, 40_000)
    assert farm_seconds([long], 32) > 1.4 * 100 * 40 / 32
    assert farm_seconds([long, short], 32) == pytest.approx((100 * 40 + 0.1 * 40_000) / 32, rel=1e-3)


def test_the_jobs_of_a_new_campaign_cost_what_its_points_cost(tmp_path: Path, make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(rigidities=[0.5, 1.0], realisations=40, job_minutes=1e-4)
    found = price(tmp_path, select(campaign, tmp_path), REFERENCE, cores=2)
    assert len(found.jobs) > 3
    assert sum(job.core_seconds for job in found.jobs) == pytest.approx(3600 * found.core_hours)
    assert sum(job.tasks for job in found.jobs) == 80
    assert found.core_hours_left == pytest.approx(found.core_hours)
    assert found.wall_seconds > found.particles_wall_seconds > 3600 * found.core_hours / 2
    assert 0 < found.busy < 1


def test_what_is_done_costs_nothing_more(tmp_path: Path, make_campaign: MakeCampaign, freeze: Freeze) -> None:
    for name in freeze(make_campaign(), tmp_path).batches:
        paths.shard(tmp_path, name).parent.mkdir(parents=True, exist_ok=True)
        paths.shard(tmp_path, name).touch()
    same = price(tmp_path, select(make_campaign(), tmp_path), REFERENCE, cores=2)
    assert (same.left, same.core_hours_left, same.particles_wall_seconds) == ([], 0, 0)


def test_a_run_that_goes_on_pays_again_only_for_what_is_done_once_per_task(
    tmp_path: Path, make_campaign: MakeCampaign, freeze: Freeze
) -> None:
    before = freeze(make_campaign(duration=30), tmp_path)
    for name in before.batches:
        paths.shard(tmp_path, name).parent.mkdir(parents=True, exist_ok=True)
        paths.shard(tmp_path, name).touch()
    found = price(tmp_path, select(make_campaign(duration=300), tmp_path), REFERENCE, cores=2)
    old, new = found.jobs
    once = REFERENCE.seconds_per_realisation + 16 * REFERENCE.seconds_per_mode
    assert (old.done, new.done) == (True, False)
    assert old.core_seconds + new.core_seconds == pytest.approx(3600 * found.core_hours + new.tasks * once, rel=1e-9)
    times = samples_between(0, found.points[0].steps, 0.08).index.size
    assert old.bytes + new.bytes == pytest.approx(2 * 16384 + 5 * 8 * (14 * times + 2 * (6 * 20 + 4)), rel=0.02)


def test_jobs_share_the_cores(tmp_path: Path, make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(realisations=100, ranks=2, job_minutes=1e-4)
    two, eight = (price(tmp_path, select(campaign, tmp_path), REFERENCE, cores) for cores in (2, 8))
    assert (two.jobs_at_once, eight.jobs_at_once) == (1, 4)
    assert two.particles_wall_seconds == pytest.approx(4 * eight.particles_wall_seconds)
    assert eight.memory_megabytes == 4 * two.memory_megabytes


def test_a_campaign_without_particles_has_no_jobs(tmp_path: Path, make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(outputs=["turbulence"])
    found = price(tmp_path, select(campaign, tmp_path), REFERENCE, cores=2)
    assert (found.jobs, found.points, found.core_hours) == ([], [], 0)
    assert found.wall_seconds > REFERENCE.seconds_per_workflow
    assert propose(resolve(campaign), REFERENCE, 2) is None


def test_memory_grows_with_ranks_tasks_and_shards() -> None:
    base = task_cost.memory_megabytes(2, 100, 1e4, 1e6)
    assert task_cost.memory_megabytes(4, 100, 1e4, 1e6) > base + 300
    assert task_cost.memory_megabytes(2, 10**6, 1e4, 1e6) > base + 900
    assert task_cost.memory_megabytes(2, 100, 1e4, 1e9) > base + 3000
    assert task_cost.memory_megabytes(2, 100, 1e7, 1e6) > base + 2000


@pytest.mark.parametrize("particles", [16, 256])
def test_a_task_needs_the_memory_that_it_is_given(make_point: Callable[..., ParticlePoint], particles: int) -> None:
    point = make_point(duration=1000)
    task = ParticleTask(point, 1, 0, (0, particles), (0, 20_000), "memory")
    samples = samples_between(0, 20_000, point.step).steps.size
    run_task(task)
    tracemalloc.start()
    run_task(task)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    allowed = task_cost.BYTES_PER_SAMPLE * particles * samples
    assert 0.5 * allowed < peak < 1.1 * allowed + 2e5


def test_the_paper_scale_campaign_is_what_it_says() -> None:
    campaign = load_campaign(PAPER_SCALE)
    assert campaign.turbulence.etas == (0.1, 0.3, 0.5, 0.7, 0.9)
    rigidities = campaign.particles.resolved_rigidities(campaign.turbulence)
    steps = np.diff(np.log10(rigidities))
    assert (min(rigidities), max(rigidities), len(rigidities)) == (1e-4, 10, 16)
    np.testing.assert_allclose(steps, 1 / 3, atol=0.003)
    grid = point_prices(resolve(campaign), REFERENCE)
    assert max(entry.point.duration for entry in grid) < campaign.particles.max_duration


def test_long_jobs_are_proposed_for_long_tasks() -> None:
    """Half an hour on 64 ranks is fewer tasks than ranks at the lowest rigidity."""
    campaign = load_campaign(PAPER_SCALE)
    found = propose(resolve(campaign), REFERENCE, 64)
    assert found is not None
    assert found.enough
    assert (found.ranks, found.jobs) == (64, 1)
    assert (campaign.resources.ranks, campaign.resources.job_minutes) == (found.ranks, found.job_minutes)


def test_half_an_hour_is_proposed_where_it_will_do(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(realisations=10**6, modes=256)
    found = propose(resolve(campaign), REFERENCE, 16)
    assert found is not None
    assert (found.ranks, found.job_minutes) == (16, 30)
    assert found.busy >= BUSY_ENOUGH
    assert found.least_tasks_per_rank > 10


def test_fewer_ranks_are_proposed_where_there_are_few_tasks(make_campaign: MakeCampaign) -> None:
    slow = replace(REFERENCE, seconds_per_wave=1e-3)
    found = propose(resolve(make_campaign(realisations=16)), slow, 32)
    assert found is not None
    assert found.ranks < 16


def test_no_folder_gets_more_than_two_thousand_files(tmp_path: Path) -> None:
    """Ten thousand points of a thousand realisations: shards, logs, job notes, figures, Snakemake's record of each."""
    campaign = campaign_from_mapping(
        {
            "name": "large",
            "seed": 1,
            "turbulence": {
                "mode_types": ["isotropic", "alfvenic", "magnetosonic", "slab", "composite"],
                "etas": [round(0.05 * number, 2) for number in range(1, 21)],
            },
            "particles": {"rigidities": [round(0.1 * number, 1) for number in range(1, 101)]},
            "statistics": {"realisations": 1000},
            "resources": {"ranks": 64, "job_minutes": 0.1},
        },
        "large",
    )
    selection = select(campaign, tmp_path)
    jobs = len(selection.batches)
    assert 0.9 * MOST_JOBS <= jobs <= MOST_JOBS
    made = CampaignWorkflow(tmp_path, selection).targets()
    shards = [paths.shard(tmp_path, name) for name in selection.batches]
    files = [*shards, *map(Path, made)]
    folders = {folder: sum(file.parent == folder for file in files) for folder in {file.parent for file in files}}
    assert max(folders.values()) < 2000
    other_jobs = len(made)  # at most one job, and so one log and one note, for each file
    assert jobs + other_jobs < 2000
    assert len(files) < 2000  # one entry each in .snakemake/metadata
