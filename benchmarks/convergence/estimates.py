"""Mean free paths of the convergence study, their ratios to those of the default, and how far the default is off."""

from dataclasses import dataclass

import numpy as np
from runs import Floats, Moments
from studies import DURATION_SHIFTS, SEED, SHORT, STUDIED, STUDIES

from fieldwalk.campaign.time_grid import FIRST_INDEX, grid_time, index_at_or_before
from fieldwalk.parallel.streams import stream
from fieldwalk.particles.mean_free_paths import mean_free_paths, reason_not_converged
from fieldwalk.particles.points import ParticlePoint
from fieldwalk.statistics.bootstrap import SAMPLES, with_errors

DIRECTIONS = ["parallel", "perpendicular"]


@dataclass(frozen=True)
class Estimate:
    """Mean free path of one run and its ratio to the default's, for each direction; NaN where there is none."""

    value: Floats
    error: Floats
    ratio: Floats
    ratio_error: Floats
    converged: Floats
    realisations: int


NOTHING = Estimate(*(np.full(2, np.nan) for _ in range(5)), realisations=0)


def estimate(base: ParticlePoint, values: Moments, default: Moments, paired: bool) -> Estimate:
    """Mean free paths with errors from the scatter between realisations.

    A paired ratio draws the same realisations again for both runs, which are one run looked at for shorter and longer.
    Other pairs share fields and start points at most, and orbits are chaotic: their errors add in quadrature.
    """
    if not values or not default:
        return NOTHING

    def fit(moments: Moments) -> Moments:
        time = grid_time(np.arange(FIRST_INDEX, FIRST_INDEX + moments["square_x"].shape[-1]))
        return mean_free_paths(time, base.rigidity, False, moments)

    names = [f"lambda_{direction}" for direction in DIRECTIONS]
    best, error = with_errors(fit, values, _weights(values))
    other, other_error = with_errors(fit, default, _weights(default))
    value, spread = _columns(best, names), _columns(error, names)
    ratio = value / _columns(other, names)
    ratio_error = ratio * np.hypot(spread / value, _columns(other_error, names) / _columns(other, names))
    if paired:
        merged = {f"a_{name}": one for name, one in values.items()} | {
            f"b_{name}": one for name, one in default.items()
        }

        def ratios(moments: Moments) -> Moments:
            first, second = (
                fit({name[2:]: one for name, one in moments.items() if name.startswith(prefix)})
                for prefix in ("a_", "b_")
            )
            return {name: first[name] / second[name] for name in names}

        ratio_error = _columns(with_errors(ratios, merged, _weights(values))[1], names)
    end = float(grid_time(FIRST_INDEX + values["square_x"].shape[1] - 1)) * base.rigidity
    reasons = [reason_not_converged(one, base.mode_type, base.eta, end, best, error) for one in DIRECTIONS]
    columns = [value, spread, ratio, ratio_error, np.array([not reason for reason in reasons], dtype=float)]
    if base.rigidity == SHORT:
        for column in columns:
            column[DIRECTIONS.index("perpendicular")] = np.nan
    return Estimate(*columns, realisations=len(values["square_x"]))


def studies_of(base: ParticlePoint, results: dict[tuple[str, float], Moments]) -> dict[str, list[Estimate]]:
    """The studies of one point, in the order of their values; empty estimates for what is not studied there."""
    end = index_at_or_before(base.duration)
    long = results["default", 1.0]
    default = _until(long, end)
    found = {}
    for study, about in STUDIES.items():
        if study not in STUDIED[base.rigidity]:
            found[study] = [NOTHING] * len(about.values)
        elif study == "duration":
            found[study] = [
                estimate(base, _until(long, end + shift), default, paired=True) for shift in DURATION_SHIFTS
            ]
        else:
            # the cut fields are compared among themselves, the other studies with the default
            own = {value: results.get((study, value), {}) for value in about.values}
            if study != "resolution":
                own[about.default] = default
            found[study] = [estimate(base, own[value], own[about.default], paired=False) for value in about.values]
    return found


@dataclass(frozen=True)
class Bias:
    """Relative bias of the default by a fitted law, its error, chi-square, and degrees of freedom."""

    power: float
    value: float
    error: float
    chi_square: float
    freedom: int


def leading_order(value: Floats, free_path: Floats, error: Floats, default: float, power: float) -> Bias:
    """Fit 1/lambda = a + b value^power: what scatters too much, or too little, adds to the rate of scattering."""
    good = np.isfinite(free_path)
    small = (value[good] / default) ** power  # 1 at the default
    rate, spread = 1 / free_path[good], error[good] / free_path[good] ** 2
    design = np.stack([np.ones_like(small), small], axis=1) / spread[:, None]
    covariance = np.linalg.inv(design.T @ design)
    limit, slope = covariance @ design.T @ (rate / spread)
    chi_square = float(np.sum((design @ [limit, slope] - rate / spread) ** 2))
    gradient = np.array([slope, -limit]) / (limit + slope) ** 2
    return Bias(
        power, -slope / (limit + slope), float(np.sqrt(gradient @ covariance @ gradient)), chi_square, small.size - 2
    )


def _until(values: Moments, index: int) -> Moments:
    return {name: value[:, : index - FIRST_INDEX + 1] for name, value in values.items()}


def _weights(values: Moments) -> Floats:
    count = len(values["square_x"])
    return stream(SEED, (2, 0)).multinomial(count, np.full(count, 1 / count), size=SAMPLES) / count


def _columns(values: Moments, names: list[str]) -> Floats:
    return np.array([float(values[name]) for name in names])
