"""What every ``auto`` becomes, and what is refused because it cannot resolve the field."""

import math
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldwalk.campaign.loading import campaign_from_mapping
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.stages import notes_of
from fieldwalk.errors import CampaignError
from fieldwalk.field_lines.section import FieldLines
from fieldwalk.particles import estimates, numerics
from fieldwalk.particles.durations import resolve_duration
from fieldwalk.particles.points import duration_of, notes, points
from fieldwalk.turbulence.mode_types import MODE_TYPES
from fieldwalk.turbulence.spectrum import BendOver, PowerLaw, Spectrum, wavenumber_range

SPECTRA = [PowerLaw(), PowerLaw(spectral_index=1.01), BendOver()]


def campaign(turbulence: dict[str, object], particles: dict[str, object]) -> Campaign:
    grid = {"mode_types": ["isotropic"], "etas": [0.5], **turbulence}
    return campaign_from_mapping(
        {"name": "study", "seed": 1, "turbulence": grid, "particles": particles}, "study.yaml"
    )


@pytest.mark.parametrize("spectrum", SPECTRA)
@settings(deadline=None)
@given(exponent=st.floats(-7.9, 3.9))
def test_automatic_scale_ratio_and_step_resolve_the_field(spectrum: Spectrum, exponent: float) -> None:
    rigidity = 10.0**exponent
    ratio = numerics.auto_scale_ratio(spectrum, rigidity)
    k_max = wavenumber_range(spectrum, ratio)[1]
    step = numerics.auto_step(spectrum, ratio, rigidity)
    assert ratio >= 100.0
    # Rounded up to three digits: at most one percent more than asked for.
    assert k_max * rigidity >= 20.0 * (1 - 1e-9)
    assert ratio == 100.0 or k_max * rigidity < 20.0 * 1.011
    assert 0.0 < step <= 0.105
    if rigidity <= 1.0:
        assert k_max * step * rigidity <= 2.0 + 1e-9
        assert step > 0.98 * min(0.105, 2.0 / (k_max * rigidity))
    else:
        assert step * rigidity <= 0.1 + 1e-9


def test_scale_ratio_for_a_power_law_against_its_closed_form() -> None:
    # L_c = (L_max/2)((q-1)/q)(1 - s^-q)/(1 - s^(1-q)) with q = 5/3, so k_max = (2π/L_max) s.
    ratio = numerics.auto_scale_ratio(PowerLaw(), 0.01)
    longest = 2.0 / (0.4 * (1 - ratio ** (-5 / 3)) / (1 - ratio ** (-2 / 3)))
    assert 2 * math.pi / longest * ratio * 0.01 == pytest.approx(20.0, rel=0.01)
    assert float(f"{ratio:.3g}") == ratio


def test_steps_at_and_beyond_the_correlation_length() -> None:
    assert numerics.auto_step(PowerLaw(), 100.0, 0.01) == 0.105
    assert numerics.auto_step(PowerLaw(), 100.0, 2.0) == 0.05
    assert numerics.auto_step(PowerLaw(), 100.0, 10.0) == 0.01


def test_modes_follow_decades_at_low_and_free_paths_at_high_rigidity() -> None:
    assert numerics.auto_modes(PowerLaw(), 100.0, 0.1) == 256
    assert numerics.auto_modes(PowerLaw(), 1000.0, 0.01) == 384
    # At r_g = 10 L_c and a ratio of ten k_min λ = 627 makes 1024 modes 4 % wrong, so more are due.
    modes = numerics.auto_modes(PowerLaw(), 10.0, 10.0)
    assert 2400 < modes < 2700
    assert modes % 2 == 0


@settings(deadline=None)
@given(st.floats(-7.9, 2.0), st.sampled_from(SPECTRA))
def test_automatic_modes_are_even_and_never_noted_as_few(exponent: float, spectrum: Spectrum) -> None:
    ratio = numerics.auto_scale_ratio(spectrum, 10.0**exponent)
    modes = numerics.auto_modes(spectrum, ratio, 10.0**exponent)
    assert modes % 2 == 0
    assert numerics.mode_number_note(spectrum, ratio, 10.0**exponent, modes) == ""


def test_few_modes_are_allowed_and_noted() -> None:
    study = campaign({"modes": 16}, {"rigidities": [0.1]})
    (point,) = points(study)
    assert point.modes == 16
    assert any("few modes" in note and "auto takes 282" in note for note in notes(study, point))


@pytest.mark.parametrize("mode_type", MODE_TYPES)
@pytest.mark.parametrize("eta", [0.0, 1e-6, 0.1, 0.5, 0.999, 1.0])
@pytest.mark.parametrize("rigidity", [1e-8, 1e-3, 0.1, 1.0, 1e4])
def test_durations_lie_on_the_grid_and_below_the_cap(mode_type: str, eta: float, rigidity: float) -> None:
    duration = resolve_duration("auto", 1.2e5, mode_type, eta, rigidity)
    assert duration.duration <= 1.2e5
    assert duration.duration <= duration.wanted
    assert duration.capped == (duration.wanted > duration.duration)
    index = 16 * math.log10(duration.duration)
    assert index == pytest.approx(round(index), abs=1e-9)


def test_the_cap_is_rounded_down_and_a_request_up() -> None:
    capped = resolve_duration("auto", 120.0, "isotropic", 0.5, 1e-3)
    assert capped.capped
    assert capped.duration == pytest.approx(10 ** (33 / 16))
    assert resolve_duration(120.0, 10.0, "isotropic", 0.5, 0.1).duration == pytest.approx(10 ** (34 / 16))
    assert resolve_duration(100.0, 10.0, "isotropic", 0.5, 0.1).duration == 100.0
    assert not resolve_duration(100.0, 10.0, "isotropic", 0.5, 0.1).capped


def test_without_turbulence_some_gyrations_are_enough() -> None:
    assert resolve_duration("auto", 1e5, "isotropic", 0.0, 0.1).duration == 100.0


def test_weak_parallel_scattering_and_slow_perpendicular_motion_set_the_duration() -> None:
    # Isotropic, η = 0.5, r_g = 1e-3 L_c: about 1000 L_c/c until 2 L_c are crossed.
    assert resolve_duration("auto", 1e9, "isotropic", 0.5, 1e-3).duration * 1e-3 == pytest.approx(
        1000, rel=0.2
    )
    # Far beyond the correlation length ten parallel mean free paths dominate.
    expected = 10 * estimates.lambda_parallel("isotropic", 0.5, 10.0) / 10.0
    wanted = resolve_duration("auto", 1e9, "isotropic", 0.5, 10.0).wanted
    assert 1.0 <= wanted / expected < 10 ** (1 / 16)
    # Slab turbulence takes the parallel time at any rigidity.
    expected = 10 * estimates.lambda_parallel("slab", 0.5, 1e-3) / 1e-3
    assert 1.0 <= resolve_duration("auto", 1e9, "slab", 0.5, 1e-3).wanted / expected < 10 ** (1 / 16)


def test_a_long_step_above_the_correlation_length_is_noted() -> None:
    """h = 1.05 L_c at r_g = 10 L_c: 2 zeta(5/3) (1.05 k_min/2 pi)^(5/3) with k_min = 1.3172/L_c at a ratio of 100."""
    share = 2 * 2.10627 * (1.05 * 1.3171924 / (2 * math.pi)) ** (5 / 3)
    assert f"about {share:.0%} too much" in numerics.step_note(PowerLaw(), 100.0, 10.0, 0.105)
    assert numerics.step_note(PowerLaw(), 100.0, 10.0, numerics.auto_step(PowerLaw(), 100.0, 10.0)) == ""
    assert numerics.step_note(PowerLaw(), 100.0, 0.5, 0.01) == ""


def test_estimates_order_the_types() -> None:
    kappa = {name: estimates.kappa_perpendicular(name, 0.2, 0.01) for name in MODE_TYPES}
    assert kappa["alfvenic"] > kappa["isotropic"] > kappa["magnetosonic"] > 0.0
    assert kappa["slab"] == kappa["two_dimensional"] == 0.0
    assert estimates.lambda_parallel("isotropic", 0.0, 0.1) == math.inf


@pytest.mark.parametrize(
    ("turbulence", "particles", "words"),
    [
        (
            {"scale_ratio": 100},
            {"rigidities": [1.0, 0.01]},
            [
                "turbulence.scale_ratio is 100:",
                "k_max r_g = 1.3",
                "r_g/L_c = 0.01",
                "write auto, or 1580 or more",
            ],
        ),
        (
            {"scale_ratio": 100},
            {"rigidities": [0.1, 1.0], "step": 0.1},
            ["particles.step is 0.1", "k_max h = 13.2", "r_g/L_c = 1,", "write auto, or 0.0197 or less"],
        ),
        ({}, {"rigidities": [1e3]}, ["turbulence.modes is auto", "r_g/L_c = 1000", "write a number"]),
        (
            {"spectrum": "bend_over", "bend_over": 200},
            {"rigidities": [10.0]},
            ["turbulence.bend_over is 200", "scale_ratio, here 100", "lower it or raise"],
        ),
        (
            {"spectrum": "bend_over", "scale_ratio": 8},
            {"rigidities": [9.0]},
            ["turbulence.bend_over is 10", "scale_ratio, here 8", "lower it or raise"],
        ),
    ],
)
def test_what_cannot_resolve_the_field_is_refused(
    turbulence: dict[str, object], particles: dict[str, object], words: list[str]
) -> None:
    with pytest.raises(CampaignError) as caught:
        campaign(turbulence, particles)
    for word in ["study.yaml: ", *words]:
        assert word in str(caught.value)


def test_the_advice_of_a_refusal_is_accepted() -> None:
    campaign({"scale_ratio": 787}, {"rigidities": [1.0, 0.01]})
    campaign({"scale_ratio": 100}, {"rigidities": [0.1, 1.0], "step": 0.00986})
    campaign({"scale_ratio": 100}, {"rigidities": [10.0], "step": 0.105})
    campaign({"modes": 100}, {"rigidities": [1e3]})


def test_points_follow_the_order_of_the_file_and_hold_plain_values() -> None:
    study = campaign(
        {"mode_types": ["composite", "slab"], "etas": [0.5, 0.1]}, {"rigidities": [1, "3e-1"], "duration": 90}
    )
    grid = points(study)
    assert [(p.mode_type, p.eta, p.rigidity) for p in grid] == [
        (mode_type, eta, rigidity)
        for mode_type in ("composite", "slab")
        for eta in (0.5, 0.1)
        for rigidity in (1.0, 0.3)
    ]
    assert {p.slab_fraction for p in grid if p.mode_type == "composite"} == {0.2}
    assert {p.slab_fraction for p in grid if p.mode_type == "slab"} == {None}
    assert {p.duration for p in grid} == {100.0}
    plain = (str, float, int, dict, type(None))
    assert all(type(value) in plain for p in grid for value in asdict(p).values())
    assert not any(isinstance(value, np.generic) for p in grid for value in asdict(p).values())


def test_points_say_when_they_were_capped_or_cut_short() -> None:
    capped = campaign({}, {"rigidities": [1e-3], "max_duration": 1000})
    (point,) = points(capped)
    assert duration_of(capped, point).capped
    assert point.duration == 1000.0
    assert any("capped by max_duration; the plateaus ask for" in note for note in notes(capped, point))
    short = campaign({}, {"rigidities": [1e-3], "duration": 1000})
    assert any("shorter than the plateaus ask for" in note for note in notes(short, points(short)[0]))
    slab = campaign({"mode_types": ["slab"]}, {"rigidities": [0.1]})
    assert any("no perpendicular plateau" in note for note in notes(slab, points(slab)[0]))
    assert not any("heuristic" in note for note in notes_of(slab, points(slab)[0]))
    modelled = slab.model_copy(update={"field_lines": FieldLines()})
    assert any("no heuristic model" in note for note in notes_of(modelled, points(modelled)[0]))
    calm = campaign({"etas": [0]}, {"rigidities": [0.1]})
    assert any("gyration only" in note for note in notes(calm, points(calm)[0]))
