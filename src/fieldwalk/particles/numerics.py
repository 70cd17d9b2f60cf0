"""Automatic numerical parameters of particles, and the rejection of numbers that cannot resolve the field.

The formulas depend on one point only and are evaluated when a campaign is planned, so any machine gives the same
numbers. Numbers that enter the identity of a point are rounded to three digits, so that rounding errors of a root
finder never make a new point.
"""

import math
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR

from fieldwalk.campaign.numerics import (
    FEWEST_MODES_PER_DECADE,
    LARGEST_PHASE_PER_STEP,
    MODES_PER_DECADE,
    PHASE_PER_STEP,
    rounded,
)
from fieldwalk.campaign.values import AUTO, Fault
from fieldwalk.particles import estimates
from fieldwalk.turbulence.spectrum import Spectrum, wavenumber_range

LARGEST_STEP = 0.105
"""Largest step in units of r_g: sixty steps per gyration."""
SMALLEST_RESOLUTION = 5.0
"""Lower limit of k_max r_g: at 5 the resonant waves of a fifth of all pitch angles are missing."""
AUTO_RESOLUTION = 20.0
"""The k_max r_g that ``scale_ratio: auto`` aims at."""
SMALLEST_AUTO_RATIO = 100.0
RIGIDITY_RANGE = (1e-8, 1e4)
"""Range of r_g/L_c. Outside it phases k·r reach 1e11 within a run, and double precision gives them to 1e-5 only."""
MODES_PER_FREE_PATH = 4.0
FEWEST_MODES_PER_FREE_PATH = 2.0
MOST_AUTO_MODES = 1_000_000
ZETA_OF_FIVE_THIRDS = 2.123522968857583
"""Riemann's zeta function at 5/3."""


def auto_scale_ratio(spectrum: Spectrum, rigidity: float) -> float:
    """Return the L_max/L_min at which k_max r_g = 20, and at least 100.

    With twenty times the wavenumber that resonates at µ = 1 only a twentieth of the pitch angles have no resonant
    waves, and λ_∥ is 1 % too large; with ten it would be 2 to 3 % (docs/validation.md). The step of :func:`auto_step`
    is then about that which the gyration requires. Below a ratio of 100 the spectrum has hardly an inertial range.
    k_min depends on the ratio too, because L_c = 1 is fixed, so the ratio is found as a root.

    Parameters
    ----------
    spectrum : Spectrum
    rigidity : float
        r_g/L_c.

    Returns
    -------
    float
        The ratio, rounded up to three digits.

    Examples
    --------
    >>> from fieldwalk.turbulence.spectrum import PowerLaw
    >>> auto_scale_ratio(PowerLaw(), 1.0), auto_scale_ratio(PowerLaw(), 0.01)
    (100.0, 1580.0)
    """

    def excess(log_ratio: float) -> float:
        return math.log(wavenumber_range(spectrum, math.exp(log_ratio))[1] * rigidity / AUTO_RESOLUTION)

    low = math.log(SMALLEST_AUTO_RATIO)
    if excess(low) >= 0.0:
        return SMALLEST_AUTO_RATIO
    high = low + 1.0
    while excess(high) < 0.0:
        high += 1.0
    # bisection, because importing scipy's root finder takes longer than the whole of `fieldwalk status`
    while high - low > 1e-12:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if excess(middle) < 0.0 else (low, middle)
    return rounded(math.exp(0.5 * (low + high)), ROUND_CEILING)


def auto_step(spectrum: Spectrum, scale_ratio: float, rigidity: float) -> float:
    """Return the time step h in units of r_g.

    At r_g <= L_c it is min(0.105, 2/(k_max r_g)): at least sixty steps per gyration, and at most two radians of phase
    of the shortest wave per step; four radians show no bias yet (docs/validation.md). At r_g > L_c the shortest waves
    have little effect and the path is nearly straight, so the step is min(0.105 r_g, 0.1 L_c)/r_g. Sampling a straight
    path every h folds the spectrum at 2π/h and its multiples onto zero frequency, whose power scatters; the aliases add
    2ζ(5/3)(2π/(h k_min))^(−5/3) to it, below one per cent at h = 0.1 L_c.

    Parameters
    ----------
    spectrum : Spectrum
    scale_ratio, rigidity : float
        L_max/L_min, and r_g/L_c.

    Returns
    -------
    float
        Ωh, rounded down to three digits.

    Examples
    --------
    >>> from fieldwalk.turbulence.spectrum import PowerLaw
    >>> auto_step(PowerLaw(), 1000.0, 1.0), auto_step(PowerLaw(), 1000.0, 10.0)
    (0.00157, 0.01)
    """
    longest = PHASE_PER_STEP / wavenumber_range(spectrum, scale_ratio)[1] if rigidity <= 1.0 else 0.1
    resolving = longest / rigidity
    return rounded(min(LARGEST_STEP, resolving), ROUND_FLOOR)


def auto_modes(spectrum: Spectrum, scale_ratio: float, rigidity: float) -> int:
    """Return the number of plane waves: 128 per decade of wavenumber, and at least 4 k_min λ.

    The lines of the discrete spectrum must be closer than the inverse mean free path. Otherwise a particle resolves
    them and is scattered too little, which no number of particles or realisations cures: 1024 modes at k_min λ = 627
    give λ 4 % too high. λ is that of :func:`fieldwalk.particles.estimates.lambda_isotropic`.

    Parameters
    ----------
    spectrum : Spectrum
    scale_ratio, rigidity : float
        L_max/L_min, and r_g/L_c.

    Returns
    -------
    int
        An even number, which composite turbulence divides equally.

    Examples
    --------
    >>> from fieldwalk.turbulence.spectrum import PowerLaw
    >>> auto_modes(PowerLaw(), 1000.0, 0.1)
    384
    """
    by_decade = MODES_PER_DECADE * math.log10(scale_ratio)
    by_free_path = MODES_PER_FREE_PATH * _lines_per_free_path(spectrum, scale_ratio, rigidity)
    return 2 * math.ceil(max(by_decade, by_free_path, 2.0) / 2.0 - 1e-9)


def mode_number_note(spectrum: Spectrum, scale_ratio: float, rigidity: float, modes: int) -> str:
    """Describe the bias of a small number of modes, empty when the number suffices.

    Small numbers are allowed, because a convergence study needs them.
    """
    fewest = max(
        FEWEST_MODES_PER_DECADE * math.log10(scale_ratio),
        FEWEST_MODES_PER_FREE_PATH * _lines_per_free_path(spectrum, scale_ratio, rigidity),
    )
    if modes >= fewest:
        return ""
    advised = auto_modes(spectrum, scale_ratio, rigidity)
    return f"few modes bias every realisation, and averaging does not cure it; auto takes {advised}"


def step_note(spectrum: Spectrum, scale_ratio: float, rigidity: float, step: float) -> str:
    """Describe the excess of scattering with a long step at r_g > L_c, empty when it is small.

    On a straight path sampled every h, waves reappear at k v − 2πn/h. For Kolmogorov's spectrum this adds the fraction
    2ζ(5/3) (h k_min/2π)^(5/3) to the scattering.
    """
    turns = step * rigidity * wavenumber_range(spectrum, scale_ratio)[0] / (2 * math.pi)
    share = 2 * ZETA_OF_FIVE_THIRDS * turns ** (5 / 3)
    if rigidity <= 1.0 or share < 0.015:
        return ""
    advised = auto_step(spectrum, scale_ratio, rigidity)
    return f"a step of {step * rigidity:.3g} L_c scatters about {share:.0%} too much; auto takes {advised}"


def _lines_per_free_path(spectrum: Spectrum, scale_ratio: float, rigidity: float) -> float:
    return wavenumber_range(spectrum, scale_ratio)[0] * estimates.lambda_isotropic(rigidity)


def faults(
    spectrum: Spectrum,
    rigidities: Sequence[float],
    scale_ratio: float | str,
    step: float | str,
    modes: int | str,
) -> list[Fault]:
    """List the parameters that cannot resolve the field.

    Parameters
    ----------
    spectrum : Spectrum
    rigidities : sequence of float
        r_g/L_c of every point.
    scale_ratio, step, modes : float, int or "auto"
        As in the campaign file.

    Returns
    -------
    list of Fault
        Empty when all parameters are sufficient; at most one fault per key, for the rigidity that is worst resolved.
    """
    if scale_ratio != AUTO and float(scale_ratio) <= getattr(spectrum, "bend_over", 1.0):
        return [_bend_beyond_the_range(spectrum, float(scale_ratio))]
    ratios = [
        auto_scale_ratio(spectrum, rigidity) if scale_ratio == AUTO else float(scale_ratio) for rigidity in rigidities
    ]
    if min(ratios) <= getattr(spectrum, "bend_over", 1.0):
        return [_bend_beyond_the_range(spectrum, min(ratios))]
    found = []
    k_max = [wavenumber_range(spectrum, ratio)[1] for ratio in ratios]
    resolution, rigidity = min((k * x, x) for k, x in zip(k_max, rigidities, strict=True))
    if resolution < SMALLEST_RESOLUTION:
        found.append(
            Fault(
                "turbulence.scale_ratio",
                f"is {float(scale_ratio):.12g}: gives k_max r_g = {resolution:.3g} at "
                f"r_g/L_c = {rigidity:.4g}, where scattering needs at least {SMALLEST_RESOLUTION:g}; "
                f"write auto, or {auto_scale_ratio(spectrum, rigidity):g} or more",
            )
        )
    if step != AUTO:
        advances = [(k * float(step) * x, x) for k, x in zip(k_max, rigidities, strict=True) if x <= 1.0]
        advance, rigidity = max(advances, default=(0.0, 1.0))
        if advance > LARGEST_PHASE_PER_STEP:
            coarsest = rounded(float(step) * LARGEST_PHASE_PER_STEP / advance, ROUND_FLOOR)
            found.append(
                Fault(
                    "particles.step",
                    f"is {step}: gives k_max h = {advance:.3g} at r_g/L_c = {rigidity:.4g}, more than "
                    f"{LARGEST_PHASE_PER_STEP:g}, so the smallest waves are not resolved; write auto, or "
                    f"{coarsest:g} or less",
                )
            )
    if modes == AUTO:
        counts = zip(ratios, rigidities, strict=True)
        most, rigidity = max((auto_modes(spectrum, ratio, x), x) for ratio, x in counts)
        if most > MOST_AUTO_MODES:
            found.append(
                Fault(
                    "turbulence.modes",
                    f"is auto: asks for {most} modes at r_g/L_c = {rigidity:.4g}, more than "
                    f"{MOST_AUTO_MODES}; lower the rigidity, or write a number and accept the bias",
                )
            )
    return found


def _bend_beyond_the_range(spectrum: Spectrum, scale_ratio: float) -> Fault:
    return Fault(
        "turbulence.bend_over",
        f"is {getattr(spectrum, 'bend_over', 1.0):g}: must be smaller than scale_ratio, here "
        f"{scale_ratio:g}, or the spectrum ends before it bends; lower it or raise scale_ratio",
    )
