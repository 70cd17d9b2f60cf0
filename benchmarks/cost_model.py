"""How well the cost model predicts a task: speeds from one set of tasks, held against many others.

    python benchmarks/cost_model.py [--rounds 5] [--processes 2] [--toy]

Half a minute for every process on an idle core; with --toy a second, and only to see that the program works.
"""

import argparse
import os
import sys
from itertools import product

import numpy as np
from reporting import processor
from rich.console import Console
from rich.table import Table

from fieldwalk.campaign.plan.task_cost import PARTICLES_PER_BLOCK, samples_until
from fieldwalk.cli.calibration.task_speeds import ROUNDS, SPEEDS, Kind, measure_tasks, predicted, time_tasks

MODES = (64, 128, 256, 512, 1024, 2048)
PARTICLES = (1, 16, 24, 64)
STEPS = (1000, 5000, 25000)
LENGTHS = (0.1, 0.02)

MOST_WORK = 2.5e9
"""Waves times positions of the largest task: about a second."""
TOY_WORK = 5e6

LEAST_SECONDS = 0.02
"""Shorter tasks are counted apart: what is done once per realisation is most of them."""


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description="Residuals of the cost model.")
    parser.add_argument("--rounds", type=int, default=5, help="how often each process runs each task")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)), help="at once")
    parser.add_argument("--toy", action="store_true", help="short tasks and one round of each")
    arguments = parser.parse_args()
    rounds, most_work = (1, TOY_WORK) if arguments.toy else (arguments.rounds, MOST_WORK)
    console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)
    console.print(f"processor {processor()}, {arguments.processes} processes, load {os.getloadavg()[0]:.1f}")
    speeds = measure_tasks(arguments.processes, 1 if arguments.toy else ROUNDS)
    for name in SPEEDS:
        console.print(f"{name}: {speeds.middle[name]:.3g} ({speeds.low[name]:.3g} to {speeds.high[name]:.3g})")
    console.print(f"the calibration's own tasks deviate by {speeds.largest_deviation:.1%} at most")
    kinds = [
        Kind(*numbers)
        for numbers in product(MODES, PARTICLES, STEPS, LENGTHS)
        if numbers[0] * (-(-numbers[1] // PARTICLES_PER_BLOCK) * PARTICLES_PER_BLOCK) * numbers[2] <= most_work
    ]
    measured, waiting = time_tasks(arguments.processes, rounds, kinds)
    seconds = np.median(measured, axis=0)
    deviation = predicted(kinds, np.array([speeds.middle[name] for name in SPEEDS])) / seconds - 1
    table = Table("modes", "particles", "steps", "step", "ms", "deviation", title="Predicted over measured")
    for number in np.argsort(-np.abs(deviation))[:12]:
        kind = kinds[number]
        table.add_row(
            *(str(kind.modes), str(kind.particles), f"{kind.steps:,}", f"{kind.step:g}"),
            *(f"{1e3 * seconds[number]:.1f}", f"{deviation[number]:+.1%}"),
        )
    console.print(table)
    long = seconds >= LEAST_SECONDS
    for words, chosen in ((f"of {LEAST_SECONDS:g} s or longer", long), ("shorter", ~long)):
        if chosen.any():
            console.print(
                f"{chosen.sum()} tasks {words}: root mean square {np.sqrt(np.mean(deviation[chosen] ** 2)):.1%},"
                f" largest {np.abs(deviation[chosen]).max():.1%}"
            )
    counted = max(abs(samples_until(kind.steps, kind.step) - kind.samples) for kind in kinds)
    console.print(f"the closed formula for samples is off by at most {counted:.1f}; processes waited {waiting:.0%}")


if __name__ == "__main__":
    main()
