"""Shared by the physics checks: how far each is from theory, and points run through the real pipeline."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from fieldwalk.campaign.identity import point_id
from fieldwalk.campaign.time_grid import grid_time, samples_between, steps_to
from fieldwalk.parallel.task import run_task
from fieldwalk.particles.mean_free_paths import mean_free_paths
from fieldwalk.particles.points import ParticlePoint
from fieldwalk.particles.running import running_coefficients
from fieldwalk.particles.task import MOMENTS, ParticleTask
from fieldwalk.statistics.bootstrap import bootstrap_weights, with_errors
from fieldwalk.turbulence.mode_types import no_direction

SEED = 20261120
KOLMOGOROV = {"shape": "power_law", "spectral_index": 5 / 3}
DISTANCE = "distance from theory"
"""Property of a test that the summary in ``tests/conftest.py`` shows."""

Record = Callable[[str, object], None]


@pytest.fixture
def compare(record_property: Record) -> Callable[..., None]:
    """Hold a measured number against theory, and show in the summary of the run how far apart they are."""

    def check(name: str, measured: float, expected: float, *, within: float, error: float = 0.0) -> None:
        line = _record(record_property, name, measured, expected, error, f"{within:.2g}")
        assert np.isfinite(error)
        assert abs(measured - expected) <= within, line

    return check


@pytest.fixture
def exceeds(record_property: Record) -> Callable[..., None]:
    """Likewise, but the number must be larger than a bound by a number of standard errors."""

    def check(name: str, measured: float, bound: float, *, sigmas: float, error: float) -> None:
        line = _record(record_property, name, measured, bound, error, f"> {sigmas:g} sigma")
        assert measured - bound > sigmas * error > 0, line

    return check


def _record(record: Record, name: str, measured: float, expected: float, error: float, allowed: str) -> str:
    off = measured - expected
    sigmas = f"{off / error:+5.1f} sigma" if error else " " * 11
    value = f"{measured:.6g}" + (f" +- {error:.2g}" if error else "")
    line = f"{name:<58} {value:<24} {expected:<10.6g} {off:+10.2e} {sigmas}   {allowed}"
    # a property comes from whichever worker runs the test to the summary of the whole run
    record(DISTANCE, line)
    return f"{name}: measured {value}, expected {expected:.6g}, allowed {allowed}"


@dataclass(frozen=True)
class Measured:
    """One point as the transport stages see it: estimates with errors from the scatter between
    realisations."""

    time: np.ndarray
    moments: dict[str, np.ndarray]
    running: dict[str, np.ndarray]
    running_error: dict[str, np.ndarray]
    mean_free_path: dict[str, np.ndarray]
    mean_free_path_error: dict[str, np.ndarray]

    def mean(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """A moment against time, with its standard error."""
        values = self.moments[name]
        return values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(len(values))


@pytest.fixture(scope="session")
def measure() -> Callable[..., Measured]:
    """Run tasks of one point and reduce them, as a campaign does, without the files in between."""

    def run(point: ParticlePoint, *, realisations: int, particles: int) -> Measured:
        n_steps = steps_to(point.duration, point.step)
        results = []
        for realisation in range(realisations):
            task = ParticleTask(point, SEED, realisation, (0, particles), (0, n_steps), str(realisation))
            results.append(run_task(task))
        assert sum(result["failed"] for result in results) == 0
        time = grid_time(samples_between(0, n_steps, point.step).index)
        values = {name: np.array([result[name] for result in results]) for name in MOMENTS}
        weights = bootstrap_weights(SEED, point_id(point), realisations)
        isotropic = no_direction(point.mode_type, point.eta)
        running = with_errors(lambda v: running_coefficients(time, point.rigidity, isotropic, v), values, weights)
        paths = with_errors(lambda v: mean_free_paths(time, point.rigidity, isotropic, v), values, weights)
        return Measured(time, values, *running, *paths)

    return run


@pytest.fixture(scope="session")
def kolmogorov_point() -> Callable[..., ParticlePoint]:
    """A point with the numerics that the checks share; keywords change them."""

    def make(mode_type: str, eta: float, rigidity: float, **numerics: float) -> ParticlePoint:
        settings = {"scale_ratio": 100.0, "modes": 128, "step": 0.08, "duration": 10.0, **numerics}
        return ParticlePoint(mode_type, eta, rigidity, KOLMOGOROV, None, precision="float64", **settings)

    return make
