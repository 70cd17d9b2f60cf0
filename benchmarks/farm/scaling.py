"""What a second MPI rank is worth: one batch on one rank, on two, and as two lone processes side by side.

    python benchmarks/farm/scaling.py [--repeats 5] [--realisations 24]

Each repeat runs all three in turn, so that other load falls on all of them alike. Two lone processes that
know nothing of each other show what two cores of this machine give at that moment; a farm cannot do better.
Where others use the machine, believe the processor time: what two ranks spend beyond one is what dealing
and waiting cost. Runs the stage itself, through mpiexec, in a temporary results folder, and checks that one
and two ranks leave the same bits. A minute and a half on two free cores; five
seconds with --repeats 1 --realisations 2.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from fieldwalk.campaign import paths
from fieldwalk.stages.workflow import RESULTS_KEY, open_workflow

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # what all benchmarks print alike
from reporting import processor, spread

CAMPAIGN: dict[str, Any] = {
    "name": "farm-scaling",
    "seed": 20260520,
    "turbulence": {"mode_types": ["isotropic", "alfvenic"], "etas": [0.5]},
    "particles": {"rigidities": [0.02, 0.03, 1.0]},
    "statistics": {"realisations": 24, "particles_per_realisation": 16},
}
"""A hundred and forty-four tasks of some 60 ms, as in the campaigns that people begin with."""

Floats = NDArray[np.float64]


def prepare(results: Path, name: str, realisations: int) -> tuple[Path, str]:
    """A results folder with a frozen plan, and its one batch."""
    statistics = {**CAMPAIGN["statistics"], "realisations": realisations}
    content = {**CAMPAIGN, "name": name, "statistics": statistics, RESULTS_KEY: str(results)}
    workflow = open_workflow(content, "benchmark")
    workflow.freeze()
    (batch,) = workflow.selection.batches
    return workflow.folder, batch


def start(ranks: int, *options: str) -> subprocess.Popen[str]:
    """Start the particles stage as its rule does."""
    beside = Path(sys.executable).with_name("mpiexec")
    launcher = str(beside) if beside.exists() else shutil.which("mpiexec")
    if launcher is None:
        sys.exit("no mpiexec: install the mpich wheel into this environment, or load your site's MPI")
    command = [launcher, "-n", str(ranks), sys.executable, "-m", "fieldwalk.stages.farm", *options]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def start_batch(place: tuple[Path, str], ranks: int) -> subprocess.Popen[str]:
    """Start the batch of one results folder anew: what stands, shard or checkpoint, would not be computed again."""
    folder, batch = place
    paths.shard(folder, batch).unlink(missing_ok=True)
    shutil.rmtree(paths.checkpoint_folder(folder, batch), ignore_errors=True)
    return start(ranks, "--results", str(folder), "--batch", batch, "--ranks", str(ranks))


def finish(*processes: subprocess.Popen[str]) -> None:
    """Wait for all, and stop the benchmark when one failed."""
    for process in processes:
        _, complaint = process.communicate()
        if process.returncode:
            sys.exit(f"the stage ended with status {process.returncode}\n{complaint}")


def processor_seconds() -> float:
    """Processor time of every process that was started and has ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def farm_seconds(folder: Path, batch: str) -> float:
    """Wall seconds of the farm, without starting Python, as the shard records them."""
    with h5py.File(paths.shard(folder, batch)) as file:
        return float(file.attrs["wallSeconds"])


def same_bits(*places: tuple[Path, str]) -> bool:
    """Whether two shards hold the same data."""
    contents: list[dict[str, bytes]] = []
    for place in places:
        held: dict[str, bytes] = {}

        def keep(name: str, item: object, held: dict[str, bytes] = held) -> None:
            if isinstance(item, h5py.Dataset):
                held[name] = np.asarray(item).tobytes()

        with h5py.File(paths.shard(*place)) as file:
            file.visititems(keep)
        contents.append(held)
    return contents[0] == contents[1]


def measure(results: Path, repeats: int, realisations: int, console: Console) -> dict[str, Floats]:
    """Wall and processor seconds of the farm in each repeat; starting Python and MPI is left out of both."""
    one, two, other = (prepare(results, f"farm-scaling-{number}", realisations) for number in range(3))
    times: dict[str, list[float]] = {
        name: [] for name in ("one", "two", "lone", "one cpu", "two cpu", "start")
    }
    for number in range(repeats):
        marks = [processor_seconds()]
        finish(start(1, "--help"))
        marks.append(processor_seconds())
        finish(start_batch(one, 1))
        marks.append(processor_seconds())
        finish(start_batch(two, 2))
        marks.append(processor_seconds())
        to_start, with_one, with_two = np.diff(marks)
        times["start"].append(to_start)
        times["one"].append(farm_seconds(*one))
        times["two"].append(farm_seconds(*two))
        times["one cpu"].append(with_one - to_start)
        times["two cpu"].append(with_two - 2 * to_start)
        if number == 0 and not same_bits(one, two):
            sys.exit("one rank and two ranks left different bits")
        finish(start_batch(one, 1), start_batch(other, 1))
        times["lone"].append((farm_seconds(*one) + farm_seconds(*other)) / 2)
        console.print(
            f"{number + 1}/{repeats}: one rank {times['one'][-1]:.2f} s, two ranks {times['two'][-1]:.2f} s,"
            f" two lone processes {times['lone'][-1]:.2f} s each; load {os.getloadavg()[0]:.1f}"
        )
    return {name: np.array(value) for name, value in times.items()}


def report(console: Console, times: dict[str, Floats]) -> None:
    """Print the table."""
    table = Table(title="The same tasks: medians (quartiles) over the repeats")
    table.add_column("")
    for heading in ("wall s", "efficiency", "against alone", "processor s", "over one"):
        table.add_column(heading, justify="right")
    one, two, lone, cpu_one, cpu_two = (times[name] for name in ("one", "two", "lone", "one cpu", "two cpu"))
    table.add_row("one rank", spread(one, 1), "1", "-", spread(cpu_one, 1), "1")
    table.add_row("two alone", spread(lone, 1), spread(one / lone, 2), "1", "-", "-")
    table.add_row(
        "two ranks",
        *(spread(two, 1), spread(one / (2 * two), 2), spread(lone / (2 * two), 2)),
        *(spread(cpu_two, 1), spread(cpu_two / cpu_one, 2)),
    )
    console.print(table)
    console.print("one and two ranks left the same bits")
    console.print(f"processor time to start Python and MPI, on top: {spread(times['start'], 2)} s a rank")


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description="Wall time of one batch on one and two MPI ranks.")
    parser.add_argument("--repeats", type=int, default=5, help="repetitions of every measurement")
    parser.add_argument("--realisations", type=int, default=24, help="of each of the six points")
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 130, highlight=False)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    console.print(f"processor {processor()}, {cores} cores, load {os.getloadavg()[0]:.1f}")
    if cores < 2:
        sys.exit("this needs two cores: on one, two ranks only take turns")
    with tempfile.TemporaryDirectory() as folder:
        times = measure(Path(folder), options.repeats, options.realisations, console)
    report(console, times)


if __name__ == "__main__":
    main()
