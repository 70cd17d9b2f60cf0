"""The numbers behind every ``auto``, and the refusal of numbers that cannot resolve the field.

All of it is closed formulas of one point, evaluated when a campaign is planned: two machines, and two
years, get the same numbers. What enters a point's identity is rounded to three digits, so that a last bit
of a root finder never makes a new point.
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
"""In units of r_g: sixty steps per gyration."""
SMALLEST_RESOLUTION = 5.0
"""Lower limit of k_max r_g: at 5 the resonant waves of a fifth of all pitch angles are missing already."""
AUTO_RESOLUTION = 20.0
"""The k_max r_g that ``scale_ratio: auto`` aims at."""
SMALLEST_AUTO_RATIO = 100.0
RIGIDITY_RANGE = (1e-8, 1e4)
"""r_g/L_c. Outside, phases k·r reach 1e11 within a run, and double precision knows them to 1e-5 only."""
MODES_PER_FREE_PATH = 4.0
FEWEST_MODES_PER_FREE_PATH = 2.0
MOST_AUTO_MODES = 1_000_000
ZETA_OF_FIVE_THIRDS = 2.123522968857583
"""Riemann's zeta function at 5/3."""


def auto_scale_ratio(spectrum: Spectrum, rigidity: float) -> float:
    """Return the L_max/L_min at which k_max r_g = 20, and at least 100.

    Twenty times the wavenumber that resonates at µ = 1 leaves waves for all but a twentieth of the pitch angles,
    and λ_parallel 1 % too large, where ten would make it 2 to 3 % (docs/validation.md). With the step of
    ``auto_step`` that takes no more steps than the gyration itself. Below a ratio of 100 the
    spectrum has no inertial range to speak of. k_min depends on the ratio too, because L_c = 1 is kept:
    hence the root.

    Parameters
    ----------
    spectrum : Spectrum
        Shape of the energy spectrum.
    rigidity : float
        r_g/L_c.

    Returns
    -------
    float
        The ratio, rounded up to three digits.
    """

    def excess(log_ratio: float) -> float:
        return math.log(wavenumber_range(spectrum, math.exp(log_ratio))[1] * rigidity / AUTO_RESOLUTION)

    low = math.log(SMALLEST_AUTO_RATIO)
    if excess(low) >= 0.0:
        return SMALLEST_AUTO_RATIO
    high = low + 1.0
    while excess(high) < 0.0:
        high += 1.0
    # bisection, for importing scipy's root finder takes longer than all that `fieldwalk status` does
    while high - low > 1e-12:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if excess(middle) < 0.0 else (low, middle)
    return rounded(math.exp(0.5 * (low + high)), ROUND_CEILING)


def auto_step(spectrum: Spectrum, scale_ratio: float, rigidity: float) -> float:
    """Return the time step h in units of r_g.

    At r_g <= L_c it is min(0.105, 2/(k_max r_g)): sixty steps per gyration, and the smallest wave advances
    by two radians per step; four show no bias yet (docs/validation.md). Beyond, the smallest waves only tickle,
    and the path is nearly straight: min(0.105 r_g, 0.1 L_c)/r_g. Sampling a straight path every h folds the
    spectrum at 2π/h and its multiples back onto the power at zero frequency, which scatters; relative to it the
    aliases add 2ζ(5/3)(2π/(h k_min))^(−5/3), below one percent at h = 0.1 L_c.

    Parameters
    ----------
    spectrum : Spectrum
        Shape of the energy spectrum.
    scale_ratio : float
        L_max/L_min.
    rigidity : float
        r_g/L_c.

    Returns
    -------
    float
        Ωh, rounded down to three digits.
    """
    longest = PHASE_PER_STEP / wavenumber_range(spectrum, scale_ratio)[1] if rigidity <= 1.0 else 0.1
    resolving = longest / rigidity
    return rounded(min(LARGEST_STEP, resolving), ROUND_FLOOR)


def auto_modes(spectrum: Spectrum, scale_ratio: float, rigidity: float) -> int:
    """Return the number of plane waves: 128 per decade of wavenumber, and at least 4 k_min λ.

    Lines of a discrete spectrum must be closer than the inverse mean free path, or a particle resolves them
    and scatters too little, and neither particles nor realisations cure that: 1024 modes at k_min λ = 627
    give λ 4 % too high. λ is the isotropic one at η = 1.

    Parameters
    ----------
    spectrum : Spectrum
        Shape of the energy spectrum.
    scale_ratio : float
        L_max/L_min.
    rigidity : float
        r_g/L_c.

    Returns
    -------
    int
        An even number, so that composite turbulence halves it.
    """
    by_decade = MODES_PER_DECADE * math.log10(scale_ratio)
    by_free_path = MODES_PER_FREE_PATH * _lines_per_free_path(spectrum, scale_ratio, rigidity)
    return 2 * math.ceil(max(by_decade, by_free_path, 2.0) / 2.0 - 1e-9)


def mode_number_note(spectrum: Spectrum, scale_ratio: float, rigidity: float, modes: int) -> str:
    """Say in what way a chosen number of modes is small, or return the empty text.

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
    """Say how much a long step above r_g = L_c scatters too much, or return the empty text.

    A straight path sampled every h sees its waves again at k v − 2πn/h: for Kolmogorov's spectrum that adds the share
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
    """List what cannot resolve the field.

    Parameters
    ----------
    spectrum : Spectrum
        Shape of the energy spectrum.
    rigidities : sequence of float
        r_g/L_c of every point.
    scale_ratio, step, modes : float, int or "auto"
        As the campaign file has them.

    Returns
    -------
    list of Fault
        Empty when all is well; at most one fault per key, for the rigidity that is worst off.
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
