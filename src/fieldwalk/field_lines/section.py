"""The section ``field_lines`` of the campaign file."""

from decimal import ROUND_FLOOR
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fieldwalk.campaign.numerics import LARGEST_PHASE_PER_STEP, rounded
from fieldwalk.campaign.sections import Section, Siblings, Tolerance
from fieldwalk.campaign.values import AUTO, PHYSICS, STATISTICS, Fault, NumberRule
from fieldwalk.turbulence.spectrum import wavenumber_range

SHORTEST = 20.0
"""tau in L_c/B_tot below which no plateau is believed."""


class FieldLines(Section):
    """The magnetic field lines; an empty section takes every default."""

    scale_ratio: Annotated[
        float, NumberRule("it is L_max/L_min, the range of the spectrum", above=1, at_most=1e12), PHYSICS
    ] = Field(1000.0, description="L_max/L_min; lines have no gyroradius that could choose it.")
    modes: Annotated[
        int | Literal["auto"], NumberRule("it is the number of plane waves", at_least=2, whole=True, auto=True), PHYSICS
    ] = Field("auto", description="Plane waves per realisation; auto: 128 per decade.")
    step: Annotated[
        float | Literal["auto"],
        NumberRule("it is the step of tau in L_c/B_tot, and two radians of the smallest wave do", above=0, auto=True),
        PHYSICS,
    ] = Field("auto", description="Step of tau, dr/dtau = B, in L_c/B_tot; auto: k_max h = 2.")
    tolerance: Annotated[Tolerance, PHYSICS] = Field("auto", description="As particles.tolerance.")
    length: Annotated[
        float | Literal["auto"],
        NumberRule("it is tau in L_c/B_tot, about the arc length in L_c", at_least=1, at_most=1e6, auto=True),
        STATISTICS,
    ] = Field("auto", description="How far to follow each line; auto: until the plateau should be reached.")
    lines_per_realisation: Annotated[
        int,
        NumberRule(
            "many fields of few lines measure better; best a multiple of 16", at_least=1, at_most=1024, whole=True
        ),
        STATISTICS,
    ] = Field(16, description="Lines followed in each field; a multiple of 16 fills the vector units.")

    NEEDS: ClassVar[tuple[str, ...]] = ("turbulence",)

    def faults(self, campaign: Siblings) -> list[Fault]:
        """List why lines cannot be followed."""
        spectrum, etas = campaign.spectrum, campaign.turbulence.etas
        found: list[Fault] = []
        if 0.0 in etas:
            found.append(
                Fault(
                    f"turbulence.etas[{etas.index(0.0)}]",
                    "is 0: field lines are straight without turbulence; remove it, or the section field_lines",
                )
            )
        if (bend := getattr(spectrum, "bend_over", 1.0)) >= self.scale_ratio:
            words = (
                f"is {self.scale_ratio:g}: must exceed turbulence.bend_over, {bend:g}, or the spectrum ends too soon"
            )
            found.append(Fault("field_lines.scale_ratio", f"{words}; raise it"))
        elif self.step != AUTO:
            k_max = wavenumber_range(spectrum, self.scale_ratio)[1]
            if (phase := k_max * float(self.step)) > LARGEST_PHASE_PER_STEP:
                largest = rounded(LARGEST_PHASE_PER_STEP / k_max, ROUND_FLOOR)
                words = f"is {self.step}: gives k_max h = {phase:.3g}, more than {LARGEST_PHASE_PER_STEP:g}"
                found.append(Fault("field_lines.step", f"{words}; write auto, or {largest:g} or less"))
        if self.length != AUTO and float(self.length) < SHORTEST:
            words = f"is {self.length}: lines shorter than {SHORTEST:g} L_c reach no plateau"
            found.append(Fault("field_lines.length", f"{words}; write auto, or {SHORTEST:g} or more"))
        return found
