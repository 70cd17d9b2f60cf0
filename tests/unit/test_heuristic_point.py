"""The heuristic model at a point whose answer is known, what it refuses, and its dataset."""

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from fieldwalk.io import schema
from fieldwalk.transport import broken_power_law as law
from fieldwalk.transport.curve_fit import fit_curve
from fieldwalk.transport.heuristic import bare_coefficient, mean_square, model_times, with_decorrelation
from fieldwalk.transport.heuristic_dataset import heuristic_dataset
from fieldwalk.transport.heuristic_point import PointModel, fit_parallel, model_point, subdiffusive_window

Floats = NDArray[np.float64]
Arrays = dict[str, Floats]

RIGIDITY, REACH = 1e-3, 1.6
TIME = 10.0 ** (np.arange(-16, 96) / 16)
PARALLEL = law.make_law(0.2, [1.0, 0.0], [0.6], [0.5])
LINES = law.make_law(0.33, [1.0, -0.6, 0.0], [1.2, 5.0], [0.6, 0.4])
DISTANCE = np.geomspace(0.01, 300, 72)
SAMPLES = 100


def spread(best: Floats, generator: np.random.Generator, relative: float = 0.03) -> Floats:
    """Samples that share half of their scatter at all times."""
    shared = generator.standard_normal((SAMPLES, 1))
    own = generator.standard_normal((SAMPLES, best.size))
    return best * (1 + relative * (shared + own) / np.sqrt(2))


def made(averaged: bool = False, reach: float = REACH, seed: int = 1) -> tuple[Arrays, Arrays]:
    """Curves that follow the model, and their samples."""
    seconds = model_times(TIME[0] * RIGIDITY, TIME[-1] * RIGIDITY)
    bare = bare_coefficient(seconds, law.value(seconds, PARALLEL), lambda zeta: law.value(zeta, LINES), averaged)
    across, _, _ = with_decorrelation(seconds, bare, reach)
    at = np.log(TIME * RIGIDITY)
    best = {
        "d_parallel": law.value(TIME * RIGIDITY, PARALLEL),
        "d_perpendicular": np.exp(np.interp(at, np.log(seconds), np.log(across))),
        "mean_square_perpendicular": np.exp(np.interp(at, np.log(seconds), np.log(mean_square(seconds, across)))),
    }
    generator = np.random.default_rng(seed)
    return best, {name: spread(curve, generator) for name, curve in best.items()}


def modelled(averaged: bool = False, reach: float = REACH) -> PointModel:
    best, samples = made(averaged, reach)
    lines = law.value(DISTANCE, LINES)
    fitted = fit_curve(DISTANCE, lines, spread(lines, np.random.default_rng(2)))
    parallel = fit_parallel(TIME, RIGIDITY, best["d_parallel"], samples["d_parallel"])
    return model_point(TIME, RIGIDITY, best, samples, parallel, fitted, averaged)


@pytest.mark.parametrize("averaged", [False, True])
def test_reach_and_coefficient_come_back(averaged: bool) -> None:
    found = modelled(averaged)
    assert found.reason == ""
    assert found.reach[0] == pytest.approx(REACH, rel=0.03)
    assert 0 < found.reach[1] < 0.3
    assert found.rms < 0.02
    assert found.kappa[1] / found.kappa[0] < 0.1
    best, _ = made(averaged)
    assert found.kappa[0] == pytest.approx(best["d_perpendicular"][-1], rel=0.02)
    assert found.exponent_model[0] == pytest.approx(found.exponent_simulation[0], abs=0.02)


def test_the_wrong_variant_shows_in_the_residuals() -> None:
    """Curves of the averaged model against the published one: too large by sqrt(pi/2) in between."""
    best, samples = made(averaged=True)
    lines = law.value(DISTANCE, LINES)
    fitted = fit_curve(DISTANCE, lines, spread(lines, np.random.default_rng(2)))
    parallel = fit_parallel(TIME, RIGIDITY, best["d_parallel"], samples["d_parallel"])
    assert model_point(TIME, RIGIDITY, best, samples, parallel, fitted).largest > 0.1


def test_particles_that_stay_on_their_lines_give_a_limit_only() -> None:
    found = modelled(reach=1e3)
    assert "do not leave their field lines" in found.reason


def test_window_is_where_growth_is_slow() -> None:
    """Compound diffusion between ballistic and diffusive: the window lies inside, its exponent near 1/2."""
    time = np.geomspace(1e-3, 1e5, 400)
    coefficient = law.value(time, law.make_law(1.0, [0.0, -0.5, 0.0], [1.0, 1e3], [0.2, 0.2]))
    (first, last), reason = subdiffusive_window(time, coefficient)
    assert reason == "" and 1 < first < last < 1e4
    _, why = subdiffusive_window(time, np.ones_like(time))
    assert "no subdiffusion" in why


def test_a_curve_that_cannot_be_fitted_is_a_reason_and_no_exception() -> None:
    best, samples = made()
    nothing = {name: np.full_like(curve, np.nan) for name, curve in best.items()}
    no_samples = {name: np.full_like(curve, np.nan) for name, curve in samples.items()}
    parallel = fit_parallel(TIME, RIGIDITY, nothing["d_parallel"], no_samples["d_parallel"])
    lines = fit_curve(
        DISTANCE, law.value(DISTANCE, LINES), spread(law.value(DISTANCE, LINES), np.random.default_rng(2))
    )
    found = model_point(TIME, RIGIDITY, nothing, no_samples, parallel, lines)
    assert found.reason.startswith("d_parallel:")
    assert np.isnan(found.kappa[0]) and np.isnan(found.rms)


def test_dataset_holds_the_model_and_says_where_there_is_none() -> None:
    grid = {"mode_type": ["isotropic", "slab"], "eta": [0.5, 1.0], "rigidity": [RIGIDITY, 3.0]}
    paths = schema.empty("mean_free_paths", grid)
    lines = law.value(DISTANCE, LINES)
    found = heuristic_dataset(
        grid,
        float(TIME[-1]),
        lambda *_: (TIME, *made()),
        lambda *_: (DISTANCE, lines, spread(lines, np.random.default_rng(2))),
        paths,
    )
    assert isinstance(found, xr.Dataset)
    assert set(found.data_vars) == set(schema.DATASETS["heuristic"])
    here = found.sel(mode_type="isotropic", eta=0.5, variant="root_mean_square")
    assert float(here["reach"].sel(rigidity=RIGIDITY)) == pytest.approx(REACH, rel=0.03)
    assert "do not follow field lines" in str(here["reason_model"].sel(rigidity=3.0).item())
    assert "no mean field" in str(found["reason_model"].sel(mode_type="isotropic", eta=1.0).values[0, 0])
    assert "no perpendicular" in str(found["reason_model"].sel(mode_type="slab", eta=0.5).values[0, 0])
    assert "converged points" in str(found["reason_coefficient"].values[0, 0])
