"""How fast this machine computes tasks, measured on tasks: the numbers that predictions of cost are made of."""

import multiprocessing
import pickle
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from fieldwalk.campaign.loading import campaign_from_mapping
from fieldwalk.campaign.plan.field_work import field_work
from fieldwalk.campaign.plan.task_cost import PARTICLES_PER_BLOCK
from fieldwalk.campaign.time_grid import samples_between
from fieldwalk.io.shards import ShardWriter
from fieldwalk.parallel.task import run_task
from fieldwalk.particles.points import ParticlePoint, points
from fieldwalk.particles.task import ParticleTask

Floats = NDArray[np.float64]

SPEEDS = (
    "seconds_per_wave",
    "seconds_per_fast_wave",
    "seconds_per_expansion",
    "seconds_per_step",
    "seconds_per_sample",
    "seconds_per_mode",
    "seconds_per_realisation",
)
"""Fields of :class:`fieldwalk.campaign.plan.task_cost.Speeds` that tasks tell of."""


@dataclass(frozen=True)
class Kind:
    """A task to measure: ``step`` is Omega h, and the field that of r_g = 0.1 L_c unless said."""

    modes: int
    particles: int
    steps: int
    step: float
    tolerance: float = 0.0
    scale_ratio: float = 100.0
    rigidity: float = 0.1

    @property
    def point(self) -> ParticlePoint:
        """A point with these numerics."""
        return replace(
            points(_CAMPAIGN)[0],
            modes=self.modes,
            step=self.step,
            tolerance=self.tolerance,
            scale_ratio=self.scale_ratio,
            rigidity=self.rigidity,
        )

    @property
    def samples(self) -> int:
        """Times at which the particles are looked at."""
        return int(samples_between(0, self.steps, self.step).steps.size)


KINDS = (
    Kind(256, 16, 500, 0.1),
    Kind(256, 16, 4000, 0.1),
    Kind(64, 16, 4000, 0.1),
    Kind(1024, 16, 1000, 0.1),
    Kind(512, 32, 4000, 0.02),
    Kind(512, 16, 8000, 0.1),
    Kind(2048, 16, 2000, 0.02),
    Kind(32, 64, 4000, 0.1),
    Kind(16, 16, 20000, 0.1),
    Kind(2048, 16, 300, 0.1),
    Kind(128, 20, 6000, 0.05),
    Kind(256, 16, 20000, 0.1, 2e-6),
    Kind(256, 16, 40000, 0.1, 1e-3),
    Kind(512, 16, 40000, 0.1, 1e-3, 1e4, 1e-3),
    Kind(1024, 16, 20000, 0.1, 1e-3, 1e4, 1e-3),
    Kind(640, 16, 40000, 0.1, 1e-3, 1e5, 1e-4),
)
"""From 3 to 50 ms, and apart enough in modes, particles, steps and samples to tell the speeds from one another."""

GROUP = "point/realisations_particles_steps"

ROUNDS = 15

DRAWS = 100
"""Bootstrap samples of the rounds, for the quartiles of the speeds."""


@dataclass(frozen=True)
class TaskSpeeds:
    """What tasks tell of a machine.

    Attributes
    ----------
    middle, low, high : dict
        Seconds by the names of :data:`SPEEDS`: from the median time of each kind, and quartiles over draws of rounds.
    largest_deviation : float
        Of the median time of a kind from what the speeds make of it, relative.
    waiting : float
        Share of the wall time in which the processes did not compute.
    """

    middle: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]
    largest_deviation: float
    waiting: float


def measure_tasks(processes: int, rounds: int = ROUNDS) -> TaskSpeeds:
    """Time tasks of all :data:`KINDS` in as many processes as will compute at once, and find the speeds."""
    seconds, waiting = time_tasks(processes, rounds, KINDS)
    middle, deviation = fit_speeds(KINDS, np.median(seconds, axis=0))
    drawn = np.random.default_rng(1).integers(len(seconds), size=(DRAWS, len(seconds)))
    low, high = np.percentile([fit_speeds(KINDS, np.median(seconds[rows], axis=0))[0] for rows in drawn], [25, 75], 0)
    return TaskSpeeds(
        middle=_by_name(middle),
        low=_by_name(low),
        high=_by_name(high),
        largest_deviation=float(np.abs(deviation).max()),
        waiting=waiting,
    )


def time_tasks(processes: int, rounds: int, kinds: Sequence[Kind]) -> tuple[Floats, float]:
    """Run tasks in several processes at once, as cores that share caches and clocks slow each other.

    Parameters
    ----------
    processes : int
    rounds : int
        How often each process runs each kind, round after round.
    kinds : sequence of Kind

    Returns
    -------
    seconds : array, shape (processes * rounds, n_kinds)
        Processor time.
    waiting : float
        Share of the wall time in which the processes did not compute.
    """
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(processes)
    with ProcessPoolExecutor(processes, context, initializer=_meet_at, initargs=(barrier,)) as pool:
        measured = [future.result() for future in [pool.submit(_rounds, rounds, kinds) for _ in range(processes)]]
    seconds = np.concatenate([times for times, _ in measured])
    return seconds, max(0.0, 1 - float(seconds.sum()) / sum(length for _, length in measured))


def fit_speeds(kinds: Sequence[Kind], seconds: Floats) -> tuple[Floats, Floats]:
    """Speeds, none negative, that come nearest to measured times in relative deviation.

    Parameters
    ----------
    kinds : sequence of Kind
    seconds : array, shape (n_kinds,)

    Returns
    -------
    speeds : array, shape (7,)
        In the order of :data:`SPEEDS`.
    deviation : array, shape (n_kinds,)
        Of what the speeds make of each kind, relative to what was measured.
    """
    work = _work(kinds) / seconds[:, None]
    size = work.max(axis=0)
    found, _ = optimize.nnls(work / size, np.ones(len(kinds)))
    return found / size, work @ (found / size) - 1


def predicted(kinds: Sequence[Kind], speeds: Floats) -> Floats:
    """Seconds of each kind at given speeds, in the order of :data:`SPEEDS`."""
    return _work(kinds) @ speeds


def _work(kinds: Sequence[Kind]) -> Floats:
    """How often each kind does what each of the speeds is of."""
    rows = []
    for kind in kinds:
        carried = -(-kind.particles // PARTICLES_PER_BLOCK) * PARTICLES_PER_BLOCK
        pushed, field = carried * (kind.steps + kind.samples), field_work(kind.point)
        waves = [pushed * field.exact, pushed * field.fast, pushed * field.expanded]
        rows.append([*waves, pushed, kind.particles * kind.samples, kind.modes, 1.0])
    return np.array(rows)


def _by_name(values: Floats) -> dict[str, float]:
    return {name: float(value) for name, value in zip(SPEEDS, values, strict=True)}


_barrier: Barrier | None = None


def _meet_at(barrier: Barrier) -> None:
    global _barrier
    _barrier = barrier


def _rounds(rounds: int, kinds: Sequence[Kind]) -> tuple[Floats, float]:
    """Processor seconds of each kind in each round, and the wall seconds of them all."""
    seconds = np.zeros((rounds, len(kinds)))
    with ExitStack() as stack:
        # one each: a file of many groups is slower to write to
        files = [ShardWriter(Path(f"kind-{number}.h5"), {GROUP: rounds + 1}) for number in range(len(kinds))]
        writers = [stack.enter_context(closing(file)) for file in files]
        for kind, writer in zip(kinds, writers, strict=True):
            _processor_seconds(kind, rounds, writer)
        assert _barrier is not None
        _barrier.wait()
        begin = time.perf_counter()
        for number in range(rounds):
            pairs = zip(kinds, writers, strict=True)
            seconds[number] = [_processor_seconds(kind, number, writer) for kind, writer in pairs]
        return seconds, time.perf_counter() - begin


def _processor_seconds(kind: Kind, realisation: int, writer: ShardWriter) -> float:
    task = ParticleTask(
        point=kind.point,
        seed=_CAMPAIGN.seed,
        realisation=realisation,
        particles=(0, kind.particles),
        steps=(0, kind.steps),
        key="calibration",
    )
    begin = time.process_time()
    # a result travels to rank 0 and into the shard there
    writer.write(GROUP, realisation, pickle.loads(pickle.dumps(run_task(task))))
    return time.process_time() - begin


_CAMPAIGN = campaign_from_mapping(
    {
        "name": "calibration",
        "seed": 1,
        "turbulence": {"mode_types": ["isotropic"], "etas": [0.5]},
        "particles": {"rigidities": [0.1]},
    },
    "calibration",
)
