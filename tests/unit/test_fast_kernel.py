"""The fast kernel: against its NumPy twin, cut in slices, sampled, in company, and refused."""

import itertools
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fieldwalk import kernels
from fieldwalk.campaign.identity import point_id
from fieldwalk.campaign.points import EXACT, MIXED
from fieldwalk.errors import KernelError
from fieldwalk.kernels import reference
from fieldwalk.kernels.schedule import SMALLEST_TOLERANCE, make_tables
from fieldwalk.particles.points import points
from fieldwalk.turbulence import Realisation, draw_realisation

Floats = NDArray[np.float64]

CYCLE = kernels.STEPS_PER_CYCLE
HOW: dict[str, Any] = {"rigidity": 0.01, "step": 0.08}
ROUNDING = 1.2e-6
"""Of a cosine in single precision."""


def field_of(case: str) -> Realisation:
    """Fields of three decades: waves that are summed at every step, and levels from 4 to 256 steps."""
    generator = np.random.default_rng(1)
    how: dict[str, Any] = {"modes": 60, "scale_ratio": 1000.0}
    if case == "composite":
        return draw_realisation("composite", 0.5, generator, slab_fraction=0.2, **how)
    field = draw_realisation("isotropic", 1.0 if case == "no mean field" else 0.5, generator, **how)
    if case == "one wave":
        return Realisation(field.waves[30:31], field.mean_field)
    if case == "half without amplitude":
        field.waves[::2, 4:] = 0
    if case == "no amplitude":
        field.waves[:, 4:] = 0
    return field


def start_of(count: int, seed: int = 2) -> tuple[Floats, Floats]:
    generator = np.random.default_rng(seed)
    velocity = generator.normal(size=(3, count))
    return 100 * generator.random((3, count)), velocity / np.linalg.norm(velocity, axis=0)


def push(field: Realisation, start: tuple[Floats, Floats], **how: Any) -> tuple[Floats, ...]:
    """Samples and final state of the compiled kernel."""
    moved = start[0].copy(), start[1].copy()
    sampled = kernels.push_particles(field.waves, *moved, mean_field=field.mean_field, **{**HOW, **how})
    return (*sampled, *moved)


SAMPLES = np.array([0, 1, 2.5, 5, 17, 40.3, 100, 255.5, 256, 300])


@lru_cache(maxsize=32)  # one twin serves all instruction sets
def twin(case: str, count: int, tolerance: float) -> tuple[Floats, Floats, Floats]:
    """The twin's samples, and how many times farther apart than at their start two of its orbits are at each."""
    field = field_of(case)
    how: dict[str, Any] = {**HOW, "mean_field": field.mean_field, "tolerance": tolerance}
    (r, v), apart = start_of(count), 1e-8
    near = r.copy(), v + apart * np.cross(v, np.roll(v, 1, axis=0), axis=0)
    ours, other = (
        reference.push_particles(field.waves, *state, n_steps=300, sample_steps=SAMPLES, **how)
        for state in ((r, v), near)
    )
    growth = np.maximum.accumulate(np.linalg.norm(other[1] - ours[1], axis=1).max(axis=1) / apart)
    return *ours, np.maximum(growth, 1)


CASES = [
    *((case, 5, 1e-3) for case in ("one wave", "half without amplitude", "no amplitude", "composite")),
    ("isotropic", 21, 1e-3),
    ("isotropic", 1, 1e-4),
    ("no mean field", 16, 1e-3),
    ("isotropic", 5, 2e-6),
]


@pytest.mark.parametrize(("case", "count", "tolerance"), CASES)
def test_the_fast_push_is_that_of_the_twin(instruction_set: str, case: str, count: int, tolerance: float) -> None:
    """Single precision makes each field wrong by some 1e-6 dB, and each velocity by the step times that.

    Errors of n steps at most add up, and grow as the twin's own orbits part.
    """
    r, v, growth = twin(case, count, tolerance)
    sampled_r, sampled_v, *_ = push(
        field_of(case), start_of(count), n_steps=300, sample_steps=SAMPLES, tolerance=tolerance
    )
    steps = np.ceil(SAMPLES)
    allowed = 1e-13 + 3 * ROUNDING * HOW["step"] * steps * growth
    assert np.all(np.abs(sampled_v - v).max(axis=(1, 2)) <= allowed)
    # of the path the same, in L_c
    assert np.all(np.abs(sampled_r - r).max(axis=(1, 2)) <= 1e-12 + allowed * HOW["rigidity"] * HOW["step"] * steps)


def test_the_fields_of_these_tests_have_waves_of_every_kind() -> None:
    schedule = make_tables(field_of("isotropic").waves, tolerance=1e-3, **HOW).schedule
    assert schedule.summed_per_step > 0
    assert np.all(np.diff(schedule.first) > 0)
    assert schedule.first.size == 8  # seven levels
    assert schedule.summed_per_step < schedule.n_anchored < schedule.order.size


def test_an_expansion_is_right_to_second_order_and_moves_exactly() -> None:
    field, (centre, _), (aside, _) = field_of("isotropic"), start_of(40), start_of(40, seed=3)
    expansion = reference.expand(field.waves, centre)
    wavenumber = 2 * np.pi * np.linalg.norm(field.waves[:, :3], axis=1)
    third = np.sum(np.linalg.norm(field.waves[:, 4:], axis=1) * wavenumber**3) / 6
    for distance in (1e-4, 1e-3):
        d = distance * (aside - 50) / np.linalg.norm(aside - 50, axis=0)
        off = np.linalg.norm(expansion.at(centre + d) - reference.evaluate_field(field.waves, centre + d), axis=0)
        # Lagrange's remainder, and phases known to 1e-13
        assert np.all(off <= third * distance**3 + 1e-10)
        assert off.max() > 1e-3 * third * distance**3
    moved = expansion.moved(centre + d)
    np.testing.assert_allclose(moved.at(centre - d), expansion.at(centre - d), rtol=0, atol=1e-10)


def test_an_expansion_has_no_divergence() -> None:
    """The trace of the slope, and that of its derivative, vanish as polarisations are across their waves."""
    field, (centre, _) = field_of("isotropic"), start_of(40)
    expansion = reference.expand(field.waves, centre)
    wavenumber = 2 * np.pi * np.linalg.norm(field.waves[:, :3], axis=1)
    amplitude, rounding = np.linalg.norm(field.waves[:, 4:], axis=1), 10 * np.finfo(float).eps
    assert np.abs(np.einsum("aan->n", expansion.slope)).max() < rounding * np.sum(amplitude * wavenumber)
    linear = np.abs(np.einsum("aacn->cn", expansion.curvature)).max()
    assert linear < rounding * np.sum(amplitude * wavenumber**2)
    # single terms are not small
    assert np.abs(expansion.slope[2, 2]).max() > 1
    assert np.abs(expansion.curvature[2, 2]).max() > 1


@pytest.mark.parametrize("tolerance", [2e-6, 1e-3])
def test_a_run_cut_between_cycles_has_the_same_bits(instruction_set: str, tolerance: float) -> None:
    field, start = field_of("isotropic"), start_of(21)
    samples = np.sort(np.random.default_rng(4).uniform(0, 5 * CYCLE + 10, 30))
    whole = push(field, start, n_steps=5 * CYCLE + 10, sample_steps=samples, tolerance=tolerance)
    for cuts in ([CYCLE], [2 * CYCLE, 3 * CYCLE], [CYCLE, 2 * CYCLE, 3 * CYCLE, 4 * CYCLE, 5 * CYCLE]):
        state, pieces = start, []
        for first, last in itertools.pairwise([0, *cuts, 5 * CYCLE + 10]):
            here = samples[(samples >= first) & (samples < last)] - first
            *sampled, r, v = push(field, state, n_steps=last - first, sample_steps=here, tolerance=tolerance)
            state = r, v
            pieces.append(sampled)
        for number in (0, 1):
            np.testing.assert_array_equal(np.concatenate([piece[number] for piece in pieces]), whole[number])
            np.testing.assert_array_equal(state[number], whole[2 + number])
    # cut within a cycle the levels are renewed elsewhere: the tolerance shows, and the test can see it
    r, v = push(field, start, n_steps=100, tolerance=tolerance)[2:]
    assert not np.array_equal(push(field, (r, v), n_steps=4 * CYCLE - 90, tolerance=tolerance)[2], whole[2])


@pytest.mark.parametrize("tolerance", [2e-6, 1e-3])
def test_sampling_alters_no_path(instruction_set: str, tolerance: float) -> None:
    field, start = field_of("isotropic"), start_of(21)
    samples = np.sort(np.append(np.random.default_rng(4).uniform(0, 401, 30), [0, 256, 400]))
    sampled_r, sampled_v, r, v = push(field, start, n_steps=400, sample_steps=samples, tolerance=tolerance)
    unsampled = push(field, start, n_steps=400, tolerance=tolerance)
    np.testing.assert_array_equal([r, v], unsampled[2:])
    (last,) = np.flatnonzero(samples == 400)
    np.testing.assert_array_equal([sampled_r[last], sampled_v[last]], [r, v])


@pytest.mark.parametrize("tolerance", [2e-6, 1e-3])
def test_a_particle_does_not_feel_its_neighbours(instruction_set: str, tolerance: float) -> None:
    field, (r, v) = field_of("isotropic"), start_of(37)
    r[:, 20] = np.nan  # not even a sick one
    *_, together_r, together_v = push(field, (r, v), n_steps=300, tolerance=tolerance)
    for particle in (0, 15, 16, 21, 36):
        one = slice(particle, particle + 1)
        *_, alone_r, alone_v = push(field, (r[:, one].copy(), v[:, one].copy()), n_steps=300, tolerance=tolerance)
        np.testing.assert_array_equal(alone_r, together_r[:, one])
        np.testing.assert_array_equal(alone_v, together_v[:, one])
    assert np.isnan(together_r[:, 20]).all()
    assert np.isfinite(np.delete(together_r, 20, axis=1)).all()


@pytest.mark.parametrize("tolerance", [-1.0, 1e-7, 1.0, 2.0, np.nan, np.inf])
def test_a_tolerance_that_no_kernel_keeps_is_refused(tolerance: float) -> None:
    with pytest.raises(
        KernelError, match=rf"tolerance is {tolerance}; it must be 0 \(double precision\), or from 2e-06"
    ):
        push(field_of("one wave"), start_of(1), n_steps=1, tolerance=tolerance)
    push(field_of("one wave"), start_of(1), n_steps=1, tolerance=SMALLEST_TOLERANCE)


def test_points_of_different_tolerance_have_different_names(make_campaign: Any) -> None:
    found = [points(make_campaign(tolerance=tolerance))[0] for tolerance in ("auto", 0, 1e-3, 1e-4)]
    auto, exact, same, finer = found
    assert [point.precision for point in found] == [MIXED, EXACT, MIXED, MIXED]
    assert auto == same
    assert len({point_id(point) for point in (auto, exact, finer)}) == 3
