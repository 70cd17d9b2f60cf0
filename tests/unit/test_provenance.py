"""Every file says how it was made, in plain values that HDF5 and NetCDF can hold."""

import getpass
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from fieldwalk.io import provenance as module
from fieldwalk.io.datasets import read_dataset, write_dataset
from fieldwalk.io.provenance import DEPENDENCIES, Attributes, git_describe, provenance

GIVEN: dict[str, Any] = {
    "author": "A. Author",
    "campaign_text": "name: tiny\nseed: 7\n",
    "campaign_hash": "0123456789ab",
    "seed": 2**62,
    "command": "python -m fieldwalk.stages.running --results 'a folder'",
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
    assert listed == {name: version(name) for name in DEPENDENCIES}


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
