"""Closed forms of the diffusion of field lines against integrals done in another way."""

import itertools

import numpy as np
import pytest
from scipy import integrate

from fieldwalk.field_lines.theory import (
    composite_diffusion,
    corrsin_diffusion,
    quasi_linear_diffusion,
    quasi_linear_limit,
)
from fieldwalk.turbulence import PowerLaw
from fieldwalk.turbulence.spectrum import BendOver, Spectrum, wavenumber_range
from fieldwalk.turbulence.theory import component_variances, energy_spectrum

KOLMOGOROV = PowerLaw()


@pytest.mark.parametrize("spectrum", [KOLMOGOROV, BendOver(bend_over=10.0)], ids=["power law", "bend-over"])
def test_slab_coefficient_up_to_large_distances(spectrum: Spectrum) -> None:
    """QUADPACK's rule for sines, in pieces of k; 3e-6 L_c, the error of straight lines between the nodes of k."""
    ends = np.geomspace(*wavenumber_range(spectrum, 100.0), 13) * np.r_[1 + 1e-12, np.ones(11), 1 - 1e-12]
    distance = np.array([1e-2, 0.3, 3.0, 30.0, 300.0, 1000.0])
    expected = [
        sum(
            integrate.quad(
                lambda k: float(energy_spectrum(spectrum, 100.0, np.array(k))) / k,
                *piece,
                weight="sin",
                wvar=z,
                epsabs=1e-10,
            )[0]
            for piece in itertools.pairwise(ends)
        )
        / 2
        for z in distance
    ]
    found = quasi_linear_diffusion("slab", spectrum, 100.0, distance)
    np.testing.assert_allclose(found, expected, rtol=0, atol=3e-6)


def test_slab_lines_do_not_diffuse() -> None:
    """<dx^2> = 2 int D dz = <(1 - cos kz)/k^2> (dB/B0)^2 stays below 2 <k^-2>, and the late D below 1/1000 of its peak.

    Small z: D = z <b_x^2>/B0^2 = z/2, of which k_max z = 0.013 at z = 1e-5 takes less than 1e-4.
    """
    z = np.geomspace(1e-5, 1000.0, 8001)
    running = quasi_linear_diffusion("slab", KOLMOGOROV, 1e3, z)
    assert running[0] / z[0] == pytest.approx(component_variances("slab")[0], rel=1e-4)
    k = np.geomspace(*wavenumber_range(KOLMOGOROV, 1e3), 20001)[1:-1]
    mean_inverse_square = integrate.simpson(energy_spectrum(KOLMOGOROV, 1e3, k) / k, x=np.log(k))
    # at 30 L_c <cos kz>/k^2 has died out but for G(k_min)/(k_min^2 z), a few per cent
    near = z < 30
    square = 2 * integrate.trapezoid(running[near], z[near])
    assert square == pytest.approx(mean_inverse_square, rel=0.05)
    assert quasi_linear_limit("slab") == 0
    assert np.abs(running[z > 900]).max() < 3e-3 * running.max()


@pytest.mark.parametrize("mode_type", ["isotropic", "alfvenic", "magnetosonic"])
@pytest.mark.parametrize("eta", [1e-3, 0.1, 0.5, 0.9, 1.0])
def test_corrsin_coefficient_by_adaptive_quadrature(mode_type: str, eta: float) -> None:
    """The formula again with m = sin(angle), which smooths the ends; 1e-8."""
    across, _, along = component_variances(mode_type)

    def integrand(angle: float) -> float:
        m = np.sin(angle)
        weight = {"isotropic": (1 + m**2) / 8, "alfvenic": 0.25, "magnetosonic": m**2 / 4}[mode_type]
        square = eta * ((1 - m**2) * across + m**2 * along)
        # alfvenic modes without a mean field: 1/s of the last point, where m = 1, is cancelled by dm = cos(angle)
        return float(weight * np.sqrt(np.pi / 2 / square) * np.exp(-(m**2) * (1 - eta) / (2 * square)) * np.cos(angle))

    width = np.sqrt(eta)
    middle = [place * width for place in (0.3, 1.0, 3.0) if place * width < 1.5]
    integral = integrate.quad(integrand, 0, np.pi / 2 * (1 - 1e-12), points=middle, epsabs=0, epsrel=1e-10)[0]
    assert corrsin_diffusion(mode_type, eta) == pytest.approx(2 * eta / np.pi * integral, rel=1e-8)


def test_composite_without_slab_power_at_zero_wavenumber() -> None:
    """K_2D = sqrt((1 - f) dB^2 <k^-2>/2)/B0, with <k^-2> = (q-1)/(q+1) k_min^-2 (1 - s^-(q+1))/(1 - s^(1-q))."""
    q, ratio, eta, slab_fraction = 5 / 3, 1e3, 0.3, 0.2
    k_min, _ = wavenumber_range(KOLMOGOROV, ratio)
    inverse_square = (q - 1) / (q + 1) / k_min**2 * (1 - ratio ** -(q + 1)) / (1 - ratio ** (1 - q))
    expected = np.sqrt((1 - slab_fraction) * eta / (1 - eta) * inverse_square / 2)
    assert composite_diffusion(KOLMOGOROV, ratio, eta, slab_fraction) == pytest.approx(expected, rel=1e-9)


def test_types_without_a_closed_form_have_none() -> None:
    for mode_type in ("two_dimensional", "composite", "goldreich_sridhar"):
        assert np.isnan(quasi_linear_diffusion(mode_type, KOLMOGOROV, 100.0, np.ones(3))).all()
        assert np.isnan(quasi_linear_limit(mode_type))
        assert np.isnan(corrsin_diffusion(mode_type, 0.5))
