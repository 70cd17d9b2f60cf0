"""The farm under a real MPI: equal results on any number of ranks, and no rank left waiting when one fails."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from children import MPIEXEC, Run, run_command

from fieldwalk.campaign import paths
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.plan import read_plan
from fieldwalk.campaign.plan.selection import Selection
from fieldwalk.io.shards import open_shard, read_group
from fieldwalk.particles.task import MOMENTS

pytestmark = pytest.mark.mpi

LONGEST_SECONDS = 60

MakeCampaign = Callable[..., Campaign]
Freeze = Callable[[Campaign, Path], Selection]

TOY = """
import json
import sys
import time
from pathlib import Path

import numpy as np
from mpi4py import MPI

from fieldwalk.parallel.farm import run_farm


class Toy:
    def __init__(self, number):
        self.key, self.number = f"toy {number}", number
        # a few long ones, which rank 0 works on in slices, and hundreds that are over at once
        self.long = number % 50 == 0
        self.cost, self.length = (0.3, 40) if self.long else (1e-5, 1 + number % 3)

    def start(self):
        return {"sum": np.array(float(self.number)), "at": np.array(0)}

    def advance(self, state, n):
        for at in range(int(state["at"]), int(state["at"]) + n):
            state["sum"] = np.sin(state["sum"] * 1.1 + at)
            time.sleep(2e-3 * self.long)
        state["at"] = state["at"] + n
        return state

    def finish(self, state):
        assert state["at"] == self.length
        large = np.full(50_000 if self.number % 40 == 0 else 1, self.number / 7)
        return {"sum": state["sum"], "large": large, "rank": np.array(MPI.COMM_WORLD.rank)}


total = int(sys.argv[1])
received = {}


def receive(number, arrays):
    assert MPI.COMM_WORLD.rank == 0
    assert number not in received, f"task {number} was run twice"
    assert np.all(arrays["large"] == number / 7)
    received[number] = [arrays["sum"].tobytes().hex(), int(arrays["rank"])]


run_farm([Toy(number) for number in range(total)], MPI.COMM_WORLD, receive)
if MPI.COMM_WORLD.rank == 0:
    assert sorted(received) == list(range(total))
    sums, ranks = zip(*(received[number] for number in range(total))) if total else ((), ())
    Path(sys.argv[2]).write_text(json.dumps({"sums": sums, "ranks": ranks}))
"""


def mpi(ranks: int, *arguments: object, timeout: float = LONGEST_SECONDS) -> Run:
    """Run Python on some ranks; a run that hangs fails the test instead."""
    assert MPIEXEC.exists(), f"{MPIEXEC} is missing: install the mpich wheel"
    command = ("mpiexec", "-n", str(ranks), sys.executable, *map(str, arguments))
    return run_command(*command, folder=Path.cwd(), timeout=timeout)


def toy(folder: Path, ranks: int, total: int) -> dict[str, Any]:
    script, result = folder / "toy.py", folder / f"{ranks}.json"
    script.write_text(TOY)
    done = mpi(ranks, script, total, result)
    assert done.returncode == 0, done.stderr
    content: dict[str, Any] = json.loads(result.read_text())
    return content


def test_toys_give_equal_results_on_any_number_of_ranks(tmp_path: Path) -> None:
    results = {ranks: toy(tmp_path, ranks, 400) for ranks in (1, 2, 3)}
    assert results[1]["sums"] == results[2]["sums"] == results[3]["sums"]
    for ranks, result in results.items():
        assert set(result["ranks"]) == set(range(ranks)), "a rank stood idle"


@pytest.mark.parametrize("total", [0, 1, 2])
def test_fewer_tasks_than_ranks(tmp_path: Path, total: int) -> None:
    assert len(toy(tmp_path, 3, total)["sums"]) == total


def run_stage(
    folder: Path, ranks: int, batch: str, *, asked: int | None = None, patch: str = "", log: Path | None = None
) -> Run:
    arguments = ["--results", folder, "--batch", batch, "--ranks", asked or ranks, *(["--log", log] if log else [])]
    if not patch:
        return mpi(ranks, "-m", "fieldwalk.stages.farm", *arguments)
    script = folder / "patched.py"
    script.write_text(
        "from mpi4py import MPI\nfrom fieldwalk.particles import task as particles\n"
        f"from fieldwalk.stages import farm as stage\n{patch}\nstage.main()\n"
    )
    return mpi(ranks, script, *arguments)


@pytest.fixture
def batch(tmp_path: Path, make_campaign: MakeCampaign, freeze: Freeze) -> str:
    selection = freeze(make_campaign(mode_types=["isotropic", "composite"], rigidities=[0.8, 1.0]), tmp_path)
    (name,) = selection.batches
    return name


def shard_bytes(folder: Path, batch: str) -> dict[str, bytes]:
    plan = read_plan(folder, "tiny", 7)
    data = {}
    with open_shard(paths.shard(folder, batch)) as file:
        for portion in plan.batches[batch].portions:
            for name, value in read_group(file, portion.group).items():
                data[f"{portion.group}/{name}"] = value.tobytes() + str((value.dtype, value.shape)).encode()
            group = file[portion.group]
            data[f"{portion.group} attributes"] = repr(
                {k: np.asarray(v).tolist() for k, v in group.attrs.items()}
            ).encode()
    return data


def test_a_batch_gives_equal_bytes_on_any_number_of_ranks(tmp_path: Path, batch: str) -> None:
    found = {}
    for ranks in (1, 2, 3):
        log = tmp_path / "logs" / f"{ranks}.log"
        done = run_stage(tmp_path, ranks, batch, log=log)
        assert done.returncode == 0, done.stderr
        assert "20 tasks" in done.stderr
        replay = f"mpiexec -n {ranks} python -m mpi4py -m fieldwalk.stages.farm --results {tmp_path}"
        replay += f" --batch {batch} --ranks {ranks}"
        assert log.read_text().count(replay) == 1
        found[ranks] = shard_bytes(tmp_path, batch)
        with open_shard(paths.shard(tmp_path, batch)) as file:
            assert file.attrs["ranks"] == ranks
        paths.shard(tmp_path, batch).rename(tmp_path / f"{ranks}.h5")
    assert len(found[1]) == 4 * (len(MOMENTS) + 5 + 1)
    assert found[1] == found[2] == found[3]


def nothing_left(folder: Path) -> bool:
    return not list(folder.rglob("*.h5*"))


def test_a_longer_run_goes_on_from_the_shard(tmp_path: Path, make_campaign: MakeCampaign, freeze: Freeze) -> None:
    whole = tmp_path / "whole"
    (name,) = freeze(make_campaign(duration=60), whole).batches
    assert run_stage(whole, 1, name).returncode == 0
    (long,) = shard_values(whole, name)

    pieces = tmp_path / "pieces"
    found = []
    for duration in (30, 60):  # the earlier run ends within a cycle
        (new,) = freeze(make_campaign(duration=duration), pieces).new
        done = run_stage(pieces, 2, new)
        assert done.returncode == 0, done.stderr
        found += shard_values(pieces, new)
    for moment in MOMENTS:
        np.testing.assert_array_equal(np.concatenate([piece[moment] for piece in found], axis=1), long[moment])
    np.testing.assert_array_equal(found[1]["final_velocity"], long["final_velocity"])


def shard_values(folder: Path, batch: str) -> list[dict[str, Any]]:
    with open_shard(paths.shard(folder, batch)) as file:
        return [read_group(file, portion.group) for portion in read_plan(folder, "tiny", 7).batches[batch].portions]


def test_another_world_than_was_asked_for_is_refused(tmp_path: Path, batch: str) -> None:
    done = run_stage(tmp_path, 2, batch, asked=3)
    assert done.returncode
    assert "a world of 2 process(es) where 3 were asked for" in done.stderr
    assert "matching mpiexec" in done.stderr
    assert nothing_left(tmp_path)


def test_a_launcher_that_starts_singletons_is_found_out(tmp_path: Path, batch: str) -> None:
    # what a launcher of another MPI library amounts to: the processes know nothing of one another
    arguments = ["--results", tmp_path, "--batch", batch, "--ranks", 2]
    command = (sys.executable, "-m", "fieldwalk.stages.farm", *map(str, arguments))
    done = run_command(*command, folder=tmp_path, timeout=LONGEST_SECONDS)
    assert done.returncode == 1
    assert "a world of 1 process(es) where 2 were asked for" in done.stderr
    assert "Traceback" not in done.stderr
    assert nothing_left(tmp_path)


def test_an_unknown_batch_is_refused(tmp_path: Path, batch: str) -> None:
    done = run_stage(tmp_path, 1, "ffffffffffff")
    assert done.returncode == 1
    assert "holds no batch 'ffffffffffff'" in done.stderr
    assert "Traceback" not in done.stderr


RAISING = """
import time

real = particles.ParticleTask.advance


def advance(self, state, n):
    if MPI.COMM_WORLD.rank == {rank}:
        {raising}
    time.sleep(0.2)  # so that the rank that fails has its share
    return real(self, state, n)


particles.ParticleTask.advance = advance
"""


@pytest.mark.parametrize("rank", [0, 1])
@pytest.mark.parametrize(
    "raising",
    [
        "from fieldwalk.errors import KernelError; raise KernelError('injected here')",
        "raise ValueError('injected here')",
    ],
    ids=["ours", "a defect"],
)
def test_an_exception_on_one_rank_ends_all(tmp_path: Path, batch: str, rank: int, raising: str) -> None:
    try:
        done = run_stage(tmp_path, 2, batch, patch=RAISING.format(rank=rank, raising=raising))
    except subprocess.TimeoutExpired:
        pytest.fail(f"rank {rank} failed and the other still waits for it")
    assert done.returncode
    assert "injected here" in done.stderr
    assert ("Traceback" in done.stderr) == ("KernelError" not in raising)
    assert not list(tmp_path.rglob("*.h5"))


NAN = """
import numpy as np
from fieldwalk import kernels

real = kernels.push_particles


def push(waves, position, velocity, **keywords):
    result = real(waves, position, velocity, **keywords)
    for array in (*result, velocity):
        array[..., 3] = np.nan
    return result


kernels.push_particles = push
"""


def test_a_batch_in_which_too_many_particles_fail_is_refused(tmp_path: Path, batch: str) -> None:
    done = run_stage(tmp_path, 2, batch, patch=NAN)
    assert done.returncode
    assert "particles failed, more than 0.1%; the first: " in done.stderr
    assert "realisation" in done.stderr
    assert "not finite" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.h5"))


LATE = """
import os
import signal
import sys
import threading
import time

import numpy as np
from mpi4py import MPI

from fieldwalk.parallel import leader, worker
from fieldwalk.parallel.farm import run_farm
from fieldwalk.parallel.stopping import Stopped, StopRequest

comm, stop = MPI.COMM_WORLD, StopRequest()
stop.listen()
# rank 0 has said its last word, and the other looks for it half a second later
worker.POLL_SECONDS = 0.5


class Short:
    cost, length = 1.0, 1

    def __init__(self, number):
        self.key = str(number)

    def start(self):
        return {}

    def advance(self, state, n):
        time.sleep(0.01)
        return state

    def finish(self, state):
        return {"x": np.zeros(1)}


def signal_later():
    time.sleep(float(sys.argv[1]))
    os.kill(os.getpid(), signal.SIGUSR1)


if comm.rank == int(sys.argv[2]):
    threading.Thread(target=signal_later, daemon=True).start()
try:
    run_farm([Short(number) for number in range(40)], comm, lambda number, arrays: None, stop=stop)
    said = "done"
except Stopped:
    said = "stopped"
words = comm.gather(said)
if comm.rank == 0:
    assert len(set(words)) == 1, words
    time.sleep(0.6)
"""


@pytest.mark.serial
@pytest.mark.parametrize("rank", [0, 1])
def test_all_ranks_agree_whether_they_stopped_however_late_the_signal_comes(tmp_path: Path, rank: int) -> None:
    """A signal at the very end, when rank 0 has said that all is done or is about to."""
    script = tmp_path / "late.py"
    script.write_text(LATE)
    for seconds in (0.1, 0.2, 0.25, 0.35):
        try:
            done = mpi(2, script, seconds, rank, timeout=20)
        except subprocess.TimeoutExpired:
            pytest.fail(f"a signal after {seconds} s leaves one rank waiting for the other")
        assert done.returncode == 0, done.stderr
