"""The compiled kernels against their NumPy twin, and what no twin shows: independence, slicing, threads, refusals."""

import itertools
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fieldwalk import kernels
from fieldwalk.campaign.plan import task_cost
from fieldwalk.errors import KernelError
from fieldwalk.kernels import reference

Floats = NDArray[np.float64]

EACH_SET = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
COUNTS = st.integers(1, 50)
WAVES = st.integers(0, 20)
SEEDS = st.integers(0, 2**32)


def draw_waves(generator: np.random.Generator, n_waves: int) -> Floats:
    """Waves with a field of rms one half, wavelengths from 0.5 L_c up."""
    waves = generator.normal(size=(n_waves, 7))
    waves[:, 4:] *= 0.5 / np.sqrt(max(n_waves, 1))
    return waves


def draw_vectors(generator: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    position = generator.uniform(-100, 100, (3, count))
    velocity = generator.normal(size=(3, count))
    return position, velocity / np.linalg.norm(velocity, axis=0)


def rounding_of_field(waves: Floats, position: Floats) -> float:
    """Bound on the difference of two sums of the same waves: a phase is known to a few last bits of k.r."""
    turns = np.abs(waves[:, :3]) @ np.abs(position) + np.abs(waves[:, 3, None])
    lost = 8 * np.pi * np.finfo(float).eps * (1 + turns.max(initial=0))
    return float(lost * (1 + np.abs(waves[:, 4:]).sum()))


@EACH_SET
@given(count=COUNTS, n_waves=WAVES, seed=SEEDS)
def test_the_field_is_that_of_the_twin(instruction_set: str, count: int, n_waves: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    waves, (position, _) = draw_waves(generator, n_waves), draw_vectors(generator, count)
    field = kernels.evaluate_field(waves, position, 0.7)
    assert field.shape == (3, count)
    expected = reference.evaluate_field(waves, position, 0.7)
    np.testing.assert_allclose(field, expected, rtol=0, atol=rounding_of_field(waves, position))


@EACH_SET
@given(count=COUNTS, n_waves=WAVES, n_steps=st.integers(0, 12), seed=SEEDS)
def test_the_push_is_that_of_the_twin(instruction_set: str, count: int, n_waves: int, n_steps: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    waves = draw_waves(generator, n_waves)
    r, v = draw_vectors(generator, count)
    r_twin, v_twin = r.copy(), v.copy()
    arguments: dict[str, Any] = {"rigidity": 0.3, "step": 0.1, "n_steps": n_steps, "mean_field": 0.7}
    arguments["sample_steps"] = np.sort(generator.uniform(0, n_steps + 1, 6))
    # in a dozen steps a difference in the phases grows by no more than a small factor
    close = 20 * rounding_of_field(waves, r)
    samples = kernels.push_particles(waves, r, v, **arguments)
    twins = reference.push_particles(waves, r_twin, v_twin, **arguments)
    for ours, twin in zip((*samples, r, v), (*twins, r_twin, v_twin), strict=True):
        assert ours.shape == twin.shape
        np.testing.assert_allclose(ours, twin, rtol=0, atol=close)


def test_no_waves_and_no_mean_field_mean_free_flight(instruction_set: str) -> None:
    r, v = draw_vectors(np.random.default_rng(1), 5)
    start, direction = r.copy(), v.copy()
    kernels.push_particles(np.zeros((0, 7)), r, v, rigidity=2.0, step=0.1, n_steps=10)
    np.testing.assert_array_equal(v, direction)
    np.testing.assert_allclose(r, start + 2.0 * direction, atol=1e-13)
    np.testing.assert_array_equal(kernels.evaluate_field(np.zeros((0, 7)), start), np.zeros((3, 5)))


def test_no_particles_give_no_samples() -> None:
    none = np.zeros((3, 0))
    assert kernels.evaluate_field(np.zeros((4, 7)), none).shape == (3, 0)
    sampled, _ = kernels.push_particles(
        np.zeros((4, 7)), none, none.copy(), rigidity=1.0, step=0.1, n_steps=3, sample_steps=np.array([0.5, 2.0])
    )
    assert sampled.shape == (2, 3, 0)


@EACH_SET
@given(cuts=st.lists(st.integers(0, 40), max_size=4), count=COUNTS, seed=SEEDS)
def test_slicing_a_run_and_sampling_it_change_no_bit(
    instruction_set: str, cuts: list[int], count: int, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    waves = draw_waves(generator, 12)
    start = draw_vectors(generator, count)
    samples = np.sort(generator.uniform(0, 40, 15))
    how: dict[str, Any] = {"rigidity": 0.3, "step": 0.1, "mean_field": 0.7}

    whole = start[0].copy(), start[1].copy()
    sampled = kernels.push_particles(waves, *whole, n_steps=40, sample_steps=samples, **how)
    unsampled = start[0].copy(), start[1].copy()
    kernels.push_particles(waves, *unsampled, n_steps=40, **how)

    sliced = start[0].copy(), start[1].copy()
    edges = [0, *sorted(cuts), 40]
    pieces = []
    for first, last in itertools.pairwise(edges):
        here = samples[(np.floor(samples) >= first) & (np.floor(samples) < last)]
        pieces.append(kernels.push_particles(waves, *sliced, n_steps=last - first, sample_steps=here - first, **how))
    for axis in (0, 1):
        np.testing.assert_array_equal(unsampled[axis], whole[axis])
        np.testing.assert_array_equal(sliced[axis], whole[axis])
        np.testing.assert_array_equal(np.concatenate([piece[axis] for piece in pieces]), sampled[axis])


def test_a_particle_does_not_feel_its_neighbours(instruction_set: str) -> None:
    generator = np.random.default_rng(3)
    waves = draw_waves(generator, 12)
    r, v = draw_vectors(generator, 37)
    how: dict[str, Any] = {"rigidity": 0.3, "step": 0.1, "n_steps": 30, "mean_field": 0.7}
    r[:, 20] = np.nan  # not even of a sick one
    together = r.copy(), v.copy()
    kernels.push_particles(waves, *together, **how)
    for particle in (0, 15, 16, 21, 36):
        alone = r[:, particle : particle + 1].copy(), v[:, particle : particle + 1].copy()
        kernels.push_particles(waves, *alone, **how)
        np.testing.assert_array_equal(alone[0][:, 0], together[0][:, particle])
        np.testing.assert_array_equal(alone[1][:, 0], together[1][:, particle])
    assert np.isnan(together[0][:, 20]).all()
    assert np.isfinite(np.delete(together[0], 20, axis=1)).all()


def test_a_sample_on_a_whole_step_is_the_path_itself(instruction_set: str) -> None:
    generator = np.random.default_rng(4)
    waves = draw_waves(generator, 5)
    start = draw_vectors(generator, 7)
    r, v = start[0].copy(), start[1].copy()
    positions, velocities = kernels.push_particles(
        waves, r, v, rigidity=0.3, step=0.1, n_steps=9, sample_steps=np.array([0.0, 9.0])
    )
    np.testing.assert_array_equal(positions, [start[0], r])
    np.testing.assert_array_equal(velocities, [start[1], v])


def test_other_threads_run_while_a_kernel_does() -> None:
    generator = np.random.default_rng(5)
    waves = draw_waves(generator, 512)
    r, v = draw_vectors(generator, 16)

    def push() -> None:
        kernels.push_particles(waves, r, v, rigidity=0.3, step=0.1, n_steps=60_000)

    thread = threading.Thread(target=push)
    begin = time.monotonic()
    thread.start()
    turns = 0
    while thread.is_alive():
        turns += 1
        time.sleep(1e-3)
    # some fifth of a second at the least, of which a thread that waits for the interpreter would see nothing
    assert time.monotonic() - begin > 0.02
    assert turns > 10


def vectors(count: int = 4) -> Floats:
    return np.zeros((3, count))


@pytest.mark.parametrize("waves", [np.zeros((2, 6)), np.zeros(7), np.zeros((1, 2, 7))])
def test_waves_of_another_shape_are_refused(waves: Floats) -> None:
    with pytest.raises(KernelError, match=r"waves has shape .*\(n_waves, 7\)"):
        kernels.evaluate_field(waves, vectors())
    with pytest.raises(KernelError, match=r"waves has shape"):
        kernels.push_particles(waves, vectors(), vectors(), rigidity=1.0, step=0.1, n_steps=1)


@pytest.mark.parametrize("position", [np.zeros((2, 4)), np.zeros(3), np.zeros((4, 3)), np.zeros((1, 3, 4))])
def test_positions_of_another_shape_are_refused(position: Floats) -> None:
    with pytest.raises(KernelError, match=r"position has shape .*\(3, n\)"):
        kernels.evaluate_field(np.zeros((2, 7)), position)
    with pytest.raises(KernelError, match="position has shape"):
        kernels.push_particles(np.zeros((2, 7)), position, vectors(), rigidity=1.0, step=0.1, n_steps=1)


def read_only() -> Floats:
    array = vectors()
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    ("position", "velocity", "words"),
    [
        (vectors(4), vectors(5), "must be equal"),
        (vectors().astype(np.float32), vectors(), "C-contiguous float64"),
        (np.asfortranarray(vectors()), vectors(), "C-contiguous float64"),
        (vectors(8)[:, ::2], vectors(), "C-contiguous float64"),
        ([[0.0], [0.0], [0.0]], vectors(1), "C-contiguous float64"),
        (read_only(), vectors(), "position .*writ"),
        (vectors(), read_only(), "velocity .*writ"),
    ],
)
def test_what_cannot_be_changed_in_place_is_refused(position: Any, velocity: Any, words: str) -> None:
    with pytest.raises(KernelError, match=words):
        kernels.push_particles(np.zeros((2, 7)), position, velocity, rigidity=1.0, step=0.1, n_steps=1)


@pytest.mark.parametrize("samples", [[1.0, 0.5], [-0.1, 1.0], [0.0, 3.0], [3.5], [0.5, np.nan], [np.nan], [[0.5, 1.0]]])
def test_samples_outside_the_run_are_refused(samples: list[Any]) -> None:
    with pytest.raises(KernelError, match="sample_steps"):
        kernels.push_particles(
            np.zeros((2, 7)),
            vectors(),
            vectors(),
            rigidity=1.0,
            step=0.1,
            n_steps=2,
            sample_steps=np.array(samples),
        )


def test_a_negative_number_of_steps_is_refused() -> None:
    with pytest.raises(KernelError, match="n_steps is -1"):
        kernels.push_particles(np.zeros((2, 7)), vectors(), vectors(), rigidity=1.0, step=0.1, n_steps=-1)


def test_an_unknown_instruction_set_is_refused() -> None:
    before = kernels.instruction_set()
    with pytest.raises(KernelError, match=r"'abacus' cannot run here; choose among .*baseline"):
        kernels.use_instruction_set("abacus")
    assert kernels.instruction_set() == before


def test_the_environment_chooses_the_instruction_set(
    run_python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    code = "from fieldwalk import kernels; print(kernels.instruction_set())"
    assert run_python(code, FIELDWALK_INSTRUCTION_SET="baseline").stdout == "baseline\n"
    failed = run_python(code, FIELDWALK_INSTRUCTION_SET="abacus")
    assert failed.returncode
    assert "KernelError: instruction set 'abacus' cannot run here" in failed.stderr


def test_the_cost_model_knows_the_block() -> None:
    assert task_cost.PARTICLES_PER_BLOCK == kernels.PARTICLES_PER_BLOCK
