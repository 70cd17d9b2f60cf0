"""Files appear whole or not at all, whatever goes wrong on the way."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from fieldwalk.errors import DataError
from fieldwalk.io.datasets import read_dataset, write_dataset, write_text
from fieldwalk.io.files import explained, require_space, written_whole


def described(n: int = 10) -> xr.Dataset:
    attributes = {"units": "1", "long_name": "a number"}
    time = ("time", np.arange(float(n)), {"units": "1/Omega", "long_name": "time"})
    return xr.Dataset({"x": ("time", np.ones(n), attributes)}, {"time": time})


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down" / "a.txt"
    with written_whole(path) as part:
        part.write_text("half")
        assert not path.exists()
        part.write_text("whole")
    assert path.read_text() == "whole"
    assert names(path.parent) == ["a.txt"]


@pytest.mark.parametrize("error", [ValueError("a defect"), KeyboardInterrupt(), OSError(5, "Input/output error")])
def test_a_failure_leaves_the_older_file_alone(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a.txt"
    path.write_text("older")
    expected = DataError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected), written_whole(path) as part:
        part.write_text("newer, but")
        raise error
    assert path.read_text() == "older"
    assert names(tmp_path) == ["a.txt"]


def test_a_dataset_is_read_as_written(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    write_dataset(described(), path, {"seed": 7, "campaign": "näme: " + 70_000 * "x"})
    read = read_dataset(path)
    xr.testing.assert_identical(read.drop_attrs(deep=False), described())
    assert read.attrs["seed"] == 7
    assert read.attrs["campaign"] == "näme: " + 70_000 * "x"
    assert names(tmp_path) == ["a.nc"]


@pytest.mark.parametrize("absent", ["units", "long_name"])
@pytest.mark.parametrize("variable", ["x", "time"])
def test_a_dataset_without_a_description_is_refused(tmp_path: Path, absent: str, variable: str) -> None:
    dataset = described()
    del dataset[variable].attrs[absent]
    with pytest.raises(DataError, match=f"variable {variable} has no {absent}"):
        write_dataset(dataset, tmp_path / "a.nc", {})
    assert names(tmp_path) == []


def test_what_is_no_dataset_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    with pytest.raises(DataError, match="no such dataset; run the campaign"):
        read_dataset(path)
    write_dataset(described(5000), path, {})
    whole = path.read_bytes()
    for content in (b"", b"time,x\n" * 1000, whole[:100], whole[: len(whole) // 2], whole[:-1]):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"not a readable NetCDF-4 dataset .*run the campaign again"):
            read_dataset(path)


def writers() -> dict[str, Callable[[Path], None]]:
    return {
        "text": lambda path: write_text("words\n" * 100_000, path),
        "dataset": lambda path: write_dataset(described(100_000), path, {}),
    }


@pytest.mark.parametrize("kind", writers())
@pytest.mark.parametrize("below", ["", "deeper", "deeper/still"])
def test_a_file_where_a_folder_should_be(tmp_path: Path, kind: str, below: str) -> None:
    obstacle = tmp_path / "results"
    obstacle.write_text("not a folder")
    path = obstacle / below / "a.nc"
    with pytest.raises(DataError, match="a file stands where a folder is needed; move it away"):
        writers()[kind](path)
    with pytest.raises(DataError, match="a file stands where a folder is needed; move it away"):
        require_space(path, 1)
    assert obstacle.read_text() == "not a folder"


def test_a_folder_where_a_file_should_be(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt.1234567.part"):
        (tmp_path / name / "kept").mkdir(parents=True)
        with pytest.raises(DataError, match=f"{name[0]}.txt: cannot be written"):
            write_text("words", tmp_path / f"{name[0]}.txt")
        assert (tmp_path / name / "kept").is_dir()
    assert names(tmp_path) == ["a.txt", "b.txt.1234567.part"]


def test_an_orphaned_job_fails_instead_of_overwriting_its_successor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    monkeypatch.setattr(os, "getpid", lambda: 1111)
    with pytest.raises(DataError, match="cannot be written"), written_whole(path) as orphan:
        orphan.write_text("orphan")
        monkeypatch.setattr(os, "getpid", lambda: 2222)
        write_text("successor", path)
    assert path.read_text() == "successor"
    assert names(tmp_path) == ["a.txt"]


def test_too_little_space_is_known_before(tmp_path: Path) -> None:
    require_space(tmp_path / "new" / "a.h5", 1)
    with pytest.raises(DataError, match=r"needs 1000000000000\.0 MB but the disk has .* MB free; free some space"):
        require_space(tmp_path / "a.h5", 10**18)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (28, "the disk is full; free some space"),
        (13, "no permission to write here .*change its rights"),
        (30, "no permission to write here"),
        (20, "a file stands where a folder is needed"),
        (5, "cannot be written: .*Input/output"),
    ],
)
def test_every_error_of_the_system_names_the_file_and_the_remedy(number: int, words: str) -> None:
    error = explained(OSError(number, os.strerror(number)), Path("results/a.h5"))
    assert str(error).startswith("results/a.h5: ")
    assert error.__class__ is DataError
    with pytest.raises(DataError, match=words):
        raise error


FULL_DISK = """
import sys
from pathlib import Path
import numpy as np
import xarray as xr
from fieldwalk.errors import DataError
from fieldwalk.io.datasets import write_dataset, write_text
kind, path = sys.argv[1], Path(sys.argv[2])
described = {"units": "1", "long_name": "a number"}
values = np.random.default_rng(1).random(4000)
many = xr.Dataset({f"x{number}": ("time", values, described) for number in range(60)})
try:
    if kind == "text":
        write_text("words" * 100_000, path)
    else:
        write_dataset(many, path, {})
except DataError as error:
    print(error)
"""


@pytest.mark.parametrize("kind", writers())
def test_a_full_disk_gives_one_error_and_leaves_the_older_file(
    small_disk: Path, run_python: Callable[..., subprocess.CompletedProcess[str]], kind: str
) -> None:
    older = small_disk / "older"
    older.write_text("older")
    for path in (older, small_disk / "figures" / "new"):
        # in a process of its own: a library that cannot flush its file tries again when the process ends
        done = run_python(FULL_DISK, kind, path)
        assert done.returncode == 0, f"exit {done.returncode}: {done.stderr[-500:]}"
        assert done.stderr == ""
        assert done.stdout.count("\n") == 1
        assert f"{path}: the disk is full; free some space" in done.stdout
        assert older.read_text() == "older"
        assert not list(small_disk.rglob("*.part"))
        assert not (small_disk / "figures" / "new").exists()


def test_a_full_disk_is_seen_before_the_work_begins(small_disk: Path) -> None:
    with pytest.raises(DataError, match=r"but the disk has 0\.1 MB free"):
        require_space(small_disk / "a.h5", 200_000)
