"""How the fast field would be summed, known from the spectrum before any field is drawn: what it costs."""

import numpy as np

from fieldwalk.kernels.schedule import SMALLEST_TOLERANCE, Schedule, make_schedule
from fieldwalk.turbulence.spectrum import Spectrum, wavenumber_range

__all__ = ["SMALLEST_TOLERANCE", "expected_schedule"]


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
    edges = np.geomspace(1.0, scale_ratio, modes + 1)
    wavenumber = wavenumber_range(spectrum, scale_ratio)[0] * np.sqrt(edges[:-1] * edges[1:])
    weight = spectrum.power(edges[:-1], edges[1:])
    return make_schedule(wavenumber, weight, rigidity=rigidity, step=step, tolerance=tolerance)
