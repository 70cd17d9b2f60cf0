"""From moments to coefficients: errors against closed forms, fits against lines, every reason not to believe one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fieldwalk.campaign import paths
from fieldwalk.campaign.plan.coverage import Wanted
from fieldwalk.campaign.plan.plan import Portion
from fieldwalk.campaign.time_grid import FIRST_INDEX, grid_time, samples_between, steps_to
from fieldwalk.errors import DataError
from fieldwalk.io.shards import Arrays, open_shard_for_writing
from fieldwalk.particles.collect import PointMoments, collect
from fieldwalk.particles.datasets import mean_free_path_dataset, running_dataset
from fieldwalk.particles.mean_free_paths import mean_free_paths, reason_not_converged
from fieldwalk.particles.points import ParticlePoint
from fieldwalk.particles.running import running_coefficients, smoothed
from fieldwalk.particles.task import MOMENTS
from fieldwalk.statistics.bootstrap import SAMPLES, bootstrap_weights, with_errors
from fieldwalk.statistics.plateau import slope
from fieldwalk.turbulence import MODE_TYPES
from fieldwalk.turbulence.mode_types import no_direction

Floats = NDArray[np.float64]

STEP = 0.1
POINT, OTHER = "isotropic_eta0.5_rg0.1_0123456789ab", "isotropic_eta0.5_rg0.2_123456789abc"
PARTICLES = ParticlePoint(
    mode_type="isotropic",
    eta=0.5,
    rigidity=0.1,
    spectrum={"shape": "power_law", "spectral_index": 5 / 3},
    slab_fraction=None,
    scale_ratio=100.0,
    modes=16,
    step=STEP,
    precision="float64",
    duration=1000.0,
)


def grid(last: int) -> Floats:
    return np.asarray(grid_time(np.arange(FIRST_INDEX, last + 1)))


def moments_of(time: Floats, rigidity: float, free_path: dict[str, float]) -> Arrays:
    """Moments whose velocities decorrelate exponentially: <v_i(0) v_i(t)> = exp(-3 t/lambda_i ... )/3 per axis.

    With <v(0) v(t)> = exp(-t/lambda)/3, v = 1: <dr v> = (lambda/3)(1 - exp(-t/lambda)) and
    <dr^2> = (2 lambda/3)(t - lambda (1 - exp(-t/lambda))); the displacement is taken to be Gaussian.
    """
    t = time * rigidity
    result: Arrays = {"pitch": np.exp(-t), "energy_drift": np.full(t.size, 1e-14)}
    for axis in "xyz":
        length = free_path[axis]
        decayed = -np.expm1(-t / length)
        square = (2 * length / 3) * (t - length * decayed)
        result |= {f"square_{axis}": square, f"fourth_{axis}": 3 * square**2}
        result |= {f"cross_{axis}": length / 3 * decayed, f"velocity_{axis}": (1 - decayed) / 3}
    return result


def test_bootstrap_samples_are_averages_and_come_from_the_key() -> None:
    weights = bootstrap_weights(7, POINT, 50)
    assert weights.shape == (SAMPLES, 50)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_array_equal(bootstrap_weights(7, POINT, 50), weights)
    assert not np.array_equal(bootstrap_weights(7, OTHER, 50), weights)
    assert not np.array_equal(bootstrap_weights(8, POINT, 50), weights)


@pytest.mark.parametrize("realisations", [4, 16, 200])
def test_errors_of_gaussian_means_are_sigma_over_root_n(realisations: int) -> None:
    # The variance from n realisations scatters by sqrt(2/(n-1)), that from the samples by sqrt(2/SAMPLES); 400 columns
    # average both. At five standard errors a false alarm comes once in 1.7 million draws (and the seed is fixed).
    columns, sigma = 400, 0.3
    values = np.random.default_rng(1).normal(2.0, sigma, (realisations, columns))
    weights = bootstrap_weights(1, POINT, realisations)
    best, error = with_errors(lambda means: {"mean": means["x"]}, {"x": values}, weights)
    np.testing.assert_allclose(best["mean"], values.mean(axis=0), rtol=1e-14)
    ratio = np.mean(error["mean"] ** 2) / (sigma**2 / realisations)
    # the columns share their bootstrap samples, so a part 1/(n-1) of the scatter of those does not average out
    own = 2 / (realisations - 1) / columns + 2 / SAMPLES / columns
    tolerance = 5 * np.sqrt(own + 2 / SAMPLES / (realisations - 1))
    assert ratio == pytest.approx(1, abs=tolerance)


@pytest.mark.parametrize("realisations", [2, 3, 4])
def test_errors_of_few_realisations_are_not_too_small(realisations: int) -> None:
    # Against each column's own sample variance only the samples of the bootstrap scatter: its variance by
    # sqrt(2/SAMPLES), over columns in all n-1 directions by sqrt(2/SAMPLES/(n-1)). At five of those a false alarm comes
    # once in 1.7 million keys; without the correction the ratio would be 1 - 1/n, which lies beyond.
    n = realisations
    values = np.random.default_rng(6).normal(2.0, 0.3, (n, 400))
    _, error = with_errors(lambda means: {"mean": means["x"]}, {"x": values}, bootstrap_weights(1, POINT, n))
    ratio = error["mean"] / (values.std(axis=0, ddof=1) / np.sqrt(n))
    tolerance = 5 * np.sqrt(2 / SAMPLES / (n - 1))
    assert 1 / n > tolerance
    assert np.mean(ratio**2) == pytest.approx(1, abs=tolerance)


def test_errors_of_a_ratio_cover_the_truth() -> None:
    # One standard error covers 68.3 %, of 400 trials 273 +- 9.3; five of those are a false alarm in 1.7 million.
    generator = np.random.default_rng(2)
    weights = bootstrap_weights(2, POINT, 100)
    values = {"a": generator.normal(3.0, 0.5, (100, 400)), "b": generator.normal(2.0, 0.2, (100, 400))}
    best, error = with_errors(lambda means: {"ratio": means["a"] / means["b"]}, values, weights)
    covered = np.abs(best["ratio"] - 1.5) < error["ratio"]
    assert abs(covered.mean() - 0.683) < 5 * np.sqrt(0.683 * 0.317 / 400)


def test_the_error_of_what_is_not_a_number_is_none() -> None:
    values = {"x": np.random.default_rng(3).normal(size=(10, 3))}
    best, error = with_errors(
        lambda means: {"y": np.where([True, False, True], means["x"], np.nan)}, values, bootstrap_weights(3, POINT, 10)
    )
    np.testing.assert_array_equal(np.isnan(best["y"]), [False, True, False])
    np.testing.assert_array_equal(np.isnan(error["y"]), [False, True, False])


@pytest.mark.parametrize(
    ("power", "inside", "ends"), [(1, 2e-4, 5e-3), (0.5, 2e-5, 5e-4), (0, 1e-13, 1e-13), (-1, 2e-4, 5e-3)]
)
def test_smoothing_keeps_power_laws(power: float, inside: float, ends: float) -> None:
    time = grid(80)
    kept = smoothed(time, time**power) / time**power - 1
    late = np.flatnonzero(kept != 0)
    np.testing.assert_array_equal(kept[time < 20], 0)
    np.testing.assert_allclose(kept, 0, atol=ends)
    np.testing.assert_allclose(kept[late[3:-3]] if late.size else 0, 0, atol=inside)


def test_smoothing_takes_noise_away_and_never_touches_what_it_was_given() -> None:
    time = grid(80)
    noisy = 1 + np.random.default_rng(4).normal(0, 0.1, (200, time.size))
    before = noisy.copy()
    smooth = smoothed(time, noisy)
    np.testing.assert_array_equal(noisy, before)
    np.testing.assert_array_equal(smooth[:, time < 20], noisy[:, time < 20])
    # parabolas over seven points keep a third of the variance
    assert smooth[:, -20:-5].std() == pytest.approx(0.1 / np.sqrt(3), rel=0.1)


def test_a_short_run_is_not_smoothed() -> None:
    time = grid(24)
    np.testing.assert_array_equal(smoothed(time, np.sin(time)), np.sin(time))


def test_running_coefficients_of_ballistic_particles() -> None:
    time, rigidity = grid(16), 0.3
    t = time * rigidity
    zero = np.zeros(t.size)
    moments: Arrays = {"pitch": np.ones(t.size), "energy_drift": zero}
    for axis in "xyz":
        # <v^4> of an isotropic component is 1/5
        moments |= {f"square_{axis}": t**2 / 3, f"fourth_{axis}": t**4 / 5}
        moments |= {f"cross_{axis}": t / 3, f"velocity_{axis}": zero + 1 / 3}
    result = running_coefficients(time, rigidity, False, moments)
    for direction in ("parallel", "perpendicular"):
        np.testing.assert_allclose(result[f"d_{direction}"], t / 3, rtol=1e-13)
        # second-order differences are exact for a parabola, save at the ends
        np.testing.assert_allclose(result[f"d_{direction}_difference"][1:-1], t[1:-1] / 3, rtol=1e-10)
        np.testing.assert_allclose(result[f"kurtosis_{direction}"], 9 / 5, rtol=1e-12)
    np.testing.assert_allclose(result["d_parallel_green_kubo"], t / 3, rtol=1e-12)


def test_running_coefficients_of_diffusing_particles() -> None:
    time, rigidity = grid(64), 0.1
    t = time * rigidity
    result = running_coefficients(time, rigidity, False, moments_of(time, rigidity, {"x": 0.5, "y": 1.5, "z": 20.0}))
    parallel = 20 / 3 * -np.expm1(-t / 20)
    perpendicular = 0.5 * (0.5 / 3 * -np.expm1(-t / 0.5) + 1.5 / 3 * -np.expm1(-t / 1.5))
    np.testing.assert_allclose(result["d_parallel"], parallel, rtol=5e-3)
    np.testing.assert_allclose(result["d_perpendicular"], perpendicular, rtol=5e-3)
    # differences and integrals on a grid of sixteen times per decade
    np.testing.assert_allclose(result["d_parallel_difference"][1:-3], parallel[1:-3], rtol=2e-2)
    np.testing.assert_allclose(result["d_parallel_green_kubo"], parallel, rtol=2e-2)
    np.testing.assert_allclose(result["kurtosis_parallel"], 3, rtol=1e-12)


def test_without_a_direction_both_are_the_mean_of_three_axes() -> None:
    time = grid(40)
    moments = moments_of(time, 1.0, {"x": 1.0, "y": 2.0, "z": 6.0})
    result = running_coefficients(time, 1.0, True, moments)
    for name in ("mean_square", "d", "velocity_correlation"):
        np.testing.assert_array_equal(result[f"{name}_parallel"], result[f"{name}_perpendicular"])
    expected = (moments["square_x"] + moments["square_y"] + moments["square_z"]) / 3
    np.testing.assert_allclose(result["mean_square_parallel"], expected, rtol=1e-14)
    assert mean_free_paths(time, 1.0, True, moments)["lambda_ratio"] == pytest.approx(1)


@pytest.mark.parametrize("mode_type", MODE_TYPES)
def test_only_isotropic_modes_without_a_mean_field_have_no_direction(mode_type: str) -> None:
    assert not any(no_direction(mode_type, eta) for eta in (0.0, 0.5, 0.999))
    assert no_direction(mode_type, 1.0) == (mode_type == "isotropic")


@pytest.mark.parametrize(("mode_type", "eta", "same"), [("isotropic", 1, True), ("alfvenic", 1, False)])
def test_datasets_keep_the_directions_that_there_are(mode_type: str, eta: float, same: bool) -> None:
    moments = point_moments(grid(80), 0.1, {"x": 0.5, "y": 0.5, "z": 9.0}, noise=0.1)
    where = a_grid(eta=eta, mode_type=mode_type)
    paths_of = mean_free_path_dataset(where, one_point(moments), 7).squeeze()
    running = running_dataset(where, float(grid_time(80)), one_point(moments), 7).squeeze()
    for parallel, perpendicular in (
        (paths_of["lambda_parallel_last"], paths_of["lambda_perpendicular_last"]),
        (running["mean_square_parallel"][-1], running["mean_square_perpendicular"][-1]),
    ):
        assert float(parallel / perpendicular) == pytest.approx(1 if same else 18, rel=0.02)


def test_running_coefficients_work_on_bootstrap_samples() -> None:
    time = grid(40)
    moments = moments_of(time, 1.0, {"x": 1.0, "y": 2.0, "z": 6.0})
    stacked = {name: np.stack([value, 2 * value]) for name, value in moments.items()}
    once, twice = running_coefficients(time, 1.0, False, moments), running_coefficients(time, 1.0, False, stacked)
    assert all(value.shape == (2, time.size) for value in twice.values())
    np.testing.assert_array_equal(twice["d_parallel"][0], once["d_parallel"])
    fitted = mean_free_paths(time, 1.0, False, stacked)
    np.testing.assert_allclose(fitted["lambda_parallel"][1], 2 * fitted["lambda_parallel"][0], rtol=1e-12)


def test_the_slope_of_a_line_is_exact() -> None:
    time = grid(60)
    lines = np.array([[3.0], [-0.5], [0.0]]) * time + np.array([[-7.0], [2.0], [1.0]])
    np.testing.assert_allclose(slope(time, lines, 100.0, 1000.0), [3.0, -0.5, 0.0], atol=1e-12)
    # the window's own ends count
    assert np.isfinite(slope(time, lines[0], float(time[-3]), float(time[-1])))
    assert np.isnan(slope(time, lines[0], float(time[-2]), float(time[-1])))
    assert np.isnan(slope(time, lines, 1e5, 1e6)).all()


def test_the_slope_weighs_each_time_by_one_over_its_scatter() -> None:
    # np.polyfit multiplies residuals by w: 1/t there, as the scatter of <dr^2> grows as t
    time = grid(60)
    generator = np.random.default_rng(7)
    series = np.stack([time**2, np.sqrt(time), time * (1 + 0.3 * generator.normal(size=time.size))])
    here = (time >= 100) & (time <= 1000 * (1 + 1e-9))
    fits = {power: np.polyfit(time[here], series[:, here].T, 1, w=time[here] ** -power)[0] for power in (0.5, 1, 2)}
    np.testing.assert_allclose(slope(time, series, 100.0, 1000.0), fits[1], rtol=1e-10)
    # other weights would be seen
    for power in (0.5, 2):
        assert np.all(np.abs(fits[power] / fits[1] - 1) > 0.01)


def test_mean_free_paths_of_diffusing_particles() -> None:
    time, rigidity = grid(80), 0.1
    fitted = mean_free_paths(time, rigidity, False, moments_of(time, rigidity, {"x": 0.4, "y": 0.6, "z": 9.0}))
    assert fitted["lambda_parallel"] == pytest.approx(9, rel=1e-3)
    assert fitted["lambda_perpendicular"] == pytest.approx(0.5, rel=1e-3)
    assert fitted["lambda_ratio"] == pytest.approx(0.5 / 9, rel=2e-3)
    assert fitted["lambda_parallel_last"] == pytest.approx(9, rel=1e-3)
    assert fitted["slope_change_parallel"] == pytest.approx(0, abs=0.02)
    assert fitted["displacement_perpendicular"] == pytest.approx(np.sqrt(2 * 0.5 / 3 * 1e4), rel=1e-3)


def estimates(direction: str, **edits: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """A converged estimate with some numbers changed."""
    best: dict[str, Any] = {"lambda_parallel": 2.0}
    best |= {f"lambda_{direction}": 2.0, f"slope_change_{direction}": 0.1, f"displacement_{direction}": 5.0}
    best |= {key: value for key, value in edits.items() if key != "spread"}
    return best, {f"slope_change_{direction}": np.float64(edits.get("spread", 0.05))}


@pytest.mark.parametrize("direction", ["parallel", "perpendicular"])
def test_a_converged_mean_free_path_has_no_reason(direction: str) -> None:
    assert reason_not_converged(direction, "isotropic", 0.5, 16.1, *estimates(direction)) == ""


REASONS = {
    "no turbulence": ("parallel", "isotropic", 0.0, 100.0, {}, "no turbulence: nothing diffuses"),
    "slab": ("perpendicular", "slab", 0.5, 100.0, {}, "slab turbulence has no perpendicular"),
    "two_dimensional": ("perpendicular", "two_dimensional", 0.5, 100.0, {}, "two_dimensional turbulence has no"),
    "no fit": ("parallel", "slab", 0.5, 100.0, {"lambda_parallel": np.nan}, "too few grid times for a fit"),
    "no halves": ("parallel", "slab", 0.5, 100.0, {"slope_change_parallel": np.nan}, "too few grid times"),
    "negative": ("perpendicular", "isotropic", 0.5, 100.0, {"lambda_perpendicular": -0.1}, "-0.1 L_c, not positive"),
    "short": ("parallel", "isotropic", 0.5, 15.8, {}, "ran for 7.9 parallel mean free paths, needs 8: raise duration"),
    "short, across": ("perpendicular", "isotropic", 0.5, 15.0, {}, "ran for 7.5 parallel mean free paths, needs 8"),
    "not far": (
        "perpendicular",
        "isotropic",
        0.5,
        100.0,
        {"displacement_perpendicular": 1.4},
        "moved 1.4 L_c across the field",
    ),
    "falling": ("parallel", "isotropic", 0.5, 100.0, {"slope_change_parallel": -0.2}, "differs by -4.0 standard"),
    "rising": ("perpendicular", "isotropic", 0.5, 100.0, {"slope_change_perpendicular": 0.2}, "by +4.0 standard"),
    "no parallel": (
        "perpendicular",
        "isotropic",
        0.5,
        100.0,
        {"lambda_parallel": np.nan},
        "parallel mean free path",
    ),
    "negative parallel": (
        "perpendicular",
        "isotropic",
        0.5,
        100.0,
        {"lambda_parallel": -3.0},
        "parallel mean free path",
    ),
}


@pytest.mark.parametrize("case", REASONS)
def test_every_reason_not_to_believe_a_mean_free_path(case: str) -> None:
    direction, mode_type, eta, duration, edits, words = REASONS[case]
    reason = reason_not_converged(direction, mode_type, eta, duration, *estimates(direction, **edits))
    assert words in reason


def point_moments(time: Floats, rigidity: float, free_path: dict[str, float], noise: float = 0.0) -> PointMoments:
    """Twenty realisations whose moments scatter by a common factor each, and whose displacements bend a little."""
    scatter = np.random.default_rng(5).normal(size=(2, 20, 1))
    scatter = noise * (scatter - scatter.mean(axis=1, keepdims=True)) / scatter.std(axis=1, ddof=1, keepdims=True)
    factor, bend = 1 + scatter[0], scatter[1]
    values: Arrays = {}
    for name, exact in moments_of(time, rigidity, free_path).items():
        scattered = exact * (1 if name == "energy_drift" else factor)
        if name.startswith("square"):
            scattered = scattered + exact * bend * time / time[-1]
        values[name] = np.array(np.broadcast_to(scattered, (20, time.size)))
    return PointMoments(POINT, time, values, np.full(20, 16.0), np.zeros(20))


def one_point(moments: PointMoments) -> Callable[[dict[str, int]], PointMoments]:
    return lambda place: moments


def a_grid(eta: float = 0.5, rigidity: float = 0.1, mode_type: str = "isotropic") -> Any:
    return {"mode_type": [mode_type], "eta": [eta], "rigidity": [rigidity]}


def test_a_plateau_is_a_mean_free_path() -> None:
    moments = point_moments(grid(80), 0.1, {"x": 0.5, "y": 0.5, "z": 9.0}, noise=0.1)
    dataset = mean_free_path_dataset(a_grid(), one_point(moments), 7).squeeze()
    assert bool(dataset["converged_parallel"]) and bool(dataset["converged_perpendicular"])
    assert str(dataset["reason_parallel"].values) == ""
    assert float(dataset["lambda_parallel"]) == pytest.approx(9, rel=1e-3)
    # 10 % from the factor, and from a bend that ends at 10 % what it adds to the slope, some 12 %
    assert float(dataset["lambda_parallel_error"]) == pytest.approx(9 * np.hypot(0.1, 0.12) / np.sqrt(20), rel=0.3)
    assert float(dataset["realisations"]) == 20
    assert float(dataset["particles"]) == 320


def test_a_run_too_short_along_the_field_is_too_short_across_it() -> None:
    # Across the field all looks well, but the particles are still free along it: nothing of this run is asymptotic.
    moments = point_moments(grid(48), 0.1, {"x": 0.5, "y": 0.5, "z": 5000.0}, noise=0.1)
    dataset = mean_free_path_dataset(a_grid(), one_point(moments), 7).squeeze()
    assert float(dataset["displacement_perpendicular"]) > 1.5
    for direction in ("parallel", "perpendicular"):
        assert not bool(dataset[f"converged_{direction}"])
        assert "parallel mean free paths, needs 8" in str(dataset[f"reason_{direction}"].values)
        assert np.isnan(dataset[f"lambda_{direction}"])
        assert np.isnan(dataset[f"lambda_{direction}_error"])
        assert np.isfinite(dataset[f"lambda_{direction}_last"])
        assert np.isfinite(dataset[f"lambda_{direction}_last_error"])
    assert np.isnan(dataset["lambda_ratio"])


def test_slab_turbulence_has_a_parallel_mean_free_path_alone() -> None:
    moments = point_moments(grid(80), 0.1, {"x": 0.5, "y": 0.5, "z": 9.0}, noise=0.1)
    dataset = mean_free_path_dataset(a_grid(mode_type="slab"), one_point(moments), 7).squeeze()
    assert bool(dataset["converged_parallel"]) and not bool(dataset["converged_perpendicular"])
    assert np.isfinite(dataset["lambda_parallel"])
    assert np.isnan(dataset["lambda_perpendicular"])
    assert np.isnan(dataset["lambda_ratio"])


def test_points_of_unlike_length_share_one_time_axis() -> None:
    rigidities = [0.1, 1.0]
    ends = (64, 40)
    held = [
        point_moments(grid(end), x, {"x": 1.0, "y": 1.0, "z": 3.0}) for end, x in zip(ends, rigidities, strict=True)
    ]
    dataset = running_dataset(
        {"mode_type": ["isotropic"], "eta": [0.5], "rigidity": [*rigidities]},
        float(grid_time(64)),
        lambda place: held[place["rigidity"]],
        7,
    )
    assert dict(dataset.sizes) == {"mode_type": 1, "eta": 1, "rigidity": 2, "time": 64 - FIRST_INDEX + 1}
    finite = np.isfinite(dataset["d_parallel"].values[0, 0])
    assert finite[0].all()
    np.testing.assert_array_equal(finite[1], np.arange(FIRST_INDEX, 65) <= 40)
    np.testing.assert_allclose(dataset["energy_drift"].values[finite[None, None]], 1e-14)


def test_a_point_added_in_front_leaves_the_errors_of_the_others() -> None:
    held = {x: point_moments(grid(80), x, {"x": 1.0, "y": 1.0, "z": 3.0}, noise=0.1) for x in (0.05, 0.1)}

    def errors(*rigidities: float) -> float:
        dataset = mean_free_path_dataset(
            {"mode_type": ["isotropic"], "eta": [0.5], "rigidity": [*rigidities]},
            lambda place: held[rigidities[place["rigidity"]]],
            7,
        )
        return float(dataset["lambda_parallel_error"].sel(rigidity=0.1).squeeze())

    assert errors(0.05, 0.1) == errors(0.1)


def stored(portion: Portion, seed: int) -> tuple[Arrays, NDArray[np.int64]]:
    """Rows of one portion: moments that name their realisation, particle numbers that differ."""
    generator = np.random.default_rng(seed)
    index = samples_between(*portion.steps, STEP).index
    rows = portion.realisations[1] - portion.realisations[0]
    n = portion.particles[1] - portion.particles[0]
    arrays: Arrays = {name: generator.normal(size=(rows, index.size)) for name in MOMENTS}
    arrays["energy_drift"] = np.abs(arrays["energy_drift"])
    failed = generator.integers(0, 2, rows).astype(float)
    arrays |= {"particles": n - failed, "failed": failed}
    arrays |= {name: generator.normal(size=(rows, 3, n)) for name in ("final_position", "final_velocity")}
    return arrays, index


def write_shard(folder: Path, batch: str, portions: list[Portion], seed: int = 0) -> list[tuple[str, Portion]]:
    with open_shard_for_writing(
        paths.shard(folder, batch), {p.group: p.realisations[1] - p.realisations[0] for p in portions}
    ) as writer:
        for number, portion in enumerate(portions):
            arrays, index = stored(portion, seed + number)
            for row in range(portion.realisations[1] - portion.realisations[0]):
                writer.write(portion.group, row, {name: value[row] for name, value in arrays.items()})
            writer.describe(portion.group, {"grid_index": index})
    return [(batch, portion) for portion in portions]


def wanted(realisations: int, particles: int, duration: float) -> Wanted:
    return Wanted(POINT, PARTICLES, realisations, particles, steps_to(duration, STEP))


def steps(start: float | None, end: float) -> tuple[int, int]:
    return (steps_to(start, STEP) if start else 0, steps_to(end, STEP))


def test_particles_of_several_portions_are_weighted_by_their_number(tmp_path: Path) -> None:
    portions = [Portion(POINT, (0, 3), (0, 16), steps(None, 10)), Portion(POINT, (0, 3), (16, 40), steps(None, 10))]
    serving = write_shard(tmp_path, "first", portions)
    result = collect(tmp_path, wanted(3, 40, 10), serving)
    (one, _), (two, _) = stored(portions[0], 0), stored(portions[1], 1)
    a, b = one["particles"][:, None], two["particles"][:, None]
    for name in set(MOMENTS) - {"energy_drift"}:
        np.testing.assert_allclose(result.values[name], (a * one[name] + b * two[name]) / (a + b), rtol=1e-13)
    np.testing.assert_array_equal(result.values["energy_drift"], np.maximum(one["energy_drift"], two["energy_drift"]))
    np.testing.assert_array_equal(result.particles, (a + b)[:, 0])
    np.testing.assert_array_equal(result.failed, one["failed"] + two["failed"])
    np.testing.assert_allclose(result.time, grid(16), rtol=1e-14)


def test_a_longer_run_is_put_together(tmp_path: Path) -> None:
    portions = [
        Portion(POINT, (0, 2), (0, 16), steps(None, 10)),
        Portion(POINT, (2, 5), (0, 16), steps(None, 30)),
        Portion(POINT, (0, 2), (0, 16), steps(10, 30), "first"),
    ]
    serving = write_shard(tmp_path, "first", portions[:1])
    serving += write_shard(tmp_path, "second", portions[1:], seed=1)
    result = collect(tmp_path, wanted(5, 16, 30), serving)
    arrays = [stored(portion, seed)[0] for seed, portion in enumerate(portions)]
    early = np.concatenate([arrays[0]["square_x"], arrays[2]["square_x"]], axis=1)
    np.testing.assert_allclose(result.values["square_x"], np.concatenate([early, arrays[1]["square_x"]]), rtol=1e-14)


def test_less_than_what_stands_is_cut_out(tmp_path: Path) -> None:
    portions = [Portion(POINT, (0, 6), (0, 16), steps(None, 30)), Portion(POINT, (0, 6), (16, 32), steps(None, 30))]
    serving = write_shard(tmp_path, "first", portions)
    result = collect(tmp_path, wanted(2, 16, 3), serving)
    (one, _) = stored(portions[0], 0)
    n_times = samples_between(0, steps_to(3, STEP), STEP).index.size
    np.testing.assert_allclose(result.values["cross_z"], one["cross_z"][:2, :n_times], rtol=1e-14)
    np.testing.assert_array_equal(result.particles, one["particles"][:2])


INCOMPLETE = {
    "a realisation": [Portion(POINT, (0, 2), (0, 40), steps(None, 10))],
    "the end": [Portion(POINT, (0, 3), (0, 40), steps(None, 3))],
    "the beginning": [Portion(POINT, (0, 3), (0, 40), steps(3, 10))],
    "particles": [Portion(POINT, (0, 3), (0, 16), steps(None, 10))],
    "the end of some particles": [
        Portion(POINT, (0, 3), (0, 16), steps(None, 10)),
        Portion(POINT, (0, 3), (16, 40), steps(None, 3)),
    ],
    "everything": [],
}


@pytest.mark.parametrize("absent", INCOMPLETE)
def test_what_is_wanted_and_not_there_is_refused(tmp_path: Path, absent: str) -> None:
    serving = write_shard(tmp_path, "first", INCOMPLETE[absent]) if INCOMPLETE[absent] else []
    with pytest.raises(DataError, match=f"{POINT} .*run the campaign again"):
        collect(tmp_path, wanted(3, 40, 10), serving)


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    serving = [("lost", Portion(POINT, (0, 3), (0, 40), steps(None, 10)))]
    with pytest.raises(DataError, match=r"lost\.h5: no such shard"):
        collect(tmp_path, wanted(3, 40, 10), serving)


def test_a_shard_that_lacks_what_the_plan_says_is_refused(tmp_path: Path) -> None:
    portion = Portion(POINT, (0, 3), (0, 40), steps(None, 10))
    with open_shard_for_writing(paths.shard(tmp_path, "first"), {portion.group: 3}) as writer:
        for row in range(3):
            writer.write(portion.group, row, {"particles": np.array(40.0)})
    with pytest.raises(DataError, match=r"first\.h5"):
        collect(tmp_path, wanted(3, 40, 10), [("first", portion)])
