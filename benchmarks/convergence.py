"""Convergence of both mean free paths with the number of modes, the step and the duration.

    nice python benchmarks/convergence.py [--realisations 256] [--processes 2] [--redraw]

Isotropic turbulence at eta = 0.5 and r_g = 0.1 and 1 L_c, everything else as a campaign file without numbers
of its own would have it. One study varies the modes, one the step, one the duration, each around the default.
Runs of other steps and durations share fields, start points and directions with the default, and their errors
are those of the paired ratio; fields of different mode numbers are different fields. Errors are bootstrapped
over realisations. Writes docs/data/convergence.nc and docs/images/convergence.png, and prints a verdict.

Takes about seven processor-minutes: four minutes on two free cores. With --redraw only the figure is made.
"""

import argparse
from importlib.metadata import version
from pathlib import Path

import numpy as np
import xarray as xr
from convergence_figure import draw
from convergence_runs import (
    DEFAULTS,
    DIRECTIONS,
    DURATION_SHIFTS,
    MODES_PER_DECADE,
    PARTICLES,
    RIGIDITIES,
    SEED,
    STEP_FACTORS,
    Estimate,
    compute,
    default_points,
    runs_of,
    studies_of,
)

from fieldwalk import kernels
from fieldwalk.io.datasets import read_dataset, write_dataset
from fieldwalk.io.provenance import Attributes

ROOT = Path(__file__).resolve().parents[1]
DATASET = ROOT / "docs" / "data" / "convergence.nc"
FIGURE = ROOT / "docs" / "images" / "convergence.png"

CAMPAIGN_REALISATIONS = 64
"""A campaign file without numbers runs 64 realisations of 16 particles: a bias must stay below its errors."""

VALUES: dict[str, tuple[str, list[float], str]] = {
    "modes": ("modes_per_decade", [float(one) for one in MODES_PER_DECADE], "modes per decade of wavenumber"),
    "step": ("step_factor", STEP_FACTORS, "step over the automatic step"),
    "duration": (
        "duration_factor",
        [10 ** (shift / 16) for shift in DURATION_SHIFTS],
        "duration over the automatic duration",
    ),
}
"""Dimension, values and meaning of what each study varies, the default among them."""


def dataset_of(studies: list[dict[str, list[Estimate]]], realisations: int) -> xr.Dataset:
    """The whole study, by direction, rigidity and what was varied."""
    base = default_points()
    dataset = xr.Dataset(
        coords={
            "direction": ("direction", DIRECTIONS, _about("1", "direction against the mean field")),
            "rigidity": ("rigidity", RIGIDITIES, _about("L_c", "gyroradius in the total rms field, r_g/L_c")),
            **{name: (name, values, _about("1", words)) for name, values, words in VALUES.values()},
        }
    )
    for study, (dimension, _, _) in VALUES.items():
        columns = {
            "lambda": ("value", "L_c", "mean free path"),
            "lambda_error": ("error", "L_c", "standard error of the mean free path"),
            "ratio": ("ratio", "1", "mean free path over that of the default"),
            "ratio_error": ("ratio_error", "1", "standard error of that ratio, paired except for modes"),
            "converged": (
                "converged",
                "1",
                "1 where Fieldwalk accepts the value as asymptotic, 0 where it refuses",
            ),
        }
        for name, (attribute, unit, words) in columns.items():
            table = np.array([[getattr(one, attribute) for one in point[study]] for point in studies])
            variable = (("direction", "rigidity", dimension), table.transpose(2, 0, 1), _about(unit, words))
            dataset[f"{name}_by_{study}"] = variable
    at_default = dataset.sel(modes_per_decade=DEFAULTS["modes"])
    campaign_error = at_default["lambda_error_by_modes"] / at_default["lambda_by_modes"]
    campaign_error = campaign_error.drop_vars("modes_per_decade") * np.sqrt(
        realisations / CAMPAIGN_REALISATIONS
    )
    words = (
        f"relative error of the default with {CAMPAIGN_REALISATIONS} realisations of {PARTICLES} particles"
    )
    dataset["campaign_error"] = campaign_error.assign_attrs(_about("1", words))
    for name, unit, words in (
        ("modes", "1", "automatic number of modes"),
        ("step", "r_g", "automatic step, Omega h"),
        ("duration", "1/Omega", "automatic duration, Omega t"),
        ("scale_ratio", "1", "automatic L_max/L_min"),
    ):
        dataset[f"default_{name}"] = ("rigidity", [getattr(one, name) for one in base], _about(unit, words))
    return dataset.assign_attrs(realisations=realisations, particles=PARTICLES)


def _about(unit: str, words: str) -> dict[str, str]:
    return {"units": unit, "long_name": words}


def verdict(dataset: xr.Dataset) -> list[str]:
    """How far the default lies from finer numerics, in per cent and in standard deviations.

    First against the finest run, which assumes nothing. Then by the law that the error follows at leading
    order (1/modes: the spacing of the lines; step squared: the order of the push), fitted to all runs, which
    uses the coarse ones as a lever; its chi-square says whether the law holds.
    """
    words = f"{CAMPAIGN_REALISATIONS} x {PARTICLES} particles"
    lines = [f"default over finest - 1; by the leading order; error of a campaign of {words}:"]
    for study, (dimension, values, _) in VALUES.items():
        finest = min(values) if study == "step" else max(values)
        for direction in DIRECTIONS:
            for rigidity in RIGIDITIES:
                here = dataset.sel(direction=direction, rigidity=rigidity)
                best = here.sel({dimension: finest})
                ratio, error = float(best[f"ratio_by_{study}"]), float(best[f"ratio_error_by_{study}"])
                line = f"{study:9}{direction:14}r_g = {rigidity:<4g}" + _per_cent(
                    1 / ratio - 1, error / ratio**2
                )
                if study != "duration":
                    bias, spread, chi_square, freedom = leading_order(here, study)
                    line += f"; {_per_cent(bias, spread)}, chi^2 {chi_square:.1f} for {freedom}"
                lines.append(f"{line}; campaign {100 * float(here['campaign_error']):.1f} %")
    return lines


def leading_order(here: xr.Dataset, study: str) -> tuple[float, float, float, int]:
    """Relative bias of the default with its error from a weighted fit, chi-square and degrees of freedom."""
    values = np.array(VALUES[study][1], dtype=float)
    small = DEFAULTS["modes"] / values if study == "modes" else values**2  # 1 at the default
    free_path, error = here[f"lambda_by_{study}"].values, here[f"lambda_error_by_{study}"].values
    design = np.stack([np.ones_like(small), small], axis=1) / error[:, None]
    covariance = np.linalg.inv(design.T @ design)
    limit, slope = covariance @ design.T @ (free_path / error)
    chi_square = float(np.sum((design @ [limit, slope] - free_path / error) ** 2))
    gradient = np.array([-slope / limit**2, 1 / limit])
    return slope / limit, float(np.sqrt(gradient @ covariance @ gradient)), chi_square, small.size - 2


def _per_cent(bias: float, spread: float) -> str:
    return f"{100 * bias:+6.2f} +- {100 * spread:.2f} % ({bias / spread:+.1f} sigma)"


def main() -> None:
    """Compute, write, draw, judge."""
    parser = argparse.ArgumentParser(description="Convergence of the mean free paths with the numerics.")
    parser.add_argument(
        "--realisations", type=int, default=256, help="fields per run; errors fall as its root"
    )
    parser.add_argument("--processes", type=int, default=2, help="processor cores to use")
    parser.add_argument("--redraw", action="store_true", help="only draw the figure again")
    parser.add_argument("--dataset", type=Path, default=DATASET, help="where to write (or read) the dataset")
    parser.add_argument("--figure", type=Path, default=FIGURE, help="where to write the figure")
    options = parser.parse_args()
    if not options.redraw:
        tables = [runs_of(base) for base in default_points()]
        runs = [run for table in tables for run in table.values()]
        results = compute(runs, options.realisations, options.processes)
        studies = []
        for base, table in zip(default_points(), tables, strict=True):
            moments = {key: results[runs.index(run)] for key, run in table.items()}
            studies.append(studies_of(base, moments))
        attributes: Attributes = {
            "title": "Convergence of mean free paths in isotropic turbulence, eta = 0.5",
            "software": "fieldwalk",
            "softwareVersion": version("fieldwalk"),
            "seed": SEED,
            "instructionSet": kernels.instruction_set(),
            "command": f"python benchmarks/convergence.py --realisations {options.realisations}",
        }
        write_dataset(dataset_of(studies, options.realisations), options.dataset, attributes)
    dataset = read_dataset(options.dataset)
    options.figure.parent.mkdir(parents=True, exist_ok=True)
    draw(dataset, options.figure)
    print("\n".join(verdict(dataset)))
    for path in (options.dataset, options.figure):
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
