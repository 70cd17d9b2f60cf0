"""``fieldwalk cite``: the works of the parts that were used, and no others."""

import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from matplotlib.figure import Figure

from fieldwalk.campaign.model import Campaign
from fieldwalk.cli.cite import AUTHORS, YEAR
from fieldwalk.cli.main import main
from fieldwalk.cli.records.citing import USES, entries, in_words, keys_used
from fieldwalk.figures.saving import save
from fieldwalk.io.provenance import provenance

ROOT = Path(__file__).resolve().parents[2]

ALWAYS = {"Giacalone1999", "Boris1970", "Salmon2011", "Harris2020", "HDF5", "Moelder2021"}
CRITICAL_BALANCE = {"Goldreich1995", "Cho2002", "Yan2004"}


def cite(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["cite", *map(str, words)], catch_exceptions=False)


def test_every_work_has_a_use_and_every_use_a_work() -> None:
    assert set(entries()) == set(USES)


@pytest.mark.parametrize("key", USES)
def test_entries_are_whole(key: str) -> None:
    entry = entries()[key]
    assert entry.count("{") == entry.count("}")
    assert re.search(r"^  author = \{.+\},$", entry, re.MULTILINE)
    fields = re.findall(r"^  (\w+) = \{.+\},$", entry, re.MULTILINE)
    assert len(fields) == len(set(fields)) == len(entry.splitlines()) - 2
    words = in_words(entry)
    assert "\n" not in words
    assert not re.search(r"[{}\\]|--|\.\.", words)
    for doi in re.findall(r"doi = \{(.+)\}", entry):
        assert re.fullmatch(r"10\.\d{4,5}/\S+", doi)
        assert words.endswith(f"doi:{doi}")


def test_a_work_in_words() -> None:
    assert in_words(entries()["Yan2004"]) == (
        "Yan, H. & Lazarian, A. (2004). Cosmic Ray Scattering and Streaming in Compressible Magnetohydrodynamic"
        " Turbulence. The Astrophysical Journal 614, 757–769. doi:10.1086/423733"
    )
    assert in_words(entries()["Moelder2021"]).startswith("Mölder, F. et al. (2021)")


@pytest.mark.parametrize(
    ("edits", "used", "unused"),
    [
        ({}, {"Efron1979", "Savitzky1964", "Dalcin2021", "Kuhlen2022"}, {"Bieber1996", "Bouchet2026", "Harari2014"}),
        ({"mode_types": ["alfvenic"]}, {"Bouchet2026"}, {"Kuhlen2022", "Bieber1996", *CRITICAL_BALANCE}),
        ({"mode_types": ["composite"]}, {"Bieber1996"}, {"Bouchet2026", *CRITICAL_BALANCE}),
        ({"mode_types": ["goldreich_sridhar"]}, CRITICAL_BALANCE, {"Bieber1996"}),
        ({"modes": "auto"}, {"Harari2014"}, set()),
        ({"duration": "auto"}, {"Harari2014"}, set()),
        ({"outputs": ["mean_free_paths"]}, {"Efron1979"}, {"Savitzky1964"}),
        ({"outputs": ["trajectories"]}, set(), {"Efron1979", "Savitzky1964", "Dalcin2021", "Kuhlen2022"}),
    ],
)
def test_a_campaign_cites_what_it_uses(
    make_campaign: Callable[..., Campaign], edits: dict[str, Any], used: set[str], unused: set[str]
) -> None:
    keys = keys_used(make_campaign(**edits))
    assert ALWAYS | used <= set(keys)
    assert unused.isdisjoint(keys)


def test_a_spectrum_is_cited_where_it_is_used(make_campaign: Callable[..., Campaign]) -> None:
    bent = make_campaign().turbulence.model_dump() | {"spectrum": "bend_over", "scale_ratio": 100}
    assert "Sonsrettee2016" in keys_used(make_campaign(turbulence=bent))
    assert "Sonsrettee2016" not in keys_used(make_campaign())


def test_without_a_file_everything_is_named_once() -> None:
    named = cite()
    assert named.exit_code == 0
    for entry in entries().values():
        assert named.output.count(in_words(entry)) == 1
    bibtex = cite("--bibtex").output
    assert re.findall(r"^@\w+\{(\w+),$", bibtex, re.MULTILINE) == ["Fieldwalk", *USES]
    assert f"version = {{{version('fieldwalk')}}}" in bibtex


def test_a_campaign_file_is_read(tmp_path: Path, make_campaign: Callable[..., Campaign]) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(make_campaign(mode_types=["slab"]).model_dump_json())
    assert "Bouchet" not in cite(path).output
    assert "Giacalone" in cite(path, "--bibtex").output
    path.write_text("name: [")
    refused = cite(path)
    assert refused.exit_code == 2
    assert "my.yaml" in refused.stderr


def test_a_file_cites_the_version_that_made_it(tmp_path: Path, make_campaign: Callable[..., Campaign]) -> None:
    text = yaml.safe_dump(make_campaign(mode_types=["composite"]).model_dump(mode="json"))
    made = provenance(author=None, campaign_text=text, campaign_hash="0", seed=7, command="x")
    attributes = made | {"softwareVersion": "0.0.7", "gitDescribe": "abc1234"}
    save(Figure(), tmp_path / "a.png", tmp_path / "a.pdf", attributes)
    named = cite(tmp_path / "a.pdf").output
    assert "Version 0.0.7, git abc1234" in named
    assert "Bieber" in named
    assert "Bouchet" not in named
    assert "version = {0.0.7}" in cite(tmp_path / "a.png", "--bibtex").output
    refused = cite(tmp_path / "missing.nc")
    assert refused.exit_code == 2
    assert "no such file" in refused.stderr


def test_fieldwalk_is_cited_as_its_citation_file_says() -> None:
    said = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert [author["name"] for author in said["authors"]] == [AUTHORS]
    assert said["date-released"].year == YEAR
    assert said["title"] == "Fieldwalk"
