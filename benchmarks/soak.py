"""Kill a campaign at random moments, again and again, and compare what it gives with an uninterrupted run.

Each start uses one, two or three ranks. A victim is drawn for each kill: a rank, rank 0, the launcher, Snakemake, or
the whole tree of processes; it gets SIGKILL at a random moment of the computing. The checkpoint interval is a second,
so that kills fall between, before and inside checkpoints.

    python benchmarks/soak.py [--kills 60] [--core-seconds 240] [--seed 20261120] [--json FILE]

Fifteen seconds a kill on two cores.
"""

import json
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import h5py
import numpy as np
import psutil
import yaml

PROGRAMS = Path(sys.executable).parent

CHECKPOINT_SECONDS = 1.0

VICTIMS = ("rank", "rank 0", "launcher", "snakemake", "tree")


@dataclass
class Tally:
    """What was done to the campaigns, and what came of it."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    starts: Counter[int] = field(default_factory=Counter)
    kills_while_computing: int = 0
    campaigns: int = 0
    arrays: int = 0
    bytes_compared: int = 0
    differences: list[str] = field(default_factory=list)
    cpu_seconds_uninterrupted: float = 0.0
    cpu_seconds_killed: float = 0.0


@click.command()
@click.option("--kills", default=60, show_default=True, help="How many.")
@click.option("--seed", default=20261120, show_default=True, help="Of the moments, victims and ranks.")
@click.option("--core-seconds", default=240.0, show_default=True, help="Work of one campaign.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the tally there as well.")
def main(kills: int, seed: int, core_seconds: float, json_path: Path | None) -> None:
    """Run campaigns under random kills until there were enough of them."""
    random = np.random.default_rng(seed)
    tally = Tally(seed)
    with TemporaryDirectory(prefix="soak of fieldwalk ") as name:
        folder = Path(name)
        while sum(tally.kills.values()) < kills:
            one_campaign(folder, random, tally, kills, core_seconds)
    show(tally)
    if json_path:
        json_path.write_text(json.dumps(vars(tally), indent=1))
    sys.exit(bool(tally.differences))


def one_campaign(folder: Path, random: np.random.Generator, tally: Tally, kills: int, core_seconds: float) -> None:
    """Run a campaign straight through, then again under kills, and compare."""
    tally.campaigns += 1
    campaign = write_campaign(folder, tally.campaigns, core_seconds)
    straight, killed = (folder / f"{kind} {tally.campaigns}" for kind in ("straight", "killed"))
    with running(campaign, straight, ranks=2) as process:
        if process.wait():
            sys.exit(f"the uninterrupted run failed with status {process.returncode}")
    while True:
        ranks = int(random.integers(1, 4))
        tally.starts[ranks] += 1
        with running(campaign, killed, ranks) as process:
            if sum(tally.kills.values()) < kills:
                victim = VICTIMS[random.integers(len(VICTIMS))]
                delay = float(random.uniform(0.0, 4.0))
                if wait_for_ranks(process) and kill(process, victim, delay):
                    tally.kills[victim] += 1
                    tally.kills_while_computing += bool(list(killed.rglob("*.json")))
            if process.wait() == 0:
                break
    compare(moments(straight), moments(killed), tally)
    tally.cpu_seconds_uninterrupted += cpu_seconds(straight)
    tally.cpu_seconds_killed += cpu_seconds(killed)


def write_campaign(folder: Path, number: int, core_seconds: float) -> Path:
    """A campaign of long and short tasks, in two batches."""
    per_realisation = 4.2  # core-seconds of the two points together with AVX-512; only the length depends on it
    content = {
        "name": "soak",
        "seed": number,
        "turbulence": {"mode_types": ["alfvenic"], "etas": [0.5], "modes": 64},
        "particles": {"rigidities": [0.3, 1.0], "duration": 30_000},
        "statistics": {"realisations": max(2, round(core_seconds / per_realisation)), "particles_per_realisation": 32},
        "resources": {
            "ranks": 3,
            "job_minutes": max(0.05, core_seconds / 60 / 3 / 2),
            "checkpoint_minutes": CHECKPOINT_SECONDS / 60,
        },
        "outputs": ["mean_free_paths"],
    }
    path = folder / "soak.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


class running:  # noqa: N801 (used as a function)
    """``fieldwalk run`` on some ranks as a context; nothing of it is left at the end."""

    def __init__(self, campaign: Path, results: Path, ranks: int) -> None:
        command = [str(PROGRAMS / "fieldwalk"), "run", str(campaign), "--cores", str(ranks), "--results", str(results)]
        self._log = (campaign.parent / "log.txt").open("a")
        self.process = psutil.Popen(command, cwd=campaign.parent, stdout=self._log, stderr=self._log)

    def __enter__(self) -> psutil.Popen:
        return self.process

    def __exit__(self, *_: object) -> None:
        kill_tree(self.process)
        self._log.close()


def wait_for_ranks(process: psutil.Popen) -> bool:
    """Wait until ranks run; False when the run ended first."""
    while process.poll() is None:
        if ranks_of(process):
            return True
        time.sleep(0.05)
    return False


def kill(process: psutil.Popen, victim: str, delay: float) -> bool:
    """SIGKILL to a victim after a while; False when there was none any more."""
    time.sleep(delay)
    if process.poll() is not None:
        return False
    if victim == "tree":
        kill_tree(process)
        return True
    ranks = ranks_of(process)
    found = {
        "rank": ranks[-1:],
        "rank 0": ranks[:1],
        "launcher": [p for p in below(process) if "mpiexec" in p.name()],
        "snakemake": [p for p in below(process) if "snakemake" in p.cmdline()][:1],
    }[victim]
    for one in found:
        with suppress(psutil.NoSuchProcess):
            one.send_signal(signal.SIGKILL)
    return bool(found)


def below(process: psutil.Popen) -> list[psutil.Process]:
    """All descendants that can still be asked who they are."""
    found = []
    with suppress(psutil.NoSuchProcess):
        for one in process.children(recursive=True):
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                one.cmdline()
                found.append(one)
    return found


def ranks_of(process: psutil.Popen) -> list[psutil.Process]:
    """Processes of the particles' stage, rank 0 first."""

    def rank(one: psutil.Process) -> int:
        return int(one.environ().get("PMI_RANK", -1))

    found = []
    for one in below(process):
        with suppress(psutil.Error):
            if "fieldwalk.stages.farm" in one.cmdline() and rank(one) >= 0:
                found.append((rank(one), one.pid, one))
    return [one for _, _, one in sorted(found)]


def kill_tree(process: psutil.Popen) -> None:
    """SIGKILL to a process and whatever it has started, and wait until all are gone."""
    victims = [process, *below(process)]
    for one in victims:
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            os.kill(one.pid, signal.SIGKILL)
    psutil.wait_procs(victims, timeout=20)


def shards(results: Path) -> Iterator[Path]:
    """All shards of the campaign."""
    yield from sorted((results / "soak" / "particles").glob("*.h5"))


def moments(results: Path) -> dict[str, bytes]:
    """Bytes of every array of every shard."""
    found: dict[str, bytes] = {}
    for path in shards(results):
        with h5py.File(path) as file:
            file.visititems(
                lambda name, item: (
                    found.__setitem__(name, item[...].tobytes()) if isinstance(item, h5py.Dataset) else None
                )
            )
    return found


def cpu_seconds(results: Path) -> float:
    """Processor time that the shards say they took."""
    total = 0.0
    for path in shards(results):
        with h5py.File(path) as file:
            total += float(file.attrs["cpuSeconds"])
    return total


def compare(straight: dict[str, bytes], killed: dict[str, bytes], tally: Tally) -> None:
    """Count what is equal and name what is not."""
    for name in sorted({*straight, *killed}):
        if straight.get(name) != killed.get(name):
            tally.differences.append(f"campaign {tally.campaigns}: {name}")
    tally.arrays += len(straight)
    tally.bytes_compared += sum(map(len, straight.values()))


def show(tally: Tally) -> None:
    """Print the tally."""
    victims = ", ".join(f"{victim} {number}" for victim, number in sorted(tally.kills.items()))
    print(f"seed {tally.seed}: {sum(tally.kills.values())} kills ({victims}) in {tally.campaigns} campaign(s)")
    print(f"starts by ranks: {', '.join(f'{ranks}: {number}' for ranks, number in sorted(tally.starts.items()))}")
    print(f"compared: {tally.arrays} arrays, {tally.bytes_compared} bytes; different: {len(tally.differences)}")
    more = tally.cpu_seconds_killed / tally.cpu_seconds_uninterrupted - 1
    print(f"processor time in the shards: {more:+.1%} against the uninterrupted runs (work since the last checkpoint)")
    for name in tally.differences[:10]:
        print(f"  different: {name}")


if __name__ == "__main__":
    shutil.which("fieldwalk", path=str(PROGRAMS)) or sys.exit("fieldwalk is not installed beside this Python")
    main()
