"""How a file was made: the global attributes of every shard, dataset, table and figure.

Names follow the openPMD standard 1.1 where it defines one (author, software, softwareVersion, softwareDependencies,
machine, date).
"""

import getpass
import os
import platform
import subprocess
import time
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

SOFTWARE = "fieldwalk"

DEPENDENCIES = ("numpy", "scipy", "h5py", "xarray", "h5netcdf", "mpi4py", "matplotlib", "astropy", "snakemake")

Attributes = dict[str, str | int | float]

EVERYWHERE = (
    *("author", "software", "softwareVersion", "softwareDependencies", "gitDescribe", "machine", "date"),
    *("campaign", "campaignHash", "seed", "stageIdentity", "kernel", "instructionSet"),
    *("ranks", "wallSeconds", "cpuSeconds", "command"),
)
"""Attributes that every file of a campaign has, whichever stage made it."""

_BEGIN = time.monotonic(), time.process_time()


def provenance(*, author: str | None, campaign_text: str, campaign_hash: str, seed: int, command: str) -> Attributes:
    """Global attributes of a file that this process makes now by itself.

    ``ranks``, ``wallSeconds`` and ``cpuSeconds`` are those of this process since it began. A stage that computes on
    many ranks, or that combines files, replaces them with its own.

    Parameters
    ----------
    author : str or None
        From the campaign; the user's login name when it gives none.
    campaign_text, campaign_hash : str
        The whole campaign file and a hash of it.
    seed : int
        The campaign's seed.
    command : str
        The command line that makes this file again.
    """
    return {
        "author": author or _login(),
        "software": SOFTWARE,
        "softwareVersion": version(SOFTWARE),
        "softwareDependencies": software_dependencies(),
        "gitDescribe": git_describe(),
        "machine": f"{platform.node()} ({platform.machine()}, {platform.system()})",
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S +0000"),
        "campaign": campaign_text,
        "campaignHash": campaign_hash,
        "seed": seed,
        "ranks": 1,
        "wallSeconds": time.monotonic() - _BEGIN[0],
        "cpuSeconds": time.process_time() - _BEGIN[1],
        "command": command,
    }


def software_dependencies() -> str:
    """Versions of Python and of the packages that determine results and files: ``python 3.11.2; numpy 2.1.0; ...``."""
    versions = [f"python {platform.python_version()}", *(f"{name} {version(name)}" for name in DEPENDENCIES)]
    return "; ".join(versions)


@cache
def git_describe() -> str:
    """``git describe --always --dirty`` of the source tree that is running, or ``not a git checkout``."""
    root = Path(__file__).resolve().parents[3]
    if not (root / ".git").exists():
        return "not a git checkout"
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "describe", "--always", "--dirty", "--tags"],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        )
    except (OSError, subprocess.CalledProcessError):
        return "not a git checkout"
    return done.stdout.strip()


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
