"""What the style checkers say of the source: `make lint` runs these."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

ACCEPTED = "Specify a conda environment or container for each rule."
"""The one finding of `snakemake --lint` that is accepted: the whole workflow lives in one environment."""


def checked(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a checker of this environment in the root of the repository."""
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)


def assert_clean(*command: str) -> None:
    done = checked(*command)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"


def test_ruff() -> None:
    assert_clean("ruff", "check", "--no-cache")


def test_mypy() -> None:
    assert_clean("mypy")


def test_snakefmt() -> None:
    assert_clean("snakefmt", "--check", "Snakefile", "workflow/rules")


@pytest.mark.workflow
def test_snakemake_lint(tmp_path: Path) -> None:
    done = checked(
        *("snakemake", "--lint", "--configfile", "workflow/campaigns/quickstart.yaml"),
        *("--config", f"results_folder={tmp_path}"),
    )
    text = done.stdout + done.stderr
    findings = re.findall(r"^    \* (.+?):?$", text, re.MULTILINE)
    rules = re.findall(r"^Lints for rule (\w+) ", text, re.MULTILINE)
    assert "particles" in rules, f"the linter did not get as far as the rules\n{text}"
    assert {finding.rstrip(":") for finding in findings} == {ACCEPTED}, text
