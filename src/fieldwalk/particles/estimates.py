"""Approximate formulas for mean free paths, from which the durations of runs are planned.

They are never shown as results. They have no error bars, because only the duration of a run depends on them, and the
duration is checked afterwards with the displacement that was reached.
"""

import math
from dataclasses import dataclass

from fieldwalk.turbulence.mode_types import MODE_TYPES


@dataclass(frozen=True)
class Coefficients:
    """Planning formulas of one mode type, with x = r_g/L_c and u = B0²/δB² = (1−η)/η.

    λ_∥ = parallel · [λ_iso(x) + 4x²u + u^1.2 (3x/(1 + x) + 2.1x^(1/3))] L_c; λ_iso is the part that remains without a
    mean field, and the terms with u grow with it.
    λ_⊥ = (2η)^level · max(perpendicular · min(x, 1)^index, floor · x^(1/3)) L_c.
    """

    parallel: float
    perpendicular: float
    index: float
    level: float
    floor: float = 0.0


COEFFICIENTS = {
    "isotropic": Coefficients(parallel=1.1, perpendicular=0.35, index=0.65, level=1.2, floor=0.06),
    "alfvenic": Coefficients(parallel=1.6, perpendicular=0.22, index=0.42, level=1.2),
    "magnetosonic": Coefficients(parallel=1.4, perpendicular=0.33, index=0.87, level=1.3),
    "slab": Coefficients(parallel=1.6, perpendicular=0.0, index=0.0, level=0.0),
    "two_dimensional": Coefficients(parallel=3.0, perpendicular=0.0, index=0.0, level=0.0),
    "composite": Coefficients(parallel=3.0, perpendicular=0.22, index=0.42, level=1.2),
    # Modes with k_∥ ≪ k_⊥ hardly scatter particles by gyroresonance.
    "goldreich_sridhar": Coefficients(parallel=3.0, perpendicular=0.22, index=0.42, level=1.2),
}
"""The first three rows agree with our own runs at η from 0.1 to 1 and r_g/L_c from 0.01 to 3 within a factor of 1.5.
They rather overestimate λ_∥ and underestimate λ_⊥, so that runs are too long rather than too short. The floor gives
κ_⊥ = 2e-3 c L_c, a run of 1000 L_c/c, for isotropic modes at η = 0.5 and r_g = 1e-3 L_c. The other rows are guesses."""

NEVER_PERPENDICULAR = ("slab", "two_dimensional")
"""Types whose perpendicular displacement remains bounded or subdiffusive, so that no run is long enough."""


def why_never_perpendicular(mode_type: str) -> str:
    """Why a mode type has no perpendicular diffusion coefficient, empty when it has one.

    Examples
    --------
    >>> why_never_perpendicular("slab")
    'slab turbulence has no perpendicular diffusion coefficient'
    >>> why_never_perpendicular("isotropic")
    ''
    """
    never = mode_type in NEVER_PERPENDICULAR
    return f"{mode_type} turbulence has no perpendicular diffusion coefficient" if never else ""


def _coefficients(mode_type: str) -> Coefficients:
    if mode_type not in COEFFICIENTS:
        raise ValueError(f"mode type {mode_type!r} has no planning coefficients; known are {', '.join(MODE_TYPES)}")
    return COEFFICIENTS[mode_type]


def lambda_isotropic(rigidity: float) -> float:
    """Return the mean free path in isotropic Kolmogorov turbulence without a mean field.

    λ/L_c = 4x² + 0.9x + 0.23x^(1/3) with x = r_g/L_c (Harari, Mollerach & Roulet 2014, PRD 89, 123001).

    Parameters
    ----------
    rigidity : float
        r_g/L_c.

    Returns
    -------
    float
        λ in L_c.

    Examples
    --------
    >>> round(lambda_isotropic(1.0), 6)
    5.13
    """
    return 4.0 * rigidity**2 + 0.9 * rigidity + 0.23 * math.cbrt(rigidity)


def lambda_parallel(mode_type: str, eta: float, rigidity: float) -> float:
    """Return the planning value of the parallel mean free path, by the formula of :class:`Coefficients`.

    Parameters
    ----------
    mode_type : str
        One of ``fieldwalk.turbulence.mode_types.MODE_TYPES``.
    eta : float
        δB²/(B0² + δB²), in [0, 1].
    rigidity : float
        r_g/L_c.

    Returns
    -------
    float
        λ_∥ in L_c; infinite at η = 0, where particles are not scattered.

    Raises
    ------
    ValueError
        For a mode type without coefficients; add a row to :data:`COEFFICIENTS`.

    Examples
    --------
    >>> round(lambda_parallel("isotropic", 1.0, 1.0) / lambda_isotropic(1.0), 6)  # there is no mean field
    1.1
    >>> lambda_parallel("isotropic", 0.0, 1.0)
    inf
    """
    row = _coefficients(mode_type)
    if eta == 0.0:
        return math.inf
    small_angle = 4.0 * rigidity**2 * (1.0 - eta) / eta
    guided = math.pow((1.0 - eta) / eta, 1.2) * (3.0 * rigidity / (1.0 + rigidity) + 2.1 * math.cbrt(rigidity))
    return row.parallel * (lambda_isotropic(rigidity) + small_angle + guided)


def kappa_perpendicular(mode_type: str, eta: float, rigidity: float) -> float:
    """Return the planning value of the perpendicular diffusion coefficient per axis, κ_⊥ = λ_⊥ c/3.

    λ_⊥ is given by the formula of :class:`Coefficients`.

    Parameters
    ----------
    mode_type : str
        One of ``fieldwalk.turbulence.mode_types.MODE_TYPES``.
    eta : float
        δB²/(B0² + δB²), in [0, 1]; at 1 there is no mean field and the value is too small.
    rigidity : float
        r_g/L_c.

    Returns
    -------
    float
        κ_⊥ in c L_c; zero at η = 0 and for the types that never diffuse across the mean field.

    Raises
    ------
    ValueError
        For a mode type without coefficients; add a row to :data:`COEFFICIENTS`.

    Examples
    --------
    >>> kappa_perpendicular("slab", 0.5, 0.1), kappa_perpendicular("isotropic", 0.0, 0.1)
    (0.0, 0.0)
    >>> round(1e3 * kappa_perpendicular("isotropic", 0.5, 1e-3), 1)
    2.0
    """
    row = _coefficients(mode_type)
    if eta == 0.0 or row.perpendicular == 0.0:
        return 0.0
    shape = max(row.perpendicular * math.pow(min(rigidity, 1.0), row.index), row.floor * math.cbrt(rigidity))
    return math.pow(2.0 * eta, row.level) * shape / 3.0
