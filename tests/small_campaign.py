"""A small campaign for the tests, run as a user would run it, and what its results folder holds."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import psutil
import xarray as xr
import yaml
from children import Run, run_command, started, wait_until

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path("results/small")

CAMPAIGN: dict[str, Any] = {
    "name": "small",
    "seed": 11,
    "turbulence": {"mode_types": ["isotropic", "alfvenic"], "etas": [0.5], "modes": 32},
    "particles": {"rigidities": [0.3, 1.0], "duration": 30},
    "statistics": {"realisations": 3, "particles_per_realisation": 16},
    "resources": {"ranks": 2, "job_minutes": 30},
}

LEAN = ["mean_free_paths"]
"""Outputs of a test that asks about bits, refusals, kills or going on: one dataset with its table, and one figure.

All five datasets and tables and four figures take three times as long, most of it to start Python and to draw.
"""


def write_campaign(path: Path, **changes: Any) -> Path:
    """Write the small campaign with some sections' keys, or whole top-level values, changed."""
    campaign = dict(CAMPAIGN)
    for name, value in changes.items():
        campaign[name] = {**campaign.get(name, {}), **value} if isinstance(value, dict) else value
    path.write_text(yaml.safe_dump(campaign))
    return path


def fieldwalk(folder: Path, verb: str, *words: str, status: int | None = 0) -> Run:
    """A verb on the campaign in a folder, with the exit status that is expected of it; ``None`` expects none."""
    done = run_command("fieldwalk", verb, "small.yaml", *words, folder=folder)
    assert status in (None, done.returncode), done.stdout + done.stderr
    return done


def run(folder: Path, *words: str, status: int | None = 0, cores: int = 2) -> Run:
    """``fieldwalk run`` on the campaign in a folder."""
    return fieldwalk(folder, "run", "--cores", str(cores), *words, status=status)


def snakemake(folder: Path, *words: str, cores: int = 2) -> Run:
    """Plain Snakemake on the campaign in a folder, whatever comes of it."""
    files = ("--snakefile", str(ROOT / "Snakefile"), "--configfile", "small.yaml")
    return run_command("snakemake", *files, "--cores", str(cores), *words, folder=folder)


def jobs_of(dry_run: Run) -> Counter[str]:
    """Rules that a dry run of Snakemake would execute, and how often."""
    assert dry_run.returncode == 0, dry_run.stderr
    printed = dry_run.stdout + dry_run.stderr
    return Counter(re.findall(r"^(?:local)?rule (\w+):$", printed, flags=re.MULTILINE))


@contextmanager
def running(folder: Path, **options: Any) -> Iterator[psutil.Popen]:
    """``fieldwalk run`` in the background; nothing of it is left in the end."""
    with started("fieldwalk", "run", "small.yaml", "--cores", "2", cwd=folder, **options) as process:
        yield process


def wait_for_tasks(folder: Path, process: psutil.Popen) -> None:
    """Wait until ranks compute."""
    logs = (folder / RESULTS / "logs").glob
    wait_until(lambda: any("tasks on" in log.read_text() for log in logs("particles_*.log")), "ranks compute", process)


def shards(folder: Path) -> list[Path]:
    return sorted((folder / RESULTS / "particles").glob("*.h5"))


def only_shard(folder: Path) -> Path:
    (shard,) = shards(folder)
    return shard


def digests(folder: Path) -> dict[str, str]:
    """Digest of every shard."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in shards(folder)}


def moments(*found: Path) -> dict[str, bytes]:
    """Bytes of every dataset of some shards, by point and realisation range."""
    result: dict[str, bytes] = {}
    for path in found:
        with h5py.File(path) as file:
            names: list[str] = []
            file.visit(names.append)
            result |= {name: file[name][...].tobytes() for name in names if isinstance(file[name], h5py.Dataset)}
    assert result
    return result


def flip_a_bit(file: Path) -> bytes:
    """Change one bit in the middle of a file; returns the content that it has now."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 4
    file.write_bytes(content)
    return bytes(content)


def dataset(folder: Path, name: str) -> xr.Dataset:
    """A dataset of the campaign, read into memory."""
    with xr.open_dataset(folder / RESULTS / f"{name}.nc", engine="h5netcdf") as found:
        return found.load()


def copied(finished: Path, to: Path) -> Path:
    """A copy of a folder with everything, Snakemake's memory and the ages of the files too."""
    done = run_command("cp", "-a", str(finished), str(to), folder=to.parent)
    assert done.returncode == 0, done.stderr
    return to
