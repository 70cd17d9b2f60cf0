"""The farm on many more ranks than cores, with tasks that sleep: its dealing without its computing.

    mpiexec -n 24 python benchmarks/farm/sleepers.py --tasks 90 --seconds 1

Started by simulation.py, which holds its own simulation against it. Prints the wall seconds and the durations.
"""

import argparse
import json
import time
from dataclasses import dataclass

import numpy as np
from mpi4py import MPI

from fieldwalk.parallel.farm import run_farm
from fieldwalk.parallel.task import Arrays, State

SCATTER = 0.2
"""Relative, so that it shows who was dealt what."""


@dataclass(frozen=True)
class Sleeper:
    """A task of milliseconds slept."""

    key: str
    cost: float
    length: int

    def start(self) -> State:
        return {}

    def advance(self, state: State, n: int) -> State:
        time.sleep(1e-3 * n)
        return state

    def finish(self, state: State) -> Arrays:
        return {"slept": np.array(1e-3 * self.length)}


def sleepers(number: int, seconds: float) -> list[Sleeper]:
    """Tasks whose lengths scatter about a common prediction."""
    lengths = seconds * np.exp(SCATTER * np.random.default_rng(1).standard_normal(number))
    return [Sleeper(f"sleeper {n}", seconds, max(1, round(1e3 * length))) for n, length in enumerate(lengths)]


def main() -> None:
    """Run the farm."""
    parser = argparse.ArgumentParser(description="A farm of sleeping tasks.")
    parser.add_argument("--tasks", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True, help="of a typical task")
    arguments = parser.parse_args()
    comm = MPI.COMM_WORLD
    tasks = sleepers(arguments.tasks, arguments.seconds)
    comm.Barrier()
    begin = time.monotonic()
    last = [0.0]

    def receive(number: int, arrays: Arrays) -> None:
        last[0] = time.monotonic() - begin

    run_farm(tasks, comm, receive)
    if comm.rank == 0:
        print(json.dumps({"seconds": last[0], "durations": [1e-3 * task.length for task in tasks]}))


if __name__ == "__main__":
    main()
