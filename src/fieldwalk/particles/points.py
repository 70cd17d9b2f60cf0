"""Points of particles: mode type x turbulence level x rigidity, every ``auto`` resolved, and what each takes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.numerics import AUTO_TOLERANCE, tolerance_note
from fieldwalk.campaign.plan.field_work import field_work
from fieldwalk.campaign.plan.kinds import Amount, Kind
from fieldwalk.campaign.plan.selection import Selection
from fieldwalk.campaign.plan.task_cost import Speeds, path_bytes, path_samples, path_seconds
from fieldwalk.campaign.points import EXACT, MIXED, FieldPoint
from fieldwalk.campaign.time_grid import PARTICLE_GRID, samples_between, steps_to
from fieldwalk.campaign.values import AUTO, nearest
from fieldwalk.errors import CampaignError
from fieldwalk.particles import numerics
from fieldwalk.particles.durations import Duration, resolve_duration
from fieldwalk.particles.estimates import NEVER_PERPENDICULAR
from fieldwalk.particles.section import Particles

MOMENTS = 14
"""Numbers kept per realisation and grid time. A test holds this equal to the task's."""

FINAL = ("final_position", "final_velocity")
"""Names of the arrays that a longer run continues from."""

FEWEST_RIGIDITIES, FEWEST_DECADES = 5, 1.0
"""A campaign whose rigidities are fewer, or span less, gets no figure of how mean free paths scale."""


@dataclass(frozen=True)
class ParticlePoint(FieldPoint):
    """Particles of one rigidity in one type and level of turbulence."""

    kind: ClassVar[str] = "particles"


def points(campaign: Campaign) -> list[ParticlePoint]:
    """Return the points of a campaign, in the order mode type, η, rigidity of the file.

    Parameters
    ----------
    campaign : Campaign

    Returns
    -------
    list of ParticlePoint
        One per combination; numerics depend on the rigidity, the duration on all three.
    """
    section, turbulence, spectrum = campaign.section(Particles), campaign.turbulence, campaign.spectrum
    if section is None:
        return []
    tolerance = AUTO_TOLERANCE if section.tolerance == AUTO else float(section.tolerance)
    resolved = {}
    for rigidity in section.resolved_rigidities(turbulence):
        ratio = turbulence.scale_ratio
        ratio = numerics.auto_scale_ratio(spectrum, rigidity) if ratio == AUTO else float(ratio)
        modes = turbulence.modes
        modes = numerics.auto_modes(spectrum, ratio, rigidity) if modes == AUTO else int(modes)
        step = section.step
        step = numerics.auto_step(spectrum, ratio, rigidity) if step == AUTO else float(step)
        resolved[rigidity] = (ratio, modes, step)
    return [
        ParticlePoint(
            mode_type=mode_type,
            eta=eta,
            rigidity=rigidity,
            spectrum=turbulence.spectrum_mapping(),
            slab_fraction=campaign.slab_fraction if mode_type == "composite" else None,
            scale_ratio=ratio,
            modes=modes,
            step=step,
            precision=MIXED if tolerance else EXACT,
            duration=_duration(section, mode_type, eta, rigidity).duration,
            tolerance=tolerance,
        )
        for mode_type in turbulence.mode_types
        for eta in turbulence.etas
        for rigidity, (ratio, modes, step) in resolved.items()
    ]


def trajectory_points(found: list[ParticlePoint]) -> list[ParticlePoint]:
    """Those points of a campaign whose first trajectories are stored: one per mode type, lowest rigidity, first eta."""
    if not found:
        return []
    smallest, eta = min(point.rigidity for point in found), found[0].eta
    return [point for point in found if point.rigidity == smallest and point.eta == eta]


def trajectory_content(selection: Selection) -> list[str]:
    """What decides ``trajectories.nc``: the names of its points."""
    return [selection.name_of(point) for point in trajectory_points(selection.points("particles"))]


def trajectory_seconds(selection: Selection, speeds: Speeds) -> float:
    """A few trajectories take no time beside starting the job."""
    return 0.0


def enough_rigidities_to_scale(campaign: Campaign) -> bool:
    """Whether the rigidities of a campaign can tell a power law."""
    section = campaign.section(Particles)
    given = section.resolved_rigidities(campaign.turbulence) if section else ()
    return len(given) >= FEWEST_RIGIDITIES and math.log10(max(given) / min(given)) > FEWEST_DECADES - 1e-9


def duration_of(campaign: Campaign, point: FieldPoint) -> Duration:
    """Return the duration of a point together with what it wanted and whether ``max_duration`` capped it."""
    section = campaign.section(Particles)
    assert section is not None
    return _duration(section, point.mode_type, point.eta, point.rigidity)


def _duration(section: Particles, mode_type: str, eta: float, rigidity: float) -> Duration:
    resolved = resolve_duration(section.duration, section.max_duration, mode_type, eta, rigidity)
    extended = section.extended.get(point_name(mode_type, eta, rigidity), 0.0)
    if extended <= resolved.duration:
        return resolved
    return resolve_duration(extended, section.max_duration, mode_type, eta, rigidity)


def point_name(mode_type: str, eta: float, rigidity: float) -> str:
    """Name of a point for people, such as ``isotropic_eta0.5_rg0.03``; rounded, so that close points may share it."""
    return f"{mode_type}_eta{eta:.4g}_rg{rigidity:.4g}"


def notes(campaign: Campaign, point: FieldPoint) -> list[str]:
    """Return what a user should know about a point before spending core-hours on it.

    Parameters
    ----------
    campaign : Campaign
    point : ParticlePoint
        One of ``points(campaign)``.

    Returns
    -------
    list of str
        Sentences without full stop; empty when there is nothing to say.
    """
    if point.eta == 0.0:
        return ["no turbulence: gyration only, nothing diffuses"]
    found = []
    duration = duration_of(campaign, point)
    if duration.capped:
        found.append(f"capped by max_duration; the plateaus ask for Ωt = {duration.wanted:.3g}")
    elif duration.duration < duration.wanted:
        found.append(f"shorter than the plateaus ask for, Ωt = {duration.wanted:.3g}")
    if point.mode_type in NEVER_PERPENDICULAR:
        found.append(f"{point.mode_type} turbulence has no perpendicular plateau at any duration")
    numbers = (campaign.spectrum, point.scale_ratio, point.rigidity)
    found += [numerics.mode_number_note(*numbers, point.modes), numerics.step_note(*numbers, point.step)]
    found += [tolerance_note(point.tolerance)]
    return [note for note in found if note]


def with_durations(campaign: Campaign, kept: Mapping[str, float], asked: Mapping[str, float]) -> Campaign:
    """The campaign with longer durations of its own points; those kept for points it no longer has mean nothing.

    Parameters
    ----------
    campaign : Campaign
    kept, asked : mapping
        Durations Ωt by name of the point, those that the folder was asked for before, and now.

    Raises
    ------
    CampaignError
        When a point that is asked for is none of the campaign's.
    """
    section = campaign.section(Particles)
    given = section.extended if section else {}
    if not (given or kept or asked):
        return campaign
    names = {point.name for point in points(campaign)}
    if unknown := sorted({*given, *asked} - names):
        guess = nearest(unknown[0], names)
        raise CampaignError(
            f"particles.extended: {unknown[0]} is no point of campaign {campaign.name};"
            f" {f'did you mean {guess}?' if guess else 'its points are ' + ', '.join(sorted(names))}"
        )
    if section is None:
        return campaign
    order = [*given, *(name for name in kept if name not in given)]
    extended = {name: max(given.get(name, 0.0), kept.get(name, 0.0)) for name in order if name in names}
    return campaign.model_copy(update={"particles": section.model_copy(update={"extended": extended})})


def _amount(campaign: Campaign, point: FieldPoint) -> Amount:
    statistics = campaign.statistics
    steps = steps_to(point.duration, point.step, PARTICLE_GRID)
    return Amount(statistics.realisations, statistics.particles_per_realisation, steps)


def _grid_index(point: FieldPoint, steps: tuple[int, int]) -> dict[str, Any]:
    return {"grid_index": samples_between(*steps, point.step).index}


def _bytes(point: FieldPoint, realisations: int, paths: int, steps: tuple[int, int]) -> int:
    return path_bytes(point.step, PARTICLE_GRID, MOMENTS, realisations, paths, steps)


KIND = Kind(
    name="particles",
    section="particles",
    paths="particles",
    units="step and duration in units of r_g/c (Ωh and Ωt)",
    sections=("turbulence", "particles", "statistics"),
    point=ParticlePoint,
    points=points,
    amount=_amount,
    seconds=lambda point, paths, steps, samples, speeds: path_seconds(field_work(point), paths, steps, samples, speeds),
    samples=lambda point, steps: path_samples(point.step, PARTICLE_GRID, steps),
    bytes=_bytes,
    task="fieldwalk.particles.task:ParticleTask",
    final=FINAL,
    attributes=_grid_index,
    notes=notes,
    with_durations=with_durations,
)
"""The kind of paths that a stage of particles reads."""
