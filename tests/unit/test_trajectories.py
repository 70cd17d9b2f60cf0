"""The stored trajectories are those of the campaign's own particles, relative to their start."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from fieldwalk import kernels
from fieldwalk.campaign.points import Point
from fieldwalk.jobs.drawing import draw_field, draw_particles
from fieldwalk.kernels import reference
from fieldwalk.parallel.task import run_task
from fieldwalk.particles.task import ParticleTask
from fieldwalk.particles.trajectories import GYRATIONS, PARTICLES, SAMPLES_PER_GYRATION, trajectories

Floats = NDArray[np.float64]
MakePoint = Callable[..., Point]

SEED = 7
STEPS_PER_SAMPLE = 3
STEP = 2 * np.pi / SAMPLES_PER_GYRATION / STEPS_PER_SAMPLE


def two_points(make_point: MakePoint) -> list[Point]:
    """Points whose samples stand on whole steps."""
    return [replace(make_point(mode_types=[mode_type]), step=STEP) for mode_type in ("isotropic", "slab")]


def of(dataset: xr.Dataset, point: Point) -> Floats:
    return np.asarray(dataset["position"].sel(mode_type=point.mode_type).transpose("sample", "axis", "particle"))


def test_the_first_sample_is_the_start(make_point: MakePoint) -> None:
    points = two_points(make_point)
    dataset = trajectories(points, SEED)
    samples = GYRATIONS * SAMPLES_PER_GYRATION + 1
    assert dict(dataset["position"].sizes) == {"mode_type": 2, "particle": PARTICLES, "sample": samples, "axis": 3}
    np.testing.assert_allclose(dataset["sample"], np.arange(samples) * STEPS_PER_SAMPLE * STEP, rtol=1e-14)
    for point in points:
        np.testing.assert_array_equal(of(dataset, point)[0], 0)
        assert np.isfinite(of(dataset, point)).all()
        # at speed c: the chords between samples, never longer than the arcs and here hardly shorter
        moved = np.linalg.norm(np.diff(of(dataset, point), axis=0), axis=1)
        assert moved.max() <= point.rigidity * STEPS_PER_SAMPLE * STEP * (1 + 1e-9)
        assert moved.min() > 0.8 * point.rigidity * STEPS_PER_SAMPLE * STEP


def test_they_are_the_first_particles_of_the_campaign(make_point: MakePoint) -> None:
    points = two_points(make_point)
    dataset = trajectories(points, SEED)
    for point in points:
        start, _ = draw_particles(point, SEED, 0, 0, PARTICLES)
        for sample in (kernels.STEPS_PER_CYCLE, 3 * kernels.STEPS_PER_CYCLE):  # tasks return no other states
            task = ParticleTask(point, SEED, 0, (0, PARTICLES), (0, STEPS_PER_SAMPLE * sample), "a task")
            # positions near 100 L_c keep 14 digits, which some gyrations do not lose
            np.testing.assert_allclose(
                of(dataset, point)[sample], run_task(task)["final_position"] - start, rtol=0, atol=1e-10
            )


def test_they_are_those_of_the_twin(make_point: MakePoint) -> None:
    point = replace(two_points(make_point)[0], tolerance=0.0)
    field, (position, velocity) = draw_field(point, SEED, 0), draw_particles(point, SEED, 0, 0, PARTICLES)
    start = position.copy()
    numbers = np.arange(2 * SAMPLES_PER_GYRATION)
    sampled, _ = reference.push_particles(
        field.waves,
        position,
        velocity,
        rigidity=point.rigidity,
        step=STEP,
        n_steps=STEPS_PER_SAMPLE * numbers.size,
        mean_field=float(np.sqrt(1 - point.eta)),
        sample_steps=STEPS_PER_SAMPLE * numbers.astype(float),
    )
    ours = of(trajectories([point], SEED), point)[: numbers.size]
    np.testing.assert_allclose(ours, sampled - start, rtol=0, atol=1e-10)
