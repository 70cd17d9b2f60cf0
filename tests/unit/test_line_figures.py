"""The figures of field lines: everything is drawn, what is uncertain looks it, and thin data do no harm."""

import warnings
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure
from tables import empty
from test_figures import SEVEN, THREE, check_layout, drawn, words

from fieldwalk.field_lines.diffusion import diffusion_exponent
from fieldwalk.field_lines.figures.line_diffusion import line_diffusion
from fieldwalk.field_lines.figures.line_traces import line_traces
from fieldwalk.field_lines.figures.running import field_lines
from fieldwalk.field_lines.theory import (
    composite_diffusion,
    corrsin_diffusion,
    quasi_linear_diffusion,
    quasi_linear_limit,
)
from fieldwalk.turbulence import PowerLaw

ETAS = (0.02, 0.1, 0.3, 0.5, 0.9, 1.0)
UNCONVERGED = ("slab", "two_dimensional")


@pytest.mark.parametrize("draw", [field_lines, line_diffusion])
def test_without_a_mean_field_the_panels_say_so(draw: Callable[[xr.Dataset], Figure]) -> None:
    figure = draw(make_field_lines(etas=(1.0,)))
    check_layout(figure)
    assert "no mean field" in words(figure)


@pytest.fixture(autouse=True)
def _no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def make_field_lines(mode_types: tuple[str, ...] = THREE, etas: tuple[float, ...] = ETAS, seed: int = 5) -> xr.Dataset:
    """Theory with noise: running coefficients that join the quasi-linear curve to Corrsin's coefficient."""
    random = np.random.default_rng(seed)
    way = 10 ** (np.arange(-32, 33) / 16)
    dataset = empty(
        "field_lines",
        {"mode_type": list(mode_types), "eta": list(etas), **dict.fromkeys(("arc_length", "tau", "distance"), way)},
    )
    for place in np.ndindex(len(mode_types), len(etas)):
        mode_type, eta = mode_types[place[0]], etas[place[1]]
        strength = 0.9 + 0.1 * abs(1 - 2 * eta)
        shape = mode_type if mode_type in (*THREE, "slab") else "alfvenic"
        running = eta * quasi_linear_diffusion(shape, PowerLaw(), 1e3, way)  # B0 = 1 here: only the looks count
        limit = 0.0 if mode_type in UNCONVERGED else corrsin_diffusion(shape, eta)
        running = np.where(way < 1, running, running * np.exp(1 - way) + limit * -np.expm1(1 - way))
        if mode_type == "two_dimensional":
            running = eta / 2 * way / (1 + way) ** 1.5
        inverse_mean = (1 - eta) ** -0.5 if eta < 1 else np.nan
        for name, factor in (("arc_length", 1 / strength), ("tau", 1.0), ("distance", inverse_mean)):
            noise = 0.02 * (1 + np.sqrt(way)) / 3
            value = factor * running * (1 + noise * random.standard_normal(way.size))
            dataset[f"d_perpendicular_{name}"][place] = value
            dataset[f"d_perpendicular_{name}_error"][place] = np.abs(value) * noise
            square = 2 * np.cumsum(value * np.gradient(way))
            dataset[f"mean_square_perpendicular_{name}"][place] = square
            dataset[f"local_exponent_{name}"][place] = 2 * way * value / square
            dataset[f"local_exponent_{name}_error"][place] = noise
            found = factor * (limit or running[-1] + eta * 1e-3) * (1 + 0.04 * random.standard_normal())
            good = limit > 0 and np.isfinite(factor)
            dataset[f"converged_{name}"][place] = good
            dataset[f"diffusion_coefficient_{name}"][place] = found if good else np.nan
            dataset[f"diffusion_coefficient_{name}_error"][place] = 0.04 * found if good else np.nan
            dataset[f"diffusion_coefficient_{name}_last"][place] = found
            dataset[f"diffusion_coefficient_{name}_last_error"][place] = 0.06 * found
        dataset["mean_field_strength"][place] = strength
        dataset["strength_identity"][place] = 1 + 0.02 * random.standard_normal() if limit > 0 else np.nan
        dataset["strength_identity_error"][place] = 0.02 if limit > 0 else np.nan
        dataset["corrsin"][place] = corrsin_diffusion(mode_type, eta)
        if eta < 1:
            level = eta / (1 - eta)
            dataset["quasi_linear"][place] = level * quasi_linear_diffusion(mode_type, PowerLaw(), 1e3, way)
            dataset["quasi_linear_limit"][place] = level * quasi_linear_limit(mode_type)
            if mode_type == "composite":
                dataset["composite_theory"][place] = composite_diffusion(PowerLaw(), 1e3, eta, 0.2)
    for row in range(len(mode_types)):
        value, error = (dataset[f"diffusion_coefficient_tau{end}"][row].values for end in ("", "_error"))
        exponent = diffusion_exponent(np.array(etas), value, np.diag(error**2))
        dataset["diffusion_exponent"][row], dataset["diffusion_exponent_error"][row] = exponent
    return dataset


def make_line_traces(mode_types: tuple[str, ...] = THREE, lines: int = 4, seed: int = 6) -> xr.Dataset:
    """Random walks of lines, straighter along z."""
    random = np.random.default_rng(seed)
    trace = np.linspace(0, 40, 801)
    step = random.standard_normal((len(mode_types), lines, trace.size, 3))
    smooth = np.exp(-np.arange(60) / 15)
    step = np.apply_along_axis(lambda one: np.convolve(one, smooth)[: trace.size], 2, step)
    position = np.cumsum(0.008 * step + np.array([0, 0, 0.035]), axis=2)
    dataset = empty(
        "line_traces",
        {"mode_type": list(mode_types), "line": np.arange(lines), "trace": trace, "axis": ["x", "y", "z"]},
    )
    dataset["position"][:] = position - position[:, :, :1]
    return dataset.assign_attrs(eta=0.5)


@pytest.mark.slow
@pytest.mark.parametrize("mode_types", [THREE, SEVEN, ("slab",)], ids=["three", "seven", "one"])
def test_every_figure_holds_its_parts(mode_types: tuple[str, ...]) -> None:
    dataset = make_field_lines(mode_types)
    traces = make_line_traces(mode_types)
    for figure in (field_lines(dataset), line_diffusion(dataset), line_traces(traces)):
        check_layout(figure)


def test_running_figure_has_theory_levels_and_subdiffusion() -> None:
    figure = field_lines(make_field_lines())
    assert len(drawn(figure, "subdiffusive")) == len(THREE)
    text = words(figure)
    for word in ("quasi-linear", "0.02", "Isotropic", "Magnetosonic"):
        assert word in text


def test_coefficients_that_did_not_converge_are_upper_limits() -> None:
    dataset = make_field_lines(SEVEN)
    figure = line_diffusion(dataset)
    for mode_type in UNCONVERGED:
        assert not drawn(figure, f"measured {mode_type}")
        (symbols,) = drawn(figure, f"unconverged {mode_type}")
        row = dataset.sel(mode_type=mode_type, eta=0.5)
        expected = row["diffusion_coefficient_tau_last"] + 2 * row["diffusion_coefficient_tau_last_error"]
        assert symbols.get_ydata()[ETAS.index(0.5)] == pytest.approx(float(expected))  # type: ignore[attr-defined]
        assert symbols.get_markerfacecolor() == "white"  # type: ignore[attr-defined]
    text = words(figure)
    assert "upper limit" in text
    assert "two-component" in text
    exponent = float(dataset["diffusion_exponent"].sel(mode_type="magnetosonic"))
    assert f"{exponent:.2f}" in text


def test_levels_are_joined_up_in_their_order_whatever_that_in_the_file() -> None:
    dataset = make_field_lines(("alfvenic",), etas=(0.7, 0.02, 0.3))
    for line in line_diffusion(dataset).axes[0].get_lines():
        if line.get_linestyle() in ("--", ":"):
            assert (np.diff(np.asarray(line.get_xdata(), dtype=float)) > 0).all()


def test_without_any_converged_value_the_ratio_says_so() -> None:
    assert "no converged value" in words(line_diffusion(make_field_lines(("slab",))))
    assert "upper limit" not in words(line_diffusion(make_field_lines()))


def test_a_negative_last_value_leaves_a_positive_limit() -> None:
    dataset = make_field_lines(("slab",))
    dataset["diffusion_coefficient_tau_last"][:] = -1e-3
    (symbols,) = drawn(line_diffusion(dataset), "unconverged slab")
    assert (symbols.get_ydata() > 0).all()  # type: ignore[attr-defined]
