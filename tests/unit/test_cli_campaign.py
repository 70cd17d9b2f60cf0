"""``fieldwalk new`` and ``fieldwalk validate``, as a user meets them."""

import re
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner, Result

from fieldwalk.campaign.loading import load_campaign
from fieldwalk.campaign.schema import SCHEMA_PATH
from fieldwalk.cli.main import main
from fieldwalk.cli.new import write_campaign
from fieldwalk.errors import CampaignError

QUICKSTART = Path(__file__).parents[2] / "workflow" / "campaigns" / "quickstart.yaml"


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def test_help_and_version() -> None:
    shown = call("--help")
    assert shown.exit_code == 0
    for verb in ("new", "validate", "plan", "run"):
        assert re.search(rf"^  {verb} ", shown.output, re.MULTILINE)
    version = call("--version")
    assert version.exit_code == 0
    assert version.output.startswith("fieldwalk")


def test_an_unknown_verb_is_refused() -> None:
    refused = call("valdate")
    assert refused.exit_code == 2
    assert "valdate" in refused.stderr


@pytest.mark.parametrize("folder", ["plain", "with a blank/and deeper"])
def test_new_writes_a_valid_campaign(tmp_path: Path, folder: str) -> None:
    directory = tmp_path / folder
    made = call("new", "my_study-2", "--directory", directory)
    assert made.exit_code == 0
    path = directory / "my_study-2.yaml"
    assert str(path) in made.output
    campaign = load_campaign(path)
    assert campaign.name == "my_study-2"
    assert abs((date.today() - date.fromisoformat(str(campaign.seed))).days) <= 1
    head = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text(encoding="utf-8"))
    assert head is not None
    assert (path.parent / unquote(head[1])).resolve() == SCHEMA_PATH.resolve()
    assert call("validate", path).exit_code == 0


def test_new_takes_its_seed_from_the_day(tmp_path: Path) -> None:
    assert load_campaign(write_campaign("a", tmp_path, date(2031, 2, 3))).seed == 20310203


def test_new_finds_the_schema_from_behind_a_symbolic_link(tmp_path: Path) -> None:
    (tmp_path / "deep" / "down").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "down")
    text = write_campaign("a", tmp_path / "link", date.today()).read_text(encoding="utf-8")
    assert (tmp_path / "deep" / "down" / unquote(text.split("$schema=")[1].split()[0])).exists()


def test_new_keeps_a_file_that_stands(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("precious")
    refused = call("new", "mine", "--directory", tmp_path)
    assert refused.exit_code == 2
    assert "mine.yaml: exists already and is kept; choose another name" in refused.stderr
    assert (tmp_path / "mine.yaml").read_text() == "precious"


@pytest.mark.parametrize("name", ["Mine", "a b", "../a", "a/b", "-a.yaml", "", "a\n", "x" * 65])
def test_new_refuses_bad_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(CampaignError, match="no name for a campaign; use at most 64 lower-case"):
        write_campaign(name, tmp_path, date.today())
    assert list(tmp_path.iterdir()) == []


def test_new_refuses_a_file_for_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = call("new", "mine", "--directory", tmp_path / "file")
    assert refused.exit_code == 2
    assert "is a file, not a folder; choose another --directory" in refused.stderr
    refused = call("new", "mine", "--directory", tmp_path / "file" / "below")
    assert refused.exit_code == 2
    assert "choose another --directory" in refused.stderr


def test_validate_shows_what_auto_became() -> None:
    shown = call("validate", QUICKSTART)
    assert shown.exit_code == 0
    assert shown.stderr == ""
    assert re.search(r"isotropic +0\.5 +0\.03 +523 +348 +0\.0998 ", shown.output)
    assert re.search(r"isotropic +0\.5 +1 +100 +256 +0\.0151 ", shown.output)
    assert "valid; 15 points x 64 realisations x 16 particles" in shown.output


def test_validate_numbers_its_notes_and_shows_units(tmp_path: Path) -> None:
    path = tmp_path / "physical.yaml"
    path.write_text(
        "name: physical\nseed: 1\n"
        "turbulence: {mode_types: [slab, goldreich_sridhar], etas: [0.1], modes: 20,"
        " magnetic_field_microgauss: 4, correlation_length_pc: 30}\n"
        "particles: {rigidities: [10 PV], max_duration: 100}\n"
        "statistics: {particles_per_realisation: 10}\n"
    )
    shown = call("validate", path)
    assert shown.exit_code == 0
    assert re.search(r"slab .*\[1\] \[2\] \[3\]", shown.output)
    assert re.search(r"goldreich_sridhar .*\[4\] \[3\]", shown.output)
    assert "[2] slab turbulence has no perpendicular plateau" in shown.output
    assert "few modes" in shown.output
    assert "capped by max_duration" in shown.output
    assert "10 PV = 0.09008" in shown.output
    assert "costs as much as 16" in shown.output


def test_validate_shows_faults_without_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("name: bad\nseed: 1\nturbulence: {mode_types: [isotropc], etas: [2]}\n")
    shown = call("validate", path)
    assert shown.exit_code == 2
    assert shown.stdout == ""
    assert shown.stderr.startswith(f"fieldwalk: {path}: 3 faults\n")
    for word in (
        "turbulence.mode_types[0] is isotropc",
        "did you mean isotropic?",
        "turbulence.etas[0] is 2",
    ):
        assert word in shown.stderr
    assert "particles is missing" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_validate_names_a_missing_file() -> None:
    shown = call("validate", "nowhere.yaml")
    assert shown.exit_code == 2
    assert "nowhere.yaml: no such campaign file; `fieldwalk new NAME`" in shown.stderr
