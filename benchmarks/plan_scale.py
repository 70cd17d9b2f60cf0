"""How long a campaign of ten thousand points takes to plan, to price, and to become Snakemake's graph of jobs.

    python benchmarks/plan_scale.py [--points 10000] [--realisations 1000]

Computes no particle and writes to a temporary folder. One minute on an idle core; with --points 100 --realisations 20
five seconds, and the numbers mean nothing.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reporting import processor
from rich.console import Console

from fieldwalk.campaign.loading import load_campaign
from fieldwalk.campaign.plan.plan import read_plan, write_plan
from fieldwalk.campaign.plan.selection import select
from fieldwalk.campaign.plan.task_cost import REFERENCE
from fieldwalk.campaign.price.campaign_price import price
from fieldwalk.campaign.price.proposal import propose

MODE_TYPES = ("isotropic", "alfvenic", "magnetosonic", "slab", "composite")
ETAS = 20


def campaign(points: int, realisations: int) -> dict[str, Any]:
    """About that many points, in jobs as short as their number allows."""
    rigidities = round(points / len(MODE_TYPES) / ETAS)
    return {
        "name": "large",
        "seed": 1,
        "turbulence": {
            "mode_types": list(MODE_TYPES),
            "etas": [round((number + 1) / ETAS, 4) for number in range(ETAS)],
        },
        "particles": {"rigidities": [round(0.1 * (number + 1), 1) for number in range(rigidities)]},
        "statistics": {"realisations": realisations},
        "resources": {"ranks": 64, "job_minutes": 1},
    }


def main() -> None:
    """Plan, price and report."""
    parser = argparse.ArgumentParser(description="Planning of a large campaign.")
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--realisations", type=int, default=1000)
    arguments = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)
    console.print(f"processor {processor()}, load {os.getloadavg()[0]:.1f}")

    def timed(words: str, call: Callable[[], Any]) -> Any:
        begin = time.perf_counter()
        found = call()
        console.print(f"{time.perf_counter() - begin:6.1f} s  {words}")
        return found

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "large.yaml"
        file.write_text(json.dumps(campaign(arguments.points, arguments.realisations)), encoding="utf-8")
        asked = timed("read and checked", lambda: load_campaign(file))
        results = folder / "results" / "large"
        selection = timed("points and batches", lambda: select(asked, results))
        portions = sum(len(batch.portions) for batch in selection.plan.batches.values())
        console.print(f"{len(selection.plan.points)} points, {len(selection.batches)} jobs, {portions} portions")
        timed("priced", lambda: price(results, selection, REFERENCE, 64))
        timed("ranks and minutes proposed", lambda: propose(selection, REFERENCE, 64))
        other = folder / "frozen"
        timed("plan written", lambda: write_plan(selection.plan, other))
        size = (other / "plan.json").stat().st_size
        timed(f"plan read, {size / 1e6:.1f} MB", lambda: read_plan(other, asked.name, asked.seed))
        # the jobs of a tenth of the realisations are as many, and fit on the disk of a small machine
        smaller = campaign(arguments.points, arguments.realisations // 10)
        file.write_text(json.dumps({**smaller, "resources": {"ranks": 1, "job_minutes": 1}}), encoding="utf-8")
        command = [sys.executable, "-m", "fieldwalk.cli.main", "run", str(file), "--results", str(folder / "results")]
        command += ["--", "--dry-run"]
        done = timed(
            "fieldwalk run -- --dry-run, a tenth of the realisations: planned, and Snakemake's graph of jobs",
            lambda: subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False),
        )
        if done.returncode:
            sys.exit(done.stdout[-2000:] + done.stderr[-2000:])
        counts = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("particles ")]
        console.print(f"Snakemake counts: {' '.join(counts[0].split())} jobs")


if __name__ == "__main__":
    main()
