"""The figures say what they show, show what is uncertain as uncertain, and cope with thin data."""

import io
import warnings
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import xarray as xr
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text
from numpy.typing import NDArray

from fieldwalk.drawn_fields.figure import turbulence
from fieldwalk.errors import DataError
from fieldwalk.figures import style
from fieldwalk.figures.saving import save
from fieldwalk.particles.exponents import exponents, with_exponents
from fieldwalk.particles.figures.mean_free_paths import mean_free_paths
from fieldwalk.particles.figures.running import running
from fieldwalk.particles.figures.scaling import scaling
from fieldwalk.particles.figures.trajectories import trajectories

SEVEN = tuple(style.MODES)
THREE = SEVEN[:3]
FOUR_RIGIDITIES = (0.03, 0.1, 0.3, 1.0)
# Plausible factors between the types: a perpendicular mean free path in units of the parallel one at the
# lowest rigidity.
PERPENDICULAR = dict(zip(SEVEN, (0.16, 0.3, 0.05, 0.004, 0.02, 0.12, 0.22), strict=True))


@pytest.fixture(autouse=True)
def _no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def _parallel(mode_type: str, rigidity: NDArray[np.float64]) -> NDArray[np.float64]:
    return (1.0 + 0.2 * SEVEN.index(mode_type)) * (1.6 * np.cbrt(rigidity) + 4.0 * rigidity**2)


def _perpendicular(mode_type: str, rigidity: NDArray[np.float64]) -> NDArray[np.float64]:
    return PERPENDICULAR[mode_type] * 1.6 * np.cbrt(rigidity) * (1.0 + 3.0 * rigidity)


def _duration(mode_type: str, rigidity: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(60.0, 20.0 * _parallel(mode_type, rigidity) / rigidity)


def make_running(
    mode_types: tuple[str, ...] = THREE,
    etas: tuple[float, ...] = (0.5,),
    rigidities: tuple[float, ...] = FOUR_RIGIDITIES,
    seed: int = 1,
) -> xr.Dataset:
    """Running coefficients that rise ballistically, then flatten; across the field they fall in between."""
    random = np.random.default_rng(seed)
    time = 10.0 ** (np.arange(-16, 74) / 16.0)
    rigidity = np.array(rigidities)
    shape = (len(mode_types), len(etas), rigidity.size, time.size)
    parallel, perpendicular = np.full(shape, np.nan), np.full(shape, np.nan)
    for row, mode_type in enumerate(mode_types):
        for place, one in enumerate(rigidity):
            plateau = _parallel(mode_type, one) / 3.0
            across = _perpendicular(mode_type, one) / 3.0
            ballistic = one * time / 3.0
            parallel[row, :, place] = (
                ballistic
                / np.sqrt(1.0 + (ballistic / plateau) ** 2)
                * (1.0 + 0.25 * np.exp(-(np.log(ballistic / plateau / 2.0) ** 2)))
            )
            falling = one / 3.0 * np.sin(np.minimum(time, 1.3)) * np.maximum(time, 1.0) ** -0.35
            rising = np.hypot(falling, across * (1.0 - np.exp(-time / 10.0)))
            perpendicular[row, :, place] = np.minimum(rising, ballistic)
            end = _duration(mode_type, one)
            parallel[row, :, place, time > end] = np.nan
            perpendicular[row, :, place, time > end] = np.nan
    if 1.0 in etas:
        perpendicular[:, etas.index(1.0)] = parallel[:, etas.index(1.0)]
    scatter = 0.01 + 0.08 * np.minimum(time / 100.0, 2.0) ** 0.5
    noisy = {}
    for name, value in (("d_parallel", parallel), ("d_perpendicular", perpendicular)):
        noise = random.standard_normal(shape)
        noise = (noise + np.roll(noise, 1, axis=-1) + np.roll(noise, 2, axis=-1)) / 3.0
        noisy[name] = value * (1.0 + scatter * noise)
        noisy[f"{name}_error"] = value * scatter
    if 1.0 in etas:
        for ending in ("", "_error"):
            noisy[f"d_perpendicular{ending}"][:, etas.index(1.0)] = noisy[f"d_parallel{ending}"][
                :, etas.index(1.0)
            ]
    dims = ("mode_type", "eta", "rigidity", "time")
    return xr.Dataset(
        {name: (dims, value) for name, value in noisy.items()},
        coords={"mode_type": list(mode_types), "eta": list(etas), "rigidity": rigidity, "time": time},
    )


def make_mean_free_paths(
    mode_types: tuple[str, ...] = THREE,
    etas: tuple[float, ...] = (0.5,),
    rigidities: tuple[float, ...] = FOUR_RIGIDITIES,
    unconverged: int = 1,
    seed: int = 2,
) -> xr.Dataset:
    """Mean free paths, errors, exponents; the lowest `unconverged` rigidities did not converge across the field."""
    random = np.random.default_rng(seed)
    rigidity = np.array(rigidities)
    shape = (len(mode_types), len(etas), rigidity.size)
    tables: dict[str, NDArray[np.float64]] = {}
    for direction, law, error in (("parallel", _parallel, 0.04), ("perpendicular", _perpendicular, 0.08)):
        exact = np.stack([np.broadcast_to(law(one, rigidity), shape[1:]) for one in mode_types])
        value = exact * (1.0 + error * random.standard_normal(shape))
        converged = np.ones(shape, dtype=bool)
        if direction == "perpendicular":
            converged[..., :unconverged] = False
            if 1.0 in etas:
                level = etas.index(1.0)
                value[:, level], converged[:, level] = tables["lambda_parallel"][:, level], True
        tables[f"lambda_{direction}"] = np.where(converged, value, np.nan)
        tables[f"lambda_{direction}_error"] = np.where(converged, error * value, np.nan)
        tables[f"lambda_{direction}_last"] = 1.25 * value
        tables[f"lambda_{direction}_last_error"] = error * value
        tables[f"converged_{direction}"] = converged.astype(np.int8)
    tables["lambda_ratio"] = tables["lambda_perpendicular"] / tables["lambda_parallel"]
    tables["lambda_ratio_error"] = 0.09 * tables["lambda_ratio"]
    tables["duration"] = np.stack(
        [np.broadcast_to(_duration(one, rigidity), shape[1:]) for one in mode_types]
    )
    return with_exponents(
        xr.Dataset(
            {name: (("mode_type", "eta", "rigidity"), value) for name, value in tables.items()},
            coords={"mode_type": list(mode_types), "eta": list(etas), "rigidity": rigidity},
        )
    )


def without_numbers(data: xr.Dataset) -> xr.Dataset:
    """The dataset with NaN for every number and flag; its texts stay."""
    return data.assign({name: one * np.nan for name, one in data.data_vars.items() if one.dtype.kind in "bif"})


def make_turbulence(mode_types: tuple[str, ...] = THREE, seed: int = 3) -> xr.Dataset:
    """A Kolmogorov spectrum over two decades and its correlation function, measured with noise."""
    random = np.random.default_rng(seed)
    wavenumber = np.geomspace(1.4, 140.0, 24)
    theory = wavenumber ** (-5.0 / 3.0)
    theory = theory / np.sum((theory[1:] + theory[:-1]) / 2.0 * np.diff(wavenumber))
    separation = np.concatenate([[0.0], np.geomspace(0.01, 5.0, 24)])
    fine = np.geomspace(1.4, 140.0, 600)
    weights = fine ** (-2.0 / 3.0) / np.sum(fine ** (-2.0 / 3.0))
    correlation = np.sinc(separation[:, None] * fine / np.pi) @ weights
    rows = len(mode_types)
    scatter = 0.15 * wavenumber**-0.4
    spread = 0.05 * (1.0 - np.exp(-(separation**2)))
    return xr.Dataset(
        {
            "energy_spectrum": (
                ("mode_type", "wavenumber"),
                theory * (1.0 + scatter * random.standard_normal((rows, 24))),
            ),
            "energy_spectrum_error": (("mode_type", "wavenumber"), np.tile(theory * scatter, (rows, 1))),
            "energy_spectrum_theory": (("mode_type", "wavenumber"), np.tile(theory, (rows, 1))),
            "correlation": (
                ("mode_type", "separation"),
                correlation + spread * random.standard_normal((rows, 25)),
            ),
            "correlation_error": (("mode_type", "separation"), np.tile(spread, (rows, 1))),
            "correlation_theory": (("mode_type", "separation"), np.tile(correlation, (rows, 1))),
            "measured_length": (("mode_type",), 1.0 + 0.02 * random.standard_normal(rows)),
            "measured_length_error": (("mode_type",), np.full(rows, 0.021)),
            "theory_length": (("mode_type",), np.full(rows, 1.0)),
        },
        coords={
            "mode_type": list(mode_types),
            "wavenumber": wavenumber,
            "separation": separation,
            "direction": ("mode_type", ["x"] * rows),
        },
    )


def make_trajectories(
    mode_types: tuple[str, ...] = THREE, eta: float = 0.5, particles: int = 5, seed: int = 4
) -> xr.Dataset:
    """Gyrating random walks, longer along z."""
    random = np.random.default_rng(seed)
    samples, rigidity = 600, 0.1
    time = np.linspace(0.0, 120.0, samples)
    shape = (len(mode_types), particles, samples)
    speed = random.standard_normal((*shape, 3))
    kernel = np.exp(-np.arange(200) / 60.0)
    slow = np.apply_along_axis(lambda one: np.convolve(one, kernel)[:samples], 2, speed)
    phase = 2.0 * np.pi * random.random(shape[:2])[..., None] + time
    position = np.cumsum(slow, axis=2) * np.array([4e-4, 4e-4, 1.6e-3])
    position[..., 0] += rigidity * np.cos(phase)
    position[..., 1] += rigidity * np.sin(phase)
    position -= position[:, :, :1]
    position += 0.2 * random.standard_normal((*shape[:2], 1, 3))
    return xr.Dataset(
        {"position": (("mode_type", "particle", "sample", "axis"), position)},
        coords={"mode_type": list(mode_types), "sample_time": ("sample", time)},
        attrs={"eta": eta, "rigidity": rigidity},
    )


def drawn(figure: Figure, prefix: str) -> list[Artist]:
    """Artists whose name begins with a prefix."""
    return figure.findobj(lambda artist: (artist.get_gid() or "").startswith(prefix))


def words(figure: Figure) -> str:
    """All visible text of a figure."""
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text) and text.get_visible()]
    return "\n".join(text.get_text() for text in texts)


def check_layout(figure: Figure) -> None:
    """Nothing may be cut off by the edge of the paper, and no panel may touch another or a legend."""
    drawing = io.BytesIO()
    with style.applied():
        figure.savefig(drawing, format="png", dpi=100)
    paper = imread(io.BytesIO(drawing.getvalue()))
    for edge in (paper[0], paper[-1], paper[:, 0], paper[:, -1]):
        assert (edge == 1.0).all()
    boxes = [axes.get_window_extent() for axes in figure.axes if axes.name != "3d"]
    boxes += [legend.get_window_extent() for legend in figure.legends]
    for place, one in enumerate(boxes):
        assert not any(one.overlaps(other) for other in boxes[place + 1 :])


MANY = tuple(float(one) for one in np.geomspace(1e-4, 10.0, 16))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode_types", "rigidities"),
    [(THREE, FOUR_RIGIDITIES), (("slab",), (0.1,)), (SEVEN, MANY), (SEVEN[:5], (0.03, 0.1))],
    ids=["usual", "single", "seven types and sixteen rigidities", "five types"],
)
def test_running_shows_every_curve_with_its_band(
    mode_types: tuple[str, ...], rigidities: tuple[float, ...]
) -> None:
    figure = running(
        make_running(mode_types, rigidities=rigidities),
        make_mean_free_paths(mode_types, rigidities=rigidities),
        eta=0.5,
    )
    curves = 2 * len(mode_types) * len(rigidities)
    assert len(drawn(figure, "mean d_")) == curves
    assert len(drawn(figure, "band d_")) == curves
    # The lowest rigidity did not converge across the field, hence has no plateau there.
    assert len(drawn(figure, "plateau d_parallel")) == len(mode_types) * len(rigidities)
    assert len(drawn(figure, "plateau d_perpendicular")) == len(mode_types) * (len(rigidities) - 1)
    text = words(figure)
    for mode_type in mode_types:
        assert style.mode_label(mode_type) in text
    for expected in (
        r"d_\parallel",
        r"d_\perp",
        r"c\,L_\mathrm{c}",
        r"\Omega t",
        r"\eta = 0.5",
        "ballistic",
        "plateau",
    ):
        assert expected in text
    check_layout(figure)


def test_running_ballistic_line_is_a_third_of_rigidity_times_omega_t() -> None:
    data = make_running(("isotropic",), rigidities=(0.3,))
    axes = running(data, eta=0.5).axes[0]
    dotted = next(line for line in axes.lines if line.get_linestyle() == ":")
    x, y = (np.asarray(one, dtype=np.float64) for one in dotted.get_data())
    kept = np.isfinite(y)
    np.testing.assert_allclose(y[kept], 0.3 * x[kept] / 3.0)


def test_running_without_mean_field_has_one_row() -> None:
    figure = running(make_running(etas=(0.5, 1.0)), eta=1.0)
    assert len(figure.axes) == len(THREE)
    assert "perp" not in words(figure)
    assert "parallel" not in words(figure)
    check_layout(figure)


def test_running_without_any_number_says_so() -> None:
    empty = make_running()
    for name in list(empty.data_vars):
        empty[name] = empty[name] * np.nan
    figure = running(empty, eta=0.5)
    assert words(figure).count("no value") == 2 * len(THREE)


def test_running_draws_no_line_through_negative_values() -> None:
    data = make_running(("slab",), rigidities=(0.1,))
    late = data["time"] > 10.0
    data["d_perpendicular"] = data["d_perpendicular"].where(~late, -1e-4)
    figure = running(data, eta=0.5)
    (line,) = drawn(figure, "mean d_perpendicular")
    y = np.asarray(line.get_ydata(), dtype=np.float64)  # type: ignore[attr-defined]
    assert np.isnan(y[np.asarray(late)]).all()


@pytest.mark.parametrize(
    ("mode_types", "rigidities"),
    [(THREE, FOUR_RIGIDITIES), (("slab",), (0.1,)), (SEVEN, MANY)],
    ids=["usual", "single", "seven types and sixteen rigidities"],
)
def test_mean_free_paths_separates_measured_from_unconverged(
    mode_types: tuple[str, ...], rigidities: tuple[float, ...]
) -> None:
    data = make_mean_free_paths(mode_types, rigidities=rigidities)
    figure = mean_free_paths(data, 0.5)
    panels = figure.axes
    assert len(panels) == 3
    for mode_type in mode_types:
        measured = [line for line in panels[1].lines if line.get_gid() == f"measured {mode_type}"]
        (unconverged,) = (line for line in panels[1].lines if line.get_gid() == f"unconverged {mode_type}")
        shown = np.concatenate(
            [np.asarray(line.get_ydata(), dtype=np.float64) for line in measured] or [np.empty(0)]
        )
        converged = data["lambda_perpendicular"].sel(mode_type=mode_type, eta=0.5).values
        np.testing.assert_array_equal(shown[np.isfinite(shown)], converged[1:])
        last = data["lambda_perpendicular_last"].sel(mode_type=mode_type, eta=0.5).values
        error = data["lambda_perpendicular_last_error"].sel(mode_type=mode_type, eta=0.5).values
        np.testing.assert_allclose(unconverged.get_ydata(), last[:1] + 2 * error[:1])
        assert unconverged.get_markerfacecolor() == "white"
    arrows = [text for text in panels[1].texts if getattr(text, "arrow_patch", None) is not None]
    assert len(arrows) == len(mode_types)
    assert not any(getattr(text, "arrow_patch", None) for text in panels[0].texts)
    text = words(figure)
    for expected in (r"\lambda_\parallel", r"\lambda_\perp", r"[L_\mathrm{c}]", r"r_\mathrm{g}/L_\mathrm{c}"):
        assert expected in text
    assert "upper limit" in text
    assert "last running value" in text
    check_layout(figure)


def test_mean_free_paths_has_error_bars_and_a_guide() -> None:
    data = make_mean_free_paths()
    figure = mean_free_paths(data, 0.5)
    for panel in figure.axes:
        assert len(panel.containers) == len(THREE)
    (guide, _) = drawn(figure, "guide")
    x, y = (np.asarray(one, dtype=np.float64) for one in guide.get_data())  # type: ignore[attr-defined]
    assert np.log(y[1] / y[0]) / np.log(x[1] / x[0]) == pytest.approx(1.0 / 3.0)
    assert "1/3" in words(figure)


def test_mean_free_paths_trusts_the_flag_rather_than_the_number() -> None:
    data = make_mean_free_paths(("isotropic",), unconverged=0)
    data["converged_parallel"][..., -1] = 0
    figure = mean_free_paths(data, 0.5)
    (measured,) = (line for line in figure.axes[0].lines if line.get_gid() == "measured isotropic")
    assert np.isnan(np.asarray(measured.get_ydata(), dtype=np.float64)[-1])
    (unconverged,) = (line for line in figure.axes[0].lines if line.get_gid() == "unconverged isotropic")
    np.testing.assert_array_equal(unconverged.get_xdata(), [1.0])


def test_mean_free_paths_without_converged_value_says_so() -> None:
    limits_only = make_mean_free_paths(unconverged=4)
    assert words(mean_free_paths(limits_only, 0.5)).count("no converged value") == 2
    empty = without_numbers(limits_only)
    figure = mean_free_paths(empty, 0.5)
    assert words(figure).count("no converged value") == 3
    check_layout(figure)


def test_mean_free_paths_without_mean_field_is_one_panel() -> None:
    figure = mean_free_paths(make_mean_free_paths(etas=(0.5, 1.0)), 1.0)
    assert len(figure.axes) == 1
    assert figure.axes[0].get_ylabel() == r"$\lambda\ \ [L_\mathrm{c}]$"


def test_mean_free_paths_keeps_bars_that_reach_below_zero() -> None:
    data = make_mean_free_paths()
    data["lambda_perpendicular_error"] = 3.0 * data["lambda_perpendicular"]
    data["lambda_ratio_error"] = 3.0 * data["lambda_ratio"]
    check_layout(mean_free_paths(data, 0.5))


FIVE_LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode_types", "etas", "shown"),
    [
        (("isotropic",), (0.5,), {"eta": 0.5}),
        (THREE, (0.5,), {"eta": 0.5}),
        (SEVEN, (0.5,), {"eta": 0.5}),
        (THREE, FIVE_LEVELS, {"mode_type": "alfvenic"}),
        (("isotropic",), (0.0, 0.5, 1.0), {"mode_type": "isotropic"}),
    ],
    ids=["one", "three types", "seven types", "five levels of one of three types", "levels of all kinds"],
)
def test_scaling_shows_every_fit_with_its_exponent(
    mode_types: tuple[str, ...], etas: tuple[float, ...], shown: dict[str, float | str]
) -> None:
    data = make_mean_free_paths(mode_types, etas, MANY)
    figure = scaling(data, **shown)  # type: ignore[arg-type]
    text = words(figure)
    wanted = [one for one in exponents(data) if one.mode_type == shown.get("mode_type", one.mode_type) and one.eta > 0]
    assert len(figure.axes) == 7
    fits = drawn(figure, "fit ")
    assert len(fits) == len(wanted)
    steepness = sorted(
        np.diff(np.log(line.get_ydata()))[0] / np.diff(np.log(line.get_xdata()))[0]  # type: ignore[attr-defined]
        for line in fits
    )
    np.testing.assert_allclose(steepness, sorted(one.fit.exponent for one in wanted), atol=1e-9)
    for one in wanted:
        written = [rf"${one.fit.exponent:.{digits}f} \pm {one.fit.error:.{digits}f}$" for digits in (1, 2, 3)]
        assert any(exponent in text for exponent in written)
    for expected in (r"\lambda_\perp/\lambda_\parallel", "fitted power law", "1/3", r"\chi^2/\mathrm{dof}"):
        assert expected in text
    levels = [rf"\eta = {eta:g}" for eta in etas if eta > 0]
    for expected in map(style.mode_label, mode_types) if "eta" in shown else levels:
        assert expected in text
    check_layout(figure)


def test_scaling_fits_and_slopes_leave_out_what_did_not_converge() -> None:
    rigidities = tuple(float(one) for one in np.geomspace(1e-2, 1.0, 7))
    data = make_mean_free_paths(("isotropic",), rigidities=rigidities, unconverged=2)
    data["lambda_perpendicular"][..., :2] = 1e3  # a number without its flag is none
    figure = scaling(with_exponents(data), eta=0.5)
    (fit,) = (line for line in figure.axes[2].lines if (line.get_gid() or "").startswith("fit "))
    np.testing.assert_allclose(fit.get_xdata(), [rigidities[2], 1.0])
    (slopes,) = (line for line in figure.axes[3].lines if (line.get_gid() or "").startswith("slopes "))
    kept = data["lambda_perpendicular"].values[0, 0, 2:]
    np.testing.assert_allclose(slopes.get_ydata(), np.diff(np.log(kept)) / np.diff(np.log(rigidities[2:])))
    (open_ones,) = (line for line in figure.axes[2].lines if (line.get_gid() or "").startswith("unconverged "))
    np.testing.assert_allclose(open_ones.get_xdata(), rigidities[:2])
    assert len(drawn(figure, "slope 1/3")) == 2


@pytest.mark.slow
def test_scaling_says_where_a_fit_has_too_few_points_or_is_poor() -> None:
    data = make_mean_free_paths(("isotropic",), rigidities=MANY, unconverged=len(MANY) - 2)
    data["lambda_parallel_error"] = 1e-3 * data["lambda_parallel"]
    figure = scaling(with_exponents(data), eta=0.5)
    assert words(figure).count("1 point\n") + words(figure).count("0 points\n") >= 2
    (fit,) = drawn(figure, "fit ")
    assert fit.get_linestyle() != "-"  # type: ignore[attr-defined]
    assert r"fit with $\chi^2/\mathrm{dof} > 4$" in words(figure)
    nothing = scaling(with_exponents(without_numbers(data)), eta=0.5)
    assert words(nothing).count("no converged value") == words(nothing).count("no two converged values") == 3
    check_layout(nothing)
    check_layout(scaling(make_mean_free_paths(rigidities=(0.1,), unconverged=0), eta=0.5))


@pytest.mark.slow
def test_scaling_shows_the_formula_of_harari_only_without_a_mean_field() -> None:
    data = make_mean_free_paths(("isotropic", "alfvenic"), (0.5, 1.0), MANY)
    assert not drawn(scaling(data, eta=0.5), "Harari")
    assert not drawn(scaling(data, mode_type="alfvenic"), "Harari")
    (line,) = drawn(scaling(data, mode_type="isotropic"), "Harari")
    x, y = (np.asarray(one, dtype=np.float64) for one in line.get_data())  # type: ignore[attr-defined]
    np.testing.assert_allclose(y, 4 * x**2 + 0.9 * x + 0.23 * x ** (1 / 3))
    alone = scaling(data.sel(mode_type=["isotropic"]), eta=1.0)
    assert len(alone.axes) == 3  # one mean free path, its slopes, the table
    assert "parallel" not in words(alone)
    check_layout(alone)


@pytest.mark.parametrize("mode_types", [THREE, SEVEN, ("slab",)], ids=["three", "seven", "one"])
def test_turbulence_compares_with_theory(mode_types: tuple[str, ...]) -> None:
    data = make_turbulence(mode_types)
    figure = turbulence(data)
    for what in ("spectrum", "correlation"):
        for kind in ("theory", "measured", "residual"):
            assert len(drawn(figure, f"{kind} {what}")) == len(mode_types)
    text = words(figure)
    length = float(data["measured_length"][0])
    for expected in ("G(k)", r"[1/L_\mathrm{c}]", r"R(r)/\delta B^2", "k^{-5/3}", rf"{length:.2f} \pm 0.02$ (1.00)"):
        assert expected in text
    check_layout(figure)


def test_turbulence_copes_with_missing_values() -> None:
    data = make_turbulence()
    for name in data.data_vars:
        data[name] = data[name].where(data["mode_type"] != "slab")
    data["measured_length"][0] = np.nan
    assert "no length" in words(turbulence(data))
    empty = data * np.nan
    assert words(turbulence(empty)).count("no value") == 2


@pytest.mark.parametrize("mode_types", [THREE, SEVEN, ("isotropic",)], ids=["three", "seven", "one"])
def test_trajectories_are_drawn_to_scale_with_starts_and_field(mode_types: tuple[str, ...]) -> None:
    figure = trajectories(make_trajectories(mode_types))
    assert len(drawn(figure, "path ")) == 5 * len(mode_types)
    assert len(drawn(figure, "start")) == len(mode_types)
    assert len(drawn(figure, "mean field")) == len(mode_types)
    for axes in figure.axes:
        sides = [np.ptp(getattr(axes, f"get_{name}lim3d")()) for name in "xyz"]
        shape = np.asarray(axes._box_aspect)  # type: ignore[attr-defined]
        np.testing.assert_allclose(shape / shape.max(), np.array(sides) / max(sides))
    text = words(figure)
    check_layout(figure)
    for expected in (r"\Delta x/L_\mathrm{c}", r"\Delta z/L_\mathrm{c}", r"\mathbf{B}_0", r"\eta = 0.5"):
        assert expected in text


def test_trajectories_without_mean_field_or_with_lost_particles() -> None:
    data = make_trajectories(THREE, eta=1.0)
    data["position"][0] = np.nan
    data["position"][1, 0, 300:] = np.nan
    figure = trajectories(data)
    assert not drawn(figure, "mean field")
    assert words(figure).count("no value") == 1
    assert len(drawn(figure, "path ")) == 10


def test_bad_input_is_named() -> None:
    with pytest.raises(DataError, match=r"eta = 0\.3 is not in the dataset, which holds 0\.5"):
        running(make_running(), eta=0.3)
    with pytest.raises(DataError, match="has no lambda_ratio "):
        mean_free_paths(make_mean_free_paths().drop_vars("lambda_ratio"), 0.5)
    with pytest.raises(DataError, match="no attribute eta, rigidity"):
        trajectories(make_trajectories().drop_attrs())
    with pytest.raises(DataError, match="mode type slab is not in the dataset, which holds isotropic, alfvenic"):
        scaling(make_mean_free_paths(), mode_type="slab")


def test_drawing_leaves_the_settings_of_the_user_alone() -> None:
    before = dict(matplotlib.rcParams)
    turbulence(make_turbulence())
    assert dict(matplotlib.rcParams) == before


def test_save_gives_the_same_bytes_with_embedded_fonts(tmp_path: Path) -> None:
    for turn in ("first", "second"):
        figure = mean_free_paths(make_mean_free_paths(), 0.5)
        save(figure, tmp_path / turn / "figure.png", tmp_path / turn / "figure.pdf")
    for name in ("figure.png", "figure.pdf"):
        content = (tmp_path / "first" / name).read_bytes()
        assert content == (tmp_path / "second" / name).read_bytes()
        assert b"CreationDate" not in content
    assert b"/FontFile2" in (tmp_path / "first" / "figure.pdf").read_bytes()
    assert sorted(path.name for path in (tmp_path / "first").iterdir()) == ["figure.pdf", "figure.png"]


def test_save_explains_why_it_cannot(tmp_path: Path) -> None:
    in_the_way = tmp_path / "figures"
    in_the_way.write_text("a file where the folder should be")
    with pytest.raises(DataError, match=r"figure\.png: a file stands where a folder is needed"):
        save(running(make_running(("slab",)), eta=0.5), in_the_way / "figure.png", in_the_way / "figure.pdf")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.03, "0.03"),
        (1.0, "1"),
        (1e-4, "10^{-4}"),
        (4.642e-4, r"4.64\times 10^{-4}"),
        (9.999e-4, r"10^{-3}"),
    ],
)
def test_numbers_read_well(value: float, text: str) -> None:
    assert style.number(value) == text
