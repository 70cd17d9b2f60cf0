"""A small campaign for the tests, and how to run programs as a user would."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]

CAMPAIGN: dict[str, Any] = {
    "name": "small",
    "seed": 11,
    "turbulence": {"mode_types": ["isotropic", "alfvenic"], "etas": [0.5], "modes": 32},
    "particles": {"rigidities": [0.3, 1.0], "duration": 30},
    "statistics": {"realisations": 3, "particles_per_realisation": 16},
    "resources": {"ranks": 2, "job_minutes": 30},
}

Run = subprocess.CompletedProcess[str]


def run_command(*command: str, folder: Path, **environment: str) -> Run:
    """Run a program of this environment in ``folder`` and return what it printed and its exit status."""
    return subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def write_campaign(path: Path, **changes: Any) -> Path:
    """Write the small campaign with some sections' keys, or whole top-level values, changed."""
    campaign = dict(CAMPAIGN)
    for name, value in changes.items():
        campaign[name] = {**campaign.get(name, {}), **value} if isinstance(value, dict) else value
    path.write_text(yaml.safe_dump(campaign))
    return path
