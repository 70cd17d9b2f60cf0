"""How long one waits for `fieldwalk status`, start of Python included.

    python benchmarks/status_speed.py [--repeats 10] [--toy]

Makes results folders of about a thousand batches without any physics in them: 600 have the head of a shard, some a
note. One campaign has 150 points, one 3,000. Then the verb is run again and again as a user would, and so are a bare
start of Python and the imports alone. Half a minute on one core; with --toy one folder of a few batches.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from reporting import processor, spread
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from synthetic_results import add_note, add_shards, grid_campaign, write_grid_campaign

from fieldwalk.campaign import paths

GRIDS = {(10, 5): 0.0155, (100, 10): 0.14}
"""Rigidities and etas, each of three mode types, and the ``job_minutes`` that make a thousand batches of them."""
TOY = {(2, 2): 0.0155}


def half_done(place: Path, grid: tuple[int, int], job_minutes: float) -> tuple[int, int]:
    """A results folder under way; returns the number of its points and batches."""
    _, results, selection = write_grid_campaign(place, grid_campaign(*grid, job_minutes=job_minutes))
    done = min(600, len(selection.batches) * 3 // 5)
    add_shards(results, selection.batches[:done], 3.0)
    for number, batch in enumerate(selection.batches[done : done + 20]):
        add_note(results, paths.farm_job(batch), ("running", "failed")[number % 2], share=0.5, cpu_seconds=1.5)
    return len(selection.plan.points), len(selection.batches)


def seconds(repeats: int, *command: str) -> NDArray[np.float64]:
    """Wall time of a command, again and again."""
    taken = []
    for _ in range(repeats):
        begin = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - begin)
    return np.array(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description="How long one waits for `fieldwalk status`.")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--toy", action="store_true", help="one small folder, to see that the program works")
    arguments = parser.parse_args()
    repeats = arguments.repeats
    table = Table("what", "seconds: median (quartiles)", title=f"fieldwalk status on {processor()}")
    table.add_row("python -c pass", spread(seconds(repeats, sys.executable, "-c", "pass"), 2))
    table.add_row("imports", spread(seconds(repeats, sys.executable, "-c", "import fieldwalk.cli.status"), 2))
    for grid, job_minutes in (TOY if arguments.toy else GRIDS).items():
        with tempfile.TemporaryDirectory() as folder:
            n_points, n_batches = half_done(Path(folder), grid, job_minutes)
            command = [str(Path(sys.executable).with_name("fieldwalk")), "status", f"{folder}/grid.yaml"]
            command += ["--results", f"{folder}/results"]
            table.add_row(f"status, {n_points} points in {n_batches} batches", spread(seconds(repeats, *command), 2))
            page = [*command, "--html", f"{folder}/page.html"]
            table.add_row("the same with --html", spread(seconds(repeats, *page), 2))
    Console().print(table)


if __name__ == "__main__":
    main()
