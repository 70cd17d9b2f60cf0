"""Fixtures that several suites share: a campaign of a second, its points, a planned results folder, a small disk."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fieldwalk import kernels
from fieldwalk.campaign import paths
from fieldwalk.campaign.loading import campaign_from_mapping
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.plan import write_plan
from fieldwalk.campaign.plan.selection import Selection, select
from fieldwalk.io.datasets import write_text
from fieldwalk.particles.points import ParticlePoint, points

MakeCampaign = Callable[..., Campaign]

Keys = dict[str, tuple[str, ...]]
SECTIONS: Keys = {
    "turbulence": ("mode_types", "etas", "modes", "slab_fraction"),
    "particles": ("rigidities", "duration", "tolerance"),
    "statistics": ("realisations", "particles_per_realisation"),
    "resources": ("ranks", "job_minutes"),
}


def tiny_mapping(**edits: Any) -> dict[str, Any]:
    """Content of a campaign file that a core computes in a moment; an edit names a key, whatever its section."""
    content: dict[str, Any] = {
        "name": "tiny",
        "seed": 7,
        "turbulence": {"mode_types": ["isotropic"], "etas": [0.5], "scale_ratio": 10, "modes": 16},
        "particles": {"rigidities": [1.0], "step": 0.08, "duration": 3},
        "statistics": {"realisations": 5, "particles_per_realisation": 20},
        "resources": {"ranks": 1, "job_minutes": 30},
        "outputs": ["running", "mean_free_paths"],
    }
    for key, value in edits.items():
        section = next((name for name, keys in SECTIONS.items() if key in keys), None)
        (content[section] if section else content)[key] = value
    return content


@pytest.fixture(scope="session")
def make_campaign() -> MakeCampaign:
    """A function: the tiny campaign with some keys changed."""
    return lambda **edits: campaign_from_mapping(tiny_mapping(**edits), "tiny.yaml")


@pytest.fixture(scope="session")
def make_point(make_campaign: MakeCampaign) -> Callable[..., ParticlePoint]:
    """A function: the only point of the tiny campaign with some keys changed."""
    return lambda **edits: points(make_campaign(**edits))[0]


@pytest.fixture(scope="session")
def freeze() -> Callable[[Campaign, Path], Selection]:
    """A function: plan a campaign in a folder as the workflow does, and write the plan and the campaign."""

    def planned(campaign: Campaign, folder: Path) -> Selection:
        selection = select(campaign, folder)
        write_plan(selection.plan, folder)
        # JSON is YAML
        write_text(campaign.model_dump_json(), paths.campaign_file(folder))
        return selection

    return planned


@pytest.fixture(params=kernels.instruction_sets())
def instruction_set(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each instruction set of this processor in turn."""
    before = kernels.instruction_set()
    kernels.use_instruction_set(request.param)
    yield request.param
    kernels.use_instruction_set(before)


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A function: a file system in memory with some mount options, as `size=64k` or `ro`."""
    folders: list[Path] = []

    def mount(options: str) -> Path:
        folder = tmp_path / f"disk {len(folders)}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            pytest.skip("this needs a file system of its own, and this machine has no mount command")
        if done.returncode:
            pytest.skip(f"this needs a file system of its own, and mount says: {done.stderr.strip()}")
        folders.append(folder)
        return folder

    yield mount
    for folder in folders:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def small_disk(mounted: Callable[[str], Path]) -> Path:
    """A file system of 64 kB."""
    return mounted("size=64k")


@pytest.fixture(scope="session")
def run_python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """A function: run Python code in a process of its own, so that what it breaks stays there."""

    def run(code: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-c", code, *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, **environment},
        )

    return run


def pytest_configure(config: pytest.Config) -> None:
    """Refuse versions that lose the groups of tests without a word, so that every worker makes every campaign."""
    if config.getoption("dist", "no") == "loadgroup" and pytest.version_tuple >= (9, 2):
        raise pytest.UsageError(
            f"pytest-xdist loses the groups of tests with pytest {pytest.__version__}; install the version of"
            " constraints.txt: make .venv/installed"
        )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what the physics checks measured, whichever worker ran them, in the order of their names."""
    reports = (report for found in terminalreporter.stats.values() for report in found)
    properties = (each for report in reports for each in getattr(report, "user_properties", ()))
    lines = {line for name, line in properties if name == "distance from theory"}
    if lines:
        terminalreporter.section("distance from theory")
        terminalreporter.write_line(f"{'check':<58} {'measured':<24} {'expected':<10} {'off':>10} {'':>11}   allowed")
        for line in sorted(lines):
            terminalreporter.write_line(line)
