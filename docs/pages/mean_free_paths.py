"""The mean free paths of the documentation, gathered from campaigns that were run in parts, and their figures.

    python docs/pages/mean_free_paths.py results/PART [results/PART ...]

The points of workflow/campaigns/mean-free-paths.yaml and mean-free-paths-modes.yaml differ in price by a factor of
ten thousand, so on a small machine one runs them in parts: campaign files with the same seed and some of the
points, the dearest with fewer realisations. Each part's mean_free_paths.nc is read; where two parts hold a point,
the one with more particles counts. Power laws are fitted to the whole. Writes docs/data/mean_free_paths.nc and one
figure per set of curves to docs/images.
"""

import argparse
from importlib.metadata import version
from pathlib import Path

import numpy as np
import xarray as xr

from fieldwalk.figures import style
from fieldwalk.io import schema
from fieldwalk.io.datasets import read_dataset, write_dataset
from fieldwalk.io.provenance import Attributes
from fieldwalk.particles.exponents import exponents, with_exponents
from fieldwalk.particles.figures.scaling import scaling
from fieldwalk.particles.table import POINTS

DOCS = Path(__file__).resolve().parents[1]
POINT = ["mode_type", "eta", "rigidity"]
ETA = 0.5
"""Level at which types are compared."""


def gathered(parts: list[xr.Dataset]) -> xr.Dataset:
    """One dataset over all points of the parts; points that no part holds have the reason ``not run``."""
    grid = {name: sorted({value for part in parts for value in part[name].values.tolist()}) for name in POINT}
    whole = schema.empty(POINTS, grid)
    for name in ("reason_parallel", "reason_perpendicular"):
        whole[name][:] = "not run"
    taken = np.zeros([len(values) for values in grid.values()])
    for part in parts:
        for index in np.ndindex(*(part.sizes[name] for name in POINT)):
            point = part.isel(dict(zip(POINT, index, strict=True)))
            place = {name: grid[name].index(point[name].item()) for name in POINT}
            if taken[tuple(place.values())] < (weight := float(point["particles"])):
                taken[tuple(place.values())] = weight
                for name in whole.data_vars:
                    whole[name][place] = point[name].item()
    return whole


def figure_data(whole: xr.Dataset, mode_type: str | None) -> xr.Dataset:
    """What one figure shows: all levels of a type, or all types at one level, without rigidities that nobody ran."""
    chosen = whole.sel(mode_type=[mode_type]) if mode_type else whole.sel(eta=[ETA])
    return chosen.isel(rigidity=np.flatnonzero((chosen["particles"] > 0).any(["mode_type", "eta"])))


def main() -> None:
    """Gather, write, draw, and print the exponents."""
    parser = argparse.ArgumentParser(description="Mean free paths of the documentation.")
    parser.add_argument("parts", nargs="*", type=Path, help="results folders; without any, the figures are drawn again")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder whose data and images are written")
    options = parser.parse_args()
    folders, path = options.parts, options.docs / "data" / "mean_free_paths.nc"
    if folders:
        parts = [read_dataset(folder / "mean_free_paths.nc") for folder in folders]
        attributes: Attributes = {
            "title": "Mean free paths in isotropic, Alfvénic and magnetosonic turbulence",
            "software": "fieldwalk",
            "softwareVersion": version("fieldwalk"),
            "seed": int(parts[0].attrs["seed"]),
            "instructionSet": ", ".join(sorted({str(part.attrs["instructionSet"]) for part in parts})),
            "cpuSeconds": sum(float(part.attrs["cpuSeconds"]) for part in parts),
            "command": f"python docs/pages/mean_free_paths.py {' '.join(folder.name for folder in folders)}",
        }
        write_dataset(with_exponents(gathered(parts)), path, attributes)
    whole = with_exponents(read_dataset(path))  # fitted anew, should the fits be of an older version
    for stem, mode_type in (("scaling_isotropic", "isotropic"), ("scaling_modes", None)):
        data = figure_data(whole, mode_type)
        for found in exponents(data):
            print(found)
        drawn = scaling(data, mode_type=mode_type) if mode_type else scaling(data, eta=ETA)
        with style.applied():
            drawn.savefig(options.docs / "images" / f"{stem}.png", dpi=150, metadata={"Software": None})


if __name__ == "__main__":
    main()
