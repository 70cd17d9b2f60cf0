"""The heuristic model as the documentation shows it, from a run of workflow/campaigns/heuristic.yaml.

    python docs/pages/heuristic.py [results/heuristic]

Writes docs/data/heuristic.nc, in single precision and without covariances of running laws so that it stays small, and
the figures to docs/images; without a results folder the figures are drawn again. Prints the tables of the page.
"""

import argparse
from pathlib import Path

import numpy as np
import xarray as xr
from field_lines import compact

from fieldwalk.figures import style
from fieldwalk.heuristic.figures.coefficients import coefficients
from fieldwalk.heuristic.figures.perpendicular import heuristic
from fieldwalk.heuristic.figures.running_laws import running_laws
from fieldwalk.heuristic.figures.subdiffusion import subdiffusion
from fieldwalk.io.datasets import read_dataset

DOCS = Path(__file__).resolve().parents[1]
DOTS_PER_INCH = 130
ETA = 0.5
KEPT_BITS = 9
"""Of the 23 that a single-precision number has: good to 1e-3, and half as large when packed."""


def rounded(values: xr.DataArray) -> xr.DataArray:
    """Round curves; the numbers of fits stay as they are."""
    if values.dtype != np.float64 or not {"time", "zeta"} & set(values.dims):
        return values
    bits = np.ascontiguousarray(values.values, dtype=np.float32).view(np.uint32)
    half = np.uint32(1 << (22 - KEPT_BITS))
    kept = (bits + half) & ~np.uint32((1 << (23 - KEPT_BITS)) - 1)
    return values.copy(data=np.where(np.isfinite(values.values), kept.view(np.float32), np.float32(np.nan)))


def show(dataset: xr.Dataset) -> None:
    """Print the tables."""
    print("rigidity, type: rms residual compound/published (noise), modelled/simulated kappa_perpendicular, all levels")
    for rigidity in dataset["rigidity"].values[dataset["rigidity"].values < 1]:
        for mode_type in dataset["mode_type"].values:
            here = dataset.sel(mode_type=mode_type, rigidity=rigidity)
            ratio = here["kappa_perpendicular_modelled"] / here["kappa_perpendicular_simulated"]
            for name, one in (("rms", here["residual_rms"]), ("noise", here["residual_noise"]), ("kappa", ratio)):
                for variant in dataset["variant"].values:
                    value = one.sel(variant=variant).values
                    low, middle, high = np.nanmin(value), np.nanmedian(value), np.nanmax(value)
                    words = f"{middle:.3f} ({low:.3f} to {high:.3f})"
                    print(f"  {rigidity:<7g} {mode_type:12s} {name:6s} {variant:10s} {words}")
    print("exponent at the lowest rigidity by level, simulated and modelled; reach")
    lowest = dataset.sel(rigidity=dataset["rigidity"].min(), variant="compound")
    for mode_type in dataset["mode_type"].values:
        for eta in dataset["eta"].values:
            one = lowest.sel(mode_type=mode_type, eta=eta)
            numbers = [
                f"{float(one[name]):.3f} +- {float(one[f'{name}_error']):.3f}"
                for name in ("exponent_simulated", "exponent_modelled", "reach")
            ]
            print(f"  {mode_type:12s} {eta:.1f}  " + "  ".join(numbers))
    print("held out: median, 68 per cent, worst, rms pull")
    for name in ("points", "levels"):
        for mode_type in dataset["mode_type"].values:
            for direction in dataset["coefficient"].values:
                one = dataset.sel(mode_type=mode_type, coefficient=direction, held_out=name)
                numbers = [f"{100 * float(one[f'held_out_{what}']):.1f}" for what in ("median", "most", "worst")]
                numbers.append(f"pull {float(one['held_out_pull']):.2f}")
                scatter = 100 * float(one["coefficient_scatter"])
                words = f"{', '.join(numbers)} %, n = {int(one['held_out_points'])}, scatter {scatter:.1f} %"
                print(f"  {name} {mode_type:12s} {direction:13s} {words}")


def main() -> None:
    """Copy, draw and print."""
    parser = argparse.ArgumentParser(description="The heuristic model of the documentation.")
    parser.add_argument("results", nargs="?", type=Path, help="results folder; without it the figures are drawn again")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder whose data and images are written")
    options = parser.parse_args()
    path, images = options.docs / "data" / "heuristic.nc", options.docs / "images"
    if options.results:
        dataset = read_dataset(options.results / "heuristic.nc")
        dataset = dataset.drop_vars(["d_parallel_covariance", "d_line_covariance"])
        compact(dataset.map(rounded, keep_attrs=True), path)
    dataset = read_dataset(path)
    with style.applied():
        for draw in (heuristic, running_laws, coefficients):
            draw(dataset, eta=ETA).savefig(images / f"{draw.__name__}.png", dpi=DOTS_PER_INCH)
        subdiffusion(dataset).savefig(images / "subdiffusion.png", dpi=DOTS_PER_INCH)
    show(dataset)


if __name__ == "__main__":
    main()
