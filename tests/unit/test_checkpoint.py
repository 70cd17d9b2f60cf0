"""Checkpoints: what was saved is found again, the furthest state of each task counts, and damage is never used."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from fieldwalk.errors import CheckpointError
from fieldwalk.parallel.checkpoint import Checkpoints, Gathered, gather, remove

IDENTITY: Mapping[str, str | int] = {"batch": "0123456789ab", "seed": 7}


def opened(gathered: Gathered, rank: int = 0, instruction_set: str = "avx2") -> Checkpoints:
    return Checkpoints(gathered, rank, 4, 300.0, IDENTITY, instruction_set)


def state(value: float) -> dict[str, np.ndarray]:
    return {"position": np.full((3, 300), value), "step": np.array(int(value))}


def results(gathered: Gathered) -> dict[str, float]:
    return {key: float(arrays["sum"]) for key, arrays in gathered.finished()}


def test_a_first_start_finds_nothing(tmp_path: Path) -> None:
    gathered = gather(tmp_path / "batch", IDENTITY)
    assert gathered.attempt == 1
    assert results(gathered) == {}
    assert gathered.restore("a") is None
    assert not (tmp_path / "batch").exists()


def test_results_and_states_of_all_ranks_come_back_bit_by_bit(tmp_path: Path) -> None:
    first = gather(tmp_path, IDENTITY)
    random = np.random.default_rng(3)
    arrays = {"position": random.normal(size=(3, 5)), "nothing": np.full(2, np.nan), "step": np.array(4)}
    assert opened(first, 0).save({"a": {"sum": np.array(1.5)}}, ("b", 40, arrays))
    assert opened(first, 1).save({"c": {"sum": np.array(2.5)}}, None)
    again = gather(tmp_path, IDENTITY)
    assert again.attempt == 2
    assert results(again) == {"a": 1.5, "c": 2.5}
    done, found = again.restore("b") or (0, {})
    assert done == 40
    assert {name: (v.dtype, v.shape, v.tobytes()) for name, v in found.items()} == {
        name: (v.dtype, v.shape, v.tobytes()) for name, v in arrays.items()
    }
    assert [path.name for path in tmp_path.iterdir()] == [again.path.name]


def test_the_furthest_of_a_task_counts_wherever_it_stands(tmp_path: Path) -> None:
    first = gather(tmp_path, IDENTITY)
    opened(first, 0).save({}, ("a", 10, state(10)))
    opened(first, 1).save({}, ("a", 30, state(30)))
    opened(first, 2).save({}, ("b", 10, state(10)))
    opened(first, 3).save({"b": {"sum": np.array(1.0)}}, None)
    second = gather(tmp_path, IDENTITY)
    assert dict(second.underway) == {"a": 30}
    assert results(second) == {"b": 1.0}
    # the same rank goes on, and its older state gives way
    writer = opened(second, 0)
    writer.save({}, ("a", 40, state(40)))
    writer.save({"a": {"sum": np.array(9.0)}}, None)
    third = gather(tmp_path, IDENTITY)
    assert not third.underway
    assert results(third) == {"b": 1.0, "a": 9.0}


def test_a_kill_while_gathering_counts_nothing_twice(tmp_path: Path) -> None:
    first = gather(tmp_path, IDENTITY)
    writer = opened(first)
    sum(i * i for i in range(100_000))
    writer.save({"a": {"sum": np.array(1.0)}}, None)
    saved = (tmp_path / "0001_rank00000.sqlite").read_bytes()
    second = gather(tmp_path, IDENTITY)
    # as if the kill had come before the older file was removed
    (tmp_path / "0001_rank00000.sqlite").write_bytes(saved)
    third = gather(tmp_path, IDENTITY)
    assert results(third) == {"a": 1.0}
    assert third.cpu_seconds == second.cpu_seconds > 0


def test_what_computed_is_remembered(tmp_path: Path) -> None:
    first = gather(tmp_path, IDENTITY)
    opened(first, 0, "avx512").save({"a": {"sum": np.array(1.0)}}, None)
    opened(gather(tmp_path, IDENTITY), 0, "avx2").save({"b": {"sum": np.array(1.0)}}, None)
    assert gather(tmp_path, IDENTITY).instruction_sets == ("avx2", "avx512")


@pytest.mark.parametrize("other", [{"seed": 8}, {"batch": "ffffffffffff"}], ids=["campaign", "batch"])
def test_checkpoints_of_something_else_are_refused_and_kept(tmp_path: Path, other: dict[str, str | int]) -> None:
    opened(gather(tmp_path, IDENTITY)).save({"a": {"sum": np.array(1.0)}}, None)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(CheckpointError, match="belongs to another batch or version") as caught:
        gather(tmp_path, {**IDENTITY, **other})
    name, value = next(iter(other.items()))
    assert f'"{name}": "{value}"' in str(caught.value)
    assert f'"{name}": "{IDENTITY[name]}"' in str(caught.value)
    assert "move its folder away" in str(caught.value)
    assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_no_flipped_bit_is_ever_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """400 bits of a file of two results and a state, drawn with a fixed seed: right, or not there at all."""
    folder = tmp_path / "whole"
    opened(gather(folder, IDENTITY)).save(
        {"a": {"sum": np.array(1.0)}, "b": {"sum": np.array(2.0)}}, ("c", 30, state(30))
    )
    whole = (folder / "0001_rank00000.sqlite").read_bytes()
    random = np.random.default_rng(20261120)
    lost = 0
    for number, place in enumerate(random.integers(0, 8 * len(whole), 400)):
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << (place % 8)
        damaged = tmp_path / str(number)
        damaged.mkdir()
        (damaged / "0001_rank00000.sqlite").write_bytes(flipped)
        try:
            found = gather(damaged, IDENTITY)
        except CheckpointError:
            lost += 1
            continue
        assert results(found).items() <= {"a": 1.0, "b": 2.0}.items()
        for key in found.underway:
            done, arrays = found.restore(key) or (0, {})
            assert (key, done, arrays["position"].tolist()) == ("c", 30, state(30)["position"].tolist())
        lost += len(results(found)) + len(found.underway) < 3
    assert lost > 20, "the flips hit nothing: the test is not worth its name"


def test_a_file_killed_before_its_first_checkpoint_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "0001_rank00000.sqlite").touch()
    (tmp_path / "0001_rank00001.sqlite").write_bytes(b"SQLite format 3\0" + bytes(50))
    gathered = gather(tmp_path, IDENTITY)
    assert results(gathered) == {}
    assert gathered.attempt == 2


def test_an_interrupted_transaction_leaves_the_one_before(tmp_path: Path, run_python) -> None:
    """A process that dies in the middle of writing leaves a journal; the file is what it was."""
    opened(gather(tmp_path, IDENTITY)).save({"a": {"sum": np.array(1.0)}}, None)
    code = """
import os, sqlite3, sys
file = sqlite3.connect(sys.argv[1])
file.execute("PRAGMA cache_size = 1")
file.execute("BEGIN")
file.execute("UPDATE tasks SET progress = 5")
file.executemany("INSERT INTO tasks VALUES (?, 1, '', ?)", [(str(i), bytes(5000)) for i in range(200)])
os._exit(9)
"""
    run_python(code, tmp_path / "0001_rank00000.sqlite")
    assert (tmp_path / "0001_rank00000.sqlite-journal").exists()
    assert results(gather(tmp_path, IDENTITY)) == {"a": 1.0}


def test_a_full_disk_keeps_the_older_checkpoint_and_goes_on(small_disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    writer = opened(gather(small_disk / "batch", IDENTITY))
    assert writer.save({"a": {"sum": np.array(1.0)}}, None)
    assert not writer.save({"b": {"sum": np.zeros(30_000)}}, None)
    assert "no checkpoint could be written" in caplog.text
    assert results(gather(small_disk / "batch", IDENTITY)) == {"a": 1.0}


def test_checkpoints_are_due_after_the_interval(tmp_path: Path) -> None:
    gathered = gather(tmp_path, IDENTITY)
    assert not Checkpoints(gathered, 0, 1, 300.0, IDENTITY, "avx2").due
    writer = Checkpoints(gathered, 0, 1, 0.0, IDENTITY, "avx2")
    assert writer.due
    writer.save({}, None)
    assert writer.seconds > 0


def test_remove(tmp_path: Path) -> None:
    opened(gather(tmp_path / "batch", IDENTITY)).save({"a": {"sum": np.array(1.0)}}, None)
    remove(tmp_path / "batch")
    remove(tmp_path / "batch")
    assert list(tmp_path.iterdir()) == []


def test_anyone_can_look_into_a_checkpoint(tmp_path: Path) -> None:
    opened(gather(tmp_path, IDENTITY)).save({}, ("c", 30, state(30)))
    file = sqlite3.connect(tmp_path / "0001_rank00000.sqlite")
    assert file.execute("SELECT key, progress FROM tasks").fetchall() == [("c", 30)]
    assert dict(file.execute("SELECT * FROM about"))["format"] == "fieldwalk checkpoint 1"
    file.close()
