"""Figures of the heuristic model from small datasets: they draw what is there and refuse what is not."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from fieldwalk.errors import DataError
from fieldwalk.heuristic.coefficient_law import TERMS
from fieldwalk.heuristic.dataset import empty_dataset
from fieldwalk.heuristic.figures.coefficients import coefficients
from fieldwalk.heuristic.figures.perpendicular import heuristic
from fieldwalk.heuristic.figures.running_laws import running_laws
from fieldwalk.heuristic.figures.subdiffusion import subdiffusion
from fieldwalk.statistics import broken_power_law

GRID = {"mode_type": ["isotropic", "slab"], "eta": [0.5, 1.0], "rigidity": [0.01, 0.1, 10.0]}


@pytest.fixture
def dataset() -> xr.Dataset:
    """The model of isotropic turbulence at eta = 0.5, and fits everywhere."""
    found = empty_dataset(GRID, 1e4)
    here = {"mode_type": "isotropic", "eta": 0.5}
    for name in ("d_perpendicular_simulated", "d_perpendicular_modelled", "d_parallel_simulated", "d_line_simulated"):
        found[name].loc[here], found[f"{name}_error"].loc[here] = 0.01, 0.001
    numbers = {"reach": 1.5, "decorrelation_time": 300.0, "kappa_perpendicular_modelled": 0.01}
    numbers |= {"exponent_modelled": 0.6, "exponent_simulated": 0.65, "exponent_simulated_error": 0.02}
    for direction in ("parallel", "perpendicular", "ratio"):
        numbers |= {f"kappa_{direction}_simulated": 0.02, f"kappa_{direction}_simulated_error": 0.001}
    for name, value in numbers.items():
        found[name].loc[here] = value
    law = broken_power_law.make_law(0.3, [1.0, 0.0], [0.03], [0.5])
    for name in ("d_line_law", "d_parallel_law"):
        found[name].loc[here].values[..., : law.size] = law
    found["coefficient_numbers"].values[..., :] = [0, 1 / 3, 0, 2, -0.5, *[np.nan] * 3, *[0] * 6]
    found["coefficient_covariance"].values[...] = np.diag([1e-3] * len(TERMS))
    found["coefficient_scatter"].values[...] = 0.05
    without = {"mode_type": "slab", "coefficient": "perpendicular"}
    found["reason_coefficient"].loc[without] = "slab turbulence has no perpendicular diffusion coefficient"
    for name in ("eta", "rigidity"):
        found[f"lowest_{name}"].values[...], found[f"highest_{name}"].values[...] = min(GRID[name]), max(GRID[name])
    return found


def lines(figure: Figure, start: str) -> list[str]:
    return [
        str(line.get_gid())
        for axes in figure.axes
        for line in axes.get_lines()
        if str(line.get_gid()).startswith(start) and np.isfinite(np.asarray(line.get_ydata(), dtype=float)).any()
    ]


def notes(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_model_is_drawn_where_particles_follow_field_lines(dataset: xr.Dataset) -> None:
    figure = heuristic(dataset, 0.5)
    assert sorted(lines(figure, "compound")) == ["compound 0.01", "compound 0.1"]
    assert len(figure.axes) == 2  # slab, which has no model, is left out


def test_fits_and_models_are_drawn_in_three_panels(dataset: xr.Dataset) -> None:
    figure = coefficients(dataset, 0.5)
    assert lines(figure, "fit isotropic") == ["fit isotropic"] * 3
    assert lines(figure, "model isotropic") == ["model isotropic"] * 2
    assert lines(figure, "fit slab") == ["fit slab"]  # there is no perpendicular coefficient
    assert notes(figure) == []


def test_panels_without_a_converged_point_say_so_and_the_legend_names_what_is_there(dataset: xr.Dataset) -> None:
    figure = coefficients(dataset.sel(mode_type=["slab"]), 0.5)
    assert notes(figure) == ["no converged point"] * 2
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["Slab", "fit over all points"]


def test_error_bars_are_inside(dataset: xr.Dataset) -> None:
    dataset["kappa_perpendicular_simulated_error"].values *= 10  # half of the value
    _, across, _ = coefficients(dataset, 0.5).axes
    low, high = across.get_ylim()
    assert low < 0.03 and high > 0.09


def test_exponents_are_drawn_by_level(dataset: xr.Dataset) -> None:
    figure = subdiffusion(dataset)
    assert lines(figure, "model") == ["model 0.5"]
    assert len(figure.axes) == 1


def test_a_model_without_a_window_says_so(dataset: xr.Dataset) -> None:
    for name in ("exponent_modelled", "exponent_simulated"):
        dataset[name].values[...] = np.nan
    assert notes(subdiffusion(dataset)) == ["no window"]


def test_laws_are_drawn_over_both_curves(dataset: xr.Dataset) -> None:
    figure = running_laws(dataset, 0.5)
    assert lines(figure, "law d_line") == ["law d_line"] * 2
    assert lines(figure, "law d_parallel") == ["law d_parallel"] * 3
    assert len(figure.axes) == 4  # slab is left out


@pytest.mark.parametrize("draw", [heuristic, coefficients, running_laws])
def test_a_level_that_is_not_there_is_refused(draw: Callable[[xr.Dataset, float], Figure], dataset: xr.Dataset) -> None:
    with pytest.raises(DataError, match=r"eta = 0\.3"):
        draw(dataset, 0.3)


@pytest.mark.parametrize(
    ("draw", "name"),
    [
        (lambda dataset: heuristic(dataset, 0.5), "d_perpendicular_simulated"),
        (lambda dataset: coefficients(dataset, 0.5), "coefficient_numbers"),
        (lambda dataset: running_laws(dataset, 0.5), "d_line_law"),
        (subdiffusion, "exponent_modelled"),
    ],
)
def test_a_dataset_that_lacks_a_variable_is_refused(
    draw: Callable[[xr.Dataset], Figure], name: str, dataset: xr.Dataset
) -> None:
    with pytest.raises(DataError, match=f"no {name}"):
        draw(dataset.drop_vars(name))


@pytest.mark.parametrize(
    "draw",
    [
        lambda one: heuristic(one, 0.5),
        lambda one: coefficients(one, 0.5),
        lambda one: running_laws(one, 0.5),
        subdiffusion,
    ],
)
def test_a_campaign_without_any_model_gives_a_figure_and_no_exception(draw: Callable[[xr.Dataset], Figure]) -> None:
    nothing = empty_dataset(GRID, 1e4)
    nothing["reason_coefficient"].values[...] = "3 converged points, needs 8"
    assert isinstance(draw(nothing), Figure)
