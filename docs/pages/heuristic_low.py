"""The heuristic model at low rigidities as the documentation shows it.

    python docs/pages/heuristic_low.py [results/heuristic-low results/heuristic-low-modes]

From runs of workflow/campaigns/heuristic-low.yaml and heuristic-low-modes.yaml. Writes the numbers of their points to
docs/data/heuristic_low.nc and the figure to docs/images; without results folders the figure is drawn again. Prints the
table of the page.
"""

import argparse
from pathlib import Path

import numpy as np
import xarray as xr
from field_lines import compact
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from fieldwalk.figures import style
from fieldwalk.io.datasets import read_dataset
from fieldwalk.statistics import broken_power_law

DOCS = Path(__file__).resolve().parents[1]
DOTS_PER_INCH = 140
DIFFUSIVE_FACTOR = 4 * np.sqrt(np.pi)
"""lambda_perp/lambda_parallel over (d_line/a)^2 where lines and particles are diffusive while particles leave."""

FAR = 1e9
"""zeta in L_c at which every law has reached its plateau."""


def gathered(parts: list[xr.Dataset]) -> xr.Dataset:
    """The numbers of all points of the compound model, and the plateau of the law of d_line with its error."""
    chosen = []
    for part in parts:
        compound = part.sel(variant="compound", drop=True)
        points = [name for name, one in compound.items() if one.dims == ("mode_type", "eta", "rigidity")]
        plateau = xr.apply_ufunc(
            plateau_of,
            compound["d_line_law"],
            compound["d_line_covariance"],
            input_core_dims=[["parameter"], ["parameter", "other_parameter"]],
            output_core_dims=[[], []],
            vectorize=True,
        )
        named = dict(zip(("d_line_plateau", "d_line_plateau_error"), plateau, strict=True))
        chosen.append(compound[points].assign(named))
    whole = xr.merge(chosen, join="outer", compat="no_conflicts", combine_attrs="drop_conflicts")
    names = [name for name, one in whole.items() if one.dtype == object]
    strings = {name: whole[name].fillna("not run").astype(str) for name in names}
    return whole.assign(strings).drop_encoding()  # each part remembers the length of its own longest name


def plateau_of(law: NDArray[np.float64], covariance: NDArray[np.float64]) -> tuple[float, float]:
    """Limit of a broken power law, and its error."""
    there, far = np.isfinite(law), np.array([FAR])
    value = float(broken_power_law.value(far, law[there])[0])
    slopes = broken_power_law.log_gradient(far, law[there])[0]
    return value, value * float(np.sqrt(slopes @ covariance[np.ix_(there, there)] @ slopes))


def ratio(point: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Simulated lambda_perp/lambda_parallel with its error."""
    return point["kappa_ratio_simulated"], point["kappa_ratio_simulated_error"]


def drawn(dataset: xr.Dataset) -> Figure:
    """The ratio, simulated, modelled and by the formula of two diffusions, and the reach, against rigidity."""
    with style.applied():
        figure = style.figure(style.COLUMN_WIDTH_IN, 4.3)
        above, below = figure.subplots(2, 1, sharex=True)
        for mode_type in map(str, dataset["mode_type"].values):
            here = dataset.sel(mode_type=mode_type).squeeze("eta")
            rigidity, looks = here["rigidity"], {"color": style.mode_colour(mode_type)}
            marker = {"marker": style.mode_marker(mode_type), "linestyle": "none", **looks}
            value, error = ratio(here)
            above.errorbar(rigidity, value, error, elinewidth=0.7, markersize=3.2, **marker)
            modelled = here["kappa_perpendicular_modelled"] / here["kappa_parallel_simulated"]
            above.plot(rigidity, modelled, markersize=5.6, markerfacecolor="none", markeredgewidth=0.7, **marker)
            formula = DIFFUSIVE_FACTOR * (here["d_line_plateau"] / here["reach"]) ** 2
            above.plot(rigidity, formula, linestyle="dashed", linewidth=0.8, **looks)
            below.errorbar(rigidity, here["reach"], here["reach_error"], elinewidth=0.7, markersize=3.2, **marker)
        above.set(xscale="log", yscale="log", ylabel=r"$\lambda_\perp/\lambda_\parallel$")
        below.set(yscale="log", ylabel="reach $a$", xlabel=r"$r_\mathrm{g}/L_\mathrm{c}$")
        for axes in (above, below):
            style.log_ticks(axes.yaxis, axes.get_ylim())
        figure.align_ylabels([above, below])
        handles = [style.mode_handle(str(one), linestyle="none") for one in dataset["mode_type"].values]
        grey = style.GUIDE_COLOUR
        handles.append(Line2D([], [], color=grey, marker="o", linestyle="none", markerfacecolor="white", label="model"))
        handles.append(Line2D([], [], color=grey, linestyle="dashed", label=r"$4\sqrt{\pi}\,(d_\mathrm{line}/a)^2$"))
        figure.legend(handles=handles, loc="outside upper center", ncols=2, title=rf"$\eta={dataset['eta'].item():g}$")
        return style.finish(figure)


def show(dataset: xr.Dataset) -> None:
    """Print the table."""
    for mode_type in dataset["mode_type"].values:
        here = dataset.sel(mode_type=mode_type).squeeze("eta")
        print(f"{mode_type}: d_line {float(here['d_line_plateau']):.3g} +- {float(here['d_line_plateau_error']):.1g}")
        for rigidity in here["rigidity"].values:
            one = here.sel(rigidity=rigidity)
            value, error = (float(number) for number in ratio(one))
            formula = DIFFUSIVE_FACTOR * float((one["d_line_plateau"] / one["reach"]) ** 2)
            beyond = np.sqrt(max(float(one["residual_rms"] ** 2 - one["residual_noise"] ** 2), 0))
            numbers = [
                f"{name} {float(one[name]):.3f} +- {float(one[f'{name}_error']):.3f}"
                for name in ("reach", "exponent_simulated", "exponent_modelled")
            ]
            words = f"ratio {value:.4f} +- {error:.4f}, formula {formula:.3f}, {', '.join(numbers)}"
            print(f"  {rigidity:<9g} {words}, residual beyond noise {beyond:.2f} {one['reason_model'].item()}")


def main() -> None:
    """Gather, draw and print."""
    parser = argparse.ArgumentParser(description="The heuristic model at low rigidities of the documentation.")
    parser.add_argument("parts", nargs="*", type=Path, help="results folders; without any the figure is drawn again")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder whose data and images are written")
    options = parser.parse_args()
    path = options.docs / "data" / "heuristic_low.nc"
    if options.parts:
        compact(gathered([read_dataset(folder / "heuristic.nc") for folder in options.parts]), path)
    dataset = read_dataset(path)
    drawn(dataset).savefig(options.docs / "images" / "heuristic_low.png", dpi=DOTS_PER_INCH)
    show(dataset)


if __name__ == "__main__":
    main()
