"""How long to follow a point: the formula behind ``duration: auto``."""

import math
from dataclasses import dataclass

from fieldwalk.campaign.time_grid import grid_time, index_at_or_after, index_at_or_before
from fieldwalk.campaign.values import AUTO
from fieldwalk.particles import estimates

GYRATION_ONLY_DURATION = 100.0
"""Ωt of a point without turbulence: sixteen gyrations, since nothing but the gyration happens."""


@dataclass(frozen=True)
class Duration:
    """Duration of the run of a point, in units of Ωt.

    Parameters
    ----------
    duration : float
        Duration of the run, a time of the grid 10**(j/16).
    wanted : float
        Duration that the plateaus need, a time of the same grid; infinite where no run is long enough.
    capped : bool
        Whether ``max_duration`` cut an automatic duration short.
    """

    duration: float
    wanted: float
    capped: bool


def resolve_duration(
    requested: float | str, max_duration: float, mode_type: str, eta: float, rigidity: float
) -> Duration:
    """Return the duration of the run of a point.

    ``auto`` is max(10 λ_∥, (2 L_c)²/(2κ_⊥)) in L_c/c. Ten parallel mean free paths are needed for the parallel plateau.
    The perpendicular plateau needs the time to move 2 L_c per axis across the field: until then d_⊥ decreases, and a
    shorter run may show a false plateau. In slab and two-dimensional turbulence there is no perpendicular plateau, and
    only the parallel time is used. λ_∥ and κ_⊥ are those of :mod:`fieldwalk.particles.estimates`.

    Parameters
    ----------
    requested : float or "auto"
        Ωt asked for; rounded up to the time grid.
    max_duration : float
        Ωt that an automatic duration must not exceed; rounded down to the time grid.
    mode_type : str
        One of ``fieldwalk.turbulence.mode_types.MODE_TYPES``.
    eta : float
        δB²/(B0² + δB²).
    rigidity : float
        r_g/L_c; Ωt = (ct/L_c)/(r_g/L_c).

    Returns
    -------
    Duration
        The duration of the run, the wanted duration, and whether the former was capped.

    Raises
    ------
    ValueError
        For a mode type without planning coefficients; see :func:`fieldwalk.particles.estimates.lambda_parallel`.

    Examples
    --------
    >>> resolve_duration("auto", 1e5, "isotropic", 0.0, 0.1)  # no turbulence
    Duration(duration=100.0, wanted=100.0, capped=False)
    >>> resolve_duration("auto", 100.0, "isotropic", 0.5, 0.01).capped
    True
    """
    wanted = _grid_time_after(_wanted_duration(mode_type, eta, rigidity))
    if requested != AUTO:
        return Duration(_grid_time_after(float(requested)), wanted, capped=False)
    limit = float(grid_time(index_at_or_before(max_duration)))
    return Duration(min(wanted, limit), wanted, capped=wanted > limit)


def _wanted_duration(mode_type: str, eta: float, rigidity: float) -> float:
    if eta == 0.0:
        return GYRATION_ONLY_DURATION
    parallel = 10.0 * estimates.lambda_parallel(mode_type, eta, rigidity)
    if mode_type in estimates.NEVER_PERPENDICULAR:
        return parallel / rigidity
    kappa = estimates.kappa_perpendicular(mode_type, eta, rigidity)
    return max(parallel, 2.0 / kappa if kappa > 0.0 else math.inf) / rigidity


def _grid_time_after(time: float) -> float:
    return time if math.isinf(time) else float(grid_time(index_at_or_after(time)))
