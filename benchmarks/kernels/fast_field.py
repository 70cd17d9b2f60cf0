"""Speed and error of the fast field, beside the exact one and a plain C loop, in the fields that its claims name.

kernel_speed.py measures it and fast_field_report.py judges.
"""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import plain_loop
from measuring import Floats, Measurement

from fieldwalk import kernels
from fieldwalk.kernels import _plane_waves
from fieldwalk.kernels.plane_waves import fast_waves
from fieldwalk.kernels.schedule import make_tables
from fieldwalk.turbulence import draw_realisation

PARTICLES = 64
STEP = 0.1
ETA = 0.5
FAST_STEPS = 8 * kernels.STEPS_PER_CYCLE
ERROR_STEPS = 2 * kernels.STEPS_PER_CYCLE
ERROR_FIELDS = 4


@dataclass(frozen=True)
class Case:
    """A field and a tolerance.

    Attributes
    ----------
    name : str
    modes : int
    scale_ratio, rigidity : float
    tolerance : float
    target_ns, public_ns : float, optional
        What is claimed of a particle-step on the Zen 4 core, and what the fastest public code takes there.
    """

    name: str
    modes: int
    scale_ratio: float
    rigidity: float
    tolerance: float = 1e-3
    target_ns: float | None = None
    public_ns: float | None = None

    @property
    def words(self) -> str:
        return f"{self.modes} modes, {self.name}"

    @cached_property
    def fields(self) -> list[Floats]:
        """Waves of a few realisations."""
        generator = np.random.default_rng(20260520)
        return [
            draw_realisation("isotropic", ETA, generator, modes=self.modes, scale_ratio=self.scale_ratio).waves
            for _ in range(ERROR_FIELDS)
        ]


def following(rigidity: float) -> Case:
    """128 modes per decade up to k_max r_g = 10, as campaigns have at this rigidity."""
    scale_ratio = 10 / (0.4 * np.pi * rigidity)  # k_min L_c = 0.4 pi for a long Kolmogorov spectrum
    return Case(f"r_g = {rigidity:g}", round(128 * np.log10(scale_ratio)), scale_ratio, rigidity)


FEW = Case("2 decades, r_g = 0.1", 256, 100.0, 0.1, target_ns=45.0, public_ns=268.0)
MANY = Case("4 decades, r_g = 0.001", 512, 1e4, 1e-3, target_ns=35.0, public_ns=420.0)
GROWING = tuple(following(rigidity) for rigidity in (1e-2, 1e-3, 1e-4))
DIRECT = tuple(Case(f"all direct, {modes}", modes, 100.0, 0.5, tolerance=2e-6) for modes in (256, 512))
"""So fast for their step that every wave is summed at every step: the time of one wave in single precision."""
CASES = (FEW, MANY, *GROWING, *DIRECT)
COMPARED = (FEW, MANY)
"""Pushed by the exact kernel and the plain loop too."""
MEAN_FIELD = float(np.sqrt(1 - ETA))


def ours(instruction_set: str) -> dict[str, Measurement]:
    """The compiled kernels on one instruction set."""
    number = kernels.instruction_sets().index(instruction_set)
    result = {}
    for case in CASES:
        result[f"fast, {case.name}"] = Measurement(_fast(number, case), PARTICLES * FAST_STEPS)
        if case in COMPARED:
            n_steps = _steps(case)

            def exact(case: Case = case, n_steps: int = n_steps) -> None:
                _plane_waves.push_exact(number, case.fields[0], *_motion(case, n_steps), *_no_samples())

            result[f"sum, {case.name}"] = Measurement(exact, PARTICLES * n_steps)
    return result


def plain(library: ctypes.CDLL) -> dict[str, Measurement]:
    """The plain loop of one compiled library."""
    result = {}
    for case in COMPARED:
        waves, n_steps = plain_loop.PlainWaves(case.fields[0]), _steps(case)

        def push(case: Case = case, waves: plain_loop.PlainWaves = waves, n_steps: int = n_steps) -> None:
            _, rigidity, step, _, position, velocity = _motion(case, n_steps)
            plain_loop.push(library, waves, MEAN_FIELD, rigidity, step, n_steps, position, velocity)

        result[f"sum, {case.name}"] = Measurement(push, PARTICLES * n_steps)
    return result


def _fast(number: int, case: Case) -> Callable[[], None]:
    """Whole cycles through tables that are made beforehand, as for a run of many cycles."""
    tables = make_tables(case.fields[0], rigidity=case.rigidity, step=STEP, tolerance=case.tolerance)
    fast = fast_waves(tables)

    def call() -> None:
        _plane_waves.push_multirate(number, fast, *_motion(case, FAST_STEPS), *_no_samples())

    return call


def _steps(case: Case) -> int:
    return 16384 // case.modes


def _start() -> tuple[Floats, Floats]:
    generator = np.random.default_rng(7)
    direction = generator.normal(size=(3, PARTICLES))
    return 100 * generator.random((3, PARTICLES)), direction / np.linalg.norm(direction, axis=0)


def _motion(case: Case, n_steps: int) -> tuple[float, float, float, int, Floats, Floats]:
    return (MEAN_FIELD, case.rigidity, STEP, n_steps, *_start())


def _no_samples() -> tuple[Floats, Floats, Floats, Floats]:
    return np.zeros(0, dtype=np.dtype("long")), np.zeros(0), np.empty((0, 3, PARTICLES)), np.empty((0, 3, PARTICLES))


def field_error(case: Case) -> float:
    """Rms error of the field along orbits, relative to dB, on the instruction set in use.

    The particles are looked at after n and n + 1 steps. The same step with the exact field differs in velocity by
    step * v x (error of B), whose mean square is two thirds of that of the error in B times step^2.
    """
    squares = []
    for waves in case.fields:
        common = {"rigidity": case.rigidity, "step": STEP, "mean_field": MEAN_FIELD}
        position, velocity = _start()
        sampled = kernels.push_particles(
            waves,
            position,
            velocity,
            n_steps=ERROR_STEPS,
            sample_steps=np.arange(float(ERROR_STEPS + 1)),
            tolerance=case.tolerance,
            **common,
        )
        for n in range(0, ERROR_STEPS, 7):  # seven and the intervals, powers of two, have no common factor
            here, then = sampled[0][n].copy(), sampled[1][n].copy()
            kernels.push_particles(waves, here, then, n_steps=1, **common)
            squares.append(np.mean(np.sum((sampled[1][n + 1] - then) ** 2, axis=0)) / STEP**2)
    return float(np.sqrt(1.5 * np.mean(squares) / ETA))


def errors() -> dict[str, dict[str, float]]:
    """Measured field errors by instruction set and case."""
    found = {}
    for name in kernels.instruction_sets():
        kernels.use_instruction_set(name)
        found[name] = {case.name: field_error(case) for case in CASES}
    return found
