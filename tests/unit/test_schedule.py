"""How seldom waves are expanded: within the tolerance, all of them, each once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fieldwalk import kernels
from fieldwalk.kernels.schedule import INTERVALS, LONGEST_ANCHOR, Schedule, make_schedule, make_tables
from fieldwalk.turbulence import draw_realisation
from fieldwalk.turbulence.schedule import expected_schedule
from fieldwalk.turbulence.spectrum import PowerLaw

Floats = NDArray[np.float64]

WAVENUMBERS = np.geomspace(0.5, 5e3, 300)
SQUARES = WAVENUMBERS ** (-2 / 3)
"""Kolmogorov's, in bins of equal width in log k."""
TOLERANCES = st.floats(2e-6, 0.1)


def schedule(tolerance: float, square: Floats = SQUARES, step: float = 0.1) -> Schedule:
    return make_schedule(WAVENUMBERS, square, rigidity=2e-3, step=step, tolerance=tolerance)


def intervals(found: Schedule, n_waves: int = WAVENUMBERS.size) -> Floats:
    """Steps between two sums of each wave, in the order of the waves; infinite for those that are left out."""
    result = np.full(n_waves, np.inf)
    result[found.order[: found.first[0]]] = 1
    for level, (first, last) in enumerate(zip(found.first[:-1], found.first[1:], strict=True)):
        result[found.order[first:last]] = INTERVALS[level]
    return result


def error_of(interval: Floats, square: Floats, step: float) -> float:
    """Mean-square third-order remainder, summed over waves and averaged over the places of each interval, by hand."""
    total = 0.0
    for m, k, share in zip(interval, WAVENUMBERS, square / square.sum(), strict=True):
        if 1 < m < np.inf:
            places = np.arange(m) - (m - 1) / 2
            # cos^6 of the angle between wave vector and path is 1/7 in the mean
            total += share * np.mean((k * step * 2e-3 * places) ** 6) / 36 / 7
    return float(np.sqrt(total))


@settings(max_examples=40, deadline=None)
@given(tolerance=TOLERANCES, seed=st.integers(0, 100), step=st.floats(0.01, 0.1))
def test_the_error_is_what_it_says_and_below_the_tolerance(tolerance: float, seed: int, step: float) -> None:
    square = SQUARES * np.random.default_rng(seed).exponential(size=SQUARES.size)
    found = schedule(tolerance, square, step)
    assert found.error == pytest.approx(error_of(intervals(found), square, step), rel=1e-9, abs=1e-15)
    assert found.error < tolerance
    if found.summed_per_step:  # no better than asked for: rounding down to powers of two leaves at most a factor 2^3
        assert found.error > tolerance / 10


@settings(max_examples=40, deadline=None)
@given(tolerances=st.tuples(TOLERANCES, TOLERANCES), seed=st.integers(0, 100))
def test_a_smaller_tolerance_never_makes_intervals_longer(tolerances: tuple[float, float], seed: int) -> None:
    square = SQUARES * np.random.default_rng(seed).exponential(size=SQUARES.size)
    fine, coarse = (schedule(tolerance, square) for tolerance in sorted(tolerances))
    assert np.all(intervals(fine) <= intervals(coarse))
    assert fine.anchor_interval <= coarse.anchor_interval


@settings(max_examples=40, deadline=None)
@given(n_waves=st.integers(0, 60), seed=st.integers(0, 100), tolerance=TOLERANCES)
def test_every_wave_appears_once_from_fast_to_slow_and_those_of_no_amplitude_never(
    n_waves: int, seed: int, tolerance: float
) -> None:
    generator = np.random.default_rng(seed)
    wavenumber, square = 10 ** generator.uniform(-1, 4, n_waves), generator.exponential(size=n_waves)
    square[generator.random(n_waves) < 0.3] = 0
    found = make_schedule(wavenumber, square, rigidity=2e-3, step=0.1, tolerance=tolerance)
    np.testing.assert_array_equal(np.sort(found.order), np.flatnonzero(square > 0))
    assert found.first[-1] == found.order.size
    assert found.first.size - 1 <= INTERVALS.size
    assert np.all(np.diff(found.first) >= 0)
    kind = np.repeat(np.arange(found.first.size), np.diff(found.first, prepend=0))
    assert np.all(np.diff(wavenumber[found.order])[np.diff(kind) == 0] <= 0)
    assert 0 <= found.summed_per_step <= found.n_anchored <= found.order.size
    assert found.expanded_per_step <= found.order.size / INTERVALS[0]


def test_the_smallest_tolerance_sums_nearly_all_resolved_waves_at_each_step() -> None:
    """Of waves of k s from 0.3 to 1 all but a few; what is expanded at all is slow."""
    wavenumber = np.geomspace(0.3, 1, 100) / (2e-3 * 0.1)
    found = make_schedule(wavenumber, np.ones(100), rigidity=2e-3, step=0.1, tolerance=2e-6)
    assert found.summed_per_step == 100
    slow = wavenumber[0] / 30
    mixed = make_schedule(np.append(wavenumber, slow), np.ones(101), rigidity=2e-3, step=0.1, tolerance=2e-6)
    assert intervals(mixed, 101)[:100].max() == 1


def test_half_the_step_doubles_the_intervals() -> None:
    """Only the phase per step counts: intervals of waves that are neither at the shortest nor the longest double."""
    once, half = (intervals(schedule(1e-3, step=step)) for step in (0.1, 0.05))
    between = (once > 4) & (once < INTERVALS[-2])
    # an interval of m steps spans m - 1 between its first and last place, so that a few waves go over an edge
    assert np.mean(half[between] == 2 * once[between]) > 0.9
    assert between.sum() > 50


def test_stronger_waves_are_expanded_more_often() -> None:
    wavenumber = np.full(2, 500.0)
    found = make_schedule(wavenumber, np.array([1.0, 1e-9]), rigidity=2e-3, step=0.1, tolerance=1e-3)
    strong, weak = intervals(found, 2)
    # m is proportional to A^(-2/7): 1e-9 in A^2 makes 19 times, rounded to a power of two
    assert weak / strong in (16, 32)


def test_anchors_are_nearer_where_phases_turn_faster() -> None:
    assert schedule(2e-6).anchor_interval == LONGEST_ANCHOR
    fast = make_schedule(WAVENUMBERS, SQUARES, rigidity=2.0, step=0.1, tolerance=2e-6)
    assert 1 <= fast.anchor_interval < LONGEST_ANCHOR


def test_the_longest_interval_is_a_cycle() -> None:
    assert INTERVALS[-1] == kernels.STEPS_PER_CYCLE
    np.testing.assert_array_equal(INTERVALS[1:], 2 * INTERVALS[:-1])
    assert all(kernels.STEPS_PER_CYCLE % interval == 0 for interval in (*INTERVALS, LONGEST_ANCHOR))


def test_tables_hold_each_wave_as_it_was_drawn() -> None:
    field = draw_realisation("isotropic", 0.5, np.random.default_rng(1), modes=50, scale_ratio=1000.0)
    tables = make_tables(field.waves, rigidity=0.01, step=0.1, tolerance=1e-3)
    np.testing.assert_array_equal(tables.phases, field.waves[tables.schedule.order, :4])
    np.testing.assert_allclose(tables.waves, field.waves[tables.schedule.order][:, [0, 1, 2, 4, 5, 6]], rtol=1e-7)
    assert tables.coefficients.shape == (3, 50, 10)


def test_the_expected_schedule_is_that_of_drawn_fields() -> None:
    """Amplitudes of bins of equal width in log k scatter little: in work to a few per cent."""
    how = {"rigidity": 0.01, "step": 0.1, "tolerance": 1e-3}
    expected = expected_schedule(PowerLaw(5 / 3), 1000.0, 256, **how)
    for seed in range(3):
        field = draw_realisation("isotropic", 0.5, np.random.default_rng(seed), modes=256, scale_ratio=1000.0)
        drawn = make_tables(field.waves, **how).schedule
        assert drawn.summed_per_step == pytest.approx(expected.summed_per_step, rel=0.1)
        assert drawn.expanded_per_step == pytest.approx(expected.expanded_per_step, rel=0.1)
