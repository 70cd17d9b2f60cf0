"""The runs of the convergence study, and the mean free paths that they give."""

import multiprocessing
import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fieldwalk import kernels
from fieldwalk.campaign.cost import core_seconds
from fieldwalk.campaign.grid import Point, points
from fieldwalk.campaign.loading import campaign_from_mapping
from fieldwalk.campaign.time_grid import FIRST_INDEX, grid_time, index_at_or_before, samples_between, steps_to
from fieldwalk.ensemble.moments import healthy, moments
from fieldwalk.ensemble.particles import draw_field, draw_particles
from fieldwalk.parallel.progress import readable_time
from fieldwalk.parallel.streams import stream
from fieldwalk.transport.bootstrap import SAMPLES, with_errors
from fieldwalk.transport.mean_free_path import mean_free_paths, reason_not_converged

SEED = 20260520
PARTICLES = 16
RIGIDITIES = [0.1, 1.0]
MODES_PER_DECADE = [8, 16, 32, 64, 128, 256, 512]
STEP_FACTORS = [0.25, 0.5, 1.0, 2.0]
DURATION_SHIFTS = [-15, -10, -5, 0, 5]
"""In places on the time grid, sixteen to a decade: factors of 0.115, 0.237, 0.487, 1 and 2.05."""
DIRECTIONS = ["parallel", "perpendicular"]
DEFAULTS = {"modes": 128, "step": 1.0, "duration": 1.0}

Floats = NDArray[np.float64]
Moments = dict[str, Floats]
"""Moments by name, shape (realisations, times)."""


@dataclass(frozen=True)
class Run:
    """One set of numerics at one point: pushes the particles of ``base`` through the fields of ``point``."""

    base: Point
    point: Point
    first: int

    @property
    def steps(self) -> int:
        """Steps of each particle."""
        return steps_to(self.point.duration, self.point.step)

    @property
    def cost(self) -> float:
        """Predicted seconds of one realisation."""
        return core_seconds(self.point.modes, PARTICLES, self.steps)


def default_points() -> list[Point]:
    """The two points with every number automatic."""
    campaign = campaign_from_mapping(
        {
            "name": "convergence",
            "seed": SEED,
            "turbulence": {"mode_types": ["isotropic"], "etas": [0.5]},
            "particles": {"rigidities": RIGIDITIES},
        },
        "convergence",
    )
    return points(campaign)


def runs_of(base: Point) -> dict[tuple[str, float], Run]:
    """Every run of one point by (study, value); the default serves all three studies and lasts longest."""
    longest = float(grid_time(index_at_or_before(base.duration) + DURATION_SHIFTS[-1]))
    found = {("default", 1.0): Run(base, replace(base, duration=longest), 0)}
    decades = np.log10(base.scale_ratio)
    for number, density in enumerate(MODES_PER_DECADE, start=1):
        if density != DEFAULTS["modes"]:
            point = replace(base, modes=round(density * decades))
            found["modes", density] = Run(base, point, 100_000 * number)  # other fields for every number
    for factor in STEP_FACTORS:
        if factor != DEFAULTS["step"]:
            found["step", factor] = Run(base, replace(base, step=factor * base.step), 0)
    return found


def push(run: Run, number: int) -> Moments:
    """Moments of one realisation at the grid times of the run."""
    field = draw_field(run.point, SEED, run.first + number)
    position, velocity = draw_particles(run.base, SEED, run.first + number, 0, PARTICLES)
    start = position.copy(), velocity.copy()
    samples = samples_between(0, run.steps, run.point.step)
    later = kernels.push_particles(
        field.waves,
        position,
        velocity,
        rigidity=run.point.rigidity,
        step=run.point.step,
        n_steps=run.steps,
        mean_field=field.mean_field,
        sample_steps=samples.steps,
    )
    if not healthy(*later).all():
        raise SystemExit(f"particles failed in realisation {number} of {run.point}")
    averages = moments(samples, *start, *later)
    return {name: value for name, value in averages.items() if name.startswith(("square", "cross"))}


def _push(task: tuple[int, int]) -> tuple[int, int, Moments]:
    run, number = task
    return run, number, push(_runs[run], number)


_runs: list[Run] = []
"""What the worker processes run; set before they fork."""


def compute(runs: list[Run], realisations: int, processes: int) -> list[Moments]:
    """Run everything, dearest first, and say how far it has come."""
    _runs[:] = runs
    tasks = [(run, number) for run in range(len(runs)) for number in range(realisations)]
    tasks.sort(key=lambda task: -runs[task[0]].cost)
    total = sum(runs[run].cost for run, _ in tasks)
    rows: list[list[Moments]] = [[{}] * realisations for _ in runs]
    begin = shown = time.monotonic()
    done = 0.0
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        for run, number, averages in pool.imap_unordered(_push, tasks, chunksize=2):
            rows[run][number] = averages
            done += runs[run].cost
            now = time.monotonic()
            if now - shown > 5:
                shown = now
                left = readable_time((now - begin) * (total - done) / done)
                print(f"{done / total:4.0%} done, about {left} left", flush=True)
    print(f"pushed in {readable_time(time.monotonic() - begin)}", flush=True)
    return [{name: np.array([one[name] for one in column]) for name in column[0]} for column in rows]


@dataclass(frozen=True)
class Estimate:
    """Mean free path of one run and its ratio to the default's, for each direction."""

    value: Floats
    error: Floats
    ratio: Floats
    ratio_error: Floats
    converged: Floats


def until(values: Moments, index: int) -> Moments:
    """Moments up to grid index ``index``."""
    return {name: value[:, : index - FIRST_INDEX + 1] for name, value in values.items()}


def bootstrap_weights(realisations: int) -> Floats:
    """The same for all runs, whatever their point, so that ratios of runs that share fields are paired."""
    draws = stream(SEED, (2, 0)).multinomial(
        realisations, np.full(realisations, 1 / realisations), size=SAMPLES
    )
    return draws / realisations


def estimate(base: Point, values: Moments, default: Moments, paired: bool) -> Estimate:
    """Mean free paths with errors from the scatter between realisations.

    A paired ratio draws the same realisations again for both runs; the error of another adds in quadrature.
    """
    realisations = values["square_x"].shape[0]
    weights = bootstrap_weights(realisations)

    def fit(moments: Moments) -> Moments:
        n_times = moments["square_x"].shape[-1]
        time = grid_time(np.arange(FIRST_INDEX, FIRST_INDEX + n_times))
        return mean_free_paths(time, base.rigidity, False, moments)

    def both(merged: Moments) -> Moments:
        own, other = (
            fit({name[2:]: value for name, value in merged.items() if name.startswith(prefix)})
            for prefix in ("a_", "b_")
        )
        return {f"lambda_{one}": own[f"lambda_{one}"] / other[f"lambda_{one}"] for one in DIRECTIONS}

    best, error = with_errors(fit, values, weights)
    merged = {f"a_{name}": value for name, value in values.items()}
    merged |= {f"b_{name}": value for name, value in default.items()}
    ratio, ratio_error = with_errors(both, merged, weights)
    names = [f"lambda_{direction}" for direction in DIRECTIONS]
    ratio_errors = np.array([ratio_error[name] for name in names])
    if not paired:
        other, other_error = with_errors(fit, default, weights)
        ratio_errors = np.array(
            [
                ratio[name] * np.hypot(error[name] / best[name], other_error[name] / other[name])
                for name in names
            ]
        )
    n_times = values["square_x"].shape[1]
    end = float(grid_time(FIRST_INDEX + n_times - 1)) * base.rigidity
    reasons = [reason_not_converged(one, base.mode_type, base.eta, end, best, error) for one in DIRECTIONS]
    return Estimate(
        np.array([best[name] for name in names]),
        np.array([error[name] for name in names]),
        np.array([ratio[name] for name in names]),
        ratio_errors,
        np.array([not reason for reason in reasons], dtype=float),
    )


def studies_of(base: Point, results: dict[tuple[str, float], Moments]) -> dict[str, list[Estimate]]:
    """The three studies of one point, in the order of their values."""
    end = index_at_or_before(base.duration)
    long = results["default", 1.0]
    default = until(long, end)
    found: dict[str, list[Estimate]] = {"modes": [], "step": [], "duration": []}
    for density in MODES_PER_DECADE:
        own = until(results.get(("modes", density), long), end)
        found["modes"].append(estimate(base, own, default, paired=False))
    for factor in STEP_FACTORS:
        own = until(results.get(("step", factor), long), end)
        found["step"].append(estimate(base, own, default, paired=True))
    for shift in DURATION_SHIFTS:
        found["duration"].append(estimate(base, until(long, end + shift), default, paired=True))
    return found
