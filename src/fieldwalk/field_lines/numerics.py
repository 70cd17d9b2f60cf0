"""Automatic numerical parameters of field lines."""

import math
from decimal import ROUND_FLOOR

from fieldwalk.campaign.numerics import (
    FEWEST_MODES_PER_DECADE,
    MODES_PER_DECADE,
    PHASE_PER_STEP,
    rounded,
    tolerance_note,
)
from fieldwalk.campaign.time_grid import grid_time, index_at_or_after
from fieldwalk.campaign.values import AUTO
from fieldwalk.field_lines.section import FieldLines
from fieldwalk.turbulence.spectrum import Spectrum, wavenumber_range

LENGTH = 100.0
"""Length of lines in L_c/B_tot, ten times the duration of the transients of D."""

LONGEST = 1000.0


def auto_length(mode_type: str, eta: float) -> float:
    """Return the length tau in L_c/B_tot to which lines are followed.

    It is 100, ten times the duration of the transients of D. In magnetosonic turbulence the quasi-linear D vanishes,
    and K = 0.011 (dB/B0)^4 L_c in our runs. The displacement by this diffusion must exceed that by the waves,
    <dx^2> = <1/k^2> (dB/B0)^2 = 0.13 (dB/B0)^2 L_c^2; 2 K tau exceeds it from tau = 6 (B0/dB)^2 on. The length is five
    times this, at least 100 and at most 1000.

    Parameters
    ----------
    mode_type : str
    eta : float
        Level of turbulence, above 0.

    Examples
    --------
    >>> auto_length("isotropic", 0.1), round(auto_length("magnetosonic", 0.1), 6)
    (100.0, 270.0)
    """
    if mode_type != "magnetosonic":
        return LENGTH
    return min(LONGEST, max(LENGTH, 30.0 * (1.0 - eta) / eta))


def line_length(section: FieldLines, mode_type: str, eta: float) -> float:
    """Return the length of lines: that of the campaign's section, or :func:`auto_length`, rounded up to the grid."""
    length = auto_length(mode_type, eta) if section.length == AUTO else float(section.length)
    return float(grid_time(index_at_or_after(length)))


def auto_step(spectrum: Spectrum, scale_ratio: float) -> float:
    """Return the step of tau in L_c/B_tot at which k_max h = 2, rounded down to three digits.

    The error of the Runge-Kutta method is then 1e-6 L_c after 3 L_c at eta = 0.1, far less than that due to the field.

    Examples
    --------
    >>> from fieldwalk.turbulence.spectrum import PowerLaw
    >>> auto_step(PowerLaw(), 1000.0)
    0.00157
    """
    return rounded(PHASE_PER_STEP / wavenumber_range(spectrum, scale_ratio)[1], ROUND_FLOOR)


def line_modes(section: FieldLines) -> int:
    """Number of plane waves, by default 128 per decade of wavenumber; it is even, for composite turbulence."""
    if section.modes != AUTO:
        return int(section.modes)
    return max(2, 2 * math.ceil(MODES_PER_DECADE * math.log10(section.scale_ratio) / 2 - 1e-9))


def line_notes(mode_type: str, modes: int, scale_ratio: float, tolerance: float) -> list[str]:
    """Return notes on a point of field lines that a user should read before computing it."""
    found = [tolerance_note(tolerance)]
    if mode_type == "two_dimensional":
        found.append("lines of two_dimensional turbulence stay on closed contours: no diffusion coefficient")
    if mode_type == "slab":
        found.append("lines of slab turbulence do not diffuse: its spectrum ends at k_min, with no power at k_z = 0")
    if modes < FEWEST_MODES_PER_DECADE * math.log10(scale_ratio):
        found.append("few modes bias every realisation, and averaging does not cure it; auto takes 128 per decade")
    return [note for note in found if note]
