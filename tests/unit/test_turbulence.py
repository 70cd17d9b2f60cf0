"""Spectra against quadrature, the definition of L_c, and the drawing of modes."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate

from fieldwalk.turbulence import (
    MODE_TYPES,
    BendOver,
    PowerLaw,
    Spectrum,
    draw_realisation,
    spectrum_from_mapping,
    theory,
    wavenumber_range,
)
from fieldwalk.turbulence.spectrum import draw_wavenumbers, spectrum_to_mapping

Floats = NDArray[np.float64]

SPECTRA: list[PowerLaw | BendOver] = [
    PowerLaw(),
    PowerLaw(1.01),
    PowerLaw(1.5),
    PowerLaw(2.0),
    PowerLaw(4.0),
    BendOver(),
    BendOver(1.5, 0.5, 3.0),
    BendOver(5 / 3, 1.0, 1.0),
    BendOver(3.0, 10.0, 1000.0),
    BendOver(1.01, 2.0, 100.0),
]
RANGES = [(1.0, 10.0), (1.0, 1e4), (1.0, 1e12), (3.0, 3.001), (1e5, 1e6)]
LARGEST_UNIFORM = 1 - 2.0**-53
"""The largest number that ``Generator.random`` returns."""


def by_quadrature(spectrum: Spectrum, low: float, high: float, power: float) -> float:
    """Integral of G k^power dk over log k, panel by panel."""
    edges = np.linspace(np.log(low), np.log(high), 41)

    def integrand(log_k: float) -> float:
        return float(spectrum.density(np.exp(log_k)) * np.exp((power + 1) * log_k))

    return float(sum(integrate.quad(integrand, a, b, epsabs=0, epsrel=1e-11)[0] for a, b in itertools.pairwise(edges)))


def reaches_its_bend(spectrum: Spectrum, scale_ratio: float) -> bool:
    """Whether a campaign accepts the pair: a spectrum must not end before it bends."""
    return not isinstance(spectrum, BendOver) or scale_ratio > spectrum.bend_over


@pytest.mark.parametrize("spectrum", SPECTRA, ids=str)
@pytest.mark.parametrize("limits", RANGES, ids=str)
def test_the_integrals_of_a_spectrum_are_those_of_its_density(spectrum: Spectrum, limits: tuple[float, float]) -> None:
    # a bin's power is a difference of two integrals: its last digits go with the power beyond the bin
    for integral, power in ((spectrum.power, 0), (spectrum.inverse_moment, -1)):
        lost = 1e-15 * float(integral(1.0, 1e12))
        expected = by_quadrature(spectrum, *limits, power)
        np.testing.assert_allclose(integral(*limits), expected, rtol=1e-9, atol=lost)


@pytest.mark.parametrize(
    ("spectrum", "scale_ratio"),
    [
        (spectrum, ratio)
        for spectrum in SPECTRA
        for ratio in (1.001, 10.0, 2000.0, 1e12)
        if reaches_its_bend(spectrum, ratio)
    ],
    ids=str,
)
def test_the_correlation_length_is_one(spectrum: Spectrum, scale_ratio: float) -> None:
    k_min, k_max = wavenumber_range(spectrum, scale_ratio)
    assert k_max / k_min == pytest.approx(scale_ratio, rel=1e-14)
    mean_inverse = by_quadrature(spectrum, 1, scale_ratio, -1) / by_quadrature(spectrum, 1, scale_ratio, 0)
    assert np.pi * mean_inverse / k_min == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize(("q", "ratio"), [(5 / 3, 100.0), (1.5, 1e4), (2.5, 7.0)])
def test_the_correlation_length_of_a_power_law_in_closed_form(q: float, ratio: float) -> None:
    longest = 2 * np.pi / wavenumber_range(PowerLaw(q), ratio)[0]
    expected = (longest / 2) * ((q - 1) / q) * (1 - ratio**-q) / (1 - ratio ** (1 - q))
    assert expected == pytest.approx(1, rel=1e-13)


def test_kolmogorov_has_a_fifth_of_the_largest_scale() -> None:
    assert 2 * np.pi / wavenumber_range(PowerLaw(), 1e12)[0] == pytest.approx(5, rel=1e-6)


@pytest.mark.parametrize("spectrum", [PowerLaw(), BendOver()], ids=str)
def test_the_energy_spectrum_is_normalised(spectrum: Spectrum) -> None:
    k_min, k_max = wavenumber_range(spectrum, 1000.0)
    log_k = np.linspace(np.log(k_min), np.log(k_max), 20001)
    k = np.clip(np.exp(log_k), k_min, k_max)
    total = integrate.simpson(theory.energy_spectrum(spectrum, 1000.0, k) * k, x=log_k)
    assert total == pytest.approx(1, rel=1e-8)
    beyond = np.array([0.99 * k_min, 1.01 * k_max])
    np.testing.assert_array_equal(theory.energy_spectrum(spectrum, 1000.0, beyond), [0, 0])


@pytest.mark.parametrize("spectrum", SPECTRA, ids=str)
@pytest.mark.parametrize("n_modes", [1, 2, 97])
def test_one_mode_is_drawn_in_each_bin(spectrum: Spectrum, n_modes: int) -> None:
    ratio = 1e4
    uniform = np.random.default_rng(1).random(n_modes)
    wavenumber, weight = draw_wavenumbers(spectrum, ratio, n_modes, uniform)
    k_min, k_max = wavenumber_range(spectrum, ratio)
    edges = np.geomspace(1.0, ratio, n_modes + 1)
    scaled = wavenumber / k_min
    assert k_max / k_min == pytest.approx(ratio)
    assert np.all(edges[:-1] * (1 - 1e-12) <= scaled)
    assert np.all(scaled <= edges[1:] * (1 + 1e-12))
    assert weight.sum() == pytest.approx(1, abs=1e-14)
    assert np.all(weight >= 0)
    power = spectrum.power(edges[:-1], edges[1:])
    total = float(spectrum.power(1.0, ratio))
    np.testing.assert_allclose(weight, power / total, rtol=1e-9, atol=1e-13)
    # drawn from G within the bin: the share of the bin's power below the mode is the uniform number
    np.testing.assert_allclose(spectrum.power(edges[:-1], scaled), uniform * power, rtol=1e-6, atol=1e-13 * total)


@pytest.mark.parametrize("spectrum", SPECTRA, ids=str)
@pytest.mark.parametrize("uniform", [0.0, 2.0**-53, LARGEST_UNIFORM])
def test_the_ends_of_the_bins_can_be_drawn(spectrum: Spectrum, uniform: float) -> None:
    for ratio, n_modes in ((100.0, 256), (1e6, 4096), (1e12, 300)):
        if not reaches_its_bend(spectrum, ratio):
            continue
        wavenumber, _ = draw_wavenumbers(spectrum, ratio, n_modes, np.full(n_modes, uniform))
        lost = np.isnan(wavenumber).sum()
        assert not lost, f"ratio {ratio:g}: {lost} modes are not a number"
        assert np.all(np.diff(np.log(wavenumber)) > -1e-12)  # a bin too poor in power to draw from gives its end


@pytest.mark.parametrize("mode_type", MODE_TYPES)
def test_every_realisation_has_its_power_and_no_divergence(mode_type: str) -> None:
    for eta in (0.0, 0.3, 1.0):
        drawn = draw_realisation(mode_type, eta, np.random.default_rng(2), modes=101)
        amplitude = drawn.waves[:, 4:]
        assert drawn.waves.shape == (101, 7)
        assert 0.5 * np.sum(amplitude**2) == pytest.approx(eta, abs=1e-14)
        assert drawn.mean_field == pytest.approx(np.sqrt(1 - eta))
        across = np.sum(drawn.waves[:, :3] * amplitude, axis=1)
        scale = np.linalg.norm(drawn.waves[:, :3], axis=1) * np.linalg.norm(amplitude, axis=1)
        assert np.all(np.abs(across) <= 1e-15 * 10 * scale)


def test_fields_of_another_level_are_paired() -> None:
    weak, strong = (draw_realisation("isotropic", eta, np.random.default_rng(3)) for eta in (0.1, 0.4))
    np.testing.assert_array_equal(weak.waves[:, :4], strong.waves[:, :4])
    np.testing.assert_allclose(2 * weak.waves[:, 4:], strong.waves[:, 4:], rtol=1e-15, atol=1e-17)


def test_the_mean_field_is_part_of_the_field_and_not_of_the_fluctuation() -> None:
    drawn = draw_realisation("isotropic", 0.5, np.random.default_rng(4))
    position = np.random.default_rng(5).uniform(-5, 5, (3, 20))
    difference = drawn.field(position) - drawn.fluctuation(position)
    np.testing.assert_allclose(difference, np.outer([0, 0, np.sqrt(0.5)], np.ones(20)), atol=1e-14)


def test_a_composite_shares_its_power() -> None:
    drawn = draw_realisation("composite", 1.0, np.random.default_rng(6), modes=100, slab_fraction=0.2)
    is_slab = np.hypot(drawn.waves[:, 0], drawn.waves[:, 1]) < 1e-12
    assert is_slab.sum() == 50
    assert 0.5 * np.sum(drawn.waves[is_slab, 4:] ** 2) == pytest.approx(0.2)


def test_what_cannot_be_drawn_is_refused() -> None:
    generator = np.random.default_rng(7)
    with pytest.raises(ValueError, match=r"isotropc.*choose among isotropic"):
        draw_realisation("isotropc", 0.5, generator)
    for eta in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match="lies between 0 and 1"):
            draw_realisation("isotropic", eta, generator)
    with pytest.raises(ValueError, match="needs at least 2"):
        draw_realisation("composite", 0.5, generator, modes=1)
    with pytest.raises(KeyError, match="kraichnan"):
        spectrum_from_mapping({"shape": "kraichnan"})


@pytest.mark.parametrize("spectrum", SPECTRA, ids=str)
def test_a_spectrum_survives_its_plain_form(spectrum: PowerLaw | BendOver) -> None:
    assert spectrum_from_mapping(spectrum_to_mapping(spectrum)) == spectrum
