"""What a checkpoint costs: seconds and bytes of one, and their share of the interval between two.

    python benchmarks/checkpoint_cost.py [--rounds 7] [--folder FOLDER] [--toy]

A rank saves the task in hand, whose size follows from its particles and its samples, and the results that it has
finished since the last checkpoint; here as many as fit into five minutes. Every file is synchronised to the disk, as in
a run. A minute on one core; with --toy one small task and a few results, which says nothing.
"""

import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich import box
from rich.console import Console
from rich.table import Table

from fieldwalk.campaign.loading import campaign_from_mapping
from fieldwalk.campaign.time_grid import steps_to
from fieldwalk.parallel.checkpoint import Checkpoints, gather
from fieldwalk.particles.points import points
from fieldwalk.particles.task import ParticleTask

INTERVAL_SECONDS = 300.0

TASKS = ((16, 1e3), (16, 1e5), (128, 1e5), (1024, 1e5))
"""Particles, and Ωt."""
TOY = ((16, 30.0),)


@click.command()
@click.option("--rounds", default=7, show_default=True, help="Checkpoints of each size.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to write; a temporary folder by default.")
@click.option("--toy", is_flag=True, help="One small task, to see that the program works.")
def main(rounds: int, folder: Path | None, toy: bool) -> None:
    """Measure checkpoints of short and long tasks, with few and many particles."""
    table = Table(box=box.SIMPLE, pad_edge=False)
    for heading in ("particles", "Ωt", "task, core-s", "results", "MB", "seconds (least to most)", "share of 5 min"):
        table.add_column(heading, justify="right")
    with TemporaryDirectory(prefix="checkpoints-", dir=folder) as name:
        for number, (particles, duration) in enumerate(TOY if toy else TASKS):
            table.add_row(*measured(Path(name) / str(number), particles, duration, rounds, 100 if toy else None))
    Console(width=120).print(table)


def measured(folder: Path, particles: int, duration: float, rounds: int, most_results: int | None) -> list[str]:
    """One row of the table."""
    task = make_task(particles, duration)
    state = task.start()
    arrays = task.finish(task.advance(task.start(), min(task.length, 2000)))
    n_results = int(INTERVAL_SECONDS / task.cost)
    n_results = n_results if most_results is None else min(n_results, most_results)
    checkpoints = Checkpoints(gather(folder, {"seed": 1}), 0, 1, INTERVAL_SECONDS, {"seed": 1}, "any")
    seconds = []
    for turn in range(rounds):
        finished = {f"{turn} {n}": arrays for n in range(n_results)}
        begin = time.perf_counter()
        if not checkpoints.save(finished, ("in hand", turn, state)):
            raise SystemExit("no checkpoint could be written")
        seconds.append(time.perf_counter() - begin)
    size = sum(value.nbytes for value in state.values()) + n_results * sum(value.nbytes for value in arrays.values())
    median = statistics.median(seconds)
    return [
        str(particles),
        f"{duration:.0g}",
        f"{task.cost:.3g}",
        str(n_results),
        f"{size / 1e6:.1f}",
        f"{median:.3f} ({min(seconds):.3f} to {max(seconds):.3f})",
        f"{median / INTERVAL_SECONDS:.3%}",
    ]


def make_task(particles: int, duration: float) -> ParticleTask:
    """A task of the quickstart's turbulence."""
    mapping = {
        "name": "cost",
        "seed": 1,
        "turbulence": {"mode_types": ["isotropic"], "etas": [0.5]},
        "particles": {"rigidities": [0.1], "duration": duration},
    }
    point = points(campaign_from_mapping(mapping, "benchmark"))[0]
    steps = (0, steps_to(point.duration, point.step))
    return ParticleTask(point, 1, 0, (0, particles), steps, "task")


if __name__ == "__main__":
    main()
