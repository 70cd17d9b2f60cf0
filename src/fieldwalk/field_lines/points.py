"""Points of field lines: mode type x turbulence level, every ``auto`` resolved, and what each of them takes.

A field line is what a particle without gyroradius would follow, so its points have the rigidity 0; steps and durations
of lines are those of tau, in L_c/B_tot.
"""

from dataclasses import dataclass
from typing import ClassVar

from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.numerics import AUTO_TOLERANCE
from fieldwalk.campaign.plan.field_work import line_work
from fieldwalk.campaign.plan.kinds import Amount, Kind
from fieldwalk.campaign.plan.selection import Selection
from fieldwalk.campaign.plan.task_cost import Speeds, path_bytes, path_samples, path_seconds
from fieldwalk.campaign.points import EXACT, MIXED, FieldPoint
from fieldwalk.campaign.time_grid import LINE_GRID, steps_to
from fieldwalk.campaign.values import AUTO
from fieldwalk.field_lines.numerics import auto_step, line_length, line_modes, line_notes
from fieldwalk.field_lines.section import FieldLines

FIELD_LINE = 0.0
"""Rigidity of a point of field lines."""

MOMENTS = 33
"""Numbers kept per realisation and grid value: nine sums and two counts for each of three ways along a line. A test
holds this equal to the task's."""

WAYS_SAMPLED = 3
"""Arc length, tau and distance."""

FINAL = ("final_position", "final_arc_length", "final_weakest")
"""Names of the arrays that a longer run continues from."""


@dataclass(frozen=True)
class LinePoint(FieldPoint):
    """Field lines in one type and level of turbulence."""

    kind: ClassVar[str] = "field_lines"

    @property
    def place(self) -> str:
        """In the place of a rigidity."""
        return "lines"

    @property
    def size(self) -> str:
        """In the place of a rigidity."""
        return "lines"


def points(campaign: Campaign) -> list[LinePoint]:
    """Return the points at which field lines are followed, in the order mode type, η of the file."""
    section, turbulence = campaign.section(FieldLines), campaign.turbulence
    if section is None:
        return []
    tolerance = AUTO_TOLERANCE if section.tolerance == AUTO else float(section.tolerance)
    step = auto_step(campaign.spectrum, section.scale_ratio) if section.step == AUTO else float(section.step)
    return [
        LinePoint(
            mode_type=mode_type,
            eta=eta,
            rigidity=FIELD_LINE,
            spectrum=turbulence.spectrum_mapping(),
            slab_fraction=campaign.slab_fraction if mode_type == "composite" else None,
            scale_ratio=section.scale_ratio,
            modes=line_modes(section),
            step=step,
            precision=MIXED if tolerance else EXACT,
            duration=line_length(section, mode_type, eta),
            tolerance=tolerance,
        )
        for mode_type in turbulence.mode_types
        for eta in turbulence.etas
    ]


def trace_points(found: list[LinePoint]) -> list[LinePoint]:
    """Those points of a campaign whose first field lines are stored: one per mode type, at the eta nearest to 1/2."""
    if not found:
        return []
    eta = min((point.eta for point in found), key=lambda value: abs(value - 0.5))
    return [point for point in found if point.eta == eta]


def trace_content(selection: Selection) -> list[str]:
    """What decides ``line_traces.nc``: the names of its points."""
    return [selection.name_of(point) for point in trace_points(selection.points("field_lines"))]


def trace_seconds(selection: Selection, speeds: Speeds) -> float:
    """A few lines take no time beside starting the job."""
    return 0.0


def _amount(campaign: Campaign, point: LinePoint) -> Amount:
    section = campaign.section(FieldLines)
    assert section is not None
    steps = steps_to(point.duration, point.step, LINE_GRID)
    return Amount(campaign.statistics.realisations, section.lines_per_realisation, steps)


def _bytes(point: LinePoint, realisations: int, paths: int, steps: tuple[int, int]) -> int:
    # sums over lines stand on the whole grid, whatever the first step
    return path_bytes(point.step, LINE_GRID, MOMENTS, realisations, paths, steps, whole=True)


def _notes(campaign: Campaign, point: LinePoint) -> list[str]:
    return line_notes(point.mode_type, point.modes, point.scale_ratio, point.tolerance)


KIND = Kind(
    name="field_lines",
    section="field_lines",
    paths="field lines",
    units="step and duration of field lines in L_c/B_tot (tau, about their arc length in L_c)",
    sections=("turbulence", "field_lines", "statistics"),
    point=LinePoint,
    points=points,
    amount=_amount,
    seconds=lambda point, paths, steps, samples, speeds: path_seconds(line_work(point), paths, steps, samples, speeds),
    samples=lambda point, steps: path_samples(point.step, LINE_GRID, steps, WAYS_SAMPLED),
    bytes=_bytes,
    task="fieldwalk.field_lines.task:FieldLineTask",
    final=FINAL,
    notes=_notes,
)
"""The kind of paths that a stage of field lines reads."""
