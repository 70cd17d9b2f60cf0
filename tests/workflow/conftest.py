"""The small campaign run once, in a folder with spaces in its name; tests work on copies."""

import subprocess
from pathlib import Path

import pytest
from small_campaign import run_command, write_campaign


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the campaign file and a finished ``results/small``."""
    folder = tmp_path_factory.mktemp("a folder with spaces")
    write_campaign(folder / "small.yaml")
    done = run_command("fieldwalk", "run", "small.yaml", "--cores", "2", folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "printed.txt").write_text(done.stderr + done.stdout)
    return folder


@pytest.fixture
def workplace(finished: Path, tmp_path: Path) -> Path:
    """A copy of it, with Snakemake's memory."""
    copy = tmp_path / "another folder"
    subprocess.run(["cp", "-a", str(finished), str(copy)], check=True)
    return copy
