"""Numbers behind ``auto`` that every kind of path in a drawn field shares: modes, steps, error of the field.

What enters a point's identity is rounded to three digits, so that a last bit of a root finder never makes a new point.
"""

from decimal import Decimal

from fieldwalk.turbulence.schedule import SMALLEST_TOLERANCE

PHASE_PER_STEP = 2.0
"""The k_max h that ``step: auto`` aims at, at r_g <= L_c, where the small scales do the scattering."""

LARGEST_PHASE_PER_STEP = 2.6
"""Upper limit of k_max h at r_g <= L_c. From π on, the smallest waves would be taken for longer ones."""

MODES_PER_DECADE = 128

FEWEST_MODES_PER_DECADE = 16

AUTO_TOLERANCE = 1e-3
"""Largest rms error of the field relative to δB. No mean free path shows it, nor thrice it: docs/kernels.md."""

LARGEST_TOLERANCE = 0.1
"""Here λ_∥ is a tenth too small: enough for a study of convergence."""

UNBIASED_TOLERANCE = 3e-3


def within_single_precision(value: float | str) -> float | str:
    """Return a tolerance that some kernel keeps, or raise ValueError with the remedy."""
    if isinstance(value, str) or value == 0 or value >= SMALLEST_TOLERANCE:
        return value
    raise ValueError(f"must be 0 or at least {SMALLEST_TOLERANCE:g}, what single precision keeps; write 0 or auto")


def tolerance_note(tolerance: float) -> str:
    """Say that a field error shows in the results, or return the empty text."""
    if tolerance <= UNBIASED_TOLERANCE:
        return ""
    return (
        f"field errors of {tolerance:g} scatter too much: 0.03 makes λ_∥ 5 % too small at r_g = 0.1 L_c, and 9 % at"
        f" 1e-3 L_c; auto takes {AUTO_TOLERANCE:g}"
    )


def rounded(value: float, rounding: str) -> float:
    """Round up or down to three significant digits, taking a value within 1e-12 of such a number for it."""
    decimal = Decimal(f"{value:.12g}")
    return float(decimal.quantize(Decimal(1).scaleb(decimal.adjusted() - 2), rounding=rounding))
