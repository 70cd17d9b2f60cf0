"""``fieldwalk show``: how a file was made, whatever its kind, and what is said of files that are none of ours."""

import json
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner, Result
from matplotlib.figure import Figure

from fieldwalk.campaign import paths
from fieldwalk.campaign.model import Campaign
from fieldwalk.cli.main import main
from fieldwalk.figures.saving import save
from fieldwalk.io.datasets import write_dataset
from fieldwalk.io.provenance import Attributes, provenance
from fieldwalk.io.shards import open_shard_for_writing
from fieldwalk.io.tables import write_table

TEXT = 'name: tiny  # η and "quotes"\nseed: 7\n'
FILES = ("particles/0123456789ab.h5", "running.nc", "table.csv", "figures/a.png", "figures/a.pdf")


def show(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["show", *map(str, words)], catch_exceptions=False)


@pytest.fixture
def attributes() -> Attributes:
    made = provenance(author="A. Author", campaign_text=TEXT, campaign_hash="0123", seed=7, command="python -m x 'y z'")
    return made | {"stageIdentity": "4567", "kernel": "a kernel", "instructionSet": "avx2", "cpuSeconds": 1234.5}


@pytest.fixture
def folder(tmp_path: Path, attributes: Attributes) -> Path:
    """A folder with one file of each kind."""
    described = {"units": "L_c", "long_name": "a length"}
    dataset = xr.Dataset({"x": ("t", np.ones(2), described)}, {"t": ("t", [1.0, 2.0], described)})
    write_dataset(dataset, tmp_path / "running.nc", attributes)
    write_table(dataset, tmp_path / "table.csv", attributes)
    save(Figure(), tmp_path / "figures/a.png", tmp_path / "figures/a.pdf", attributes)
    with open_shard_for_writing(tmp_path / "particles/0123456789ab.h5", {"point/range": 1}) as writer:
        writer.write("point/range", 0, {"square_x": np.arange(500.0)})
        writer.attributes.update(attributes)
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_every_attribute_is_shown(folder: Path, name: str, attributes: Attributes) -> None:
    shown = show(folder / name)
    assert shown.exit_code == 0
    head, _, campaign = shown.output.partition("\ncampaign\n")
    lines = dict(line.split("  ", 1) for line in head.splitlines() if line)
    assert set(attributes) - {"campaign"} <= set(lines)
    assert lines["author"].strip() == "A. Author"
    assert lines["cpuSeconds"].strip() == "1234.5"
    assert lines["command"].strip() == "python -m x 'y z'"
    assert campaign.strip() == TEXT.strip()


@pytest.mark.parametrize("name", FILES)
def test_json_holds_the_very_values(folder: Path, name: str, attributes: Attributes) -> None:
    found = json.loads(show(folder / name, "--json").output)
    assert {key: found[key] for key in attributes} == attributes
    assert set(found) - set(attributes) <= {"format"}


@pytest.mark.parametrize("name", FILES)
def test_the_campaign_comes_out_word_for_word(folder: Path, name: str) -> None:
    assert show(folder / name, "--campaign").stdout_bytes == TEXT.encode()


def test_a_plan_says_what_is_planned(
    tmp_path: Path, make_campaign: Callable[..., Campaign], freeze: Callable[[Campaign, Path], object]
) -> None:
    campaign = make_campaign(rigidities=[1.0, 2.0])
    freeze(campaign, tmp_path)
    found = json.loads(show(tmp_path / "plan.json", "--json").output)
    assert (found["name"], found["seed"], found["points"], found["batches"]) == ("tiny", 7, 2, 1)
    assert found["predictedCoreSeconds"] > 0
    text = paths.campaign_file(tmp_path).read_text()
    assert show(tmp_path / "plan.json", "--campaign").output == text
    paths.campaign_file(tmp_path).unlink()
    refused = show(tmp_path / "plan.json", "--campaign")
    assert refused.exit_code == 2
    assert "no campaign stands in it or beside it" in refused.stderr


@pytest.mark.parametrize("name", FILES)
def test_half_a_file_is_called_damaged(folder: Path, name: str) -> None:
    path = folder / name
    content = path.read_bytes()
    # half a row, of a table
    path.write_bytes(content[:-2] if path.suffix == ".csv" else content[: len(content) // 2])
    if path.suffix == ".csv":
        path.write_text(path.read_text().rpartition(",")[0])
    refused = show(path)
    assert refused.exit_code == 2
    assert refused.stdout == ""
    assert f"{path}: damaged (" in refused.stderr


def test_files_of_others_are_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "foreign.nc", "w") as file:
        file.attrs["software"] = "another"
        file.attrs["edges"] = np.arange(3)
    (tmp_path / "foreign.csv").write_text("a,b\n1,2\n")
    (tmp_path / "foreign.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(600))
    (tmp_path / "campaign.yaml").write_text(TEXT)
    (tmp_path / "plan.json").write_text("[]")
    Figure().savefig(tmp_path / "foreign.png")
    Figure().savefig(tmp_path / "foreign.pdf")
    for name, words in {
        "foreign.nc": "was not made by Fieldwalk (its attribute software: another)",
        "foreign.csv": "carries no record of its making",
        "foreign.png": "carries no record of its making",
        "foreign.pdf": "carries no record of its making",
        "foreign.h5": "not a shard of this version",
        "campaign.yaml": "is no shard (.h5), dataset (.nc), table (.csv), figure",
        "plan.json": "not a plan",
        "missing.nc": "no such file",
        ".": "is a folder",
    }.items():
        refused = show(tmp_path / name)
        assert refused.exit_code == 2, name
        assert words in refused.stderr, refused.stderr
        assert str(tmp_path) in refused.stderr


def test_two_answers_at_once_are_refused(folder: Path) -> None:
    assert show(folder / "running.nc", "--json", "--campaign").exit_code == 2
