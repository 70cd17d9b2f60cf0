"""Notes of jobs: who runs, who failed, who was killed; and a newer job that takes over from an older one."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from fieldwalk.errors import CheckpointError, DataError
from fieldwalk.parallel import job_note
from fieldwalk.parallel.job_note import JobNote, own_note, read_note
from fieldwalk.parallel.stopping import Stopped

HOLD = """
import sys, time
from pathlib import Path
from fieldwalk.parallel.job_note import own_note
with own_note(Path(sys.argv[1]), 3) as note:
    note.update(0.25, 12.5)
    print("holding", flush=True)
    while not (sys.argv[2] == "hand over" and note.handover_asked):
        time.sleep(0.02)
"""


def holder(path: Path, how: str = "hold on") -> subprocess.Popen[str]:
    """A process of its own that holds a note."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path), how], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    return process


@pytest.mark.serial
def test_a_job_that_runs_and_one_that_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "jobs" / "particles_a.json"
    process = holder(path)
    note = read_note(path)
    assert note is not None
    assert (note.job, note.state, note.pid, note.ranks) == ("particles_a", "running", process.pid, 3)
    assert (note.share, note.cpu_seconds) == (0.25, 12.5)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert read_note(path) == replace(note, state="killed")


def test_a_note_vanishes_with_success(tmp_path: Path) -> None:
    path = tmp_path / "running.json"
    with own_note(path, 1):
        assert path.exists()
    assert read_note(path) is None


@pytest.mark.parametrize(("error", "state"), [(DataError("no luck"), "failed"), (Stopped("wall time"), "stopped")])
def test_a_note_says_how_its_job_ended(tmp_path: Path, error: Exception, state: str) -> None:
    path = tmp_path / "running.json"
    with pytest.raises(type(error)), own_note(path, 1):
        raise error
    note = read_note(path)
    assert note is not None
    assert (note.state, note.message) == (state, str(error))


def test_a_newer_job_takes_over(tmp_path: Path) -> None:
    path = tmp_path / "particles_a.json"
    process = holder(path, "hand over")
    with own_note(path, 1):
        process.communicate(timeout=10)
        assert process.returncode == 0
        note = read_note(path)
        assert note is not None
        assert note.pid == os.getpid()
    assert list(tmp_path.iterdir()) == []


def test_an_owner_that_does_not_let_go_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_note, "HANDOVER_SECONDS", 0.3)
    path = tmp_path / "particles_a.json"
    process = holder(path)
    try:
        said = f"process {process.pid} on .* still runs this job"
        with pytest.raises(CheckpointError, match=said), own_note(path, 1):
            pass
    finally:
        process.kill()
        process.communicate()
    with own_note(path, 1):  # the lock died with its owner
        pass


@pytest.mark.parametrize(("age", "state"), [(0, "running"), (3600, "killed"), (-7200, "running")])
def test_a_job_on_another_node_whose_lock_is_not_seen(tmp_path: Path, age: float, state: str) -> None:
    """Its beat counts, and a clock that is hours ahead does not make it dead."""
    path = tmp_path / "particles_a.json"
    note = JobNote("particles_a", "running", "another-node", 1, "2026-11-20T00:00:00Z")
    path.write_text(json.dumps(note.__dict__))
    os.utime(path, (time.time() - age, time.time() - age))
    found = read_note(path)
    assert found is not None
    assert found.state == state


def test_a_note_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    path = tmp_path / "running.json"
    path.write_text("{")
    assert read_note(path) is None
    path.write_text(json.dumps({"another": "thing"}))
    assert read_note(path) is None
