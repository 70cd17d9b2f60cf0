"""What a piece of work costs in core-seconds and bytes, from measured speeds."""

import math
from dataclasses import dataclass

from fieldwalk.campaign.plan.field_work import FieldWork
from fieldwalk.campaign.time_grid import PARTICLE_GRID, SAMPLES_PER_CELL, TIMES_PER_DECADE, Grid


@dataclass(frozen=True)
class Speeds:
    """How fast one machine is, all its cores at work; in seconds of one core.

    Attributes
    ----------
    seconds_per_wave : float
        One plane wave at one position, in double precision.
    seconds_per_fast_wave, seconds_per_expansion : float
        The same in single precision, and the expansion of one wave about one position.
    seconds_per_step : float
        One particle-step besides the field.
    seconds_per_sample : float
        One particle at one sample besides the field: averaging, and its share of the moments.
    seconds_per_mode : float
        Drawing one mode.
    seconds_per_realisation : float
        One task besides all that: streams, start points, moments, sending and storing the result.
    seconds_per_launch : float
        One MPI job besides its tasks: the launcher, imports, the plan, the end.
    seconds_per_stage : float
        Starting one job of any other stage without figures.
    seconds_per_figure : float
        One figure, its job included.
    seconds_per_workflow : float
        ``fieldwalk run`` besides its jobs: planning, Snakemake, the report.
    """

    seconds_per_wave: float
    seconds_per_fast_wave: float
    seconds_per_expansion: float
    seconds_per_step: float
    seconds_per_sample: float
    seconds_per_mode: float
    seconds_per_realisation: float
    seconds_per_launch: float
    seconds_per_stage: float
    seconds_per_figure: float
    seconds_per_workflow: float


REFERENCE = Speeds(
    seconds_per_wave=7.3e-10,
    seconds_per_fast_wave=2.7e-10,
    seconds_per_expansion=1.26e-9,
    seconds_per_step=3.4e-9,
    seconds_per_sample=3.3e-7,
    seconds_per_mode=2.4e-6,
    seconds_per_realisation=1.0e-2,
    seconds_per_launch=1.4,
    seconds_per_stage=1.8,
    seconds_per_figure=3.5,
    seconds_per_workflow=4.5,
)
"""The machine of the benchmarks: two virtual cores of an Intel Xeon with AVX-512, with other programs on it. Its clock
drifts by a factor of 1.7.
"""

PARTICLES_PER_BLOCK = 16
"""The kernels carry whole blocks: seventeen particles cost as much as thirty-two. A test holds this equal to the
kernels'.
"""

LONGEST_STEP = 0.105
"""Omega h, for the number of samples where the step is not known; the number depends on its logarithm alone."""


def path_seconds(
    field: FieldWork, particles: int, steps: int, samples: float | None = None, speeds: Speeds = REFERENCE
) -> float:
    """Predicted core-seconds of pushing ``particles`` of one realisation by ``steps`` steps.

    Parameters
    ----------
    field : FieldWork
    particles, steps : int
    samples : float, optional
        Times at which the particles are looked at, each a field evaluation more; by default those of a run from the
        first step on, with steps of the greatest length.
    speeds : Speeds
    """
    if samples is None:
        samples = samples_until(steps, LONGEST_STEP)
    carried = -(-particles // PARTICLES_PER_BLOCK) * PARTICLES_PER_BLOCK
    evaluation = (
        field.exact * speeds.seconds_per_wave
        + field.fast * speeds.seconds_per_fast_wave
        + field.expanded * speeds.seconds_per_expansion
        + speeds.seconds_per_step
    )
    return (
        speeds.seconds_per_realisation
        + field.modes * speeds.seconds_per_mode
        + carried * (steps + samples) * evaluation
        + particles * samples * speeds.seconds_per_sample
    )


def samples_until(steps: int, step: float, grid: Grid = PARTICLE_GRID) -> float:
    """Number of samples in the first ``steps`` steps of length ``step`` (Omega h), to within one grid time's.

    The difference of two such numbers is that of a run that continues.
    """
    more_from = grid.sampled_more_from
    return SAMPLES_PER_CELL * _times_between(more_from, steps * step) + _times_between(
        10 ** ((grid.first_index - 1) / TIMES_PER_DECADE), min(steps * step, more_from)
    )


def times_until(steps: int, step: float, grid: Grid = PARTICLE_GRID) -> float:
    """Number of grid times in the first ``steps`` steps of length ``step`` (Omega h), to within one."""
    return _times_between(10 ** ((grid.first_index - 1) / TIMES_PER_DECADE), steps * step)


def _times_between(first: float, last: float) -> float:
    return TIMES_PER_DECADE * math.log10(last / first) if last > first else 0.0


def shard_bytes(realisations: int, particles: int, times: float, moments: int) -> int:
    """Bytes that a shard needs for ``realisations`` realisations: moments on the grid and the particles' final
    states.
    """
    return math.ceil(8 * realisations * (times * moments + 6 * particles + 4)) + 16384


def path_samples(step: float, grid: Grid, steps: tuple[int, int], ways: int = 1) -> float:
    """Samples of a path over a range of steps; ``ways`` counts the variables against which it is sampled."""
    first, last = (ways * samples_until(one, step, grid) for one in steps)
    return last - first


def path_bytes(
    step: float, grid: Grid, moments: int, realisations: int, paths: int, steps: tuple[int, int], whole: bool = False
) -> int:
    """Bytes that a shard needs for the paths of some realisations over a range of steps.

    ``whole`` says that moments are stored on the whole grid, whatever the first step.
    """
    first, last = (times_until(one, step, grid) for one in steps)
    return shard_bytes(realisations, paths, last if whole else last - first, moments)


MEGABYTES_PER_RANK = 165
"""One rank after its imports."""

BYTES_PER_TASK = 500
"""A task of the batch, on every rank."""

BYTES_PER_SAMPLE = 140
"""A particle at a sample while moments are taken, copies included."""

SHARDS_IN_MEMORY = 4
"""A shard while it is written, its file's image, and results that no checkpoint holds yet."""

MEMORY_MARGIN = 1.25


def memory_megabytes(ranks: int, tasks: int, largest_task: float, shard: float) -> int:
    """Memory to ask for when a batch runs on ``ranks`` ranks, with a margin of a quarter.

    Parameters
    ----------
    ranks, tasks : int
    largest_task : float
        Largest product of particles and samples of a task.
    shard : float
        Bytes of the batch's shard, which rank 0 builds in memory.
    """
    per_rank = MEGABYTES_PER_RANK + (tasks * BYTES_PER_TASK + largest_task * BYTES_PER_SAMPLE) / 1e6
    return math.ceil(MEMORY_MARGIN * (ranks * per_rank + SHARDS_IN_MEMORY * shard / 1e6))
