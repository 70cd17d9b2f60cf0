"""Closed forms of quasi-linear theory, written out a second time."""

import numpy as np
import pytest

from fieldwalk.turbulence import BendOver, PowerLaw, theory, wavenumber_range

ETA, RIGIDITY, RATIO = 0.01, 0.1, 100.0
MU = np.array([-0.9, -0.4, 0.2, 0.5, 1.0])
FREQUENCY = np.sqrt(1 - ETA) / RIGIDITY


@pytest.mark.parametrize("q", [1.2, 1.5, 5 / 3, 2.5])
def test_resonant_pitch_angle_diffusion_of_a_power_law(q: float) -> None:
    # D = (pi/4) Omega_0 (1 - mu^2) k W(k)/B0^2 at k = Omega_0/|mu|, W = A k^-q with the integral dB^2 = eta/(1-eta)
    # B0^2; derived beside A8 in tests/physics/test_slab_scattering.py
    k_min, k_max = wavenumber_range(PowerLaw(q), RATIO)
    amplitude = ETA / (1 - ETA) * (q - 1) / (k_min ** (1 - q) - k_max ** (1 - q))
    resonant = FREQUENCY / np.abs(MU)
    assert k_min < resonant.min() and resonant.max() < k_max
    expected = np.pi / 4 * FREQUENCY * (1 - MU**2) * amplitude * resonant ** (1 - q)
    diffusion = theory.resonant_pitch_angle_diffusion(PowerLaw(q), RATIO, ETA, RIGIDITY, MU)
    np.testing.assert_allclose(diffusion, expected, rtol=1e-12, atol=1e-18)


@pytest.mark.parametrize("spectrum", [PowerLaw(), BendOver(bend_over=3.0)], ids=["power_law", "bend_over"])
def test_the_resonant_waves_hold_the_power_of_the_field(spectrum: PowerLaw | BendOver) -> None:
    # D/[(pi/4) Omega_0 (1 - mu^2)] is k W(k)/B0^2, whose integral over ln k is dB^2/B0^2.
    k_min, k_max = wavenumber_range(spectrum, RATIO)
    log_k = np.linspace(np.log(k_min), np.log(k_max), 20_001)[1:-1]
    rigidity = 2 * np.sqrt(1 - ETA) / k_min  # so that every wave is in resonance with some pitch angle
    mu = np.sqrt(1 - ETA) / rigidity / np.exp(log_k)
    diffusion = theory.resonant_pitch_angle_diffusion(spectrum, RATIO, ETA, rigidity, mu)
    power = diffusion / (np.pi / 4 * np.sqrt(1 - ETA) / rigidity * (1 - mu**2))
    # the trapezoidal rule lacks half a panel at each end
    assert np.trapezoid(power, log_k) == pytest.approx(ETA / (1 - ETA), rel=1e-3)


def test_nothing_scatters_where_there_are_no_waves() -> None:
    # resonant wavenumbers beyond the sharp ends: infinite, too large, too small
    _, k_max = wavenumber_range(PowerLaw(), RATIO)
    mu = np.array([0.0, 0.99 * FREQUENCY / k_max, 1.01 * FREQUENCY / k_max])
    diffusion = theory.resonant_pitch_angle_diffusion(PowerLaw(), RATIO, ETA, RIGIDITY, mu)
    np.testing.assert_array_equal(diffusion[:2], 0)
    assert diffusion[2] > 0
    np.testing.assert_array_equal(theory.resonant_pitch_angle_diffusion(PowerLaw(), RATIO, ETA, 10.0, np.ones(1)), 0)
