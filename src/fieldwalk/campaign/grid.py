"""The points of a campaign: mode type x turbulence level x rigidity, every ``auto`` resolved."""

from dataclasses import dataclass

from fieldwalk.campaign import numerics
from fieldwalk.campaign.durations import Duration, resolve_duration
from fieldwalk.campaign.estimates import NEVER_PERPENDICULAR
from fieldwalk.campaign.field_lines import auto_step, line_length, line_modes, line_notes
from fieldwalk.campaign.fields import AUTO
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.tolerance import AUTO_TOLERANCE, tolerance_note

FIELD_LINE = 0.0
"""Rigidity of a point of field lines: what a particle without gyroradius follows."""

EXACT, MIXED = "float64", "mixed"
"""Precisions: every wave in double precision, or the fast field of single-precision sums and expansions."""


@dataclass(frozen=True)
class Point:
    """One (mode type, η, rigidity) with its numerics, all plain values that JSON can hold.

    Parameters
    ----------
    mode_type : str
        One of ``fieldwalk.turbulence.mode_types.MODE_TYPES``.
    eta : float
        δB²/(B0² + δB²).
    rigidity : float
        r_g/L_c; :data:`FIELD_LINE` for field lines.
    spectrum : dict
        ``shape`` and its parameters, as ``turbulence.spectrum_from_mapping`` reads them.
    slab_fraction : float or None
        Share of the power in slab waves; None unless the type is composite.
    scale_ratio : float
        L_max/L_min.
    modes : int
        Plane waves per realisation.
    step : float
        Ωh.
    precision : str
        :data:`EXACT` or :data:`MIXED`, as the tolerance says.
    duration : float
        Ωt, a time of the grid 10**(j/16). No part of the identity: a longer run goes on from where a
        shorter one ended.
    tolerance : float
        Largest rms error of the field relative to δB; 0 for double precision.
    """

    mode_type: str
    eta: float
    rigidity: float
    spectrum: dict[str, float | str]
    slab_fraction: float | None
    scale_ratio: float
    modes: int
    step: float
    precision: str
    duration: float
    tolerance: float = 0.0

    @property
    def is_field_line(self) -> bool:
        """Whether field lines are followed, in steps and durations of tau (L_c/B_tot)."""
        return self.rigidity == FIELD_LINE

    @property
    def size(self) -> str:
        """The rigidity for a table, or what takes its place."""
        return "lines" if self.is_field_line else f"{self.rigidity:.4g}"


def point_name(mode_type: str, eta: float, rigidity: float) -> str:
    """Name of a point for people, such as ``isotropic_eta0.5_rg0.03``; rounded, so that close points may share it."""
    if rigidity == FIELD_LINE:
        return f"{mode_type}_eta{eta:.4g}_lines"
    return f"{mode_type}_eta{eta:.4g}_rg{rigidity:.4g}"


def points(campaign: Campaign) -> list[Point]:
    """Return the points of a campaign, in the order mode type, η, rigidity of the file.

    Parameters
    ----------
    campaign : Campaign

    Returns
    -------
    list of Point
        One per combination; numerics depend on the rigidity, the duration on all three.
    """
    turbulence, particles, spectrum = campaign.turbulence, campaign.particles, campaign.spectrum
    tolerance = AUTO_TOLERANCE if particles.tolerance == AUTO else float(particles.tolerance)
    resolved = {}
    for rigidity in campaign.rigidities:
        ratio = turbulence.scale_ratio
        ratio = numerics.auto_scale_ratio(spectrum, rigidity) if ratio == AUTO else float(ratio)
        modes = turbulence.modes
        modes = numerics.auto_modes(spectrum, ratio, rigidity) if modes == AUTO else int(modes)
        step = particles.step
        step = numerics.auto_step(spectrum, ratio, rigidity) if step == AUTO else float(step)
        resolved[rigidity] = (ratio, modes, step)
    return [
        _point(campaign, mode_type, eta, rigidity, numbers, tolerance)
        for mode_type in turbulence.mode_types
        for eta in turbulence.etas
        for rigidity, numbers in resolved.items()
    ]


def line_points(campaign: Campaign) -> list[Point]:
    """Return the points at which field lines are followed, in the order mode type, η of the file.

    A field line is what a particle without gyroradius would follow, so plan, batches, checkpoints and coverage treat
    both alike; steps and durations of lines are those of tau, in L_c/B_tot.
    """
    section, turbulence = campaign.field_lines, campaign.turbulence
    if section is None:
        return []
    tolerance = AUTO_TOLERANCE if section.tolerance == AUTO else float(section.tolerance)
    step = auto_step(campaign.spectrum, section.scale_ratio) if section.step == AUTO else float(section.step)
    numbers = (section.scale_ratio, line_modes(section), step)
    return [
        _point(campaign, mode_type, eta, FIELD_LINE, numbers, tolerance)
        for mode_type in turbulence.mode_types
        for eta in turbulence.etas
    ]


def _point(
    campaign: Campaign, mode_type: str, eta: float, rigidity: float, numbers: tuple[float, int, float], tolerance: float
) -> Point:
    """A point from its scale ratio, modes and step; particles and field lines differ in how long they are followed."""
    ratio, modes, step = numbers
    if rigidity == FIELD_LINE and campaign.field_lines:
        duration = line_length(campaign.field_lines, mode_type, eta)
    else:
        duration = _duration(campaign, mode_type, eta, rigidity).duration
    return Point(
        mode_type=mode_type,
        eta=eta,
        rigidity=rigidity,
        spectrum=campaign.turbulence.spectrum_mapping(),
        slab_fraction=campaign.slab_fraction if mode_type == "composite" else None,
        scale_ratio=ratio,
        modes=modes,
        step=step,
        precision=MIXED if tolerance else EXACT,
        duration=duration,
        tolerance=tolerance,
    )


def field_points(campaign: Campaign) -> list[Point]:
    """Return the points whose fields are compared with theory: one per mode type, at the first eta with turbulence.

    At the lowest rigidity, where the spectrum is widest; without particles, the fields of the field lines.
    """
    if not campaign.rigidities:
        return [point for point in line_points(campaign) if point.eta == campaign.turbulence.etas[0]]
    smallest, etas = min(campaign.rigidities), [eta for eta in campaign.turbulence.etas if eta > 0]
    return [point for point in points(campaign) if point.rigidity == smallest and point.eta == etas[0]] if etas else []


def trajectory_points(campaign: Campaign) -> list[Point]:
    """Return the points whose first trajectories are stored: one per mode type, lowest rigidity and first eta."""
    if not campaign.rigidities:
        return []
    smallest, eta = min(campaign.rigidities), campaign.turbulence.etas[0]
    return [point for point in points(campaign) if point.rigidity == smallest and point.eta == eta]


def trace_points(campaign: Campaign) -> list[Point]:
    """Return the points whose first field lines are stored: one per mode type, at the eta nearest to 1/2."""
    eta = min(campaign.turbulence.etas, key=lambda value: abs(value - 0.5))
    return [point for point in line_points(campaign) if point.eta == eta]


def duration_of(campaign: Campaign, point: Point) -> Duration:
    """Return the duration of a point together with what it wanted and whether ``max_duration`` capped it."""
    return _duration(campaign, point.mode_type, point.eta, point.rigidity)


def _duration(campaign: Campaign, mode_type: str, eta: float, rigidity: float) -> Duration:
    particles = campaign.particles
    resolved = resolve_duration(particles.duration, particles.max_duration, mode_type, eta, rigidity)
    extended = particles.extended.get(point_name(mode_type, eta, rigidity), 0.0)
    if extended <= resolved.duration:
        return resolved
    return resolve_duration(extended, particles.max_duration, mode_type, eta, rigidity)


def notes(campaign: Campaign, point: Point) -> list[str]:
    """Return what a user should know about a point before spending core-hours on it.

    Parameters
    ----------
    campaign : Campaign
    point : Point
        One of ``points(campaign)``.

    Returns
    -------
    list of str
        Sentences without full stop; empty when there is nothing to say.
    """
    if point.eta == 0.0:
        return ["no turbulence: gyration only, nothing diffuses"]
    if point.is_field_line:
        return line_notes(point.mode_type, point.modes, point.scale_ratio, point.tolerance)
    found = []
    duration = duration_of(campaign, point)
    if duration.capped:
        found.append(f"capped by max_duration; the plateaus ask for Ωt = {duration.wanted:.3g}")
    elif duration.duration < duration.wanted:
        found.append(f"shorter than the plateaus ask for, Ωt = {duration.wanted:.3g}")
    if point.mode_type in NEVER_PERPENDICULAR:
        lacks = " and no heuristic model" if "heuristic" in campaign.datasets else ""
        found.append(f"{point.mode_type} turbulence has no perpendicular plateau at any duration{lacks}")
    numbers = (campaign.spectrum, point.scale_ratio, point.rigidity)
    found += [numerics.mode_number_note(*numbers, point.modes), numerics.step_note(*numbers, point.step)]
    found += [tolerance_note(point.tolerance)]
    return [note for note in found if note]
