"""The section ``particles`` of the campaign file."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from fieldwalk.campaign.quantities import (
    NUMBER_PATTERN,
    QUANTITY_PATTERN,
    gyroradius_in_correlation_lengths,
    is_quantity,
    parse_rigidity_in_volts,
)
from fieldwalk.campaign.sections import Section, Siblings, Tolerance, Turbulence
from fieldwalk.campaign.values import (
    LIST_SCHEMA,
    PHYSICS,
    STATISTICS,
    Fault,
    NumberRule,
    distinct,
    repetitions,
    seen,
)
from fieldwalk.particles import numerics
from fieldwalk.particles.numerics import LARGEST_STEP

_RIGIDITY_REMEDY = "write r_g/L_c as a number, or a rigidity such as 10 TV"
_rigidity_number = NumberRule(_RIGIDITY_REMEDY, above=0)


def _parse_rigidity(value: object) -> float | str:
    """Keep a quantity as it was written: what it is in L_c depends on other keys."""
    if not is_quantity(value):
        return float(_rigidity_number.parse(value))
    text = str(value)
    if parse_rigidity_in_volts(text) <= 0.0:
        raise ValueError("must be greater than 0; " + _RIGIDITY_REMEDY)
    return text


Rigidity = Annotated[
    float | str,
    BeforeValidator(_parse_rigidity),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0},
                {"type": "string", "pattern": NUMBER_PATTERN},
                {"type": "string", "pattern": QUANTITY_PATTERN},
            ]
        }
    ),
]


class Particles(Section):
    """The test particles."""

    rigidities: Annotated[tuple[Rigidity, ...], AfterValidator(distinct), LIST_SCHEMA, PHYSICS] = Field(
        description="r_g/L_c with r_g in the total rms field, or rigidities with a unit, such as 10 TV.",
        examples=[[0.1, 1.0]],
    )
    step: Annotated[
        float | Literal["auto"],
        NumberRule(
            "it is the time step in units of r_g/c, and a gyration needs sixty",
            above=0,
            at_most=LARGEST_STEP,
            auto=True,
        ),
        PHYSICS,
    ] = Field("auto", description="Time step Ωh, at most 0.105; auto resolves the smallest wave too.")
    tolerance: Annotated[Tolerance, PHYSICS] = Field(
        "auto", description="Rms error of the field over δB, auto 1e-3; 0 sums every wave at every step, in doubles."
    )
    duration: Annotated[
        float | Literal["auto"], NumberRule("it is Ωt, gyrations times 2π", at_least=1, auto=True), STATISTICS
    ] = Field("auto", description="Ωt to follow each particle; auto: until both plateaus should be reached.")
    max_duration: Annotated[float, NumberRule("it is Ωt, gyrations times 2π", at_least=1), STATISTICS] = Field(
        1e5, description="Ωt that an automatic duration never exceeds."
    )
    extended: Annotated[
        dict[str, Annotated[float, NumberRule("it is Ωt, gyrations times 2π", at_least=1)]], STATISTICS
    ] = Field(
        {}, description="Longer durations Ωt of single points, by name; `fieldwalk run --extend` keeps its own here."
    )

    NEEDS: ClassVar[tuple[str, ...]] = ("turbulence",)

    def resolved_rigidities(self, turbulence: Turbulence) -> tuple[float, ...]:
        """r_g/L_c of every entry of ``rigidities``, units resolved, in the file's order."""
        field, length = turbulence.magnetic_field_microgauss, turbulence.correlation_length_pc
        return tuple(
            gyroradius_in_correlation_lengths(parse_rigidity_in_volts(value), field or 0.0, length or 0.0)
            if isinstance(value, str)
            else value
            for value in self.rigidities
        )

    def faults(self, campaign: Siblings) -> list[Fault]:
        """Refuse rigidities without a scale, equal points, and numerics that cannot resolve the field."""
        turbulence = campaign.turbulence
        if found := self._rigidity_faults(turbulence):
            return found
        rigidities = self.resolved_rigidities(turbulence)
        return numerics.faults(campaign.spectrum, rigidities, turbulence.scale_ratio, self.step, turbulence.modes)

    def _rigidity_faults(self, turbulence: Turbulence) -> list[Fault]:
        given = self.rigidities
        scales = ("magnetic_field_microgauss", "correlation_length_pc")
        missing = [f"turbulence.{key}" for key in scales if getattr(turbulence, key) is None]
        if missing and any(isinstance(value, str) for value in given):
            return [
                Fault(
                    f"particles.rigidities[{index}]",
                    f"is {value}: has a unit, and {' and '.join(missing)} "
                    f"{'is' if len(missing) == 1 else 'are'} missing; add what is missing, or write r_g/L_c",
                )
                for index, value in enumerate(given)
                if isinstance(value, str)
            ]
        resolved = self.resolved_rigidities(turbulence)
        low, high = numerics.RIGIDITY_RANGE
        found = [
            Fault(
                f"particles.rigidities[{index}]",
                f"is {seen(given[index])}: r_g/L_c = {value:.4g} must lie between "
                f"{low:g} and {high:g}, where double precision resolves the phases; remove it",
            )
            for index, value in enumerate(resolved)
            if not low <= value <= high
        ]
        for index, first in repetitions(dict(enumerate(resolved))).items():
            words = f"is {seen(given[index])}: repeats r_g/L_c = {resolved[index]:.4g} of the value at [{first}]"
            found.append(Fault(f"particles.rigidities[{index}]", f"{words}; remove one of the two"))
        return found
