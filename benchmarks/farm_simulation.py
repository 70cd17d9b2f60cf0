"""How busy 512 ranks are: the farm simulated with costs and times measured here, and held against real runs.

    python benchmarks/farm_simulation.py [--repeats 5] [--part runs|simulation]

Measures what messages and results cost rank 0 (farm_messages.py), and how real tasks scatter about the cost model;
checks the simulation (farm_model.py) against real batches on one, two and three ranks; then lets it loose on up to
2,048 ranks. Writes docs/data/farm_simulation.json and docs/images/farm_simulation.png. Five minutes on two idle cores.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from farm_model import Costs, Outcome, simulate
from farm_scaling import CAMPAIGN, farm_seconds, finish, processor_seconds, start_batch
from farm_simulation_figure import draw
from reporting import processor
from rich.console import Console
from rich.table import Table

from fieldwalk.campaign import paths
from fieldwalk.campaign.plan.batching import make_batches
from fieldwalk.campaign.plan.task_cost import REFERENCE, core_seconds, samples_until
from fieldwalk.campaign.plan.coverage import missing_portions
from fieldwalk.campaign.price.farm_time import farm_seconds as predicted_farm_seconds
from fieldwalk.particles.points import points
from fieldwalk.campaign.loading import load_campaign
from fieldwalk.campaign.plan.selection import wanted_of
from fieldwalk.stages.workflow import RESULTS_KEY, open_workflow
from fieldwalk.parallel.task import run_task
from fieldwalk.stages.batch import tasks_of

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "docs" / "data" / "farm_simulation.json"
IMAGE = ROOT / "docs" / "images" / "farm_simulation.png"
PAPER_SCALE = ROOT / "workflow" / "campaigns" / "mean-free-paths.yaml"

CORES = os.cpu_count() or 1

JOB_MINUTES = 30
RANKS = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
TASKS_PER_RANK = (2, 4, 8, 13, 20, 40, 80, 200, 500, 1000, 2000)
DRAWS = (0.92, 0.96, 1.0, 1.04, 1.08)
"""Factors on the number of tasks: whether it is a multiple of the ranks is chance."""

FEW_LONG: dict[str, Any] = {
    **CAMPAIGN,
    "turbulence": {"mode_types": ["isotropic"], "etas": [0.5]},
    "particles": {"rigidities": [0.01]},
    "statistics": {"realisations": 9, "particles_per_realisation": 16},
}
"""Nine tasks of most of a second: their end is a large part of the whole."""


SLEEPERS = ((8, 30, 1.0), (24, 60, 0.5), (24, 90, 1.0))
"""Ranks, tasks and seconds of batches of sleeping tasks, which need no core."""


def on_ranks(ranks: int, program: str, *options: str) -> dict[str, Any]:
    """Run a program beside this one on some ranks; it prints JSON."""
    launcher = shutil.which("mpiexec", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}") or "mpiexec"
    command = [launcher, "-n", str(ranks), sys.executable, str(Path(__file__).with_name(program)), *options]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def measured_costs() -> tuple[Costs, dict[str, Any]]:
    """What messages cost, for a result of a hundred grid times and sixteen particles."""
    found = on_ranks(2, "farm_messages.py")
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

    def __init__(self, folder: Path, content: dict[str, Any], name: str) -> None:
        workflow = open_workflow({**content, "name": name, RESULTS_KEY: str(folder)}, "benchmark")
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


def validate(cases: dict[str, Measured], costs: Costs, repeats: int) -> list[dict[str, Any]]:
    """Real and simulated wall seconds on one, two and three ranks, which share the cores where there are too few, and
    on many ranks that only sleep.
    """
    rows = []
    for name, case in cases.items():
        for ranks in (1, 2, 3):
            slower = max(1.0, ranks / CORES)
            simulated = simulate(case.seconds * slower, case.predicted, ranks, costs).seconds
            others, real = min(case.real_run(ranks) for _ in range(repeats))
            rows.append({"case": name, "ranks": ranks, "real": real, "simulated": simulated, "others": others})
    for ranks, number, seconds in SLEEPERS:
        found = on_ranks(ranks, "farm_sleepers.py", "--tasks", str(number), "--seconds", str(seconds))
        durations = np.array(found["durations"])
        # what a sleeper returns is hardly anything
        outcome = simulate(durations, np.full(number, seconds), ranks, replace(costs, serve_result=costs.serve_ask))
        name = f"{number} sleeping tasks"
        row = {"case": name, "ranks": ranks, "real": found["seconds"], "simulated": outcome.seconds}
        rows.append({**row, "others": None})  # who sleeps needs no core
    return rows


def homogeneous(ranks: int, per_rank: float, scatter: float, costs: Costs) -> dict[str, float]:
    """Mean outcome of batches of ``JOB_MINUTES`` of tasks that are predicted equal."""
    generator = np.random.default_rng(1)
    outcomes = []
    for factor in DRAWS if per_rank < 200 else (1.0,):
        number = max(1, round(factor * per_rank * ranks))
        typical = 60 * JOB_MINUTES / per_rank
        durations = typical * np.exp(scatter * generator.standard_normal(number))
        outcomes.append(simulate(durations, np.full(number, typical), ranks, costs))
    return _mean(outcomes)


def _mean(outcomes: list[Outcome]) -> dict[str, float]:
    rows = [asdict(outcome) for outcome in outcomes]
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def paper_scale(ranks: int, minutes: float, scatter: float, costs: Costs) -> dict[str, float]:
    """Every batch of the paper-scale campaign: the busy share of all, and how far the closed formula is off."""
    campaign = load_campaign(PAPER_SCALE)
    grid = points(campaign)
    wanted = [wanted_of(campaign, point) for point in grid]
    each = {
        want.point: core_seconds(point.modes, want.particles, want.steps, samples_until(want.steps, point.step))
        for point, want in zip(grid, wanted, strict=True)
    }
    portions = [(portion, want.modes) for want in wanted for portion in missing_portions(want, [])]
    batches = make_batches(portions, 60 * minutes * ranks)
    generator = np.random.default_rng(1)
    wall, work, formula = [], [], []
    for batch in batches:
        kinds = [(each[p.point], p.realisations[1] - p.realisations[0]) for p in batch.portions]
        predicted = np.repeat([seconds for seconds, _ in kinds], [number for _, number in kinds])
        durations = predicted * np.exp(scatter * generator.standard_normal(predicted.size))
        wall.append(simulate(durations, predicted, ranks, costs).seconds)
        work.append(float(durations.sum()))
        formula.append(predicted_farm_seconds(kinds, ranks))
    deviations = np.array(formula) / np.array(wall) - 1
    return {
        "ranks": ranks,
        "job_minutes": minutes,
        "jobs": len(batches),
        "longest_task_minutes": max(each.values()) / 60,
        "busy": sum(work) / (ranks * sum(wall)),
        "formula_over_simulated": float(np.sum(formula) / np.sum(wall)),
        "largest_deviation": float(np.abs(deviations).max()),
    }


def sweep(scatter: float, costs: Costs) -> dict[str, Any]:
    """All curves."""
    far = replace(costs, latency=100 * costs.latency)
    return {
        "by_tasks": [
            {"ranks": ranks, "tasks_per_rank": number, **homogeneous(ranks, number, scatter, costs)}
            for ranks in (2, 32, 512, 2048)
            for number in TASKS_PER_RANK
        ],
        "tail_only": [
            {"ranks": 512, "tasks_per_rank": number, **homogeneous(512, number, scatter, Costs(0.0, 0.0, 0.0, 0.0))}
            for number in TASKS_PER_RANK
        ],
        "by_ranks": [
            {"ranks": ranks, "tasks_per_rank": number, **homogeneous(ranks, number, scatter, costs)}
            for ranks in RANKS
            for number in (8, 20, 200, 1000)
        ],
        "far": [
            {"ranks": 512, "tasks_per_rank": number, **homogeneous(512, number, scatter, far)}
            for number in (20, 200, 1000)
        ],
        "paper_scale": [paper_scale(512, minutes, scatter, costs) for minutes in (30, 120, 240, 480)],
    }


def report(console: Console, data: dict[str, Any]) -> None:
    """Print what was measured, checked and found."""
    console.print(
        f"rank 0 needs {1e6 * data['costs']['serve_ask']:.0f} us to answer a rank and"
        f" {1e3 * data['costs']['serve_result']:.2f} ms to take in a result; a message takes"
        f" {1e6 * data['costs']['latency']:.0f} us, packing a result {1e6 * data['costs']['pack']:.0f} us;"
        f" tasks of a point scatter by {data['scatter']:.1%}, points about the cost model by {data['deviation']:.1%}"
    )
    table = Table("batch", "ranks", "real s", "simulated s", "deviation", "others", title="Against real runs")
    for row in data["validation"]:
        deviation = row["simulated"] / row["real"] - 1
        table.add_row(
            *(row["case"], str(row["ranks"]), f"{row['real']:.2f}", f"{row['simulated']:.2f}", f"{deviation:+.1%}"),
            "-" if row["others"] is None else f"{row['others']:.0%}",
        )
    console.print(table)
    table = Table("ranks", "tasks a rank", "s a task", "busy", "rank 0 serves", title=f"Batches of {JOB_MINUTES} min")
    for row in data["by_tasks"]:
        table.add_row(
            *(str(row["ranks"]), str(row["tasks_per_rank"]), f"{60 * JOB_MINUTES / row['tasks_per_rank']:.3g}"),
            *(f"{row['busy']:.1%}", f"{row['serving']:.1%}"),
        )
    console.print(table)
    for row in data["far"]:
        console.print(f"512 ranks, {row['tasks_per_rank']} tasks a rank, messages 100 times as slow: {row['busy']:.1%}")
    for row in data["paper_scale"]:
        console.print(
            f"paper-scale campaign, {row['ranks']} ranks, job_minutes: {row['job_minutes']}: {row['jobs']} jobs,"
            f" {row['busy']:.1%} busy; closed formula / simulation {row['formula_over_simulated']:.3f}"
            f" (a job at most {row['largest_deviation']:.0%} off)"
        )


def main() -> None:
    """Measure, check, simulate, and draw."""
    parser = argparse.ArgumentParser(description="How busy many ranks are, by simulation.")
    parser.add_argument("--repeats", type=int, default=5, help="real runs of each batch; the least disturbed counts")
    parser.add_argument("--part", choices=("runs", "simulation"), help="renew only this part of the stored data")
    arguments = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 130, highlight=False)
    console.print(f"processor {processor()}, load {os.getloadavg()[0]:.1f}")
    data = json.loads(DATA.read_text(encoding="utf-8")) if arguments.part else {}
    costs, found = measured_costs()
    with tempfile.TemporaryDirectory() as name:
        cases = {
            "144 short tasks": Measured(Path(name), CAMPAIGN, "short"),
            "9 long tasks": Measured(Path(name), FEW_LONG, "long"),
        }
        if arguments.part != "simulation":
            data["validation"] = validate(cases, costs, arguments.repeats)
    if arguments.part != "runs":
        scatter = max(case.scatter() for case in cases.values())
        data |= {
            "processor": processor(),
            "job_minutes": JOB_MINUTES,
            "costs": asdict(costs),
            "messages": found,
            "scatter": scatter,
            "deviation": cases["144 short tasks"].deviation(),
            "reference": asdict(REFERENCE),
            **sweep(scatter, costs),
        }
    DATA.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    draw(data, IMAGE)
    report(console, data)


if __name__ == "__main__":
    main()
