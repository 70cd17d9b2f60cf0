"""The section ``field_lines`` of the campaign file."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from fieldwalk.campaign.fields import NumberRule
from fieldwalk.campaign.sections import Section
from fieldwalk.campaign.tolerance import LARGEST_TOLERANCE, within_single_precision


class FieldLines(Section):
    """The magnetic field lines; an empty section takes every default."""

    scale_ratio: Annotated[
        float, NumberRule("it is L_max/L_min, the range of the spectrum", above=1, at_most=1e12)
    ] = Field(1000.0, description="L_max/L_min; lines have no gyroradius that could choose it.")
    modes: Annotated[
        int | Literal["auto"], NumberRule("it is the number of plane waves", at_least=2, whole=True, auto=True)
    ] = Field("auto", description="Plane waves per realisation; auto: 128 per decade.")
    step: Annotated[
        float | Literal["auto"],
        NumberRule("it is the step of tau in L_c/B_tot, and two radians of the smallest wave do", above=0, auto=True),
    ] = Field("auto", description="Step of tau, dr/dtau = B, in L_c/B_tot; auto: k_max h = 2.")
    tolerance: Annotated[
        float | Literal["auto"],
        NumberRule(
            "it is the rms error of the field over δB, 0 for double precision",
            at_least=0,
            at_most=LARGEST_TOLERANCE,
            auto=True,
        ),
        AfterValidator(within_single_precision),
    ] = Field("auto", description="As particles.tolerance.")
    length: Annotated[
        float | Literal["auto"],
        NumberRule("it is tau in L_c/B_tot, about the arc length in L_c", at_least=1, at_most=1e6, auto=True),
    ] = Field("auto", description="How far to follow each line; auto: until the plateau should be reached.")
    lines_per_realisation: Annotated[
        int,
        NumberRule(
            "many fields of few lines measure better; best a multiple of 16", at_least=1, at_most=1024, whole=True
        ),
    ] = Field(16, description="Lines followed in each field; a multiple of 16 fills the vector units.")
