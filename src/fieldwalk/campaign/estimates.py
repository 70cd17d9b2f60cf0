"""Rough closed formulas for mean free paths, good enough to plan how long to run and never shown as a result.

They come with no error bar because nothing depends on them but the length of a run, and the length is
checked afterwards on the displacement that was reached.
"""

import math
from dataclasses import dataclass

from fieldwalk.turbulence.mode_types import MODE_TYPES


@dataclass(frozen=True)
class Coefficients:
    """How one mode type departs from isotropic turbulence without a mean field.

    With u = δB²/B0² = η/(1−η):  λ_∥ = parallel · λ_iso/η,  and  κ_⊥ = 1/(1/κ_slow + 1/κ_fast)  with
    κ_slow = κ_∥ s/(1+s), s = slow · u^power  (the particle leaves its field line while it scatters), and
    κ_fast = fast · u^(power/2) c L_c  (it follows one field line for many correlation lengths).
    """

    parallel: float
    slow: float
    fast: float
    power: float


COEFFICIENTS = {
    "isotropic": Coefficients(parallel=1.0, slow=0.15, fast=0.06, power=2.0),
    "alfvenic": Coefficients(parallel=1.5, slow=0.35, fast=0.12, power=2.0),
    # Field-line diffusion of pure magnetosonic turbulence falls with the square of δB²/B0².
    "magnetosonic": Coefficients(parallel=0.7, slow=0.04, fast=0.03, power=4.0),
    "slab": Coefficients(parallel=1.0, slow=0.0, fast=0.0, power=2.0),
    "two_dimensional": Coefficients(parallel=3.0, slow=0.0, fast=0.0, power=2.0),
    "composite": Coefficients(parallel=1.5, slow=0.3, fast=0.12, power=2.0),
    # Power at k_∥ ≪ k_⊥ hardly scatters by gyroresonance.
    "goldreich_sridhar": Coefficients(parallel=10.0, slow=0.1, fast=0.1, power=2.0),
}
"""One row per mode type. Isotropic at η = 0.5, r_g = 1e-3 L_c gives κ_⊥ = 2e-3 c L_c: a run of 1000 L_c/c."""

NEVER_PERPENDICULAR = ("slab", "two_dimensional")
"""Types whose perpendicular displacement stays bounded or subdiffusive, so that no run is long enough."""


def _coefficients(mode_type: str) -> Coefficients:
    if mode_type not in COEFFICIENTS:
        raise ValueError(
            f"mode type {mode_type!r} has no planning coefficients; known are {', '.join(MODE_TYPES)}"
        )
    return COEFFICIENTS[mode_type]


def lambda_isotropic(rigidity: float) -> float:
    """Return the mean free path in isotropic Kolmogorov turbulence without a mean field.

    λ/L_c = 4x² + 0.9x + 0.23x^(1/3), x = r_g/L_c (Harari, Mollerach & Roulet 2014).

    Parameters
    ----------
    rigidity : float
        r_g/L_c.

    Returns
    -------
    float
        λ in L_c.
    """
    return 4.0 * rigidity * rigidity + 0.9 * rigidity + 0.23 * math.cbrt(rigidity)


def lambda_parallel(mode_type: str, eta: float, rigidity: float) -> float:
    """Return the planning value of the parallel mean free path, λ_∥ = parallel · λ_iso/η.

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
        λ_∥ in L_c; infinite at η = 0, where nothing scatters.

    Raises
    ------
    ValueError
        For a mode type without coefficients; add a row to the table above.
    """
    parallel = _coefficients(mode_type).parallel
    return parallel * lambda_isotropic(rigidity) / eta if eta > 0.0 else math.inf


def kappa_perpendicular(mode_type: str, eta: float, rigidity: float) -> float:
    """Return the planning value of the perpendicular diffusion coefficient per axis.

    Parameters
    ----------
    mode_type : str
        One of ``fieldwalk.turbulence.mode_types.MODE_TYPES``.
    eta : float
        δB²/(B0² + δB²), in [0, 1]; at 1 there is no mean field and the value is that of every axis.
    rigidity : float
        r_g/L_c.

    Returns
    -------
    float
        κ_⊥ in c L_c; zero at η = 0 and for the types that never diffuse across the mean field.

    Raises
    ------
    ValueError
        For a mode type without coefficients; add a row to the table above.
    """
    row = _coefficients(mode_type)
    if eta == 0.0 or row.slow == 0.0:
        return 0.0
    kappa_parallel = lambda_parallel(mode_type, eta, rigidity) / 3.0
    if eta == 1.0:
        return kappa_parallel
    level = eta / (1.0 - eta)
    strength = row.slow * math.pow(level, row.power)
    if strength == 0.0:  # so weak that the power underflows
        return 0.0
    slow = kappa_parallel * strength / (1.0 + strength)
    fast = row.fast * math.pow(level, row.power / 2.0)
    return 1.0 / (1.0 / slow + 1.0 / fast)
