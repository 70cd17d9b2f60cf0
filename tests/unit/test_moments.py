"""Moments of hand-made particles, and who counts as healthy."""

import numpy as np
import pytest
from numpy.typing import NDArray

from fieldwalk.campaign.time_grid import SAMPLES_PER_CELL, Samples, samples_between, steps_to
from fieldwalk.particles.moments import SPEED_TOLERANCE, healthy, moments

Floats = NDArray[np.float64]


def unit_vectors(shape: tuple[int, ...], axis: int, seed: int = 1) -> Floats:
    vectors = np.random.default_rng(seed).normal(size=shape)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=axis, keepdims=True))


@pytest.fixture
def samples() -> Samples:
    return samples_between(0, steps_to(100.0, 0.1), 0.1)


def test_moments_are_the_averages_they_are_called(samples: Samples) -> None:
    n_samples, n = samples.steps.size, 11
    generator = np.random.default_rng(2)
    start_position, position = generator.normal(size=(3, n)), generator.normal(size=(n_samples, 3, n))
    start_velocity, velocity = unit_vectors((3, n), 0), unit_vectors((n_samples, 3, n), 1)
    result = moments(samples, start_position, start_velocity, position, velocity)
    for number, centre in enumerate(samples.centre):
        cell = slice(centre, centre + 1)
        if samples.steps[centre] * 0.1 > 20:
            cell = slice(centre - SAMPLES_PER_CELL // 2, centre + SAMPLES_PER_CELL // 2 + 1)
        for axis, name in enumerate("xyz"):
            moved = position[centre, axis] - start_position[axis]
            assert result[f"square_{name}"][number] == pytest.approx(np.mean(moved**2))
            assert result[f"fourth_{name}"][number] == pytest.approx(np.mean(moved**4))
            together = np.mean(start_velocity[axis] * velocity[centre, axis])
            assert result[f"velocity_{name}"][number] == pytest.approx(together)
            crossed = (position[cell, axis] - start_position[axis]) * velocity[cell, axis]
            assert result[f"cross_{name}"][number] == pytest.approx(np.mean(crossed))
    assert all(value.shape == samples.index.shape for value in result.values())


def test_free_flight(samples: Samples) -> None:
    velocity = unit_vectors((3, 40), 0)
    position = samples.steps[:, None, None] * velocity
    everywhere = np.broadcast_to(velocity, position.shape)
    result = moments(samples, np.zeros((3, 40)), velocity, position, everywhere)
    time = samples.steps[samples.centre]
    for axis, name in enumerate("xyz"):
        square = np.mean(velocity[axis] ** 2)
        np.testing.assert_allclose(result[f"square_{name}"], square * time**2, rtol=1e-12)
        # the mean over a cell, even in log t, of a straight line: one part in two thousand above its middle
        np.testing.assert_allclose(result[f"cross_{name}"], square * time, rtol=1e-3)
        np.testing.assert_allclose(result[f"velocity_{name}"], square, rtol=1e-12)
    np.testing.assert_allclose(result["energy_drift"], 0, atol=1e-15)


def test_the_energy_drift_is_the_largest(samples: Samples) -> None:
    velocity = np.array(np.broadcast_to(unit_vectors((3, 5), 0), (samples.steps.size, 3, 5)))
    velocity[samples.centre[3], :, 2] *= 1 - 4e-10
    velocity[samples.centre[3], :, 4] *= 1 + 1e-10
    position = np.zeros_like(velocity)
    result = moments(samples, position[0], velocity[0], position, velocity)
    assert result["energy_drift"][3] == pytest.approx(4e-10, rel=1e-4)
    assert result["energy_drift"][4] < 1e-15


def test_a_stretch_without_samples_has_no_moments() -> None:
    none = samples_between(1010, 1020, 0.01)
    velocity = unit_vectors((3, 5), 0)
    result = moments(none, np.zeros((3, 5)), velocity, np.zeros((0, 3, 5)), np.zeros((0, 3, 5)))
    assert {value.shape for value in result.values()} == {(0,)}


@pytest.mark.parametrize("sick", [np.nan, np.inf, -np.inf, 1e200])
def test_who_is_not_finite_or_loses_speed_is_not_healthy(sick: float) -> None:
    position, velocity = np.zeros((4, 3, 6)), unit_vectors((4, 3, 6), 1)
    assert healthy(position, velocity).all()
    velocity[2, 1, 3] = sick
    if not np.isfinite(sick):
        position[1, 0, 5] = sick
    velocity[0, :, 1] *= 1 + 2 * SPEED_TOLERANCE
    velocity[0, :, 0] *= 1 + 0.5 * SPEED_TOLERANCE
    expected = [True, False, True, False, True, np.isfinite(sick)]
    np.testing.assert_array_equal(healthy(position, velocity), expected)
