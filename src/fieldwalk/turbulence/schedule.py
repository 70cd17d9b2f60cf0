"""How the fast field would be summed, known from the spectrum before any field is drawn: what it costs."""

import numpy as np

from fieldwalk.kernels.field_lines import LARGEST_SPEED
from fieldwalk.kernels.schedule import SMALLEST_TOLERANCE, Floats, Schedule, make_schedule
from fieldwalk.turbulence.spectrum import Spectrum, wavenumber_range

__all__ = ["SMALLEST_TOLERANCE", "expected_line_schedule", "expected_schedule"]


def expected_schedule(
    spectrum: Spectrum, scale_ratio: float, modes: int, *, rigidity: float, step: float, tolerance: float
) -> Schedule:
    """Schedule of a field with one wave in the middle of each bin.

    Parameters
    ----------
    spectrum : Spectrum
    scale_ratio : float
        L_max/L_min.
    modes : int
    rigidity, step : float
        r_g in L_c, and the step in r_g.
    tolerance : float
        See :func:`fieldwalk.kernels.schedule.make_schedule`.
    """
    return make_schedule(*_waves(spectrum, scale_ratio, modes), rigidity=rigidity, step=step, tolerance=tolerance)


def expected_line_schedule(
    spectrum: Spectrum, scale_ratio: float, modes: int, *, step: float, tolerance: float
) -> Schedule:
    """The same for field lines with steps of tau, in L_c/B_tot."""
    waves = _waves(spectrum, scale_ratio, modes)
    return make_schedule(*waves, rigidity=1.0, step=step * LARGEST_SPEED, tolerance=tolerance, whole_steps=True)


def _waves(spectrum: Spectrum, scale_ratio: float, modes: int) -> tuple[Floats, Floats]:
    """Wavenumbers in the middle of each bin, and their powers."""
    edges = np.geomspace(1.0, scale_ratio, modes + 1)
    wavenumber = wavenumber_range(spectrum, scale_ratio)[0] * np.sqrt(edges[:-1] * edges[1:])
    return wavenumber, spectrum.power(edges[:-1], edges[1:])
