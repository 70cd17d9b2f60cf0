"""Diffusion coefficients of field lines from moments whose answer is known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from fieldwalk.transport.field_line_diffusion import (
    diffusion_exponent,
    line_diffusion,
    running_line_coefficients,
    why_no_line_diffusion,
)

Floats = NDArray[np.float64]
WAY = 10 ** (np.arange(-32, 33) / 16)


def moments(x: Floats, y: Floats, z: Floats, slopes: tuple[Floats, Floats, Floats]) -> dict[str, Floats]:
    """Squares, half their derivatives, and the fourth moments of Gaussians."""
    found = {}
    for axis, square, slope in zip("xyz", (x, y, z), slopes, strict=True):
        found |= {f"square_{axis}": square, f"cross_{axis}": slope / 2, f"fourth_{axis}": 3 * square**2}
    return found


def test_brownian_lines() -> None:
    """<dx^2> = 2 K p with K = 0.3 across and 5 along: K comes back, the exponent is one, the kurtosis three."""
    square, slope = 0.6 * WAY, np.full_like(WAY, 0.6)
    given = moments(square, square, 10 * WAY, (slope, slope, np.full_like(WAY, 10.0)))
    running = running_line_coefficients(WAY, False, given)
    for name, value in (("d_perpendicular", 0.3), ("local_exponent", 1.0), ("kurtosis_perpendicular", 3.0)):
        np.testing.assert_allclose(running[name], value)
    found = line_diffusion(WAY, False, given)
    assert found["diffusion_coefficient"] == pytest.approx(0.3)
    assert found["slope_change"] == pytest.approx(0.0, abs=1e-12)
    isotropic = line_diffusion(WAY, True, given)
    assert isotropic["diffusion_coefficient"] == pytest.approx((0.3 + 0.3 + 5) / 3)


def test_an_offset_of_the_beginning_does_not_count() -> None:
    square = 0.6 * WAY + 2
    given = moments(square, square, square, (np.full_like(WAY, 0.6),) * 3)
    assert line_diffusion(WAY, False, given)["diffusion_coefficient"] == pytest.approx(0.3)


def test_ballistic_lines_have_exponent_two_and_no_plateau() -> None:
    square, slope = WAY**2, 2 * WAY
    given = moments(square, square, square, (slope,) * 3)
    np.testing.assert_allclose(running_line_coefficients(WAY, False, given)["local_exponent"], 2.0)
    best = line_diffusion(WAY, False, given)
    error = {name: np.asarray(0.01 * abs(value)) for name, value in best.items()}
    assert "still changing" in why_no_line_diffusion("tau", "isotropic", 0.5, 100.0, best, error)


def reason(way: str, mode_type: str, eta: float, end: float, value: float = 0.1, change: float = 0.0) -> str:
    best = {"diffusion_coefficient": np.asarray(value), "slope_change": np.asarray(change)}
    return why_no_line_diffusion(way, mode_type, eta, end, best, {"slope_change": np.asarray(0.01)})


def test_reasons() -> None:
    assert reason("tau", "isotropic", 0.5, 100.0) == ""
    assert "closed contours" in reason("tau", "two_dimensional", 0.5, 100.0)
    assert "no mean field" in reason("distance", "alfvenic", 1.0, 100.0)
    assert "reach 5 L_c only" in reason("arc_length", "isotropic", 0.5, 5.0)
    assert "not positive" in reason("tau", "magnetosonic", 0.5, 100.0, value=-0.1)
    assert "+4.0 standard deviations" in reason("tau", "isotropic", 0.5, 100.0, change=0.04)
    assert "too few" in reason("tau", "isotropic", 0.5, 100.0, value=np.nan)


def test_exponent_of_a_power_law() -> None:
    eta = np.array([0.02, 0.1, 0.3, 0.5, 0.9])
    value = 0.011 * (eta / (1 - eta)) ** 2
    value[3:] *= 7  # beyond eta = 0.3: not fitted
    exponent, error = diffusion_exponent(eta, value, 0.05 * value)
    assert exponent == pytest.approx(4.0)
    x = 0.5 * np.log(eta[:3] / (1 - eta[:3]))
    assert error == pytest.approx(0.05 / np.sqrt(np.sum((x - x.mean()) ** 2)))
    assert np.isnan(diffusion_exponent(eta[2:], value[2:], value[2:])[0])
