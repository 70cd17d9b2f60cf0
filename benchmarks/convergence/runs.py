"""The runs of the convergence study: which there are, and the moments that they give."""

import multiprocessing
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from studies import (
    DURATION_SHIFTS,
    PARTICLES,
    RATIO_AND_STEP,
    REALISATIONS,
    SEED,
    SHORT,
    SHORT_DURATION,
    STUDIED,
    STUDIES,
)

from fieldwalk import kernels
from fieldwalk.campaign.loading import campaign_from_mapping
from fieldwalk.campaign.plan.field_work import field_work
from fieldwalk.campaign.plan.task_cost import path_seconds
from fieldwalk.campaign.time_grid import FIRST_INDEX, grid_time, index_at_or_before, samples_between, steps_to
from fieldwalk.jobs.drawing import draw_field, draw_particles
from fieldwalk.parallel.progress import readable_time
from fieldwalk.particles.moments import healthy, moments
from fieldwalk.particles.numerics import auto_modes
from fieldwalk.particles.points import ParticlePoint, points
from fieldwalk.turbulence.spectrum import spectrum_from_mapping, wavenumber_range

CHUNK = 256
"""Realisations after which results are kept."""

Floats = NDArray[np.float64]
Moments = dict[str, Floats]
"""Moments by name, shape (realisations, times)."""


@dataclass(frozen=True)
class Run:
    """One set of numerics: pushes the particles of ``base`` through the fields of ``point``, number ``first`` and on.

    Waves with k r_g beyond ``cut`` are left out of the fields.
    """

    base: ParticlePoint
    point: ParticlePoint
    realisations: int
    first: int = 0
    cut: float = np.inf

    @property
    def steps(self) -> int:
        """Steps of each particle."""
        return steps_to(self.point.duration, self.point.step)

    @property
    def times(self) -> int:
        """Grid times up to the duration."""
        return index_at_or_before(self.point.duration) - FIRST_INDEX + 1

    @property
    def cost(self) -> float:
        """Predicted seconds of one realisation."""
        return path_seconds(field_work(self.point), PARTICLES, self.steps)


def default_points() -> list[ParticlePoint]:
    """The points around which numbers are varied.

    All is automatic but for two things: spectra end, and steps are, as with k_max r_g = 10 and k_max h = 1, which was
    automatic before this study found the first to be too small; and where the duration is very long it is cut.
    """
    campaign = campaign_from_mapping(
        {
            "name": "convergence",
            "seed": SEED,
            "turbulence": {"mode_types": ["isotropic"], "etas": [0.5]},
            "particles": {"rigidities": list(REALISATIONS)},
        },
        "convergence",
    )
    found = []
    for one in points(campaign):
        ratio, step = RATIO_AND_STEP[one.rigidity]
        modes = auto_modes(spectrum_from_mapping(one.spectrum), ratio, one.rigidity)
        found.append(replace(one, scale_ratio=ratio, step=step, modes=modes))
        if one.rigidity == SHORT:
            found[-1] = replace(found[-1], duration=float(grid_time(index_at_or_before(SHORT_DURATION / SHORT))))
    return found


def name_of(base: ParticlePoint, study: str, value: float) -> str:
    """Name of a run in the folder of kept results."""
    return f"rg{base.rigidity:g}_{study}_{value:g}"


def runs_of(base: ParticlePoint, more: float = 1.0) -> dict[tuple[str, float], Run]:
    """Every run of one point by (study, value), with ``more`` times the usual number of realisations.

    The default serves four studies, and at rigidities with a study of the duration it lasts longest.
    """
    count = round(more * REALISATIONS[base.rigidity])
    studies = STUDIED[base.rigidity]
    longest = base.duration
    if "duration" in studies:
        longest = float(grid_time(index_at_or_before(base.duration) + DURATION_SHIFTS[-1]))
    found = {("default", 1.0): Run(base, replace(base, duration=longest), 2 * count)}
    for study in studies:
        for place, value in enumerate(STUDIES[study].values):
            if study == "tolerance" and value != STUDIES[study].default:
                found[study, value] = Run(base, replace(base, tolerance=value), count)
            elif study == "step" and value != STUDIES[study].default:
                found[study, value] = Run(base, replace(base, step=value * base.step), count)
            elif study == "modes" and value != STUDIES[study].default:
                modes = round(value * np.log10(base.scale_ratio))
                found[study, value] = Run(base, replace(base, modes=modes), count, 100_000 * (place + 1))
            elif study == "resolution":
                found[study, value] = cut_run(base, value, count)
    return found


def cut_run(base: ParticlePoint, cut: float, count: int) -> Run:
    """A field that reaches the finest k_max r_g, cut at a smaller one: the same waves, only fewer, and the same B0."""
    spectrum = spectrum_from_mapping(base.spectrum)
    low, high = 1.0 + 1e-9, 1e9
    while high / low > 1 + 1e-12:
        middle = float(np.sqrt(low * high))
        too_small = wavenumber_range(spectrum, middle)[1] * base.rigidity < STUDIES["resolution"].finest
        low, high = (middle, high) if too_small else (low, middle)
    modes = round(STUDIES["modes"].default * np.log10(high))
    step = min(0.1, 1 / cut)  # the fastest wave turns by a radian
    return Run(base, replace(base, scale_ratio=high, modes=modes, step=step), count, 1_000_000, cut)


def push(run: Run, number: int) -> Moments:
    """Moments of one realisation at the grid times of the run."""
    field = draw_field(run.point, SEED, run.first + number)
    wavenumber = 2 * np.pi * np.linalg.norm(field.waves[:, :3], axis=1)
    position, velocity = draw_particles(run.base, SEED, run.first + number, 0, PARTICLES)
    start = position.copy(), velocity.copy()
    samples = samples_between(0, run.steps, run.point.step)
    later = kernels.push_particles(
        field.waves[wavenumber * run.point.rigidity <= run.cut],
        position,
        velocity,
        rigidity=run.point.rigidity,
        step=run.point.step,
        n_steps=run.steps,
        mean_field=field.mean_field,
        sample_steps=samples.steps,
        tolerance=run.point.tolerance,
    )
    if not healthy(*later).all():
        raise SystemExit(f"particles failed in realisation {number} of {run}")
    averages = moments(samples, *start, *later)
    return {name: value[: run.times] for name, value in averages.items() if name.startswith("square")}


def kept(path: Path, run: Run) -> Moments:
    """What an earlier start left of a run, nothing when the run has changed."""
    if path.exists():
        with np.load(path) as file:
            if file["numerics"] == _numerics(run):
                return {name: file[name][: run.realisations, : run.times] for name in file.files if name != "numerics"}
    return {}


def compute(runs: dict[str, Run], folder: Path, processes: int) -> dict[str, Moments]:
    """Run whatever ``folder`` does not hold yet, and say how far it has come; a second start goes on."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {name: kept(folder / f"{name}.npz", run) for name, run in runs.items()}
    todo = {name: range(_count(found[name]), run.realisations) for name, run in runs.items()}
    total = sum(runs[name].cost * len(numbers) for name, numbers in todo.items())
    begin, done = time.monotonic(), 0.0
    for name, numbers in todo.items():
        run = runs[name]
        with multiprocessing.get_context("fork").Pool(processes, _choose, (run,)) as pool:
            for first in range(0, len(numbers), CHUNK):
                rows = pool.map(_push, numbers[first : first + CHUNK], chunksize=4)
                for moment in rows[0]:
                    new = np.array([row[moment] for row in rows])
                    found[name][moment] = np.concatenate([found[name].get(moment, new[:0]), new])
                _keep(folder / f"{name}.npz", run, found[name])
                done += run.cost * len(rows)
                left = (time.monotonic() - begin) * (total - done) / done
                print(f"{done / total:4.0%} done, about {readable_time(left)} left: {name}", flush=True)
    return found


def _keep(path: Path, run: Run, values: Moments) -> None:
    part = path.with_suffix(".part.npz")
    np.savez(part, numerics=np.array(_numerics(run)), **values)
    part.replace(path)


def _numerics(run: Run) -> str:
    return repr(replace(run, realisations=0))


def _count(values: Moments) -> int:
    return len(values["square_x"]) if values else 0


def _choose(run: Run) -> None:
    global _run
    _run = run


def _push(number: int) -> Moments:
    return push(_run, number)


_run: Run
"""What a worker process runs."""
