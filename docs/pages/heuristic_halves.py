"""Whether the errors of the heuristic model are right: halves of the realisations against each other.

    python docs/pages/heuristic_halves.py results/heuristic [--splits 2] [--rigidities 3]

At every type and level and the lowest rigidities of a run of workflow/campaigns/heuristic.yaml, particles and lines are
dealt into two halves of their realisations, and each half is fitted and modelled by itself, errors included. Prints
the rms of the differences between both over their stated errors, which is one where those are right, and the rms of
simulation/model - 1 of a half's model in the window of comparison, with its own half and with the other one.
"""

import argparse
from collections import defaultdict
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fieldwalk.field_lines.collect import LineMoments
from fieldwalk.field_lines.curves import compound_curve
from fieldwalk.field_lines.stage import line_moments
from fieldwalk.heuristic.model import leave_gradually
from fieldwalk.heuristic.point import PointModel, fit_parallel, model_point
from fieldwalk.jobs.context import read_context
from fieldwalk.jobs.shards_read import require_run
from fieldwalk.particles.collect import PointMoments
from fieldwalk.particles.curves import quiet_curves
from fieldwalk.particles.stage import grid_of, moments_of
from fieldwalk.statistics import broken_power_law
from fieldwalk.statistics.bootstrap import SAMPLES
from fieldwalk.statistics.curve_fit import CurveFit, fit_curve

Half = NDArray[np.int64]
Numbers = dict[str, list[float]]

SEED = 1


def weights(generator: np.random.Generator, size: int) -> NDArray[np.float64]:
    """Bootstrap weights of so many realisations."""
    return generator.multinomial(size, np.full(size, 1 / size), size=SAMPLES) / size


def fitted_lines(moments: LineMoments, half: Half, generator: np.random.Generator) -> CurveFit:
    """The law of the averaged lines of some realisations."""
    some = replace(
        moments,
        values={name: value[half] for name, value in moments.values.items()},
        **{name: getattr(moments, name)[half] for name in ("lines", "strength", "weakest", "failed")},
    )
    return fit_curve(*compound_curve(some, weights(generator, half.size)))


def compare(
    moments: PointMoments, mode_type: str, rigidity: float, place: list[int], lines: list[CurveFit], found: Numbers
) -> None:
    """Model both halves of the particles at a point and note how they differ."""
    generator = np.random.default_rng([SEED, *place, len(found["reach"])])
    time, order = moments.time, generator.permutation(moments.particles.size)
    models: list[PointModel] = []
    laws, curves = [], []
    for half, line in zip(np.array_split(order, 2), lines, strict=True):
        values = {name: value[half] for name, value in moments.values.items()}
        best, samples = quiet_curves(time, rigidity, False, values, weights(generator, half.size))
        parallel = fit_parallel(time, rigidity, best["d_parallel"], samples["d_parallel"])
        models.append(model_point(time, rigidity, best, samples, parallel, line, leave_gradually))
        laws.append(parallel)
        curves.append(best["d_perpendicular"])
    first, second = models
    for name in ("reach", "kappa", "exponent_model", "exponent_simulation"):
        (value, error), (other, its_error) = getattr(first, name), getattr(second, name)
        found[name].append((value - other) / np.hypot(error, its_error))
    seen = np.isfinite(first.residual) & np.isfinite(second.residual)
    pull = (first.modelled - second.modelled) / np.hypot(first.modelled_error, second.modelled_error)
    found["d_perpendicular"].append(float(np.sqrt(np.mean(pull[seen] ** 2))))
    seconds = time[seen] * rigidity
    value, other = (broken_power_law.value(seconds, one.law) for one in laws)
    errors = [np.std(broken_power_law.value(seconds, one.samples), axis=0) for one in laws]
    found["d_parallel"].append(float(np.sqrt(np.mean(((value - other) / np.hypot(*errors)) ** 2))))
    for mine, curve, theirs in ((first, curves[0], curves[1]), (second, curves[1], curves[0])):
        for name, simulated in (("own half", curve), ("other half", theirs)):
            residual = (simulated / mine.modelled - 1)[seen]
            found[f"{mode_type}, {name}"].append(np.sqrt(np.mean(residual**2)))


def main() -> None:
    """Split, model and print."""
    parser = argparse.ArgumentParser(description="Halves of the realisations of a heuristic model.")
    parser.add_argument("results", type=Path, help="results folder of the campaign")
    parser.add_argument("--splits", type=int, default=2, help="times that realisations are dealt into halves")
    parser.add_argument("--rigidities", type=int, default=3, help="how many, from the lowest on")
    options = parser.parse_args()
    context = read_context(options.results)
    require_run(context.selection, context.folder)
    grid, lines_of, particles_of = grid_of(context), line_moments(context), moments_of(context)
    found: Numbers = defaultdict(list)
    levels = product(enumerate(grid["mode_type"]), enumerate(grid["eta"]), range(options.splits))
    for (type_number, mode_type), (eta_number, eta), split in levels:
        moments = lines_of(mode_type, eta)
        generator = np.random.default_rng([SEED, type_number, eta_number, split])
        halves = np.array_split(generator.permutation(moments.lines.size), 2)
        lines = [fitted_lines(moments, half, generator) for half in halves]
        for number, rigidity in enumerate(grid["rigidity"][: options.rigidities]):
            place = {"mode_type": type_number, "eta": eta_number, "rigidity": number}
            compare(particles_of(place), mode_type, rigidity, list(place.values()), lines, found)
    for name, numbers in found.items():
        known = np.array(numbers)[np.isfinite(numbers)]
        rms = np.sqrt(np.mean(known**2)) if known.size else np.nan
        print(f"{name:28s} rms {rms:.3f}, {known.size} values")


if __name__ == "__main__":
    main()
