"""Campaigns run once, each in a folder with spaces in its name; tests that change one work on a copy.

Tests that share a campaign run on one worker, so that no other makes it a second time.
"""

from pathlib import Path

import pytest
from small_campaign import LEAN, copied, run, write_campaign


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the campaign file and a finished ``results/small`` with everything."""
    folder = tmp_path_factory.mktemp("a folder with spaces")
    write_campaign(folder / "small.yaml")
    done = run(folder)
    (folder / "printed.txt").write_text(done.stderr + done.stdout)
    return folder


@pytest.fixture(scope="session")
def finished_lean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same particles and their mean free paths, with one figure."""
    folder = tmp_path_factory.mktemp("a lean folder")
    write_campaign(folder / "small.yaml", outputs=LEAN)
    run(folder)
    return folder


@pytest.fixture
def workplace(finished: Path, tmp_path: Path) -> Path:
    """A copy of the campaign with everything."""
    return copied(finished, tmp_path / "another folder")


@pytest.fixture
def lean(finished_lean: Path, tmp_path: Path) -> Path:
    """A copy of the campaign of mean free paths."""
    return copied(finished_lean, tmp_path / "another lean folder")


SHARED = ("finished", "finished_lean")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for name in set(SHARED).intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group(name))
