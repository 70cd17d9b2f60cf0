"""Which speeds a prediction rests on, and what is said of them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fieldwalk.campaign.plan.task_cost import REFERENCE
from fieldwalk.campaign.price.speeds_record import Calibration, calibration_file, find_basis, write_calibration
from fieldwalk.errors import DataError


def calibration(host: str, date: str = "2026-01-01 00:00:00 +0000", wave: float = 1e-9) -> Calibration:
    speeds = replace(REFERENCE, seconds_per_wave=wave)
    return Calibration(
        host=host,
        processor="Some Processor",
        instruction_set="avx2",
        cores=4,
        processes=4,
        date=date,
        version="0.1.0",
        speeds=speeds,
        fastest=speeds,
        slowest=speeds,
        largest_deviation=0.02,
        waiting=0.0,
    )


def test_without_a_calibration_the_reference_is_used_and_named(tmp_path: Path) -> None:
    basis = find_basis(tmp_path, "here")
    assert basis.speeds == REFERENCE
    assert basis.calibration is None
    assert "reference numbers of another machine" in basis.words
    assert "--calibrate" in basis.words
    assert not list(tmp_path.iterdir())


def test_a_calibration_is_read_as_written(tmp_path: Path) -> None:
    path = write_calibration(calibration("here"), tmp_path)
    assert path == tmp_path / "calibration" / "here.json"
    assert find_basis(tmp_path, "here").calibration == calibration("here")


def test_this_host_comes_before_a_newer_one(tmp_path: Path) -> None:
    write_calibration(calibration("here", "2026-01-01 00:00:00 +0000", 1e-9), tmp_path)
    write_calibration(calibration("there", "2026-06-01 00:00:00 +0000", 2e-9), tmp_path)
    here = find_basis(tmp_path, "here")
    assert here.speeds.seconds_per_wave == 1e-9
    assert here.words.startswith("this host's calibration: here, Some Processor, avx2, 4 process(es) on 4 core(s)")


def test_elsewhere_the_most_recent_is_used_and_named(tmp_path: Path) -> None:
    write_calibration(calibration("old", "2026-01-01 00:00:00 +0000", 1e-9), tmp_path)
    write_calibration(calibration("new", "2026-06-01 00:00:00 +0000", 2e-9), tmp_path)
    basis = find_basis(tmp_path, "elsewhere")
    assert basis.speeds.seconds_per_wave == 2e-9
    assert basis.words.startswith("elsewhere has none, so the most recent calibration: new")


def test_a_host_is_calibrated_anew_in_place(tmp_path: Path) -> None:
    write_calibration(calibration("here", wave=1e-9), tmp_path)
    write_calibration(calibration("here", wave=3e-9), tmp_path)
    assert find_basis(tmp_path, "here").speeds.seconds_per_wave == 3e-9
    assert [path.name for path in (tmp_path / "calibration").iterdir()] == ["here.json"]


def test_a_host_with_a_strange_name_stays_in_the_folder(tmp_path: Path) -> None:
    path = calibration_file(tmp_path, "../a b/c")
    assert path.parent == tmp_path / "calibration"
    assert path.name == ".._a_b_c.json"


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("{", "Expecting"),
        ("[]", "indices"),
        ("{}", "format"),
        (json.dumps({"format": "fieldwalk calibration 9"}), "this version reads"),
        (json.dumps({"format": "fieldwalk calibration 1"}), "validation errors"),
    ],
)
def test_a_damaged_calibration_is_named_with_a_remedy(tmp_path: Path, damage: str, reason: str) -> None:
    path = calibration_file(tmp_path, "here")
    path.parent.mkdir()
    path.write_text(damage, encoding="utf-8")
    with pytest.raises(DataError, match="no calibration that can be read") as raised:
        find_basis(tmp_path, "here")
    assert str(path) in str(raised.value)
    assert reason in str(raised.value)
    assert "delete it, or calibrate again" in str(raised.value)


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), float("inf")])
def test_senseless_speeds_are_refused(tmp_path: Path, wrong: float) -> None:
    write_calibration(calibration("here", wave=wrong), tmp_path)
    with pytest.raises(DataError, match="speeds must be finite and not negative"):
        find_basis(tmp_path, "here")
