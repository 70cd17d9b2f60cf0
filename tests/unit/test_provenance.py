"""Every file says how it was made, in plain values that HDF5, NetCDF, tables and figures can hold."""

import getpass
import platform
import subprocess
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.figure import Figure
from PIL import Image

from fieldwalk.cli.records.comparison import compare
from fieldwalk.errors import DamagedFileError, DataError
from fieldwalk.figures.saving import save
from fieldwalk.io import provenance as module
from fieldwalk.io.datasets import read_dataset, write_dataset
from fieldwalk.io.embedded import read_pdf_attributes, read_png_attributes
from fieldwalk.io.provenance import DEPENDENCIES, EVERYWHERE, Attributes, git_describe, provenance
from fieldwalk.io.tables import read_table, write_table

GIVEN: dict[str, Any] = {
    "author": "A. Author",
    "campaign_text": 'name: tiny  # η, "quoted", (in brackets) and \\ \\n\nseed: 7\n',
    "campaign_hash": "0123456789ab",
    "seed": 2**62,
    "command": "python -m fieldwalk.particles.stage --results 'a folder'",
}


@pytest.fixture
def attributes() -> Attributes:
    return provenance(**GIVEN)


def test_the_attributes_have_their_openpmd_names(attributes: Attributes) -> None:
    assert {"author", "software", "softwareVersion", "softwareDependencies", "machine", "date"} < set(attributes)
    assert attributes["software"] == "fieldwalk"
    assert attributes["softwareVersion"] == version("fieldwalk")
    assert attributes["author"] == "A. Author"


def test_the_campaign_and_the_command_are_kept_word_for_word(attributes: Attributes) -> None:
    assert attributes["campaign"] == GIVEN["campaign_text"]
    assert attributes["campaignHash"] == GIVEN["campaign_hash"]
    assert attributes["command"] == GIVEN["command"]
    assert attributes["seed"] == 2**62


def test_every_dependency_is_there_with_its_version(attributes: Attributes) -> None:
    listed = dict(entry.split(" ") for entry in str(attributes["softwareDependencies"]).split("; "))
    assert listed.pop("python") == platform.python_version()
    assert listed == {name: version(name) for name in DEPENDENCIES}


def test_nothing_of_the_list_is_left_to_chance(attributes: Attributes) -> None:
    """What the stage knows, it adds: its identity and its kernel."""
    assert set(EVERYWHERE) - set(attributes) == {"stageIdentity", "kernel", "instructionSet"}


def test_a_process_counts_its_own_seconds(attributes: Attributes) -> None:
    assert attributes["ranks"] == 1
    begin = time.process_time()
    while time.process_time() - begin < 0.05:
        pass
    later = provenance(**GIVEN)
    assert float(later["wallSeconds"]) - float(attributes["wallSeconds"]) >= 0.05
    assert 0.05 <= float(later["cpuSeconds"]) - float(attributes["cpuSeconds"]) < 60


def test_the_date_is_now_in_utc(attributes: Attributes) -> None:
    written = datetime.strptime(str(attributes["date"]), "%Y-%m-%d %H:%M:%S %z")
    assert abs((datetime.now(UTC) - written).total_seconds()) < 60
    assert str(attributes["date"]).endswith("+0000")


def test_the_values_survive_a_file(tmp_path: Path, attributes: Attributes) -> None:
    assert all(type(value) in (str, int, float) for value in attributes.values())
    described = {"units": "1", "long_name": "a number"}
    write_dataset(xr.Dataset({"x": ("t", np.ones(2), described)}), tmp_path / "a.nc", attributes)
    read = read_dataset(tmp_path / "a.nc").attrs
    assert {name: read[name] for name in attributes} == attributes


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found: 12345"), OSError("No username set")])
def test_a_login_without_a_name_is_no_obstacle(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def nobody() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert provenance(**{**GIVEN, "author": None})["author"] == "unknown"


def test_the_login_stands_in_for_an_author(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "somebody")
    assert provenance(**{**GIVEN, "author": None})["author"] == "somebody"


@pytest.mark.parametrize("broken", [FileNotFoundError("git"), subprocess.CalledProcessError(128, "git")])
def test_no_git_is_no_obstacle(monkeypatch: pytest.MonkeyPatch, broken: Exception) -> None:
    def fails(*arguments: object, **keywords: object) -> None:
        raise broken

    monkeypatch.setattr(subprocess, "run", fails)
    assert git_describe.__wrapped__() == "not a git checkout"


def test_an_installed_package_is_no_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "__file__", str(tmp_path / "lib" / "site-packages" / "fieldwalk" / "io" / "p.py"))
    assert git_describe.__wrapped__() == "not a git checkout"


def some_figure() -> Figure:
    figure = Figure()
    figure.add_subplot().plot([1, 2], [3, 4], label="(a\\b)")
    return figure


READERS = {".png": read_png_attributes, ".pdf": read_pdf_attributes}


@pytest.mark.parametrize("author", ["A. Author", "Ångström (née Ψ\\) & Söhne"])
def test_figures_carry_every_attribute(tmp_path: Path, attributes: Attributes, author: str) -> None:
    given = attributes | {"author": author}
    save(some_figure(), tmp_path / "a.png", tmp_path / "a.pdf", given)
    assert read_png_attributes(tmp_path / "a.png") == given
    assert read_pdf_attributes(tmp_path / "a.pdf") == given
    with Image.open(tmp_path / "a.png") as image:
        assert image.info["Author"] == author
        assert image.info["Software"] == f"fieldwalk {version('fieldwalk')}"


def test_attributes_change_nothing_in_the_drawing(tmp_path: Path, attributes: Attributes) -> None:
    save(some_figure(), tmp_path / "bare.png", tmp_path / "bare.pdf")
    save(some_figure(), tmp_path / "full.png", tmp_path / "full.pdf", attributes)
    for kind in READERS:
        comparison = compare(tmp_path / f"bare{kind}", tmp_path / f"full{kind}")
        assert comparison.size > 1000
        assert comparison.differences == []


@pytest.mark.parametrize("kind", READERS)
def test_figures_of_others_and_halves_of_figures_are_refused(tmp_path: Path, kind: str, attributes: Attributes) -> None:
    path = tmp_path / f"figure{kind}"
    save(some_figure(), path.with_suffix(".png"), path.with_suffix(".pdf"))
    with pytest.raises(DataError, match="carries no record of its making"):
        READERS[kind](path)
    save(some_figure(), path.with_suffix(".png"), path.with_suffix(".pdf"), attributes)
    path.write_bytes(path.read_bytes()[:-4000])
    with pytest.raises(DamagedFileError, match="not a whole"):
        READERS[kind](path)


@pytest.fixture
def grid() -> xr.Dataset:
    described = {"units": "L_c", "long_name": "a length"}
    named = {"units": "1", "long_name": "a word, or none"}
    return xr.Dataset(
        {
            "length": (("eta", "rigidity"), np.array([[0.1, np.nan], [1 / 3, -0.0]]), described),
            "reason": (("eta", "rigidity"), np.array([["", "too short, by far"], ["", ""]], dtype=object), named),
        },
        {"eta": ("eta", [0.5, 1.0], named), "rigidity": ("rigidity", [0.1, 1.0], described)},
    )


def test_a_table_carries_attributes_units_and_values_in_full(
    tmp_path: Path, grid: xr.Dataset, attributes: Attributes
) -> None:
    write_table(grid, tmp_path / "a.csv", attributes)
    table = read_table(tmp_path / "a.csv")
    assert dict(table.meta) == attributes
    assert str(table["length"].unit) == "L_c"
    assert table["reason"].description == "a word, or none"
    by_others = pd.read_csv(tmp_path / "a.csv", comment="#", keep_default_na=False, na_values={"length": ["", "nan"]})
    assert list(by_others["reason"]) == ["", "too short, by far", "", ""]
    np.testing.assert_array_equal(by_others["length"], grid["length"].values.ravel())


def test_a_table_without_its_head_or_its_columns_is_refused(
    tmp_path: Path, grid: xr.Dataset, attributes: Attributes
) -> None:
    path = tmp_path / "a.csv"
    write_table(grid, path, attributes)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:-1], "0.5,1.0"]))
    with pytest.raises(DamagedFileError, match=r"a\.csv: damaged"):
        read_table(path)
    path.write_text("\n".join(line for line in lines if not line.startswith("#")))
    with pytest.raises(DataError, match="carries no record of its making"):
        read_table(path)
    path.unlink()
    with pytest.raises(DataError, match="no such table"):
        read_table(path)
