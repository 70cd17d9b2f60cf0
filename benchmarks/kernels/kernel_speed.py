"""Speed of the field kernel and of the particle push, beside a plain C loop compiled here and now.

    python benchmarks/kernels/kernel_speed.py [--rounds 31]

Every variant is measured in turn, round after round, so that whatever else the machine does falls on all of
them alike. Times are the thread's own processor time, given as medians with their quartiles. On a shared
machine believe the ratio, not the nanoseconds. Runs for half a minute on one core; README.md in
this folder says how to read the tables.
"""

import argparse
import ctypes
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import fast_field
import numpy as np
import plain_loop
from measuring import Floats, Measurement, Times, measure
from rich.console import Console
from rich.table import Table

from fieldwalk import kernels
from fieldwalk.turbulence import draw_realisation

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # what all benchmarks print alike
import fast_field_report as report
from reporting import processor, spread, verdict

TARGET_RATIO = 0.50 / report.PLAIN_ZEN4_NS
PUBLIC_RATIO = 0.60 / report.PLAIN_ZEN4_NS
"""The best public code, per (evaluation x mode)."""
TARGET_OVERHEAD_NS = 20.0

POSITIONS = 4096
PARTICLES = 64
FIELD_MODES = 256
STEP_MODES = (0, 256, 512)
RIGIDITY, STEP = 0.1, 0.0795


class Scene:
    """The same drawn fields and particles for every variant."""

    def __init__(self) -> None:
        generator = np.random.default_rng(20260520)
        self.waves = {0: np.empty((0, 7))}
        for modes in STEP_MODES[1:]:
            self.waves[modes] = draw_realisation("isotropic", 0.5, generator, modes=modes).waves
        self.mean_field = float(np.sqrt(0.5))
        self.position = 100 * generator.random((3, POSITIONS))
        direction = generator.normal(size=(3, PARTICLES))
        self.start = self.position[:, :PARTICLES].copy()
        self.velocity = direction / np.linalg.norm(direction, axis=0)

    def measurements(
        self, fields: dict[str, Callable[[], Floats]], push: Callable[[int, int], Floats]
    ) -> dict[str, Measurement]:
        """What is measured of a variant: its ``fields`` and its ``push(modes, n_steps)``."""
        result = {name: Measurement(call, POSITIONS * FIELD_MODES) for name, call in fields.items()}
        for modes in STEP_MODES:
            n_steps = 16384 // max(modes, 8)  # about as long a call whatever the number of modes

            def call(modes: int = modes, n_steps: int = n_steps) -> Floats:
                return push(modes, n_steps)

            result[f"step {modes}"] = Measurement(call, PARTICLES * n_steps)
        return result


def ours(scene: Scene, instruction_set: str) -> dict[str, Measurement]:
    """The compiled kernels on one instruction set."""

    def field() -> Floats:
        kernels.use_instruction_set(instruction_set)
        return kernels.evaluate_field(scene.waves[FIELD_MODES], scene.position, scene.mean_field)

    def push(modes: int, n_steps: int) -> Floats:
        kernels.use_instruction_set(instruction_set)
        position, velocity = scene.start.copy(), scene.velocity.copy()
        kernels.push_particles(
            scene.waves[modes],
            position,
            velocity,
            rigidity=RIGIDITY,
            step=STEP,
            n_steps=n_steps,
            mean_field=scene.mean_field,
        )
        return position

    return scene.measurements({"field": field}, push)


def plain(scene: Scene, library: ctypes.CDLL) -> dict[str, Measurement]:
    """The plain loop of one compiled library, in both orders of its loops."""
    waves = {modes: plain_loop.PlainWaves(table) for modes, table in scene.waves.items()}

    def field(function: str) -> Floats:
        out = np.empty_like(scene.position)
        plain_loop.field(library, function, waves[FIELD_MODES], scene.mean_field, scene.position, out)
        return out

    def push(modes: int, n_steps: int) -> Floats:
        position, velocity = scene.start.copy(), scene.velocity.copy()
        plain_loop.push(library, waves[modes], scene.mean_field, RIGIDITY, STEP, n_steps, position, velocity)
        return position

    fields = {
        "field": lambda: field("field_across_particles"),
        "field across modes": lambda: field("field_across_modes"),
    }
    return scene.measurements(fields, push)


def check_equal(variants: dict[tuple[str, str], dict[str, Measurement]]) -> None:
    """All variants must compute the same field and the same orbits, or their times mean nothing."""
    first = next(iter(variants.values()))
    expected = {name: (first[name].call(), limit) for name, limit in (("field", 1e-11), ("step 256", 1e-9))}
    for (code, name), measurements in variants.items():
        for what, (value, limit) in expected.items():
            difference = float(np.abs(measurements[what].call() - value).max())
            if difference > limit:
                sys.exit(f"{code}, {name}: {what} differs by {difference:.1e}, so there is no comparison")


def plain_field(times: Times, name: str) -> Floats | None:
    """The faster of the plain loop's two orders."""
    if ("plain", name) not in times:
        return None
    loops = [times["plain", name][order] for order in ("field", "field across modes")]
    return min(loops, key=lambda loop: float(np.median(loop)))


def ratio(times: Times, name: str) -> Floats | None:
    """Ours over the faster plain loop, round by round."""
    loop = plain_field(times, name)
    return None if loop is None or ("ours", name) not in times else times["ours", name]["field"] / loop


def field_table(times: Times) -> Table:
    """Time per evaluation and mode."""
    table = Table(
        title=f"The field in double precision: ns for one of {FIELD_MODES} waves at one position, median (quartiles)",
        caption="plain: the C loop of plain_loop.c, compiled here. A ratio below 1: the compiled kernel is faster.",
    )
    table.add_column("instruction set")
    for heading in ("ours", "plain, across particles", "plain, across modes", "ours / faster plain"):
        table.add_column(heading, justify="right")
    for name in (*plain_loop.VECTOR_FLAGS, "scalar"):
        own, loop = times.get(("ours", name), {}), times.get(("plain", name), {})
        if own or loop:
            columns = [
                own.get("field"),
                loop.get("field"),
                loop.get("field across modes"),
                ratio(times, name),
            ]
            table.add_row(name, *(spread(column, 3) for column in columns))
    return table


def step_table(times: Times) -> Table:
    """Time per particle and step."""
    table = Table(title="One step of one particle in double precision: ns by number of waves, median (quartiles)")
    table.add_column("instruction set")
    table.add_column("code")
    for modes in STEP_MODES:
        table.add_column(f"{modes} waves", justify="right")
    for name in (*plain_loop.VECTOR_FLAGS, "scalar"):
        for code in ("ours", "plain"):
            if samples := times.get((code, name)):
                table.add_row(name, code, *(spread(samples[f"step {modes}"], 1) for modes in STEP_MODES))
    return table


def verdicts(times: Times, errors: report.Errors) -> list[str]:
    """The targets, met or missed."""
    fastest = kernels.instruction_sets()[-1]
    own = times["ours", fastest]
    few, many = STEP_MODES[1:]
    intercept = (many * own[f"step {few}"] - few * own[f"step {many}"]) / (many - few)
    overhead = (TARGET_OVERHEAD_NS, 1, " ns")
    lines = [
        verdict(f"a step without modes, {fastest}", own["step 0"], *overhead),
        verdict(f"the same from {few} and {many} modes, extrapolated to none", intercept, *overhead),
    ]
    shares, loop = ratio(times, "avx512"), plain_field(times, "avx512")
    if shares is None or loop is None:
        return [*lines, "ours / plain, avx512: not measured, see what is missing above"]
    double = verdict("double precision / plain, avx512", shares, TARGET_RATIO)
    return [f"{double}; best public code {PUBLIC_RATIO:.3f}", *report.verdicts(times, errors, loop), *lines]


def main() -> None:
    """Compile, check, measure, report."""
    parser = argparse.ArgumentParser(description="Speed of the kernels beside a plain C loop.")
    parser.add_argument("--rounds", type=int, default=31, help="repetitions of every measurement")
    rounds = parser.parse_args().rounds
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    console.print(f"processor {processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    scene = Scene()
    here = kernels.instruction_sets()
    for name in (name for name in plain_loop.VECTOR_FLAGS if name not in here):
        console.print(f"missing: {name}: not compiled into the kernels, or this processor cannot run it")
    variants = {("ours", name): ours(scene, name) for name in here}
    with tempfile.TemporaryDirectory() as folder:
        libraries = plain_loop.compiled(Path(folder), here, console.print)
        variants |= {("plain", name): plain(scene, library) for name, library in libraries.items()}
        check_equal(variants)
        for (code, name), measurements in variants.items():
            measurements |= fast_field.ours(name) if code == "ours" else fast_field.plain(libraries[name])
        times = measure(variants, rounds)
    errors = fast_field.errors()
    for table in (field_table(times), step_table(times)):
        console.print(table)
    for table in (report.compared_table(times, errors), report.growth_table(times, errors)):
        console.print(table)
    console.print("Targets, as shares of the plain loop's time in this run (benchmarks/README.md):")
    for line in verdicts(times, errors):
        console.print(line)


if __name__ == "__main__":
    main()
