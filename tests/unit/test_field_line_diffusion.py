"""Diffusion coefficients of field lines from moments whose answer is known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from fieldwalk.field_lines.collect import LineMoments
from fieldwalk.field_lines.dataset import covariance_of_levels
from fieldwalk.field_lines.diffusion import (
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
    assert "no power at k_z = 0" in reason("tau", "slab", 0.5, 100.0)
    assert "no mean field" in reason("distance", "alfvenic", 1.0, 100.0)
    assert "reach 5 L_c only" in reason("arc_length", "isotropic", 0.5, 5.0)
    assert "not positive" in reason("tau", "magnetosonic", 0.5, 100.0, value=-0.1)
    assert "+4.0 standard deviations" in reason("tau", "isotropic", 0.5, 100.0, change=0.04)
    assert "too few" in reason("tau", "isotropic", 0.5, 100.0, value=np.nan)


def test_exponent_of_a_power_law() -> None:
    eta = np.array([0.02, 0.1, 0.3, 0.5, 0.9])
    value = 0.011 * (eta / (1 - eta)) ** 2
    value[3:] *= 7  # beyond eta = 0.3: not fitted
    exponent, error = diffusion_exponent(eta, value, np.diag((0.05 * value) ** 2))
    assert exponent == pytest.approx(4.0)
    x = 0.5 * np.log(eta[:3] / (1 - eta[:3]))
    assert error == pytest.approx(0.05 / np.sqrt(np.sum((x - x.mean()) ** 2)))
    assert np.isnan(diffusion_exponent(eta[2:], value[2:], np.diag(value[2:] ** 2))[0])


def test_an_error_that_levels_share_does_not_turn_the_power_law() -> None:
    """Relative errors of 5 % with correlation r: of the error of independent levels sqrt(1 - r) is left."""
    eta = np.array([0.02, 0.1, 0.3])
    value = 0.1 * eta / (1 - eta)
    alone = diffusion_exponent(eta, value, np.diag((0.05 * value) ** 2))
    for correlation in (0.5, 0.99):
        shared = 0.05**2 * (correlation + (1 - correlation) * np.eye(3)) * np.outer(value, value)
        together = diffusion_exponent(eta, value, shared)
        assert together[0] == pytest.approx(alone[0])
        assert together[1] == pytest.approx(np.sqrt(1 - correlation) * alone[1])


def test_error_of_the_power_is_the_scatter_of_fitted_powers() -> None:
    """4000 draws of three correlated coefficients with unequal errors: their powers scatter as the error says, 4 %.

    The scatter of 4000 is known to 1.1 %, and logarithms of coefficients 4 % uncertain are straight to 1 %.
    """
    random = np.random.default_rng(3)
    eta = np.array([0.02, 0.1, 0.3])
    value = 0.1 * eta / (1 - eta)
    errors = np.array([0.04, 0.02, 0.03]) * value
    covariance = np.outer(errors, errors) * np.array([[1, 0.5, 0.3], [0.5, 1, 0.4], [0.3, 0.4, 1]])
    drawn = random.multivariate_normal(value, covariance, 4000)
    powers = [diffusion_exponent(eta, one, covariance)[0] for one in drawn]
    assert np.std(powers) == pytest.approx(diffusion_exponent(eta, value, covariance)[1], rel=0.04)


def line_moments(eta: float, coefficients: Floats) -> LineMoments:
    """Brownian lines in tau, one coefficient per realisation; the point's name hashes the level."""
    square = 2 * coefficients[:, None] * WAY
    slope = np.broadcast_to(2 * coefficients[:, None], square.shape)
    values = {f"{name}_tau": one for name, one in moments(square, square, square, (slope,) * 3).items()}
    number = np.ones(coefficients.size)
    return LineMoments(f"point_{round(eta * 1e6):012x}", {"tau": WAY}, values, number, number, number, 0 * number)


def test_levels_that_share_their_waves_have_one_scatter() -> None:
    """64 realisations 20 % apart, alike at two levels and their own at a third.

    Each error is 0.2/8 of K, known to 3 % (500 samples) and 9 % (64 realisations). Levels alike are fully correlated
    only when every sample takes the same realisations of both; the third is not, within 4/sqrt(64).
    """
    random = np.random.default_rng(4)
    shared, own = 1 + 0.2 * random.standard_normal((2, 64))
    levels = [(0.02, line_moments(0.02, 0.01 * shared)), (0.1, line_moments(0.1, 0.06 * shared))]
    levels.append((0.3, line_moments(0.3, 0.2 * own)))
    covariance = covariance_of_levels("isotropic", levels, 1)
    errors = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(errors, 0.2 / 8 * np.array([0.01, 0.06, 0.2]), rtol=0.35)
    correlation = covariance / np.outer(errors, errors)
    assert correlation[0, 1] == pytest.approx(1.0, abs=1e-9)
    assert abs(correlation[0, 2]) < 0.5
