"""The particle task: the same bits however it is sliced or continued, and failures counted, not averaged."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fieldwalk import kernels
from fieldwalk.campaign.time_grid import grid_time, samples_between, steps_to
from fieldwalk.jobs.drawing import draw_field, draw_particles
from fieldwalk.kernels import reference
from fieldwalk.parallel.task import Arrays, Task, run_task
from fieldwalk.particles import points
from fieldwalk.particles.points import ParticlePoint
from fieldwalk.particles.task import MOMENTS, ParticleTask

Floats = NDArray[np.float64]
TOLERANCES = (0.0, 2e-6, 1e-3)
MakePoint = Callable[..., ParticlePoint]


def task_of(
    point: ParticlePoint,
    steps: tuple[int, int] | None = None,
    particles: tuple[int, int] = (0, 20),
    realisation: int = 3,
    earlier: Callable[[], tuple[Floats, Floats]] | None = None,
) -> ParticleTask:
    steps = steps or (0, steps_to(point.duration, point.step))
    return ParticleTask(point, 7, realisation, particles, steps, "a task", earlier)


def run_in_slices(task: Task, slices: Sequence[int]) -> Arrays:
    state, done = task.start(), 0
    for size in [*slices, task.length]:
        n = min(size, task.length - done)
        state = task.advance(state, n)
        done += n
    return task.finish(state)


def counted(result: Arrays) -> tuple[float, float]:
    return float(result["particles"]), float(result["failed"])


def assert_same_bits(ours: Arrays, theirs: Arrays) -> None:
    assert ours.keys() == theirs.keys()
    for name in ours:
        assert np.asarray(ours[name]).tobytes() == np.asarray(theirs[name]).tobytes(), name


def test_the_results_have_their_names_and_shapes(make_point: MakePoint) -> None:
    point = make_point(duration=30)
    task = task_of(point)
    result = run_task(task)
    index = samples_between(*task.steps, point.step).index
    assert set(result) == {*MOMENTS, "particles", "failed", "not_finite", "final_position", "final_velocity"}
    assert len(MOMENTS) == points.MOMENTS
    assert all(result[name].shape == index.shape and np.isfinite(result[name]).all() for name in MOMENTS)
    assert result["final_position"].shape == result["final_velocity"].shape == (3, 20)
    assert counted(result) == (20, 0)
    assert result["energy_drift"].max() < 1e-12


@pytest.mark.parametrize("eta", [0.2, 0.5, 1.0])
def test_the_pitch_is_between_velocity_and_the_whole_field(make_point: MakePoint, eta: float) -> None:
    # mu = v.B/(|v||B|), B with the mean field, at the grid times themselves; orbits pushed by the NumPy twin
    point = make_point(etas=[eta], tolerance=0)
    task = task_of(point)
    index = samples_between(*task.steps, point.step).index
    waves, mean_field = draw_field(point, 7, 3).waves, float(np.sqrt(1 - eta))
    position, velocity = draw_particles(point, 7, 3, 0, 20)

    def mu(r: Floats, v: Floats) -> Floats:
        field = reference.evaluate_field(waves, r, mean_field)
        return np.asarray(np.einsum("ap,ap->p", field, v) / np.sqrt(np.einsum("ap,ap->p", field, field)))

    at_start = mu(position, velocity)
    sampled = reference.push_particles(
        waves,
        position,
        velocity,
        rigidity=point.rigidity,
        step=point.step,
        n_steps=task.steps[1],
        mean_field=mean_field,
        sample_steps=grid_time(index) / point.step,
    )
    expected = [np.mean(at_start * mu(r, v)) for r, v in zip(*sampled, strict=True)]
    assert index.size > 16
    np.testing.assert_allclose(run_task(task)["pitch"], expected, rtol=0, atol=1e-11)


@settings(max_examples=20, deadline=None)
@given(slices=st.lists(st.integers(0, 3), max_size=8), tolerance=st.sampled_from(TOLERANCES))
def test_slices_of_any_size_give_the_same_bits(make_point: MakePoint, slices: list[int], tolerance: float) -> None:
    task = task_of(make_point(duration=100, tolerance=tolerance))
    assert task.length == 6
    assert_same_bits(run_in_slices(task, slices), run_task(task))
    if not slices:
        assert_same_bits(run_in_slices(task, [1] * task.length), run_task(task))


def test_a_task_leaves_nothing_behind(make_point: MakePoint) -> None:
    task = task_of(make_point())
    assert_same_bits(run_task(task), run_task(task))


@pytest.mark.parametrize("tolerance", TOLERANCES)
@pytest.mark.parametrize("durations", [(1.0, 3.0), (2.0, 30.0), (1.0, 20.0, 25.0), (30.0, 40.0, 100.0)])
def test_going_on_from_a_stored_state_is_one_long_run(
    make_point: MakePoint, durations: tuple[float, ...], tolerance: float
) -> None:
    """Wherever within a cycle, or within the samples around a grid time, the earlier run ended."""
    point = make_point(duration=durations[-1], tolerance=tolerance)
    edges = [0, *(steps_to(end, point.step) for end in (*durations[:-1], point.duration))]
    whole = run_task(task_of(point))
    pieces: list[Arrays] = []
    for steps in itertools.pairwise(edges):
        stored = {name: array.copy() for name, array in pieces[-1].items()} if pieces else {}

        def earlier(stored: Arrays = stored) -> tuple[Floats, Floats]:
            return stored["final_position"], stored["final_velocity"]

        pieces.append(run_task(task_of(point, steps, earlier=earlier if stored else None)))
        if stored:  # what was stored is not changed by going on from it
            assert_same_bits(stored, pieces[-2])
    for name in MOMENTS:
        np.testing.assert_array_equal(np.concatenate([piece[name] for piece in pieces]), whole[name], name)
    for name in ("final_position", "final_velocity", "particles", "failed"):
        np.testing.assert_array_equal(pieces[-1][name], whole[name], name)


@pytest.mark.parametrize("first", [1, 16, 20, 33])
def test_more_particles_leave_the_first_as_they_are(make_point: MakePoint, first: int) -> None:
    point = make_point()
    few, many = run_task(task_of(point, particles=(0, first))), run_task(task_of(point, particles=(0, 40)))
    rest = run_task(task_of(point, particles=(first, 40)))
    for name in ("final_position", "final_velocity"):
        np.testing.assert_array_equal(few[name], many[name][:, :first])
        np.testing.assert_array_equal(rest[name], many[name][:, first:])
    for name in ("square_x", "cross_z", "pitch"):
        np.testing.assert_allclose((first * few[name] + (40 - first) * rest[name]) / 40, many[name], rtol=1e-12)


def test_who_shares_a_field(make_point: MakePoint) -> None:
    point = make_point()
    field = draw_field(point, 7, 0)
    np.testing.assert_array_equal(draw_field(make_point(rigidities=[2.0]), 7, 0).waves, field.waves)
    assert not np.array_equal(draw_field(point, 7, 1).waves, field.waves)
    assert not np.array_equal(draw_field(point, 8, 0).waves, field.waves)
    drawn = draw_particles(point, 7, 0, 0, 16)
    assert not np.array_equal(draw_particles(make_point(rigidities=[2.0]), 7, 0, 0, 16)[0], drawn[0])
    assert not np.array_equal(draw_particles(point, 7, 1, 0, 16)[0], drawn[0])


def test_particles_start_anywhere_in_any_direction(make_point: MakePoint) -> None:
    position, velocity = draw_particles(make_point(), 7, 0, 0, 40_000)
    np.testing.assert_allclose(np.linalg.norm(velocity, axis=0), 1, atol=1e-15)
    assert position.min() >= 0
    # five standard errors of 40,000 draws: a false alarm once in a hundred thousand such tests
    error = 5 / np.sqrt(40_000)
    np.testing.assert_allclose(velocity.mean(axis=1), 0, atol=error / np.sqrt(3))
    np.testing.assert_allclose((velocity**2).mean(axis=1), 1 / 3, atol=error * np.sqrt(4 / 45))
    np.testing.assert_allclose(position.mean(axis=1), 50, atol=100 * error / np.sqrt(12))


def injecting(particles: list[int], at_call: int, value: float) -> Callable[..., Any]:
    """The real push, after which some particles are broken in one call, final state and all."""
    real, calls = kernels.push_particles, [0]

    def push(waves: Floats, position: Floats, velocity: Floats, **keywords: Any) -> tuple[Floats, Floats]:
        sampled = real(waves, position, velocity, **keywords)
        calls[0] += 1
        if calls[0] == at_call:
            position[:, particles] = value
        return sampled

    return push


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("at_call", [1, 2, 3])
def test_a_particle_that_fails_is_counted_and_left_out(
    make_point: MakePoint, monkeypatch: pytest.MonkeyPatch, value: float, at_call: int
) -> None:
    task = task_of(make_point(), (0, 3 * kernels.STEPS_PER_CYCLE))
    healthy_states = task.advance(task.start(), task.length)
    monkeypatch.setattr(kernels, "push_particles", injecting([2, 17], at_call, value))
    result = run_in_slices(task, [1, 1])
    assert counted(result) == (18, 2)
    assert all(np.isfinite(result[name]).all() for name in MOMENTS)
    good = np.delete(np.arange(20), [2, 17])
    moved = healthy_states["sampled_position"][..., good] - draw_particles(task.point, 7, 3, 0, 20)[0][:, good]
    samples = samples_between(*task.steps, task.point.step)
    np.testing.assert_allclose(result["square_y"], (moved[samples.centre, 1] ** 2).mean(axis=1), rtol=1e-13)
    assert not np.isfinite(result["final_position"][:, [2, 17]]).any()
    assert np.isfinite(result["final_position"][:, good]).all()


def test_a_speed_that_is_not_kept_is_a_failure(make_point: MakePoint, monkeypatch: pytest.MonkeyPatch) -> None:
    real = kernels.push_particles

    def push(waves: Floats, position: Floats, velocity: Floats, **keywords: Any) -> tuple[Floats, Floats]:
        velocity[:, 5] *= 1 + 1e-8
        return real(waves, position, velocity, **keywords)

    monkeypatch.setattr(kernels, "push_particles", push)
    result = run_task(task_of(make_point()))
    assert counted(result) == (19, 1)


def test_all_particles_may_fail(make_point: MakePoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "push_particles", injecting(list(range(20)), 1, np.nan))
    task = task_of(make_point(), (0, 3 * kernels.STEPS_PER_CYCLE))
    result = run_in_slices(task, [1])
    assert counted(result) == (0, 20)
    index = samples_between(*task.steps, task.point.step).index
    for name in MOMENTS:
        assert result[name].shape == index.shape
        assert np.isnan(result[name]).all()


def test_a_stretch_between_grid_times_still_moves_the_particles(make_point: MakePoint) -> None:
    point = make_point()
    first = steps_to(30.0, point.step)
    before = run_task(task_of(point, (0, first)))
    stretch = task_of(point, (first, first + 1), earlier=lambda: (before["final_position"], before["final_velocity"]))
    result = run_task(stretch)
    assert result["particles"] == 20
    assert result["square_x"].size == 0
    longer = run_task(task_of(point, (0, first + 1)))
    np.testing.assert_array_equal(result["final_position"], longer["final_position"])


def test_the_state_to_go_on_from_is_that_of_the_last_whole_cycle(make_point: MakePoint) -> None:
    cycle, task = kernels.STEPS_PER_CYCLE, task_of(make_point(), (0, 2 * kernels.STEPS_PER_CYCLE))
    whole, longer = run_task(task), run_task(replace(task, steps=(0, 3 * cycle - 1)))
    for name in ("final_position", "final_velocity"):
        np.testing.assert_array_equal(longer[name], whole[name])
    short, start = run_task(replace(task, steps=(0, cycle - 1))), draw_particles(task.point, 7, 3, 0, 20)
    np.testing.assert_array_equal([short["final_position"], short["final_velocity"]], start)


def test_the_cost_counts_whole_blocks(make_point: MakePoint) -> None:
    point = make_point()
    # besides the field: moments are taken of the particles alone
    assert task_of(point, particles=(0, 17)).cost == pytest.approx(task_of(point, particles=(0, 32)).cost, rel=0.05)
    assert task_of(point, particles=(0, 33)).cost > task_of(point, particles=(0, 32)).cost
