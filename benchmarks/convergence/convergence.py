"""What biases the mean free paths: the field's tolerance, the step, the modes, the largest wavenumber, the duration.

    nice python benchmarks/convergence/convergence.py [--more 1] [--processes 2] [--kept | --redraw]

Isotropic turbulence at eta = 0.5 and r_g = 0.001, 0.1 and 1 L_c, everything else as a campaign file without numbers of
its own would have it. Each study varies one number around the default. Errors are bootstrapped over realisations.
Writes docs/data/convergence.nc and docs/images/convergence.png, and prints a verdict.

Takes about twenty processor-minutes. Every 256 realisations are kept in build/convergence: a second start goes on, and
with --more 4 adds what is missing to four times as many (--only names the runs). With --kept nothing is pushed, and
what is there counts; with --redraw only the figure is made. --more 0.004, two to four realisations of each run, takes
ten seconds and shows that all works; its numbers mean nothing.
"""

import argparse
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import xarray as xr
from estimates import DIRECTIONS, Bias, Estimate, leading_order, studies_of
from figure import draw
from runs import Moments, compute, default_points, kept, name_of, runs_of
from studies import PARTICLES, REALISATIONS, SEED, STUDIED, STUDIES

from fieldwalk import kernels
from fieldwalk.io.datasets import read_dataset, write_dataset
from fieldwalk.io.provenance import Attributes

ROOT = Path(__file__).resolve().parents[2]
DATASET = ROOT / "docs" / "data" / "convergence.nc"
FIGURE = ROOT / "docs" / "images" / "convergence.png"
KEPT = ROOT / "build" / "convergence"

TARGET = 0.02
"""Largest bias of the default."""
CAMPAIGN_REALISATIONS = 64
"""A campaign file without numbers runs 64 realisations of 16 particles: a bias must stay below its errors."""
SHORTER_RESOLUTION = 10.0
"""The k_max r_g of the fields of the other studies at r_g << L_c."""
POWERS = {"step": 2.0, "modes": -1.0}
"""Leading order of the error in what a study varies: the order of the push; the spacing of the lines."""
FREE_POWERS = {"tolerance": np.linspace(1, 2, 11), "resolution": np.linspace(-3, -1, 21)}
"""Where the order is not known it is fitted too: between an error that adds and one whose square adds; between
resonances lost in proportion to the pitch angles without waves, |mu| < 1/(k_max r_g), and to their cube."""

COLUMNS = {
    "lambda": ("value", "L_c", "mean free path"),
    "lambda_error": ("error", "L_c", "standard error of the mean free path"),
    "ratio": ("ratio", "1", "mean free path over that of the default"),
    "ratio_error": ("ratio_error", "1", "standard error of that ratio"),
    "converged": ("converged", "1", "1 where Fieldwalk accepts the value as asymptotic, 0 where it refuses"),
}


def dataset_of(studies: list[dict[str, list[Estimate]]]) -> xr.Dataset:
    """The whole study, by direction, rigidity and what was varied; NaN where nothing was run."""
    base = default_points()
    rigidities = [one.rigidity for one in base]
    dataset = xr.Dataset(
        coords={
            "direction": ("direction", DIRECTIONS, _about("1", "direction against the mean field")),
            "rigidity": ("rigidity", rigidities, _about("L_c", "gyroradius in the total rms field, r_g/L_c")),
            **{
                one.dimension: (one.dimension, [float(value) for value in one.values], _about("1", one.words))
                for one in STUDIES.values()
            },
        }
    )
    for study, about in STUDIES.items():
        for name, (attribute, unit, words) in COLUMNS.items():
            table = np.array([[getattr(one, attribute) for one in point[study]] for point in studies])
            variable = (("direction", "rigidity", about.dimension), table.transpose(2, 0, 1), _about(unit, words))
            dataset[f"{name}_by_{study}"] = variable
        counts = [[one.realisations for one in point[study]] for point in studies]
        dataset[f"realisations_by_{study}"] = (("rigidity", about.dimension), counts, _about("1", "fields of each run"))
    at_default = dataset.sel({"tolerance": STUDIES["tolerance"].default})  # sel has an argument of that name
    error = at_default["lambda_error_by_tolerance"] / at_default["lambda_by_tolerance"]
    scale = np.sqrt(at_default["realisations_by_tolerance"] / CAMPAIGN_REALISATIONS)
    words = f"relative error of the default with {CAMPAIGN_REALISATIONS} realisations of {PARTICLES} particles"
    dataset["campaign_error"] = (error * scale).drop_vars("tolerance").assign_attrs(_about("1", words))
    for name, unit, words in (
        ("modes", "1", "number of modes"),
        ("step", "r_g", "step, Omega h"),
        ("duration", "1/Omega", "duration, Omega t"),
        ("scale_ratio", "1", "L_max/L_min"),
    ):
        values = [getattr(one, name) for one in base]
        dataset[f"default_{name}"] = ("rigidity", values, _about(unit, f"{words}, of the default"))
    return dataset.assign_attrs(particles=PARTICLES)


def _about(unit: str, words: str) -> dict[str, str]:
    return {"units": unit, "long_name": words}


def verdict(dataset: xr.Dataset) -> list[str]:
    """How far the default lies from finer numerics, in per cent and in standard deviations.

    First against the finest run, which assumes nothing. Then by a law fitted to all runs, which uses the coarse ones as
    a lever; its chi-square says whether the law holds.
    """
    words = f"{CAMPAIGN_REALISATIONS} x {PARTICLES} particles"
    lines = [f"default over finest - 1; by a fitted law (target {TARGET:.0%}); error of a campaign of {words}:"]
    for study, about in STUDIES.items():
        for direction in DIRECTIONS:
            for rigidity in REALISATIONS:
                here = dataset.sel(direction=direction, rigidity=rigidity)
                best = here.sel({about.dimension: about.finest})
                ratio, error = float(best[f"ratio_by_{study}"]), float(best[f"ratio_error_by_{study}"])
                if study not in STUDIED[rigidity] or np.isnan(ratio):
                    continue
                judged = 1 / ratio - 1
                line = f"{study:11}{direction:14}r_g = {rigidity:<6g}{_per_cent(1 / ratio - 1, error / ratio**2)}"
                if bias := fitted(here, study):
                    judged = bias.value
                    law = f"power {bias.power:.1f}, chi^2 {bias.chi_square:.1f} for {bias.freedom}"
                    line += f"; {_per_cent(bias.value, bias.error)}, {law}"
                word = "met" if abs(judged) < TARGET else "MISSED"
                lines.append(f"{line}; campaign {100 * float(here['campaign_error']):.1f} %: {word}")
    return [*lines, *spectrum_lines(dataset)]


def fitted(here: xr.Dataset, study: str) -> Bias | None:
    """Bias of the default by the law of its study.

    Where the power is fitted too, the error includes how the bias varies among the powers whose chi-square is within
    one of the best.
    """
    about = STUDIES[study]
    columns = (here[f"lambda_by_{study}"].values, here[f"lambda_error_by_{study}"].values)
    values = np.array(about.values, dtype=float)
    if study in POWERS:
        return leading_order(values, *columns, about.default, POWERS[study])
    if study in FREE_POWERS:
        fits = [leading_order(values, *columns, about.default, power) for power in FREE_POWERS[study]]
        best = min(fits, key=lambda fit: fit.chi_square)
        near = [fit.value for fit in fits if fit.chi_square < best.chi_square + 1]
        return replace(best, error=float(np.hypot(best.error, (max(near) - min(near)) / 2)))
    return None


def spectrum_lines(dataset: xr.Dataset) -> list[str]:
    """What the ratio L_max/L_min does to lambda by itself.

    L_c = pi <1/k> and dB are those of the whole spectrum, so a longer spectrum has less power at a given k L_c: the
    density falls as (1 - s^(-2/3))^(-5/3) with s = L_max/L_min, 8 % from 100 to infinity, and where lambda goes as its
    inverse, at r_g << L_c, lambda/L_c rises by as much. A field of the finest k_max r_g, cut where those of the
    other studies end, shows how much of that is seen.
    """
    lines = []
    for place, base in enumerate(default_points()):
        if (
            base.rigidity > 0.5
            or not np.isfinite(dataset["lambda_by_resolution"].isel(direction=0, rigidity=place)).all()
        ):
            continue
        long = runs_of(base)["resolution", SHORTER_RESOLUTION].point.scale_ratio
        expected = ((1 - base.scale_ratio ** (-2 / 3)) / (1 - long ** (-2 / 3))) ** (5 / 3)
        here = dataset.isel(rigidity=place).sel(direction="parallel")
        own = here.sel({"tolerance": STUDIES["tolerance"].default})
        cut = here.sel(resolution=SHORTER_RESOLUTION)
        value, other = float(own["lambda_by_tolerance"]), float(cut["lambda_by_resolution"])
        spread = np.hypot(
            float(own["lambda_error_by_tolerance"]) / value, float(cut["lambda_error_by_resolution"]) / other
        )
        lines.append(
            f"lambda_parallel/L_c at r_g = {base.rigidity:g}: L_max/L_min = {base.scale_ratio:.0f} over {long:.0f}"
            f" cut at k_max r_g = {SHORTER_RESOLUTION:g} is {value / other:.3f} +- {spread * value / other:.3f};"
            f" their densities say {expected:.3f}"
        )
    return lines


def _per_cent(bias: float, spread: float) -> str:
    return f"{100 * bias:+6.2f} +- {100 * spread:.2f} % ({bias / spread:+.1f} sigma)"


def results_of(
    folder: Path, more: float, processes: int, push: bool, only: list[str]
) -> list[dict[tuple[str, float], Moments]]:
    """Moments of every run by point, study and value."""
    tables = [(base, runs_of(base, more)) for base in default_points()]
    runs = {name_of(base, *key): run for base, table in tables for key, run in table.items()}
    if push:
        compute({name: run for name, run in runs.items() if name in (only or runs)}, folder, processes)
    found = {name: kept(folder / f"{name}.npz", run) for name, run in runs.items()}
    return [{key: found[name_of(base, *key)] for key in table} for base, table in tables]


def main() -> None:
    """Compute, write, draw, judge."""
    parser = argparse.ArgumentParser(description="Convergence of the mean free paths with the numerics.")
    parser.add_argument("--more", type=float, default=1.0, help="realisations, in the usual number")
    parser.add_argument("--only", nargs="*", default=[], help="push these runs only, such as rg0.1_step_0.25")
    parser.add_argument("--processes", type=int, default=2, help="processor cores to use")
    parser.add_argument("--kept", action="store_true", help="push nothing; take what earlier starts kept")
    parser.add_argument("--redraw", action="store_true", help="only draw the figure again")
    parser.add_argument("--folder", type=Path, default=KEPT, help="where moments are kept from start to start")
    parser.add_argument("--dataset", type=Path, default=DATASET, help="where to write (or read) the dataset")
    parser.add_argument("--figure", type=Path, default=FIGURE, help="where to write the figure")
    options = parser.parse_args()
    if not options.redraw:
        results = results_of(options.folder, options.more, options.processes, not options.kept, options.only)
        studies = [studies_of(base, found) for base, found in zip(default_points(), results, strict=True)]
        attributes: Attributes = {
            "title": "Convergence of mean free paths in isotropic turbulence, eta = 0.5",
            "software": "fieldwalk",
            "softwareVersion": version("fieldwalk"),
            "seed": SEED,
            "instructionSet": kernels.instruction_set(),
            "command": " ".join(["python benchmarks/convergence/convergence.py", *sys.argv[1:]]),
        }
        write_dataset(dataset_of(studies), options.dataset, attributes)
    dataset = read_dataset(options.dataset)
    options.figure.parent.mkdir(parents=True, exist_ok=True)
    draw(dataset, options.figure)
    print("\n".join(verdict(dataset)))
    for path in (options.dataset, options.figure):
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
