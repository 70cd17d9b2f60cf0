"""Two files are equal when every bit of their data is, and otherwise it is said where they part."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from fieldwalk.cli.records.comparison import compare, compare_arrays
from fieldwalk.io.datasets import write_dataset
from fieldwalk.io.shards import open_shard_for_writing


def test_equal_arrays_are_counted() -> None:
    arrays = {"a": np.array([1.0, np.nan, -0.0]), "b": np.arange(4), "c": np.array(["x", "yy"])}
    comparison = compare_arrays(arrays, {name: array.copy() for name, array in arrays.items()})
    assert comparison.differences == []
    assert comparison.arrays == 3
    assert comparison.size == 3 * 8 + 4 * 8 + 2 * 2 * 4


def test_the_place_and_the_size_of_a_difference_are_told() -> None:
    before = np.zeros((2, 3))
    after = before.copy()
    after[1, 2], after[1, 0] = 0.25, np.nan
    assert compare_arrays({"a": before}, {"a": after}).differences == [
        "a: 2 of 6 values differ, the first at [1, 0]: 0.0 in the file, nan now; largest difference 0.25"
    ]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (np.array([0.0]), np.array([-0.0]), "1 of 1 values differ"),
        (np.array(1.0), np.array(np.nextafter(1.0, 2)), "1 of 1 values differ, the first at []"),
        (np.array([np.nan]), np.array([1.0]), "nan in the file, 1.0 now"),
        (np.array([1]), np.array([1.0]), "int64 of shape (1,) in the file, float64 of shape (1,) now"),
        (np.zeros(2), np.zeros(3), "float64 of shape (2,) in the file, float64 of shape (3,) now"),
        (np.array(["a", "b"]), np.array(["a", "longer"]), "the first at [1]: b in the file, longer now"),
        (np.array([True]), np.array([False]), "True in the file, False now"),
    ],
)
def test_no_bit_is_overlooked(before: np.ndarray, after: np.ndarray, words: str) -> None:
    (line,) = compare_arrays({"a": before}, {"a": after}).differences
    assert words in line


def test_arrays_that_only_one_has_are_named() -> None:
    comparison = compare_arrays({"a": np.zeros(1), "b": np.zeros(0)}, {"b": np.zeros(0), "c": np.zeros(1)})
    assert comparison.differences == ["a: is not made any more", "c: is new"]


def test_shards_are_compared_in_data_and_in_description(tmp_path: Path) -> None:
    for number, (value, steps, ranks) in enumerate([(1.0, 5, 1), (1.0, 5, 2), (2.0, 5, 1), (1.0, 6, 1)]):
        with open_shard_for_writing(tmp_path / f"{number}.h5", {"point/range": 1}) as writer:
            writer.write("point/range", 0, {"square_x": np.full(3, value)})
            writer.describe("point/range", {"steps": np.array([0, steps])})
            writer.attributes["ranks"] = ranks
    first, same, other_value, other_steps = (tmp_path / f"{number}.h5" for number in range(4))
    assert compare(first, same).differences == []
    assert compare(first, same).arrays == 2
    assert [line.split(":")[0] for line in compare(first, other_value).differences] == ["point/range/square_x"]
    assert [line.split(":")[0] for line in compare(first, other_steps).differences] == ["point/range@steps"]


def test_datasets_are_compared_in_data_and_in_units(tmp_path: Path) -> None:
    for name, units, word in (("a", "L_c", "x"), ("b", "L_c", "x"), ("c", "c L_c", "x"), ("d", "L_c", "longer")):
        described = {"units": units, "long_name": "a length"}
        words = np.array([word, ""], dtype=object)
        dataset = xr.Dataset({"length": ("t", np.ones(2), described), "word": ("t", words, described)})
        write_dataset(dataset, tmp_path / f"{name}.nc", {"date": name})
    assert compare(tmp_path / "a.nc", tmp_path / "b.nc").differences == []
    differences = compare(tmp_path / "a.nc", tmp_path / "c.nc").differences
    assert sorted(line.split(":")[0] for line in differences) == ["length", "word"]
    assert "'units': 'L_c'" in differences[0]
    (line,) = compare(tmp_path / "a.nc", tmp_path / "d.nc").differences
    assert "the first at [0]: x in the file, longer now" in line
