"""The diffusion of field lines as the documentation shows it, from a run of workflow/campaigns/field-lines.yaml.

    python docs/pages/field_lines.py [results/field-lines]

Writes docs/data/field_lines.nc, in single precision so that it stays small, and the figures to docs/images; without a
results folder the figures are drawn again. Prints how far the lines are from theory, in standard errors.
"""

import argparse
from pathlib import Path

import numpy as np
import xarray as xr

from fieldwalk.field_lines.figures.line_diffusion import line_diffusion
from fieldwalk.field_lines.figures.line_traces import line_traces
from fieldwalk.field_lines.figures.running import field_lines
from fieldwalk.figures import style
from fieldwalk.io.datasets import read_dataset

DOCS = Path(__file__).resolve().parents[1]
DOTS_PER_INCH = 140


def compact(dataset: xr.Dataset, path: Path) -> None:
    """Write numbers in single precision, compressed."""
    single = dataset.map(lambda one: one.astype(np.float32) if one.dtype == np.float64 else one, keep_attrs=True)
    packed = {name: {"zlib": True, "complevel": 9} for name, one in single.items() if one.dtype == np.float32}
    single.to_netcdf(path, engine="h5netcdf", encoding=packed)


def show(dataset: xr.Dataset) -> None:
    """Print the coefficients against theory."""
    for mode_type in dataset["mode_type"].values:
        here = dataset.sel(mode_type=mode_type)
        exponent, error = float(here["diffusion_exponent"]), float(here["diffusion_exponent_error"])
        print(f"{mode_type}: K_tau ~ (dB/B0)^({exponent:.2f} +- {error:.2f}) at eta <= 0.3")
        for eta in here["eta"].values:
            one = here.sel(eta=eta)
            tau, distance = (float(one[f"diffusion_coefficient_{way}"]) for way in ("tau", "distance"))
            spread = float(one["diffusion_coefficient_tau_error"])
            weak = (distance - float(one["quasi_linear_limit"])) / float(one["diffusion_coefficient_distance_error"])
            identity, its_error = float(one["strength_identity"]), float(one["strength_identity_error"])
            print(
                f"  eta = {eta:<5g} K_tau = {tau:.3g} +- {spread:.1g}; Corrsin / K = {float(one['corrsin']) / tau:.2f};"
                f" less quasi-linear {weak:+.1f} sigma; K_s<B>/K_tau = {identity:.3f} +- {its_error:.3f}"
            )


def main() -> None:
    """Copy, draw and print."""
    parser = argparse.ArgumentParser(description="The diffusion of field lines of the documentation.")
    parser.add_argument("results", nargs="?", type=Path, help="results folder; without it the figures are drawn again")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder whose data and images are written")
    options = parser.parse_args()
    path, images = options.docs / "data" / "field_lines.nc", options.docs / "images"
    if options.results:
        compact(read_dataset(options.results / "field_lines.nc"), path)
        with style.applied():
            traces = line_traces(read_dataset(options.results / "line_traces.nc"))
            traces.savefig(images / "line_traces.png", dpi=DOTS_PER_INCH)
    dataset = read_dataset(path)
    with style.applied():
        for name, drawn in (("field_lines", field_lines(dataset)), ("line_diffusion", line_diffusion(dataset))):
            drawn.savefig(images / f"{name}.png", dpi=DOTS_PER_INCH)
    show(dataset)


if __name__ == "__main__":
    main()
