"""Campaign files: what is read, and that each fault gives one error with file, key, value and remedy."""

import copy
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fieldwalk.campaign.loading import campaign_from_mapping, load_campaign
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.quantities import (
    gyroradius_in_correlation_lengths,
    parse_number,
    parse_rigidity_in_volts,
)
from fieldwalk.campaign.stage_table import OUTPUTS
from fieldwalk.errors import CampaignError

SMALLEST: dict[str, Any] = {
    "name": "study",
    "seed": 7,
    "turbulence": {"mode_types": ["isotropic"], "etas": [0.5]},
    "particles": {"rigidities": [0.1]},
}
PHYSICAL_SCALES = {"magnetic_field_microgauss": 4, "correlation_length_pc": 30}


def mapping(**changes: Any) -> dict[str, Any]:
    """Return the smallest campaign with keys changed; ``turbulence__etas=[1]`` reaches into a section."""
    result = copy.deepcopy(SMALLEST)
    for path, value in changes.items():
        section, _, key = path.rpartition("__")
        (result.setdefault(section, {}) if section else result)[key] = value
    return result


def campaign(**changes: Any) -> Campaign:
    return campaign_from_mapping(mapping(**changes), "study.yaml")


def complaint(**changes: Any) -> str:
    with pytest.raises(CampaignError) as caught:
        campaign(**changes)
    return str(caught.value)


def test_defaults_complete_the_smallest_campaign() -> None:
    smallest = campaign()
    assert smallest.turbulence.scale_ratio == smallest.turbulence.modes == "auto"
    assert smallest.turbulence.spectral_index == 5 / 3
    assert smallest.particles.step == smallest.particles.duration == "auto"
    assert smallest.particles.max_duration == 1e5
    assert smallest.statistics.realisations == 64
    assert smallest.outputs == OUTPUTS
    assert smallest.author is None


def test_numbers_may_be_text_and_fractions_as_yaml_hands_them_over() -> None:
    text = campaign(
        turbulence__spectral_index="5/3",
        turbulence__etas=["1/2", "1e-3"],
        particles__rigidities=["1e-1", "1.e0"],
        particles__max_duration="1e4",
        statistics__realisations="1e2",
    )
    assert text.turbulence.spectral_index == 5 / 3
    assert text.turbulence.etas == (0.5, 1e-3)
    assert text.particles.resolved_rigidities(text.turbulence) == (0.1, 1.0)
    assert text.particles.max_duration == 1e4
    assert text.statistics.realisations == 100


def test_both_ends_of_eta_are_allowed() -> None:
    assert campaign(turbulence__etas=[0, 1]).turbulence.etas == (0.0, 1.0)
    assert math.copysign(1.0, campaign(turbulence__etas=[-0.0]).turbulence.etas[0]) == 1.0


def test_seed_is_exact_beyond_the_integers_of_a_double() -> None:
    assert campaign(seed=2**63 - 1).seed == 2**63 - 1
    assert campaign(seed=str(2**53 + 1)).seed == 2**53 + 1


def test_a_section_without_keys_means_its_defaults() -> None:
    assert campaign(statistics=None).statistics.realisations == 64
    assert campaign(field_lines=None) == campaign(field_lines={})
    assert campaign().field_lines is None


def test_a_campaign_survives_being_dumped_and_read_again() -> None:
    rich = campaign(
        turbulence__mode_types=["composite", "slab"],
        turbulence__slab_fraction=0.3,
        turbulence__spectrum="bend_over",
        turbulence__bend_over=5,
        particles__rigidities=["10 PV", 3],
        **{f"turbulence__{key}": value for key, value in PHYSICAL_SCALES.items()},
    )
    again = campaign_from_mapping(rich.model_dump(), "again")
    assert again.model_dump() == rich.model_dump()
    assert again.datasets == rich.datasets


def test_campaigns_do_not_change_after_reading() -> None:
    with pytest.raises(ValueError, match="frozen"):
        campaign().seed = 8  # type: ignore[misc]


def test_rigidities_with_a_unit_use_the_total_field_and_the_correlation_length() -> None:
    # r_g = 1.0810 pc (R/PV)/(B/µG), so 10 TV in 4 µG is 2.7025e-3 pc, and 9.0e-5 of 30 pc.
    scales = {f"turbulence__{key}": value for key, value in PHYSICAL_SCALES.items()}
    physical = campaign(particles__rigidities=["10 TV", "1e4PV"], **scales)
    assert physical.particles.resolved_rigidities(physical.turbulence) == pytest.approx((9.008e-5, 90.08), rel=1e-4)
    assert gyroradius_in_correlation_lengths(1e15, 1.0, 1.0) == pytest.approx(1.0810, abs=5e-5)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"turbulence__etaz": [1]}, ["turbulence.etaz", "[1]", "did you mean etas?"]),
        ({"sede": 3}, ["sede", "3", "did you mean seed?"]),
        ({"rigidities": [0.1]}, ["rigidities", "[0.1]", "belongs in particles"]),
        ({"particles__seed": 3}, ["particles.seed", "3", "at the top of the file"]),
        ({"resources__realisation": 9}, ["resources.realisation", "9", "mean statistics.realisations?"]),
        ({"statistics__xyzzy": 1}, ["statistics.xyzzy", "remove it; the keys are realisations"]),
        ({"turbulence__mode_types": ["alvenic"]}, ["turbulence.mode_types[0]", "alvenic", "mean alfvenic?"]),
        ({"turbulence__mode_types": [2]}, ["turbulence.mode_types[0]", "2", "goldreich_sridhar"]),
        ({"turbulence__spectrum": "powerlaw"}, ["turbulence.spectrum", "powerlaw", "power_law"]),
        ({"outputs": ["runing"]}, ["outputs[0]", "runing", "mean running?"]),
        ({"turbulence__etas": [0.5, 1.5]}, ["turbulence.etas[1]", "1.5", "at most 1;", "δB²"]),
        ({"turbulence__etas": [-0.1]}, ["turbulence.etas[0]", "-0.1", "at least 0;"]),
        ({"turbulence__etas": [True]}, ["turbulence.etas[0]", "true", "a number, not true or false"]),
        ({"turbulence__etas": 0.5}, ["turbulence.etas", "0.5", "must be a list; write [0.5]"]),
        ({"turbulence__etas": []}, ["turbulence.etas", "[]", "at least one value; add one"]),
        ({"turbulence__etas": None}, ["turbulence.etas", "empty", "must be a list"]),
        ({"turbulence__etas": ["0.1", "1e-1"]}, ["turbulence.etas[1]", "0.1", "at [0]; remove one"]),
        ({"turbulence__mode_types": ["slab", "slab"]}, ["turbulence.mode_types[1]", "slab", "remove one"]),
        ({"outputs": ["running", "running"]}, ["outputs[1]", "running", "remove one"]),
        ({"turbulence__spectral_index": 1}, ["turbulence.spectral_index", "1", "greater than 1"]),
        ({"turbulence__spectral_index": "5/0"}, ["turbulence.spectral_index", "5/0", "divide by zero"]),
        ({"turbulence__bend_over": 3}, ["turbulence.bend_over", "3", "write spectrum: bend_over"]),
        ({"turbulence__low_index": 3}, ["turbulence.low_index", "3", "write spectrum: bend_over"]),
        ({"turbulence__slab_fraction": 0.3}, ["turbulence.slab_fraction", "0.3", "add composite"]),
        ({"turbulence__scale_ratio": "fine"}, ["turbulence.scale_ratio", "fine", "or auto"]),
        ({"turbulence__scale_ratio": 1}, ["turbulence.scale_ratio", "is 1", "greater than 1"]),
        ({"turbulence__modes": 12.5}, ["turbulence.modes", "12.5", "whole number"]),
        ({"turbulence__modes": 0}, ["turbulence.modes", "is 0", "at least 2"]),
        ({"particles__rigidities": [0]}, ["particles.rigidities[0]", "is 0", "greater than 0", "10 TV"]),
        ({"particles__rigidities": [1, -2]}, ["particles.rigidities[1]", "-2", "greater than 0"]),
        ({"particles__rigidities": [".nan"]}, ["particles.rigidities[0]", ".nan", "must be a number"]),
        ({"particles__rigidities": [math.nan]}, ["particles.rigidities[0]", "nan", "finite"]),
        ({"particles__rigidities": [math.inf]}, ["particles.rigidities[0]", "inf", "finite"]),
        ({"particles__rigidities": ["1e999"]}, ["particles.rigidities[0]", "1e999", "finite"]),
        ({"particles__rigidities": [1e-12]}, ["particles.rigidities[0]", "1e-12", "between 1e-08 and 10000"]),
        ({"particles__rigidities": [0.1, "1e-1"]}, ["particles.rigidities[1]", "0.1", "remove one"]),
        (
            {"particles__rigidities": ["10 TV"]},
            [
                "particles.rigidities[0]",
                "10 TV",
                "magnetic_field_microgauss and",
                "correlation_length_pc",
                "add",
            ],
        ),
        ({"particles__rigidities": ["10 TeV"]}, ["particles.rigidities[0]", "10 TeV", "GV, TV or PV"]),
        (
            {"particles__rigidities": ["10 furlong"]},
            ["particles.rigidities[0]", "unknown unit furlong", "TV"],
        ),
        ({"particles__rigidities": ["-1 TV"]}, ["particles.rigidities[0]", "-1 TV", "greater than 0"]),
        ({"particles__step": 0.2}, ["particles.step", "0.2", "at most 0.105", "sixty"]),
        ({"particles__step": 0}, ["particles.step", "is 0", "greater than 0"]),
        ({"particles__tolerance": 1e-9}, ["particles.tolerance", "1e-09", "0 or at least 2e-06", "write 0 or auto"]),
        ({"particles__tolerance": -1}, ["particles.tolerance", "is -1", "at least 0", "0 for double precision"]),
        ({"particles__tolerance": 0.5}, ["particles.tolerance", "is 0.5", "at most 0.1"]),
        ({"particles__tolerance": "fast"}, ["particles.tolerance", "fast", "or auto", "rms error of the field"]),
        ({"particles__duration": -5}, ["particles.duration", "-5", "at least 1"]),
        ({"statistics__realisations": 1}, ["statistics.realisations", "1", "at least 2", "scatter"]),
        ({"statistics__realisations": True}, ["statistics.realisations", "true", "number"]),
        ({"statistics": 3}, ["statistics", "3", "realisations, particles_per_realisation"]),
        ({"statistics": [3]}, ["statistics", "[3]", "indent them"]),
        ({"resources__ranks": 0}, ["resources.ranks", "0", "at least 1"]),
        ({"resources__job_minutes": 0}, ["resources.job_minutes", "0", "greater than 0"]),
        ({"name": "My Study"}, ["name", "My Study", "lower-case letters"]),
        ({"name": "../up"}, ["name", "../up", "lower-case letters"]),
        ({"name": "x" * 65}, ["name", "xxx...", "at most 64"]),
        ({"name": 2026}, ["name", "2026", "quotation marks"]),
        ({"seed": -1}, ["seed", "-1", "at least 0"]),
        ({"seed": 2**63}, ["seed", str(2**63), f"at most {2**63 - 1}"]),
        ({"seed": 10**5000}, ["seed", "an integer of 16610 bits", "double precision"]),
        ({"author": ["A"]}, ["author", "['A']", "text"]),
        ({"turbulence": {"mode_types": ["slab"]}}, ["turbulence.etas", "missing", "`etas: [0.5]`"]),
    ],
)
def test_bad_values_name_file_key_value_and_remedy(changes: dict[str, Any], words: list[str]) -> None:
    message = complaint(**changes)
    for word in ["study.yaml: ", *words]:
        assert word in message
    assert len(message.splitlines()) == 1


def test_a_quantity_equal_to_a_number_is_a_duplicate() -> None:
    scales = {f"turbulence__{key}": value for key, value in PHYSICAL_SCALES.items()}
    same = gyroradius_in_correlation_lengths(1e16, 4, 30)
    message = complaint(particles__rigidities=[same, "10 PV", "1e4 TV"], **scales)
    assert "particles.rigidities[1] is 10 PV: repeats" in message
    assert "particles.rigidities[2] is 1e4 TV: repeats" in message
    assert "remove one" in message


def test_only_the_missing_scale_is_named() -> None:
    message = complaint(particles__rigidities=["10 TV"], turbulence__correlation_length_pc=30)
    assert "turbulence.magnetic_field_microgauss is missing; add" in message
    assert "correlation_length_pc" not in message


def test_all_faults_are_listed_in_one_error() -> None:
    message = complaint(name="Ä", turbulence__etas=[2, -1], particles__step="slow", statistcs={})
    first, *lines = message.splitlines()
    assert first == "study.yaml: 5 faults"
    for line, key in zip(
        sorted(lines),
        ["name", "particles.step", "statistcs", "turbulence.etas[0]", "turbulence.etas[1]"],
        strict=True,
    ):
        assert line.startswith(f"  {key} is ")


@pytest.mark.parametrize("content", [None, [], 3, "text"])
def test_a_mapping_that_is_none_is_refused(content: Any) -> None:
    with pytest.raises(CampaignError, match=r"here: holds .*not keys and values; begin with"):
        campaign_from_mapping(content, "here")


def test_a_key_that_is_no_text_is_refused() -> None:
    with pytest.raises(CampaignError, match="text key"):
        campaign_from_mapping({**SMALLEST, 5: 1}, "here")  # type: ignore[dict-item]


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_files_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a study.yaml", yaml.safe_dump(SMALLEST))
    assert load_campaign(path) == campaign() == load_campaign(str(path))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "none.yaml", ["none.yaml", "no such campaign file", "fieldwalk new"]),
        (lambda folder: folder, ["is a directory", "name the YAML file"]),
        (
            lambda folder: write(folder / "file", "") / "x.yaml",
            ["x.yaml", "cannot be read", "check the path"],
        ),
        (lambda folder: write(folder / "x.yaml", ""), ["x.yaml", "is empty", "fieldwalk new"]),
        (lambda folder: write(folder / "x.yaml", "# nothing\n"), ["x.yaml", "is empty"]),
        (lambda folder: write(folder / "x.yaml", "- a\n"), ["x.yaml", "['a']", "not keys and values"]),
        (lambda folder: write(folder / "x.yaml", "a: [1\nb: 2\n"), ["x.yaml", "line 2, column", "mend"]),
        (lambda folder: write(folder / "x.yaml", "a:\n\tb: 2\n"), ["x.yaml", "line 2, column 1", "mend"]),
        (lambda folder: write(folder / "x.yaml", b"name: \xff\n"), ["x.yaml", "not UTF-8", "byte 6"]),
        (lambda folder: write(folder / "x.yaml", "a: \0"), ["x.yaml", "cannot be read as YAML", "mend"]),
        (lambda folder: write(folder / "x.yaml", "a: 2026-13-45"), ["x.yaml", "cannot be read as YAML"]),
        (lambda folder: write(folder / "x.yaml", "[" * 5000), ["x.yaml", "cannot be read as YAML"]),
        (lambda folder: write(folder / "x.yaml", "a: !!python/name:os.system"), ["x.yaml", "as YAML"]),
        (
            lambda folder: write(folder / "x.yaml", "seed: 1\nname: a\nseed: 2\n"),
            ["x.yaml", "line 3, column 1", "the key seed stands in line 1 already"],
        ),
    ],
)
def test_unreadable_files(tmp_path: Path, make: Callable[[Path], Path], words: list[str]) -> None:
    with pytest.raises(CampaignError) as caught:
        load_campaign(make(tmp_path))
    for word in [str(tmp_path), *words]:
        assert word in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_double_is_read_back_from_its_text(number: float) -> None:
    assert parse_number(number) == parse_number(repr(number)) == number


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**6))
def test_fractions_are_rounded_once(numerator: int, denominator: int) -> None:
    assert parse_number(f" {numerator} / {denominator} ") == numerator / denominator


@given(st.text(max_size=30))
def test_text_is_a_finite_number_or_an_error(text: str) -> None:
    try:
        assert math.isfinite(parse_number(text))
    except ValueError as error:
        assert str(error).startswith("must")


@given(
    st.floats(1e-6, 1e6), st.sampled_from([("V", 1.0), ("MV", 1e6), ("GV", 1e9), ("TV", 1e12), ("PV", 1e15)])
)
def test_rigidities_are_read_in_every_prefix(number: float, unit: tuple[str, float]) -> None:
    for blank in ("", " "):
        assert parse_rigidity_in_volts(f"{number}{blank}{unit[0]}") == pytest.approx(number * unit[1])


@given(st.floats(1e9, 1e18), st.floats(0.1, 100.0), st.floats(0.1, 1000.0))
def test_the_gyroradius_scales_with_rigidity_over_field_and_length(
    volts: float, field: float, length: float
) -> None:
    expected = gyroradius_in_correlation_lengths(1e15, 1.0, 1.0) * volts / 1e15 / field / length
    assert gyroradius_in_correlation_lengths(volts, field, length) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("text", ["1e-999999999", "0e999999999"])
def test_monstrous_exponents_take_no_time(text: str) -> None:
    assert parse_number(text) == 0.0
    with pytest.raises(ValueError, match="zero"):
        parse_number(f"1/{text}")
