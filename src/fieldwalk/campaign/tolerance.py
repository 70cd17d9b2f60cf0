"""How far off the field may be: the number behind ``tolerance: auto``, its limits, and what is said of large ones."""

from fieldwalk.turbulence.schedule import SMALLEST_TOLERANCE

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
