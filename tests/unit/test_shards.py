"""Shards: the data do not depend on the order of arrival, and whatever is not a whole shard is refused."""

import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from fieldwalk.errors import DataError
from fieldwalk.io.shards import (
    HEAD_ATTRIBUTES,
    HEAD_BYTES,
    Arrays,
    open_shard,
    open_shard_for_writing,
    read_group,
    read_head,
)

ROWS = {"first/0-4": 4, "second/0-3": 3}
EVERY = [(group, row) for group, rows in ROWS.items() for row in range(rows)]


def arrays(group: str, row: int) -> Arrays:
    generator = np.random.default_rng([len(group), row])
    return {
        "square": generator.normal(size=9),
        "particles": np.array(float(row)),
        "state": generator.normal(size=(3, 5)),
    }


def write(path: Path, order: Iterable[tuple[str, int]] = EVERY) -> None:
    with open_shard_for_writing(path, ROWS) as writer:
        for group, row in order:
            writer.write(group, row, arrays(group, row))
        writer.describe("first/0-4", {"grid_index": np.arange(-16, -7)})
        writer.attributes["seed"] = 7


def contents(path: Path) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    with open_shard(path) as file:
        stored = {f"{group}/{name}": value for group in ROWS for name, value in read_group(file, group).items()}
    return {name: (value.dtype.str, value.shape, value.tobytes()) for name, value in stored.items()}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write(tmp_path / "a.h5")
    assert names(tmp_path) == ["a.h5"]
    with open_shard(tmp_path / "a.h5") as file:
        assert file.attrs["seed"] == 7
        np.testing.assert_array_equal(file["first/0-4"].attrs["grid_index"], np.arange(-16, -7))
        for group, row in EVERY:
            stored = read_group(file, group)
            for name, value in arrays(group, row).items():
                np.testing.assert_array_equal(stored[name][row], value)


def test_rows_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path / "a.h5")
    for seed in range(5):
        path = tmp_path / f"{seed}.h5"
        write(path, [EVERY[i] for i in np.random.default_rng(seed).permutation(len(EVERY))])
        assert contents(path) == contents(tmp_path / "a.h5")


def test_the_same_order_gives_the_same_file(tmp_path: Path) -> None:
    write(tmp_path / "a.h5")
    write(tmp_path / "b.h5")
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


@pytest.mark.parametrize("absent", EVERY, ids=str)
def test_a_shard_with_missing_rows_is_not_written(tmp_path: Path, absent: tuple[str, int]) -> None:
    path = tmp_path / "a.h5"
    with pytest.raises(DataError, match=f"1 results are missing, the first is {absent[0]}/{absent[1]}"):
        write(path, [each for each in EVERY if each != absent])
    assert names(tmp_path) == []


def test_an_error_while_writing_leaves_the_older_shard_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    write(path)
    before = path.read_bytes()
    for error in (RuntimeError("a defect"), KeyboardInterrupt()):
        with pytest.raises(type(error)), open_shard_for_writing(path, ROWS) as writer:
            writer.write(*EVERY[0], arrays(*EVERY[0]))
            raise error
        assert names(tmp_path) == ["a.h5"]
        assert path.read_bytes() == before


def test_a_part_left_by_a_killed_job_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "a.h5.1234567.part").write_bytes(b"half a shard")
    write(tmp_path / "a.h5")
    assert names(tmp_path) == ["a.h5"]


def refused(path: Path) -> str:
    with pytest.raises(DataError) as caught, open_shard(path) as file:
        for group in ROWS:
            read_group(file, group)
    message = str(caught.value)
    assert str(path) in message
    return message


def test_a_missing_shard(tmp_path: Path) -> None:
    assert "run the campaign again" in refused(tmp_path / "a.h5")


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.9, 0.999])
def test_a_truncated_shard(tmp_path: Path, share: float) -> None:
    path = tmp_path / "a.h5"
    write(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    assert "damaged" in refused(path)


def test_one_flipped_bit_is_found_wherever_it_is(tmp_path: Path) -> None:
    """Every bit of the first line, and 500 others drawn with a fixed seed."""
    path = tmp_path / "a.h5"
    write(path)
    whole = path.read_bytes()
    random = np.random.default_rng(20261120)
    places = [*range(8 * HEAD_BYTES), *random.integers(8 * HEAD_BYTES, 8 * len(whole), 500)]
    for number, place in enumerate(places):
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << (place % 8)
        path = tmp_path / f"{number}.h5"
        path.write_bytes(flipped)
        with pytest.raises(DataError), open_shard(path):
            pass


def test_the_head_says_what_the_batch_cost(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with open_shard_for_writing(path, {"p": 1}) as writer:
        writer.write("p", 0, {"square": np.ones(3)})
        writer.attributes.update(batch="0123456789ab", ranks=2, cpuSeconds=12.5, wallSeconds=6.5, seed=1)
    head = read_head(path)
    assert {name: head[name] for name in HEAD_ATTRIBUTES} == {
        "batch": "0123456789ab",
        "ranks": 2,
        "cpuSeconds": 12.5,
        "wallSeconds": 6.5,
    }
    assert path.read_bytes()[:HEAD_BYTES].decode().endswith("\n")
    with h5py.File(path) as file:  # as any other program would open it
        assert file["p/square"].shape == (1, 3)


def test_a_text_file(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    path.write_text("mode_type,eta,rigidity\n" * 500)
    assert "it does not begin as a shard does" in refused(path)


@pytest.mark.parametrize("label", [None, "fieldwalk shard 0", 3.5, [1, 2, 3]], ids=str)
def test_a_foreign_hdf5_file(tmp_path: Path, label: str | float | list[int] | None) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for group in ROWS:
            file[f"{group}/square"] = np.zeros(3)
        if label is not None:
            file.attrs["format"] = label
    message = refused(path)
    assert "not a shard of this version" in message
    assert "delete it or move it away" in message


def test_a_shard_of_another_plan(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    write(path)
    with open_shard(path) as file, pytest.raises(DataError, match="holds no third/0-4: it belongs to another"):
        read_group(file, "third/0-4")


def test_a_damaged_shard_never_shows_a_traceback_of_hdf5(
    tmp_path: Path, run_python: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    # Eight random bytes in two hundred places, in a process of its own because a damaged file can end one.
    write(tmp_path / "a.h5")
    code = """
import sys
from pathlib import Path
import numpy as np
from fieldwalk.errors import DataError
from fieldwalk.io.shards import open_shard, read_group
good, bad = Path(sys.argv[1]), Path(sys.argv[2])
whole = good.read_bytes()
generator = np.random.default_rng(1)
# the tables stand in front of the data
for number in range(200):
    at = int(generator.integers(0, min(len(whole), 4000) - 8))
    bad.write_bytes(whole[:at] + generator.bytes(8) + whole[at + 8:])
    try:
        with open_shard(bad) as file:
            for group in sys.argv[3:]:
                read_group(file, group)
    except DataError as error:
        assert "run" in str(error) or "delete" in str(error), error
    except Exception as error:
        sys.exit(f"bytes {at} to {at + 8}: {type(error).__name__}: {error}")
"""
    done = run_python(code, tmp_path / "a.h5", tmp_path / "b.h5", *ROWS)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("groups", "columns"), [(1, 100_000), (1, 5_000), (300, 40)], ids=["large", "just too large", "many groups"]
)
def test_a_full_disk_gives_one_error_and_leaves_nothing(
    small_disk: Path,
    run_python: Callable[..., subprocess.CompletedProcess[str]],
    groups: int,
    columns: int,
) -> None:
    # In a process of its own: what HDF5 cannot flush, it tries to flush again when the process ends.
    code = """
import sys
from pathlib import Path
import numpy as np
from fieldwalk.errors import DataError
from fieldwalk.io.shards import open_shard_for_writing
rows = {f"point/{number}": 2 for number in range(int(sys.argv[2]))}
try:
    with open_shard_for_writing(Path(sys.argv[1]), rows) as writer:
        for group in rows:
            for row in range(2):
                writer.write(group, row, {"square": np.ones(int(sys.argv[3]))})
            writer.describe(group, {"point": "x" * 200})
except DataError as error:
    print(error)
"""
    older = small_disk / "older.h5"
    with open_shard_for_writing(older, {"p": 1}) as writer:
        writer.write("p", 0, {"square": np.ones(3)})
    before = older.read_bytes()
    for path in (small_disk / "particles" / "a.h5", older):
        done = run_python(code, path, groups, columns)
        assert done.returncode == 0, f"exit {done.returncode}: {done.stderr[-500:]}"
        assert done.stderr == ""
        assert done.stdout.count("\n") == 1
        assert "the disk is full; free some space" in done.stdout
        assert str(path) in done.stdout
        assert older.read_bytes() == before
        assert not list(small_disk.rglob("*.part"))


def test_row_shapes_are_kept(tmp_path: Path) -> None:
    with open_shard_for_writing(tmp_path / "a.h5", {"p": 1}) as writer:
        writer.write("p", 0, {"none": np.zeros(0), "number": np.array(2.0)})
    with open_shard(tmp_path / "a.h5") as file:
        stored = read_group(file, "p")
    expected: NDArray[np.float64] = np.zeros((1, 0))
    np.testing.assert_array_equal(stored["none"], expected)
    np.testing.assert_array_equal(stored["number"], [2.0])
