"""Coefficients at points that were not simulated: values, errors, ranges, and the file they come from."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import xarray as xr
from numpy.typing import NDArray

from fieldwalk.errors import DataError, OutsideFitError
from fieldwalk.heuristic import coefficient_fit
from fieldwalk.heuristic.coefficient_fit import CoefficientFit, Table, fit_coefficient, hold_out, uncertainty
from fieldwalk.heuristic.coefficient_law import SHIFTS, TERMS, gradient, ln_value
from fieldwalk.heuristic.coefficient_table import put_coefficients
from fieldwalk.heuristic.coefficients import coefficients, covered_rigidities
from fieldwalk.heuristic.dataset import empty_dataset
from fieldwalk.io import schema
from fieldwalk.particles.table import POINTS

pytestmark = [pytest.mark.xdist_group("coefficients"), pytest.mark.slow]

Floats = NDArray[np.float64]

RIGIDITY = np.geomspace(1e-4, 10.0, 16)
ETA = [0.1, 0.3, 0.5, 0.7, 0.9]


def parallel(eta: float, rigidity: np.ndarray) -> np.ndarray:
    return 2.0 * np.cbrt(rigidity) * (1 + (rigidity / 0.3) ** 2) ** (5 / 6) * (1 - eta) / np.sqrt(eta)


def perpendicular(eta: float, rigidity: np.ndarray) -> np.ndarray:
    return 0.3 * eta**1.2 * rigidity**0.6 / (1 + (rigidity / 0.5) ** 2) ** 0.3


def paths(noise: float = 0.03) -> xr.Dataset:
    generator = np.random.default_rng(5)
    found = schema.empty(POINTS, {"mode_type": ["isotropic", "slab"], "eta": ETA, "rigidity": RIGIDITY})
    for direction, law in (("parallel", parallel), ("perpendicular", perpendicular)):
        true = np.array([law(eta, RIGIDITY) for eta in ETA])
        value = true * np.exp(noise * generator.standard_normal((2, *true.shape)))
        found[f"lambda_{direction}"].values[...] = value
        found[f"lambda_{direction}_error"].values[...] = noise * value
        found[f"converged_{direction}"].values[...] = True
    found["converged_perpendicular"].values[1] = False
    return found


@pytest.fixture(scope="module")
def heuristic() -> xr.Dataset:
    grid = {"mode_type": ["isotropic", "slab"], "eta": ETA, "rigidity": list(RIGIDITY)}
    found = empty_dataset(grid, 10.0)
    put_coefficients(found, paths())
    return found


def test_coefficients_between_simulated_points_are_true_within_their_errors(heuristic: xr.Dataset) -> None:
    """56 numbers: five standard errors are a false alarm of 1 in 30000."""
    for eta in (0.2, 0.45, 0.6, 0.85):
        for rigidity in np.geomspace(3e-4, 5, 7):
            along, across = coefficients(heuristic, "isotropic", eta, rigidity)
            for found, true in ((along, parallel(eta, rigidity) / 3), (across, perpendicular(eta, rigidity) / 3)):
                assert found.kappa == pytest.approx(true, abs=5 * found.error + 0.02 * true)
                assert 0 < found.error < 0.1 * found.kappa


def test_the_file_alone_is_enough(heuristic: xr.Dataset, tmp_path: Path) -> None:
    heuristic.to_netcdf(tmp_path / "heuristic.nc", engine="h5netcdf")
    assert coefficients(tmp_path / "heuristic.nc", "isotropic", 0.4, 0.02) == coefficients(
        heuristic, "isotropic", 0.4, 0.02
    )


@pytest.mark.parametrize(
    ("mode_type", "eta", "rigidity", "words"),
    [
        ("isotropic", 0.05, 0.1, ("eta = 0.05", "0.1 to 0.9", "extrapolate")),
        ("isotropic", 0.5, 1e-5, ("rigidity = 1e-05", "0.0001 to 10", "extrapolate")),
        ("isotropic", 1.0, 0.1, ("eta = 1", "mean_free_paths.nc")),
        ("isotropic", 1.5, 0.1, ("eta = 1.5", "between 0 and 1")),
        ("isotropic", float("nan"), 0.1, ("eta = nan", "between 0 and 1")),
        ("isotropic", 0.5, -1.0, ("rigidity = -1", "positive")),
        ("isotropic", 0.5, np.inf, ("rigidity = inf", "finite")),
        ("isotropic", 0.5, "0.1 pc", ("rigidity = '0.1 pc'", "no number")),
        ("isotropic", [0.1, 0.5], [0.1, 1, 2], ("(2,)", "(3,)", "equal shapes")),
        ("isotropic", 0.5, [0.1, 20.0, 1e-5], ("rigidity = 20", "at eta = 0.5", "0.0001 to 10")),
        ("waves", 0.5, 0.1, ("'waves'", "isotropic, slab", "add it")),
    ],
)
def test_outside_the_fit_is_refused(
    heuristic: xr.Dataset, mode_type: str, eta: npt.ArrayLike, rigidity: npt.ArrayLike, words: tuple[str, ...]
) -> None:
    with pytest.raises(OutsideFitError) as refused:
        coefficients(heuristic, mode_type, eta, rigidity)
    assert all(word in str(refused.value) for word in words), str(refused.value)


def test_arrays_give_what_their_points_give(heuristic: xr.Dataset) -> None:
    eta, rigidity = np.array([[0.2], [0.5], [0.9]]), np.array([1e-3, 0.1])
    for number, found in enumerate(coefficients(heuristic, "isotropic", eta, rigidity)):
        for (row, column), kappa in np.ndenumerate(found.kappa):
            single = coefficients(heuristic, "isotropic", float(eta[row, 0]), float(rigidity[column]))[number]
            assert kappa == pytest.approx(single.kappa, rel=1e-12)
            assert np.asarray(found.error)[row, column] == pytest.approx(single.error, rel=1e-12)


def test_the_outermost_simulated_points_are_inside_in_single_precision_too(heuristic: xr.Dataset) -> None:
    single = heuristic.map(lambda one: one.astype(np.float32) if one.dtype == np.float64 else one)
    for eta in (ETA[0], ETA[-1]):
        for found in coefficients(single, "isotropic", eta, RIGIDITY):
            assert np.isfinite(found.kappa).all()


def test_a_hole_in_the_grid_is_outside(heuristic: xr.Dataset) -> None:
    """Rigidities simulated at one level only do not count between it and the next."""
    holed = heuristic.copy(deep=True)
    holed["lowest_rigidity"].loc[{"mode_type": "isotropic", "eta": 0.3}] = 0.01
    assert coefficients(holed, "isotropic", 0.5, 1e-3)[0].kappa > 0
    with pytest.raises(OutsideFitError, match=r"0\.01 to 10"):
        coefficients(holed, "isotropic", 0.4, 1e-3)
    assert covered_rigidities(holed, "isotropic", 0.4) == (0.01, pytest.approx(10))
    assert covered_rigidities(holed, "isotropic", 0.5) == (pytest.approx(1e-4), pytest.approx(10))
    with pytest.raises(OutsideFitError, match=r"eta = 0\.05"):
        covered_rigidities(holed, "isotropic", 0.05)


def test_extrapolation_follows_the_law_when_asked(heuristic: xr.Dataset) -> None:
    along, _ = coefficients(heuristic, "isotropic", 0.5, 1e-5, extrapolate=True)
    edge, _ = coefficients(heuristic, "isotropic", 0.5, 1e-4)
    assert along.kappa == pytest.approx(edge.kappa / np.cbrt(10), rel=0.1)


def test_slab_has_no_perpendicular_coefficient(heuristic: xr.Dataset) -> None:
    along, across = coefficients(heuristic, "slab", 0.5, 0.1)
    assert along.kappa > 0
    assert np.isnan(across.kappa) and "slab turbulence has no perpendicular" in across.reason


def test_another_dataset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"heuristic\.nc"):
        coefficients(paths(), "isotropic", 0.5, 0.1)
    with pytest.raises(DataError, match=r"nowhere\.nc: no such dataset.*field_lines: \{\}"):
        coefficients(tmp_path / "nowhere.nc", "isotropic", 0.5, 0.1)
    with pytest.raises(DataError, match=r"is a folder; give the file heuristic\.nc"):
        coefficients(tmp_path, "isotropic", 0.5, 0.1)
    (tmp_path / "table.csv").write_text("eta,kappa\n")
    with pytest.raises(DataError, match=r"table\.csv: not a readable NetCDF-4.*if a campaign made it"):
        coefficients(tmp_path / "table.csv", "isotropic", 0.5, 0.1)
    paths().to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    with pytest.raises(DataError, match=r"other\.nc: holds no fitted coefficients"):
        coefficients(tmp_path / "other.nc", "isotropic", 0.5, 0.1)


def fitted(direction: str, table: Table) -> CoefficientFit:
    found = fit_coefficient(direction, table)
    assert isinstance(found, CoefficientFit), found
    return found


def all_levels(
    relative: float, law: Callable[[float, Floats], Floats] = parallel, seed: int = 6
) -> tuple[Floats, Floats, Floats]:
    """eta, rigidity and a scattered mean free path of all points."""
    generator = np.random.default_rng(seed)
    eta, rigidity = (one.ravel() for one in np.meshgrid(ETA, RIGIDITY, indexing="ij"))
    value = np.concatenate([law(one, RIGIDITY) for one in ETA])
    return eta, rigidity, value * np.exp(relative * generator.standard_normal(value.size))


def test_scatter_beyond_the_errors_is_found_and_widens_the_error() -> None:
    """Scatter of 10 per cent where the errors say 1: with 80 points it is known to 8 per cent of itself. What was left
    out is predicted as well, single points and whole levels: the law is that of the points."""
    eta, rigidity, value = all_levels(0.1)
    table = Table(rigidity, eta, value, 0.01 * value)
    assert fitted("parallel", table).scatter == pytest.approx(0.1, rel=0.3)
    held_out = hold_out("parallel", table)
    assert np.percentile(np.abs(held_out["points"][0]), 68) == pytest.approx(0.1, rel=0.35)
    inner = np.isin(eta, ETA[1:-1])
    assert np.isfinite(held_out["levels"][0][inner]).all() and np.isnan(held_out["levels"][0][~inner]).all()
    assert np.percentile(np.abs(held_out["levels"][0][inner]), 68) == pytest.approx(0.1, rel=0.5)


def test_points_left_out_are_not_fitted() -> None:
    """Of 16 points with noise of 5 per cent, whose law has up to six numbers: the fit is closer than the noise to
    points that it saw, by sqrt(1 - p/n), and further from others. Over ten tables the rms is known to 6 per cent."""
    off = []
    for seed in range(10):
        noise = 0.05 * np.random.default_rng([4, seed]).standard_normal(16)
        value = parallel(0.5, RIGIDITY) * np.exp(noise)
        off.append(hold_out("parallel", Table(RIGIDITY, np.full(16, 0.5), value, 0.05 * value))["points"][0])
    assert np.sqrt(np.mean(np.square(off))) > 1.05 * 0.05


def test_errors_are_those_of_the_scatter_between_tables() -> None:
    """Law, scatter and point of 40 tables, with scatter of 8 per cent beyond the errors of 4: pulls of the law over its
    statistical error, and of one more scattered point over the whole error, have widths known to 11 per cent;
    40 per cent is more than three of that."""
    at, pulls = (np.array([0.02]), np.array([0.4])), []
    for seed in range(40):
        eta, rigidity, value = all_levels(np.hypot(0.04, 0.08), seed=100 + seed)
        fit = fitted("parallel", Table(rigidity, eta, value, 0.04 * value))
        off = float(ln_value(fit.numbers, *at)[0] - np.log(parallel(0.4, at[0])[0]))
        statistical = float(uncertainty(fit, *at)[0])
        more = 0.08 * np.random.default_rng([5, seed]).standard_normal()
        pulls.append([off / statistical, (off - more) / np.hypot(statistical, fit.scatter)])
    width = np.sqrt(np.mean(np.square(pulls), axis=0))
    assert np.all(np.abs(width - 1) < 0.4), width


def test_pulls_of_points_left_out_are_one_and_stand_in_the_dataset(heuristic: xr.Dataset) -> None:
    """80 points that scatter by their errors: 8 per cent."""
    pull = heuristic["held_out_pull"].sel(mode_type="isotropic", coefficient="parallel", held_out="points")
    assert float(pull) == pytest.approx(1, abs=0.3)


def test_both_errors_of_a_coefficient_are_relative_to_it(heuristic: xr.Dataset) -> None:
    heuristic = heuristic.copy(deep=True)
    heuristic["coefficient_scatter"].values[...] = 0.07
    row = heuristic.sel(mode_type="isotropic", coefficient="parallel")
    numbers = row["coefficient_numbers"].values
    there = np.isfinite(numbers)
    covariance = row["coefficient_covariance"].values[np.ix_(there, there)]
    slopes = gradient(numbers[there], np.array([0.02]), np.array([0.4]))[0]
    along, _ = coefficients(heuristic, "isotropic", 0.4, 0.02)
    assert along.intrinsic == pytest.approx(0.07 * along.kappa, rel=1e-9)
    assert along.statistical == pytest.approx(np.sqrt(slopes @ covariance @ slopes) * along.kappa, rel=1e-6)


def test_criterion_is_corrected_for_few_points() -> None:
    """-2 ln L + 2k + 2k(k + 1)/(n - k - 1), the scatter one of the k numbers (Hurvich & Tsai 1989)."""
    value = parallel(0.5, RIGIDITY) * np.exp(0.05 * np.random.default_rng(7).standard_normal(16))
    fit = fitted("parallel", Table(RIGIDITY, np.full(16, 0.5), value, 0.05 * value))
    off = ln_value(fit.numbers, RIGIDITY, np.full(16, 0.5)) - np.log(value)
    variance, n = 0.05**2 + fit.scatter**2, 16
    k = 1 + {5: 3, 8: 6}[fit.numbers.size - SHIFTS]
    likelihood = np.sum(off**2 / variance + np.log(variance))
    assert fit.criterion == pytest.approx(likelihood + 2 * k + 2 * k * (k + 1) / (n - k - 1), rel=1e-9)


def test_a_level_that_does_not_follow_the_others_shows_when_it_is_left_out() -> None:
    eta, rigidity, value = all_levels(0.01)
    value = np.where(eta == 0.5, 1.5 * value, value)
    held_out = hold_out("parallel", Table(rigidity, eta, value, 0.01 * value))
    assert np.median(np.abs(held_out["levels"][0][eta == 0.5])) > 0.3


def test_one_level_is_fitted_without_shifts_and_few_points_are_refused() -> None:
    value = parallel(0.5, RIGIDITY)
    found = fitted("parallel", Table(RIGIDITY, np.full(16, 0.5), value, 0.02 * value))
    np.testing.assert_array_equal(found.numbers[-SHIFTS:], 0)
    np.testing.assert_allclose(ln_value(found.numbers, RIGIDITY, np.full(16, 0.5)), np.log(value), atol=0.05)
    few = fit_coefficient("parallel", Table(*(one[:5] for one in (RIGIDITY, np.full(16, 0.5), value, 0.02 * value))))
    assert few == "5 converged points at 5 rigidities, needs 8 at 3: add rigidities or levels"


def test_many_levels_at_one_rigidity_are_no_law_of_rigidity() -> None:
    eta = np.linspace(0.05, 0.9, 12)
    value = np.array([parallel(one, np.array([0.1]))[0] for one in eta])
    few = fit_coefficient("parallel", Table(np.full(12, 0.1), eta, value, 0.02 * value))
    assert few == "12 converged points at 1 rigidities, needs 12 at 3: add rigidities or levels"


def test_between_two_levels_there_is_no_answer() -> None:
    """dB^2 and B0^2 both matter, so two levels do not tell how a coefficient changes between them."""
    grid = {"mode_type": ["isotropic", "slab"], "eta": ETA, "rigidity": list(RIGIDITY)}
    found, only = empty_dataset(grid, 10.0), paths()
    for direction in ("parallel", "perpendicular"):
        only[f"converged_{direction}"].values[:, 1:-1] = False
    put_coefficients(found, only)
    along, _ = coefficients(found, "isotropic", 0.9, 0.1)
    assert along.kappa == pytest.approx(parallel(0.9, np.array([0.1]))[0] / 3, rel=0.1)
    with pytest.raises(OutsideFitError, match=r"eta = 0\.5 lies between .* 0\.1, 0\.9, .*extrapolate=True"):
        coefficients(found, "isotropic", 0.5, 0.1)
    assert coefficients(found, "isotropic", 0.5, 0.1, extrapolate=True)[0].kappa > 0


def test_gradient_is_that_of_the_value() -> None:
    """Against central differences of 1e-6, whose own error is 1e-10 or so."""
    numbers = np.array([0.4, 0.3, -1.2, 0.9, -0.6, 0.7, 2.0, 0.1, -0.5, 0.8, 0.3, -0.4, 0.2, -0.1])
    rigidity, eta = np.geomspace(1e-3, 10, 9), np.linspace(0.1, 0.9, 9)
    for place, column in enumerate(gradient(numbers, rigidity, eta).T):
        step = 1e-6 * (np.arange(numbers.size) == place)
        found = (ln_value(numbers + step, rigidity, eta) - ln_value(numbers - step, rigidity, eta)) / 2e-6
        np.testing.assert_allclose(column, found, atol=1e-8)


def test_the_simpler_shape_is_taken_unless_the_points_ask_for_more() -> None:
    """The law of these points has one break, which the criterion takes at this seed; with a shoulder it has two."""
    eta, rigidity, value = all_levels(0.03)
    assert fitted("parallel", Table(rigidity, eta, value, 0.03 * value)).numbers.size == 5 + SHIFTS
    shoulder = value * (1 + (rigidity / 0.005) ** 3) ** 0.3 / (1 + (rigidity / 0.1) ** 3) ** 0.3
    assert fitted("parallel", Table(rigidity, eta, shoulder, 0.03 * shoulder)).numbers.size == 8 + SHIFTS


def test_a_slope_that_changes_with_the_level_is_found_and_else_not_asked_for() -> None:
    eta, rigidity, value = all_levels(0.03, perpendicular)
    slope = "slope_eta", "slope_rest"
    places = [TERMS.index(name) - len(TERMS) for name in slope]
    assert not fitted("perpendicular", Table(rigidity, eta, value, 0.03 * value)).numbers[places].any()
    turned = value * (rigidity / (1 + rigidity)) ** (0.3 * np.log(2 * eta))
    assert fitted("perpendicular", Table(rigidity, eta, turned, 0.03 * turned)).numbers[places].any()


def test_numbers_at_their_limit_are_named() -> None:
    """A kink is narrower than any break may be."""
    rigidity = np.geomspace(1e-3, 10.0, 60)
    value = np.where(rigidity < 0.3, np.cbrt(rigidity / 0.3), (rigidity / 0.3) ** 2)
    found = fitted("parallel", Table(rigidity, np.full(60, 0.5), value, 0.001 * value))
    assert "ln_width" in found.at_limit


def test_a_fit_that_does_not_converge_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    eta, rigidity, value = all_levels(0.0)
    table = Table(rigidity, eta, value, 0.03 * value)
    assert fitted("parallel", table).converged
    monkeypatch.setattr(coefficient_fit, "MOST_EVALUATIONS", 2)
    assert "did not converge" in str(fit_coefficient("parallel", table))
