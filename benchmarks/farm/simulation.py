"""How busy 512 ranks are: the farm simulated with costs and times measured here, and held against real runs.

    python benchmarks/farm/simulation.py [--repeats 5] [--part runs|simulation] [--toy]

Measures what messages and results cost rank 0 (messages.py), and how real tasks scatter about the cost model;
checks the simulation (model.py) against real batches on one, two and three ranks; then lets it loose on up to
2,048 ranks. Writes docs/data/farm_simulation.json and docs/images/farm_simulation.png. Five minutes on two idle
cores. With --toy everything is small, takes seconds, and says nothing of a farm: it shows that the program works.
"""

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from model import Costs, Outcome, simulate
from real_runs import Measured, Sleepers, measured_costs, validate
from rich.console import Console
from rich.table import Table
from scaling import CAMPAIGN
from simulation_figure import draw

from fieldwalk.campaign.loading import load_campaign
from fieldwalk.campaign.plan.batching import make_batches
from fieldwalk.campaign.plan.coverage import missing_portions
from fieldwalk.campaign.plan.field_work import field_work
from fieldwalk.campaign.plan.selection import resolve
from fieldwalk.campaign.plan.task_cost import REFERENCE, path_seconds, samples_until
from fieldwalk.campaign.price.job_price import farm_seconds as predicted_farm_seconds

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # what all benchmarks print alike
from reporting import processor

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "docs" / "data" / "farm_simulation.json"
IMAGE = ROOT / "docs" / "images" / "farm_simulation.png"
PAPER_SCALE = ROOT / "workflow" / "campaigns" / "mean-free-paths.yaml"

JOB_MINUTES = 30
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


@dataclass(frozen=True)
class Extent:
    """How much is run and simulated.

    Attributes
    ----------
    short, long : int
        Realisations of the short and of the long tasks.
    messages : int
        Messages of each kind that are timed.
    real_ranks : tuple of int
        Ranks of the real runs.
    sleepers : tuple of (int, int, float)
        As in :data:`SLEEPERS`.
    ranks, tasks_per_rank : tuple of int
        Of the simulated batches.
    job_minutes : tuple of int
        Of the jobs into which the paper-scale campaign is cut.
    """

    short: int = 24
    long: int = 9
    messages: int = 400
    real_ranks: tuple[int, ...] = (1, 2, 3)
    sleepers: Sleepers = SLEEPERS
    ranks: tuple[int, ...] = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
    tasks_per_rank: tuple[int, ...] = (2, 4, 8, 13, 20, 40, 80, 200, 500, 1000, 2000)
    job_minutes: tuple[int, ...] = (30, 120, 240, 480)


TOY = Extent(2, 2, 20, (2,), ((2, 6, 0.05),), (2, 512), (2, 8), (480,))


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
    wanted = resolve(campaign).wanted
    each = {
        want.name: path_seconds(
            field_work(want.point), want.particles, want.steps, samples_until(want.steps, want.point.step)
        )
        for want in wanted
    }
    portions = [(portion, want.point) for want in wanted for portion in missing_portions(want, [])]
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


def sweep(scatter: float, costs: Costs, extent: Extent) -> dict[str, Any]:
    """All curves."""
    far = replace(costs, latency=100 * costs.latency)
    return {
        "by_tasks": [
            {"ranks": ranks, "tasks_per_rank": number, **homogeneous(ranks, number, scatter, costs)}
            for ranks in (2, 32, 512, 2048)
            for number in extent.tasks_per_rank
        ],
        "tail_only": [
            {"ranks": 512, "tasks_per_rank": number, **homogeneous(512, number, scatter, Costs(0.0, 0.0, 0.0, 0.0))}
            for number in extent.tasks_per_rank
        ],
        "by_ranks": [
            {"ranks": ranks, "tasks_per_rank": number, **homogeneous(ranks, number, scatter, costs)}
            for ranks in extent.ranks
            for number in (8, 20, 200, 1000)
            if number <= max(extent.tasks_per_rank)
        ],
        "far": [
            {"ranks": 512, "tasks_per_rank": number, **homogeneous(512, number, scatter, far)}
            for number in (20, 200, 1000)
            if number <= max(extent.tasks_per_rank)
        ],
        "paper_scale": [paper_scale(512, minutes, scatter, costs) for minutes in extent.job_minutes],
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
    parser.add_argument("--toy", action="store_true", help="only a few tasks, to see that the program works")
    parser.add_argument("--data", type=Path, default=DATA, help="where to write (and read) the data")
    parser.add_argument("--figure", type=Path, default=IMAGE, help="where to write the figure")
    arguments = parser.parse_args()
    extent = TOY if arguments.toy else Extent()
    console = Console(width=None if sys.stdout.isatty() else 130, highlight=False)
    console.print(f"processor {processor()}, load {os.getloadavg()[0]:.1f}")
    data = json.loads(arguments.data.read_text(encoding="utf-8")) if arguments.part else {}
    costs, found = measured_costs(extent.messages)
    with tempfile.TemporaryDirectory() as name:
        cases = {
            f"{6 * extent.short} short tasks": Measured(Path(name), CAMPAIGN, "short", extent.short),
            f"{extent.long} long tasks": Measured(Path(name), FEW_LONG, "long", extent.long),
        }
        short = next(iter(cases.values()))
        if arguments.part != "simulation":
            data["validation"] = validate(cases, costs, arguments.repeats, extent.real_ranks, extent.sleepers)
    if arguments.part != "runs":
        scatter = max(case.scatter() for case in cases.values())
        data |= {
            "processor": processor(),
            "job_minutes": JOB_MINUTES,
            "costs": asdict(costs),
            "messages": found,
            "scatter": scatter,
            "deviation": short.deviation(),
            "reference": asdict(REFERENCE),
            **sweep(scatter, costs, extent),
        }
    arguments.data.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    draw(data, arguments.figure)
    report(console, data)


if __name__ == "__main__":
    main()
