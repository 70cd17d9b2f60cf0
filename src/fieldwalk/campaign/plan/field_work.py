"""How much a field costs to evaluate at one step: the measure that predictions of cost are made in."""

import json
from dataclasses import dataclass
from functools import lru_cache

from fieldwalk.campaign.points import FieldPoint
from fieldwalk.turbulence.schedule import expected_line_schedule, expected_schedule
from fieldwalk.turbulence.spectrum import spectrum_from_mapping

STAGES = 4
"""Field evaluations in a step of a field line."""


@dataclass(frozen=True)
class FieldWork:
    """What a particle, or a field line, costs in waves.

    Attributes
    ----------
    modes : int
        Waves of a realisation.
    exact, fast, expanded : float
        Waves per step that are summed in double precision, summed in single precision, and expanded.
    """

    modes: int
    exact: float = 0.0
    fast: float = 0.0
    expanded: float = 0.0


def field_work(point: FieldPoint) -> FieldWork:
    """Return the work of a particle's field, the same for all levels and types of turbulence."""
    spectrum = json.dumps(point.spectrum, sort_keys=True)
    return _field_work(spectrum, point.scale_ratio, point.modes, point.rigidity, point.step, point.tolerance)


def line_work(point: FieldPoint) -> FieldWork:
    """Return the work of a field line's field, the same for all levels and types of turbulence."""
    spectrum = json.dumps(point.spectrum, sort_keys=True)
    return _line_work(spectrum, point.scale_ratio, point.modes, point.step, point.tolerance)


@lru_cache(maxsize=4096)
def _line_work(spectrum: str, scale_ratio: float, modes: int, step: float, tolerance: float) -> FieldWork:
    if tolerance == 0:
        return FieldWork(modes, exact=STAGES * modes)
    shape = spectrum_from_mapping(json.loads(spectrum))
    schedule = expected_line_schedule(shape, scale_ratio, modes, step=step, tolerance=tolerance)
    return FieldWork(modes, fast=STAGES * schedule.summed_per_step, expanded=schedule.expanded_per_step)


@lru_cache(maxsize=4096)  # the points of a grid differ in rigidity alone
def _field_work(
    spectrum: str, scale_ratio: float, modes: int, rigidity: float, step: float, tolerance: float
) -> FieldWork:
    if tolerance == 0:
        return FieldWork(modes, exact=modes)
    shape = spectrum_from_mapping(json.loads(spectrum))
    schedule = expected_schedule(shape, scale_ratio, modes, rigidity=rigidity, step=step, tolerance=tolerance)
    return FieldWork(modes, fast=schedule.summed_per_step, expanded=schedule.expanded_per_step)
