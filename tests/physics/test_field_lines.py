"""Field lines against theory: three ways along them (B1, B7), quasi-linear and Corrsin's coefficients (B2 to B6)."""

from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray

from fieldwalk.campaign.loading import campaign_from_mapping
from fieldwalk.campaign.plan.selection import resolve
from fieldwalk.campaign.time_grid import LINE_GRID, grid_time
from fieldwalk.field_lines.diffusion import diffusion_exponent, line_diffusion, running_line_coefficients
from fieldwalk.field_lines.task import LINE_MOMENTS, WAYS, FieldLineTask
from fieldwalk.field_lines.theory import corrsin_diffusion, quasi_linear_diffusion, quasi_linear_limit
from fieldwalk.turbulence import PowerLaw

Floats = NDArray[np.float64]
RATIO = 100.0
REALISATIONS = 128


class Lines:
    """Averages over the 16 lines of each realisation, as far as all lines got."""

    def __init__(self, mode_type: str, eta: float, length: float, seed: int) -> None:
        campaign = campaign_from_mapping(
            {
                "name": "lines",
                "seed": seed,
                "turbulence": {"mode_types": [mode_type], "etas": [eta]},
                "field_lines": {"scale_ratio": RATIO, "length": length},
                "statistics": {"realisations": REALISATIONS},
            },
            "lines.yaml",
        )
        (want,) = resolve(campaign).wanted_of("field_lines")
        point, steps = want.point, want.steps
        results = []
        for number in range(REALISATIONS):
            task = FieldLineTask(point, seed, number, (0, 16), (0, steps), "lines")
            results.append(task.finish(task.advance(task.start(), task.length)))
        self.strength = np.array([one["final_arc_length"].mean() for one in results])
        self.strength /= steps // 256 * 256 * point.step
        self.grid: dict[str, Floats] = {}
        self.values: dict[str, dict[str, Floats]] = {}
        for way in (way for way in WAYS if f"lines_{way}" in results[0]):
            complete = np.array([one[f"lines_{way}"] == 16 for one in results]).all(axis=0)
            size = complete.size if complete.all() else int(np.argmin(complete))
            self.grid[way] = grid_time(LINE_GRID.first_index + np.arange(size))
            self.values[way] = {
                moment: np.array(
                    [
                        one[f"{moment}_{way}"][:size] / one[f"{'looks' if 'cross' in moment else 'lines'}_{way}"][:size]
                        for one in results
                    ]
                )
                for moment in LINE_MOMENTS
            }

    def coefficient(self, way: str) -> Floats:
        """K of every realisation."""
        return line_diffusion(self.grid[way], False, self.values[way])["diffusion_coefficient"]

    def running(self, way: str) -> dict[str, Floats]:
        """Running quantities of every realisation."""
        return running_line_coefficients(self.grid[way], False, self.values[way])


@lru_cache(maxsize=16)
def lines(mode_type: str, eta: float, length: float = 60.0, seed: int = 1) -> Lines:
    return Lines(mode_type, eta, length, seed)


def mean(values: Floats) -> tuple[Floats, Floats]:
    """Mean over realisations and its standard error."""
    return values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(values.shape[0])


@pytest.mark.parametrize(("mode_type", "eta"), [("isotropic", 0.5), ("alfvenic", 0.7), ("magnetosonic", 0.9)])
def test_arc_length_and_tau_are_tied_by_the_mean_field_strength(mode_type: str, eta: float) -> None:
    """B1: K_s <|B|> = K_tau, for dr/dtau = B is incompressible.

    Same lines, so that the difference has a small error of its own; 3 standard errors (false alarm 1 in 370 each), of
    at most 3 %. <|B|> is 6, 5 and 10 % below one.
    """
    found = lines(mode_type, eta)
    strength = found.strength.mean()
    difference, error = mean(found.coefficient("arc_length") * strength - found.coefficient("tau"))
    whole = found.coefficient("tau").mean()
    assert abs(difference) < 3 * error
    assert error < 0.03 * whole


def test_mean_strength_is_that_of_the_volume() -> None:
    """Without a mean field three Gaussian components of variance 1/3 have <|B|> = sqrt(8/(3 pi)) = 0.921.

    The field of 256 waves is Gaussian to 1/256; lines are slow where it is weak, and only in tau is that undone. 1 %.
    """
    assert lines("isotropic", 1.0).strength.mean() == pytest.approx(np.sqrt(8 / (3 * np.pi)), rel=0.01)


def test_distance_is_tau_times_the_mean_field() -> None:
    """B7: K_z B0 = K_tau, of the same lines on two grids: 3 standard errors of the difference, which is 1 % or less."""
    found = lines("isotropic", 0.5)
    difference, error = mean(found.coefficient("distance") * np.sqrt(0.5) - found.coefficient("tau"))
    assert abs(difference) < 3 * error
    assert error < 0.02 * found.coefficient("tau").mean()
    # D of both at the same place, z = B0 tau, up to 1 L_c; beyond, cells hold other samples
    tau, distance = found.running("tau")["d_perpendicular"], found.running("distance")["d_perpendicular"]
    at = np.interp(found.grid["distance"][:32] / np.sqrt(0.5), found.grid["tau"], tau.mean(axis=0))
    np.testing.assert_allclose(distance.mean(axis=0)[:32] * np.sqrt(0.5), at, rtol=0.02)


@pytest.mark.parametrize("mode_type", ["isotropic", "alfvenic", "magnetosonic"])
def test_running_coefficient_is_quasi_linear_in_weak_turbulence(mode_type: str) -> None:
    """B2: at eta = 0.005 and seven distances from 0.03 to 3 L_c, 4 standard errors each (false alarm 1 in 2000 in all).

    Up to there corrections of order (dB/B0)^2 = 0.5 % do not show.
    """
    eta = 0.005
    found = lines(mode_type, eta)
    value, error = mean(found.running("distance")["d_perpendicular"] * (1 - eta) / eta)
    chosen = np.searchsorted(found.grid["distance"], [0.03, 0.1, 0.3, 0.5, 0.9, 1.5, 3.0])
    theory = quasi_linear_diffusion(mode_type, PowerLaw(), RATIO, found.grid["distance"][chosen])
    assert np.all(np.abs(value[chosen] - theory) < 4 * error[chosen])
    assert np.all(error[chosen[:5]] < 0.06 * theory[:5])


def test_quasi_linear_curves() -> None:
    """B3, Kolmogorov with L_max/L_min = 1000: heights to the digits given, and where the tops are.

    The tops are flat, and the places given, 1.41 and 0.89 L_c, fit a grid of 20 distances per decade (10^0.15 and
    10^-0.05): good to 6 %. In truth they stand at 1.443 and 0.884 L_c (1.458 and 0.893 in an endless spectrum), here
    within half a step of z, 0.5 %. At the places given D differs from its maximum by less than 1e-3.
    """
    z = np.geomspace(1e-3, 300, 1500)
    curves = {one: quasi_linear_diffusion(one, PowerLaw(), 1e3, z) for one in ("isotropic", "alfvenic", "magnetosonic")}
    top = {one: int(curve.argmax()) for one, curve in curves.items()}
    assert curves["isotropic"][top["isotropic"]] / quasi_linear_limit("isotropic") == pytest.approx(1.24, abs=0.005)
    assert z[top["isotropic"]] == pytest.approx(1.443, rel=0.005)
    assert curves["alfvenic"][top["alfvenic"]] / quasi_linear_limit("alfvenic") == pytest.approx(1.09, abs=0.005)
    assert curves["magnetosonic"][top["magnetosonic"]] == pytest.approx(0.0524, abs=5e-5)
    assert z[top["magnetosonic"]] == pytest.approx(0.884, rel=0.005)
    for one, place in (("isotropic", 1.41), ("magnetosonic", 0.89)):
        there = quasi_linear_diffusion(one, PowerLaw(), 1e3, np.array([place]))
        assert there == pytest.approx(curves[one].max(), rel=1e-3)
    for one, across in (("isotropic", 1 / 3), ("alfvenic", 1 / 2), ("magnetosonic", 1 / 6)):
        assert curves[one][0] / z[0] == pytest.approx(across, rel=2e-3)  # D = z <b_x^2>/B0^2
        assert curves[one][-1] == pytest.approx(quasi_linear_limit(one), abs=1e-4)
        square = 2 * np.concatenate([[0], np.cumsum(np.diff(z) * (curves[one][1:] + curves[one][:-1]) / 2)])
        exponent = (2 * z * curves[one])[1:] / square[1:]
        smallest = exponent[z[1:] > 0.5].min()
        assert {"isotropic": abs(smallest - 0.93) < 0.005, "alfvenic": smallest > 1}.get(one, smallest < 0)


def test_corrsin_tends_to_quasi_linear_theory() -> None:
    for one in ("isotropic", "alfvenic"):
        assert corrsin_diffusion(one, 1e-4) / 1e-4 == pytest.approx(quasi_linear_limit(one), rel=1e-3)
    assert corrsin_diffusion("magnetosonic", 1e-4) < 1e-4 * 1e-4 / 20


def test_magnetosonic_lines_diffuse_by_the_fourth_power() -> None:
    """B4: exponent 4 +- 0.4 of K_tau at eta = 0.1, 0.2 and 0.3; its own error is 0.1."""
    etas = np.array([0.1, 0.2, 0.3])
    found = np.array([lines("magnetosonic", eta, 200.0).coefficient("tau") for eta in etas])
    exponent, spread = diffusion_exponent(etas, found.mean(axis=1), np.cov(found) / REALISATIONS)
    assert spread < 0.15
    assert abs(exponent - 4) < 0.4


def test_isotropic_and_alfvenic_lines_diffuse_by_the_second_power() -> None:
    """B4: K_z B0^2/dB^2 at eta = 0.02 is the quasi-linear limit, within 3 errors of 6 to 8 % (1 in 370 each)."""
    for one in ("isotropic", "alfvenic"):
        value, error = mean(lines(one, 0.02).coefficient("distance") * 0.98 / 0.02)
        assert error < 0.08 * value
        assert abs(value - quasi_linear_limit(one)) < 3 * error


@pytest.mark.parametrize("eta", [0.3, 0.7])
def test_alfvenic_lines_follow_corrsin(eta: float) -> None:
    """B5: within 15 %; the statistical error is 4 %."""
    value, error = mean(lines("alfvenic", eta).coefficient("tau"))
    assert error < 0.05 * value
    assert value == pytest.approx(corrsin_diffusion("alfvenic", eta), rel=0.15)


def test_lines_of_two_dimensional_turbulence_stay_on_contours() -> None:
    """B6: a local exponent of <dx^2> well below 1 at late times: 0.3 to 0.8 in the mean from 5 L_c on.

    The mean has a statistical error of 0.03 (bootstrap over realisations) and is 4 of those away from the nearer bound.
    """
    found = lines("two_dimensional", 0.5)
    running = found.running("distance")
    late = found.grid["distance"] > 5
    exponent = running["d_perpendicular"].mean(axis=0) * 2 * found.grid["distance"]
    exponent /= running["mean_square_perpendicular"].mean(axis=0)
    assert 0.3 < exponent[late].mean() < 0.8
