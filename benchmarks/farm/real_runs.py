"""Real runs that the farm simulation is held against, and what it is fed with: costs of messages, times of tasks."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from model import Costs, simulate
from scaling import farm_seconds, finish, processor_seconds, start_batch

from fieldwalk.campaign import paths
from fieldwalk.parallel.task import run_task
from fieldwalk.stages.batch import tasks_of
from fieldwalk.stages.workflow import RESULTS_KEY, open_workflow

CORES = os.cpu_count() or 1

Counts = tuple[int, ...]
Sleepers = tuple[tuple[int, int, float], ...]
"""Ranks, tasks and seconds of batches of sleeping tasks."""


def on_ranks(ranks: int, program: str, *options: str) -> dict[str, Any]:
    """Run a program beside this one on some ranks; it prints JSON."""
    launcher = shutil.which("mpiexec", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}") or "mpiexec"
    command = [launcher, "-n", str(ranks), sys.executable, str(Path(__file__).with_name(program)), *options]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def measured_costs(repeats: int) -> tuple[Costs, dict[str, Any]]:
    """What messages cost, for a result of a hundred grid times and sixteen particles."""
    found = on_ranks(2, "messages.py", "--repeats", str(repeats))
    typical = found["results"][1]
    costs = Costs(
        serve_ask=found["serve_ask"],
        serve_result=typical["receive"] + typical["write"],
        latency=found["round_trip"] / 2,
        pack=found["pack"][1],
    )
    return costs, found


class Measured:
    """A campaign planned in a folder, its one batch, and how long its tasks take one by one."""

    def __init__(self, folder: Path, content: dict[str, Any], name: str, realisations: int) -> None:
        statistics = {**content["statistics"], "realisations": realisations}
        workflow = open_workflow(
            {**content, "name": name, "statistics": statistics, RESULTS_KEY: str(folder)}, "benchmark"
        )
        workflow.freeze()
        (batch,) = workflow.selection.batches
        self.place = (workflow.folder, batch)
        tasks = tasks_of(workflow.selection.plan, batch, workflow.folder)
        self.predicted = np.array([task.cost for task in tasks])
        self.groups = [len(list(group)) for _, group in groupby(tasks, key=lambda task: task.point)]
        self.seconds = np.array([_processor_seconds(task) for task in tasks])

    def scatter(self) -> float:
        """Standard deviation of the logarithm of a task's time among those of its point."""
        parts = np.split(np.log(self.seconds), np.cumsum(self.groups)[:-1])
        return float(np.sqrt(np.mean(np.concatenate([(part - part.mean()) ** 2 for part in parts]))))

    def deviation(self) -> float:
        """Standard deviation of the logarithm of a point's time over its prediction, about their mean."""
        parts = np.split(np.log(self.seconds / self.predicted), np.cumsum(self.groups)[:-1])
        return float(np.std([part.mean() for part in parts]))

    def real_run(self, ranks: int) -> tuple[float, float]:
        """Share of the cores that other programs took during a real run, and wall seconds of its farm."""
        paths.shard(*self.place).unlink(missing_ok=True)
        begin, busy, own = time.monotonic(), busy_seconds(), processor_seconds()
        finish(start_batch(self.place, ranks))
        available = (time.monotonic() - begin) * CORES
        others = (busy_seconds() - busy - processor_seconds() + own) / available
        return max(0.0, others), farm_seconds(*self.place)


def busy_seconds() -> float:
    """Processor seconds of all programs of this machine since it was started."""
    numbers = [int(word) for word in Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()[1:9]]
    return (sum(numbers) - numbers[3] - numbers[4]) / os.sysconf("SC_CLK_TCK")


def _processor_seconds(task: Any) -> float:
    begin = time.process_time()
    run_task(task)
    return time.process_time() - begin


def validate(
    cases: dict[str, Measured], costs: Costs, repeats: int, real_ranks: Counts, sleepers: Sleepers
) -> list[dict[str, Any]]:
    """Real and simulated wall seconds on one, two and three ranks, which share the cores where there are too few, and
    on many ranks that only sleep.
    """
    rows = []
    for name, case in cases.items():
        for ranks in real_ranks:
            slower = max(1.0, ranks / CORES)
            simulated = simulate(case.seconds * slower, case.predicted, ranks, costs).seconds
            others, real = min(case.real_run(ranks) for _ in range(repeats))
            rows.append({"case": name, "ranks": ranks, "real": real, "simulated": simulated, "others": others})
    for ranks, number, seconds in sleepers:
        found = on_ranks(ranks, "sleepers.py", "--tasks", str(number), "--seconds", str(seconds))
        durations = np.array(found["durations"])
        # what a sleeper returns is hardly anything
        outcome = simulate(durations, np.full(number, seconds), ranks, replace(costs, serve_result=costs.serve_ask))
        name = f"{number} sleeping tasks"
        row = {"case": name, "ranks": ranks, "real": found["seconds"], "simulated": outcome.seconds}
        rows.append({**row, "others": None})  # who sleeps needs no core
    return rows
