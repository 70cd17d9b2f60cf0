"""Schedule of the fast field, predicted from the spectrum before any field is drawn, to estimate its cost."""

import numpy as np

from fieldwalk.kernels.field_lines import LARGEST_SPEED
from fieldwalk.kernels.schedule import SMALLEST_TOLERANCE, Floats, Schedule, make_schedule
from fieldwalk.turbulence.spectrum import Spectrum, wavenumber_range

__all__ = ["SMALLEST_TOLERANCE", "expected_line_schedule", "expected_schedule"]


def expected_schedule(
    spectrum: Spectrum, scale_ratio: float, modes: int, *, rigidity: float, step: float, tolerance: float
) -> Schedule:
    """Schedule with which particles are pushed, for a field with one wave in the middle of each bin of log k.

    Parameters
    ----------
    spectrum : Spectrum
    scale_ratio : float
        L_max/L_min.
    modes : int
        Number of plane waves.
    rigidity, step : float
        r_g in L_c, and the step in r_g.
    tolerance : float
        Largest rms error of the field relative to dB; see :func:`fieldwalk.kernels.schedule.make_schedule`.

    Returns
    -------
    Schedule

    Examples
    --------
    >>> from fieldwalk.turbulence import PowerLaw
    >>> schedule = expected_schedule(PowerLaw(), 100.0, 256, rigidity=0.1, step=0.1, tolerance=0.0)
    >>> schedule.summed_per_step
    256
    >>> coarse = expected_schedule(PowerLaw(), 100.0, 256, rigidity=0.1, step=0.1, tolerance=1e-2)
    >>> coarse.summed_per_step < 256, coarse.error <= 1e-2
    (True, True)
    """
    return make_schedule(*_waves(spectrum, scale_ratio, modes), rigidity=rigidity, step=step, tolerance=tolerance)


def expected_line_schedule(
    spectrum: Spectrum, scale_ratio: float, modes: int, *, step: float, tolerance: float
) -> Schedule:
    """Schedule with which field lines are followed in steps of tau, in L_c/B_tot.

    The other arguments are those of :func:`expected_schedule`.

    Examples
    --------
    >>> from fieldwalk.turbulence import PowerLaw
    >>> schedule = expected_line_schedule(PowerLaw(), 100.0, 256, step=0.01, tolerance=1e-2)
    >>> schedule.summed_per_step < 256, schedule.error <= 1e-2
    (True, True)
    """
    waves = _waves(spectrum, scale_ratio, modes)
    return make_schedule(*waves, rigidity=1.0, step=step * LARGEST_SPEED, tolerance=tolerance, whole_steps=True)


def _waves(spectrum: Spectrum, scale_ratio: float, modes: int) -> tuple[Floats, Floats]:
    """Wavenumbers in the middle of each bin, and their powers."""
    edges = np.geomspace(1.0, scale_ratio, modes + 1)
    wavenumber = wavenumber_range(spectrum, scale_ratio)[0] * np.sqrt(edges[:-1] * edges[1:])
    return wavenumber, spectrum.power(edges[:-1], edges[1:])
