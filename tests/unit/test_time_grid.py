"""The absolute time grid, and that runs and their extensions share it out without gaps or repeats."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldwalk.campaign.time_grid import (
    FIRST_INDEX,
    SAMPLED_MORE_FROM,
    SAMPLES_PER_CELL,
    grid_time,
    index_at_or_after,
    index_at_or_before,
    samples_between,
    steps_to,
)
from fieldwalk.particles.numerics import LARGEST_STEP

STEPS = st.floats(1e-3, LARGEST_STEP)
ENDS = st.integers(0, 48)
"""Grid indices of durations: a campaign's duration is at least Omega t = 1."""


def test_the_grid_is_sixteen_times_per_decade() -> None:
    np.testing.assert_allclose(grid_time(np.array([-16, 0, 16, 32])), [0.1, 1, 10, 100], rtol=1e-15)


@given(st.integers(-16, 160))
def test_a_grid_time_is_its_own_neighbour(index: int) -> None:
    time = float(grid_time(index))
    assert index_at_or_after(time) == index_at_or_before(time) == index
    assert index_at_or_after(time * 1.001) == index + 1
    assert index_at_or_before(time * 0.999) == index - 1


@settings(deadline=None)
@given(end=ENDS, step=STEPS)
def test_a_run_holds_every_grid_time_up_to_its_duration_and_no_more(end: int, step: float) -> None:
    n_steps = steps_to(float(grid_time(end)), step)
    samples = samples_between(0, n_steps, step)
    np.testing.assert_array_equal(samples.index, np.arange(FIRST_INDEX, end + 1))
    assert np.all(np.diff(samples.steps) > 0)
    assert samples.steps[0] >= 0
    assert samples.steps[-1] < n_steps
    # not a step more than needed
    assert np.floor(samples.steps[-1]) == n_steps - 1
    np.testing.assert_allclose(samples.steps[samples.centre] * step, grid_time(samples.index), rtol=1e-12)


@settings(deadline=None)
@given(ends=st.lists(ENDS, min_size=1, max_size=4, unique=True).map(sorted), step=STEPS)
def test_extensions_share_the_grid_without_gaps_or_repeats(ends: list[int], step: float) -> None:
    edges = [0, *(steps_to(float(grid_time(end)), step) for end in ends)]
    assert np.all(np.diff(edges) > 0)
    pieces = [samples_between(first, last, step) for first, last in itertools.pairwise(edges)]
    whole = samples_between(0, edges[-1], step)
    np.testing.assert_array_equal(np.concatenate([piece.index for piece in pieces]), whole.index)
    np.testing.assert_array_equal(np.concatenate([piece.steps for piece in pieces]), whole.steps)


def test_cells_follow_one_another() -> None:
    samples = samples_between(0, steps_to(1000.0, 0.1), 0.1)
    counts = np.diff([*samples.first, samples.steps.size])
    late = grid_time(samples.index) >= SAMPLED_MORE_FROM
    np.testing.assert_array_equal(counts, np.where(late, SAMPLES_PER_CELL, 1))
    assert np.all((samples.first <= samples.centre) & (samples.centre < samples.first + counts))
    # evenly in log t, across the edges of cells too
    spacing = np.diff(np.log10(samples.steps[samples.first[late][0] :]))
    np.testing.assert_allclose(spacing, 1 / 16 / SAMPLES_PER_CELL, rtol=1e-6)


def test_a_stretch_between_grid_times_has_no_samples() -> None:
    between = samples_between(*(int(time / 0.01) for time in (10.1, 11.4)), 0.01)
    assert between.index.size == between.steps.size == between.first.size == 0


def test_a_duration_between_grid_times_counts_to_the_one_before() -> None:
    assert steps_to(11.0, 0.1) == steps_to(10.0, 0.1)


@pytest.mark.parametrize("step", [0.1, 0.05, 0.025])
def test_a_grid_time_on_a_whole_step_is_neither_lost_nor_doubled(step: float) -> None:
    first = steps_to(1.0, step)
    assert samples_between(0, first, step).index[-1] == 0
    assert samples_between(first, steps_to(10.0, step), step).index[0] == 1
