"""How a file was made: the global attributes that every shard and dataset carries.

Names follow the openPMD standard 1.1 where it has one (author, software, softwareVersion, softwareDependencies,
machine, date).
"""

import getpass
import os
import platform
import subprocess
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

DEPENDENCIES = ("numpy", "scipy", "h5py", "xarray", "h5netcdf", "mpi4py", "snakemake")

Attributes = dict[str, str | int | float]


def provenance(*, author: str | None, campaign_text: str, campaign_hash: str, seed: int, command: str) -> Attributes:
    """Global attributes for a file made now.

    Parameters
    ----------
    author : str or None
        From the campaign; the user's login when it names none.
    campaign_text, campaign_hash : str
        The whole campaign file and a hash of it.
    seed : int
        The campaign's seed.
    command : str
        The command line that makes this file again.
    """
    return {
        "author": author or _login(),
        "software": "fieldwalk",
        "softwareVersion": version("fieldwalk"),
        "softwareDependencies": "; ".join(f"{name} {version(name)}" for name in DEPENDENCIES),
        "gitDescribe": git_describe(),
        "machine": f"{platform.node()} ({platform.machine()}, {platform.system()})",
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S +0000"),
        "campaign": campaign_text,
        "campaignHash": campaign_hash,
        "seed": seed,
        "command": command,
    }


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
