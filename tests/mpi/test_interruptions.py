"""A batch that is stopped, killed or damaged on its way gives the same bytes in the end, and nothing done is lost."""

import json
import re
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from children import start_command

from fieldwalk.campaign import paths
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.plan import read_plan
from fieldwalk.campaign.plan.selection import Selection
from fieldwalk.io.shards import open_shard, read_group
from fieldwalk.parallel.stopping import EXIT_STOPPED

pytestmark = [pytest.mark.mpi, pytest.mark.serial]

MakeCampaign = Callable[..., Campaign]
Freeze = Callable[[Campaign, Path], Selection]

SLOWER = """
import time
from mpi4py import MPI
from fieldwalk.parallel import leader, worker
from fieldwalk.particles import task as particles
from fieldwalk.stages import farm as stage

leader.SLICE_SECONDS = worker.SLICE_SECONDS = 0.002
advance = particles.ParticleTask.advance


def slower(self, state, n):
    time.sleep({seconds})
    return advance(self, state, n)


particles.ParticleTask.advance = slower
{patch}
stage.main()
"""
"""The stage with a pause in every slice: a batch of a few seconds that takes little of the machine."""


class Batch:
    """A planned batch of 20 tasks of 17 slices in a folder, started in processes of its own."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.log = folder / "log.txt"

    def start(self, ranks: int, *, minutes: float = 0, seconds: float = 0.02, patch: str = "") -> psutil.Popen:
        """Start it on some ranks."""
        script = self.folder / "slower.py"
        script.write_text(SLOWER.format(seconds=seconds, patch=patch))
        words = ["--results", self.folder, "--batch", self.name, "--ranks", ranks, "--minutes", minutes]
        with self.log.open("a") as log:
            command = map(str, ("mpiexec", "-n", ranks, sys.executable, script, *words))
            return start_command(*command, stdout=log, stderr=log)

    def finish(self, ranks: int = 2, **how: Any) -> str:
        """Run it to its end; returns what this last start printed."""
        before = len(self.printed())
        process = self.start(ranks, **{"seconds": 0.0, **how})
        assert process.wait(timeout=120) == 0, self.printed()[before:]
        return self.printed()[before:]

    def printed(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def content(self) -> dict[str, bytes]:
        """Bytes of every array of the shard."""
        found = {}
        with open_shard(paths.shard(self.folder, self.name)) as file:
            for portion in read_plan(self.folder, "tiny", 7).batches[self.name].portions:
                for name, value in read_group(file, portion.group).items():
                    found[f"{portion.group}/{name}"] = value.tobytes()
        return found

    @property
    def checkpoints(self) -> list[Path]:
        return sorted(paths.checkpoint_folder(self.folder, self.name).glob("*.sqlite"))

    def wait_until(self, condition: Callable[[], object], process: psutil.Popen) -> None:
        limit = time.monotonic() + 60
        while not condition():
            assert process.poll() is None, self.printed()
            assert time.monotonic() < limit
            time.sleep(0.01)


@pytest.fixture(scope="module")
def planned(make_campaign: MakeCampaign, freeze: Freeze) -> Callable[[Path], Batch]:
    def plan(folder: Path, checkpoint_seconds: float = 0.2) -> Batch:
        campaign = make_campaign(mode_types=["isotropic", "composite"], rigidities=[0.8, 1.0], duration=300)
        resources = campaign.resources.model_copy(update={"checkpoint_minutes": checkpoint_seconds / 60})
        (name,) = freeze(campaign.model_copy(update={"resources": resources}), folder).batches
        return Batch(folder, name)

    return plan


@pytest.fixture(scope="module")
def straight(planned: Callable[..., Batch], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the batch gives when nothing happens to it."""
    batch = planned(tmp_path_factory.mktemp("straight"))
    batch.finish()
    return batch.content()


@pytest.fixture
def patient(planned: Callable[..., Batch], tmp_path: Path) -> Batch:
    """The batch with an hour between checkpoints: side files can only come from a stop."""
    return planned(tmp_path / "patient", 3600)


@pytest.fixture
def batch(planned: Callable[..., Batch], tmp_path: Path) -> Iterator[Batch]:
    yield planned(tmp_path)
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            process.kill()


def ranks_of(process: psutil.Popen) -> list[psutil.Process]:
    """The running ranks, rank 0 first."""
    found = []
    with suppress(psutil.NoSuchProcess):
        for one in process.children(recursive=True):
            with suppress(psutil.Error):
                # a process that has not become a rank yet has no number
                if "slower.py" in " ".join(one.cmdline()) and "PMI_RANK" in one.environ():
                    found.append((int(one.environ()["PMI_RANK"]), one))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


@pytest.mark.parametrize(
    ("number", "whom"), [(signal.SIGTERM, "launcher"), (signal.SIGINT, "rank 0"), (signal.SIGUSR1, "last rank")]
)
def test_a_signal_stops_in_good_order_and_the_next_start_goes_on(
    patient: Batch, straight: dict[str, bytes], number: signal.Signals, whom: str
) -> None:
    process = patient.start(2)
    patient.wait_until(lambda: "tasks on 2 ranks" in patient.printed(), process)
    time.sleep(0.5)
    victim = {"launcher": lambda: process, "rank 0": lambda: ranks_of(process)[0]}.get(
        whom, lambda: ranks_of(process)[-1]
    )()
    victim.send_signal(number)
    assert process.wait(timeout=30) == EXIT_STOPPED, patient.printed()
    assert number.name in patient.printed().split("stopped: ")[1]
    assert "Traceback" not in patient.printed()
    assert not paths.shard(patient.folder, patient.name).exists()
    note = json.loads(paths.job_note(patient.folder, f"particles_{patient.name}").read_text())
    assert note["state"] == "stopped"
    assert 0 < note["share"] < 1
    again = patient.finish(3)
    done, underway = map(int, re.findall(r"going on from checkpoints: (\d+) tasks done, (\d+) under way", again)[0])
    assert done + underway > 0
    assert patient.content() == straight
    assert not paths.job_note(patient.folder, f"particles_{patient.name}").exists()


def test_the_wall_time_stops_it_again_and_again(patient: Batch, straight: dict[str, bytes]) -> None:
    """A wall time too short for the batch: each start adds to what the ones before it did."""
    statuses = []
    for _ in range(30):
        process = patient.start(2, minutes=3 / 60, seconds=0.03)
        statuses.append(process.wait(timeout=60))
        if statuses[-1] == 0:
            break
    assert statuses[-1] == 0, patient.printed()
    assert set(statuses[:-1]) == {EXIT_STOPPED}
    assert "the wall time of" in patient.printed()
    assert patient.content() == straight


def test_24_kills_at_random_moments(batch: Batch, straight: dict[str, bytes]) -> None:
    """SIGKILL to a rank, rank 0, the launcher or all, on one to three ranks, a quarter of them while it starts.

    The seed fixes victims and moments as they are meant; when the machine is slow they fall elsewhere, and the bytes
    must be equal all the same.
    """
    random = np.random.default_rng(20261120)
    kills = 0
    while kills < 24:
        before = len(batch.printed())
        process = batch.start(int(random.integers(1, 4)), seconds=0.03)
        victim, moment = random.integers(4), random.uniform()
        if moment < 0.25:
            time.sleep(4 * moment)
        else:
            batch.wait_until(lambda before=before: "tasks on" in batch.printed()[before:], process)
            time.sleep(1.5 * (moment - 0.25))
        ranks = ranks_of(process)
        for one in [ranks[-1:], ranks[:1], [process], [process, *ranks]][victim]:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        status = process.wait(timeout=30)
        psutil.wait_procs(ranks, timeout=30)
        kills += status != 0
        if (shard := paths.shard(batch.folder, batch.name)).exists():  # ranks may outlive their launcher
            assert batch.content() == straight
            shard.unlink()
    assert "going on from checkpoints" in batch.printed()
    assert "Traceback" not in batch.printed()
    batch.finish()
    assert batch.content() == straight


def test_a_newer_start_takes_over_from_one_that_still_runs(batch: Batch, straight: dict[str, bytes]) -> None:
    """A killed Snakemake leaves its jobs running; the next one starts them anew."""
    beat = "from fieldwalk.parallel import progress\nprogress.Progress.__init__.__kwdefaults__['interval'] = 0.1"
    older = batch.start(1, seconds=0.1, patch=beat)
    batch.wait_until(lambda: batch.checkpoints, older)
    printed = batch.finish(2)
    assert older.wait(timeout=30) == EXIT_STOPPED
    assert "a newer job of this batch goes on from here" in batch.printed()
    assert "going on from checkpoints" in printed
    assert batch.content() == straight


def test_a_batch_that_was_finished_meanwhile_is_left_alone(batch: Batch) -> None:
    batch.finish()
    before = paths.shard(batch.folder, batch.name).stat().st_mtime_ns
    assert "was finished meanwhile" in batch.finish()
    assert paths.shard(batch.folder, batch.name).stat().st_mtime_ns == before


def stop_half_way(batch: Batch) -> None:
    process = batch.start(2)
    batch.wait_until(lambda: len(batch.checkpoints) == 2, process)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == EXIT_STOPPED


def test_a_damaged_checkpoint_is_computed_again(batch: Batch, straight: dict[str, bytes]) -> None:
    stop_half_way(batch)
    for path in batch.checkpoints:
        with sqlite3.connect(path) as file:
            (key, arrays) = file.execute("SELECT key, arrays FROM tasks LIMIT 1").fetchone()
            flipped = bytearray(arrays)
            flipped[len(flipped) // 2] ^= 8
            file.execute("UPDATE tasks SET arrays = ? WHERE key = ?", (bytes(flipped), key))
        file.close()
    assert "is damaged and is computed again" in batch.finish()
    assert batch.content() == straight


def test_checkpoints_of_another_physics_version_are_refused_and_kept(batch: Batch) -> None:
    stop_half_way(batch)
    patch = "stage.PHYSICS_VERSION = 99"
    before = [path.read_bytes() for path in batch.checkpoints]
    process = batch.start(2, patch=patch)
    assert process.wait(timeout=30) == 1
    assert '{"physics_version": "1"} where' in batch.printed() or '"physics_version": "99"' in batch.printed()
    assert "move its folder away" in batch.printed()
    assert "Traceback" not in batch.printed()
    assert before == [path.read_bytes() for path in batch.checkpoints]


FAILING = """
from fieldwalk.errors import KernelError
begin = particles.ParticleTask.start


def start(self):
    if self.key.endswith("realisation 3"):
        raise KernelError("injected here")
    return begin(self)


particles.ParticleTask.start = start
"""


def test_a_task_that_always_fails_costs_nothing_of_the_others(batch: Batch, straight: dict[str, bytes]) -> None:
    for _ in range(2):
        process = batch.start(2, seconds=0.0, patch=FAILING)
        assert process.wait(timeout=60) == 1
    assert "4 of 20 tasks failed; the others are kept" in batch.printed()
    assert "injected here" in batch.printed()
    assert "going on from checkpoints: 16 tasks done" in batch.printed()
    note = json.loads(paths.job_note(batch.folder, f"particles_{batch.name}").read_text())
    assert (note["state"], note["message"]) == ("failed", "injected here")
    assert "going on from checkpoints: 16 tasks done" in batch.finish()
    assert batch.content() == straight


def test_a_clock_that_jumps_changes_nothing(batch: Batch, straight: dict[str, bytes]) -> None:
    patch = "import random\nclock = time.time\ntime.time = lambda: clock() + random.choice([-1e5, 0, 1e5])"
    batch.finish(2, minutes=60, patch=patch, seconds=0.005)
    assert batch.content() == straight


def test_a_full_disk_under_the_checkpoints_is_no_reason_to_stop(
    batch: Batch, straight: dict[str, bytes], small_disk: Path
) -> None:
    (small_disk / "filler").write_bytes(bytes(60_000))
    paths.checkpoint_folder(batch.folder, batch.name).parent.symlink_to(small_disk)
    printed = batch.finish(2, seconds=0.02)
    assert "no checkpoint could be written" in printed
    assert batch.content() == straight


def test_a_batch_goes_on_with_the_instruction_set_that_began_it(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setenv("FIELDWALK_INSTRUCTION_SET", "baseline")
        stop_half_way(batch)
    batch.finish()
    with open_shard(paths.shard(batch.folder, batch.name)) as file:
        assert file.attrs["instructionSet"] == "baseline"
        assert file.attrs["starts"] == 2
