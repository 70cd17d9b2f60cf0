"""Figures of the heuristic model from small datasets: they draw what is there and refuse what is not."""

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from fieldwalk.errors import DataError
from fieldwalk.figures.heuristic import coefficient_fits, heuristic
from fieldwalk.io import schema
from fieldwalk.transport.coefficient_fit import TERMS

GRID = {"mode_type": ["isotropic", "slab"], "eta": [0.5], "rigidity": [0.01, 0.1, 10.0]}
TIME = np.geomspace(1, 1e4, 40)


@pytest.fixture
def dataset() -> xr.Dataset:
    names = ["ln_level", "slope_0"]
    found = schema.empty(
        "heuristic",
        {
            **GRID,
            **{"time": TIME, "variant": ["root_mean_square"], "coefficient": ["parallel", "perpendicular"]},
            **{"term": TERMS, "other_term": TERMS, "parameter": names, "other_parameter": names},
        },
    )
    for name in ("d_perpendicular_simulated", "d_perpendicular_modelled"):
        found[name].loc[{"mode_type": "isotropic"}] = 0.01
        found[f"{name}_error"].loc[{"mode_type": "isotropic"}] = 0.001
    for name, value in (("reach", 1.5), ("decorrelation_time", 300.0), ("kappa_perpendicular_modelled", 0.01)):
        found[name].loc[{"mode_type": "isotropic"}] = value
    found["coefficient_numbers"].values[..., :] = [0, 1 / 3, 0, 2, -0.5, *[np.nan] * 3, 0, 0, 0, 0]
    found["coefficient_covariance"].values[...] = np.diag([1e-3] * len(TERMS))
    found["coefficient_scatter"].values[...] = 0.05
    for name in ("eta", "rigidity"):
        found[f"lowest_{name}"].values[...], found[f"highest_{name}"].values[...] = min(GRID[name]), max(GRID[name])
    return found


def lines(figure: Figure, start: str) -> list[str]:
    return [
        str(line.get_gid())
        for axes in figure.axes
        for line in axes.get_lines()
        if str(line.get_gid()).startswith(start)
    ]


def test_model_is_drawn_where_particles_follow_field_lines(dataset: xr.Dataset) -> None:
    assert lines(heuristic(dataset, "isotropic", 0.5), "model") == ["model 0.01", "model 0.1"]


def test_a_type_without_model_says_so(dataset: xr.Dataset) -> None:
    figure = heuristic(dataset, "slab", 0.5)
    assert "no model" in [text.get_text() for axes in figure.axes for text in axes.texts]


def test_fits_are_drawn_in_three_panels(dataset: xr.Dataset) -> None:
    table = schema.empty("mean_free_paths", GRID)
    for name in ("lambda_parallel", "lambda_perpendicular", "lambda_ratio"):
        table[name].values[...], table[f"{name}_error"].values[...] = 0.5, 0.05
    assert lines(coefficient_fits(dataset, table, 0.5), "fit isotropic") == ["fit isotropic"] * 3


def test_what_is_not_there_is_refused(dataset: xr.Dataset) -> None:
    with pytest.raises(DataError, match=r"eta = 0\.3"):
        heuristic(dataset, "isotropic", 0.3)
    with pytest.raises(DataError, match="variant other"):
        heuristic(dataset, "isotropic", 0.5, "other")
    with pytest.raises(DataError, match="no d_perpendicular_simulated"):
        heuristic(dataset.drop_vars("d_perpendicular_simulated"), "isotropic", 0.5)
