"""The whole campaign as one object, made from its sections.

Validation is complete: a ``Campaign`` that exists can be planned. The JSON schema of editors is made from it.
"""

from typing import Annotated, Any, Self, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
    model_validator,
)

from fieldwalk.campaign import numerics
from fieldwalk.campaign.field_lines import line_faults
from fieldwalk.campaign.fields import (
    LIST_SCHEMA,
    NAME_PATTERN,
    ChoiceRule,
    Fault,
    NumberRule,
    distinct,
    faults_error,
    repetitions,
    seen,
)
from fieldwalk.campaign.line_section import FieldLines
from fieldwalk.campaign.outputs import OUTPUTS, impossible_outputs
from fieldwalk.campaign.quantities import gyroradius_in_correlation_lengths, parse_rigidity_in_volts
from fieldwalk.campaign.sections import Particles, Resources, Section, Statistics, Turbulence
from fieldwalk.turbulence.spectrum import Spectrum, spectrum_from_mapping

DEFAULT_SLAB_FRACTION = 0.2
"""The share that composite models of the solar wind use."""

NOTHING_TO_FOLLOW = Fault(
    "particles", "is missing: add it, for example `particles: {rigidities: [0.1, 1.0]}`, or the section field_lines"
)

Output = Annotated[str, ChoiceRule(OUTPUTS)]


def _nothing_means_defaults(value: object) -> object:
    """Read a section whose keys are all commented out as an empty one."""
    return {} if value is None else value


def _no_particles() -> Particles:
    return Particles.model_construct(rigidities=())


class Campaign(Section):
    """A Fieldwalk campaign: what to simulate, how well, and what to make of it."""

    name: Annotated[str, StringConstraints(pattern=NAME_PATTERN)] = Field(
        description="Name of the results folder: lower-case letters, digits, - and _.",
        examples=["my-campaign"],
    )
    seed: Annotated[
        int, NumberRule("it starts every random stream", at_least=0, at_most=2**63 - 1, whole=True)
    ] = Field(
        description="Start of every random stream; the same seed gives the same bits.", examples=[20260520]
    )
    author: str | None = Field(None, description="Who to name in the datasets' attributes.")
    turbulence: Annotated[Turbulence, BeforeValidator(_nothing_means_defaults)] = Field(
        description="The turbulent field.", examples=[{"mode_types": ["isotropic"], "etas": [0.5]}]
    )
    particles: Annotated[Particles, BeforeValidator(_nothing_means_defaults)] = Field(
        default_factory=_no_particles,
        description="The test particles; without this section, only field lines are followed.",
        examples=[{"rigidities": [0.1, 1.0]}],
    )
    field_lines: Annotated[FieldLines | None, BeforeValidator(_nothing_means_defaults)] = Field(
        None, description="The field lines; without this section, none are followed."
    )
    statistics: Annotated[Statistics, BeforeValidator(_nothing_means_defaults)] = Field(
        Statistics(), description="How often the experiment is repeated."
    )
    resources: Annotated[Resources, BeforeValidator(_nothing_means_defaults)] = Field(
        Resources(), description="How the work is cut up; changes no result."
    )
    outputs: Annotated[tuple[Output, ...], AfterValidator(distinct), LIST_SCHEMA] = Field(
        OUTPUTS,
        description="Datasets to make, with their figures; mean_free_paths implies the moments of running, heuristic"
        " those of field_lines as well.",
    )

    @model_validator(mode="after")
    def _can_be_planned(self) -> Self:
        """Refuse rigidities without a scale, equal points, and numerics that cannot resolve the field."""
        found = self._rigidity_faults() or self._section_faults()
        if not found and self.field_lines:
            found = line_faults(self.field_lines, self.spectrum, self.turbulence.etas)
        if not found and self.rigidities:
            turbulence, particles = self.turbulence, self.particles
            found = numerics.faults(
                self.spectrum, self.rigidities, turbulence.scale_ratio, particles.step, turbulence.modes
            )
        if found:
            raise faults_error(found)
        return self

    def _section_faults(self) -> list[Fault]:
        """Refuse outputs that were asked for and cannot be made; those nobody named are left out without a word."""
        if not self.particles.rigidities and self.field_lines is None:
            return [NOTHING_TO_FOLLOW]
        return [
            Fault(f"outputs[{index}]", f"is {name}: {self._impossible_outputs[name]}")
            for index, name in enumerate(self.outputs if "outputs" in self.model_fields_set else ())
            if name in self._impossible_outputs
        ]

    def _rigidity_faults(self) -> list[Fault]:
        given = self.particles.rigidities
        scales = ("magnetic_field_microgauss", "correlation_length_pc")
        missing = [f"turbulence.{key}" for key in scales if getattr(self.turbulence, key) is None]
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
        resolved = self.rigidities
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
            words = (
                f"is {seen(given[index])}: repeats r_g/L_c = {resolved[index]:.4g} of the value at [{first}]"
            )
            found.append(Fault(f"particles.rigidities[{index}]", f"{words}; remove one of the two"))
        return found

    @property
    def spectrum(self) -> Spectrum:
        """The energy spectrum of every point."""
        return spectrum_from_mapping(self.turbulence.spectrum_mapping())

    @property
    def rigidities(self) -> tuple[float, ...]:
        """r_g/L_c of every entry of ``particles.rigidities``, units resolved, in the file's order."""
        field, length = self.turbulence.magnetic_field_microgauss, self.turbulence.correlation_length_pc
        return tuple(
            gyroradius_in_correlation_lengths(parse_rigidity_in_volts(value), field or 0.0, length or 0.0)
            if isinstance(value, str)
            else value
            for value in self.particles.rigidities
        )

    @property
    def slab_fraction(self) -> float:
        """Share of the power in slab waves, for points of composite turbulence."""
        given = self.turbulence.slab_fraction
        return DEFAULT_SLAB_FRACTION if given is None else given

    @property
    def datasets(self) -> tuple[str, ...]:
        """The outputs that can be made of the paths that are followed; without turbulence, none of the field."""
        return tuple(name for name in self._followed_outputs if name != "turbulence" or any(self.turbulence.etas))

    @property
    def _followed_outputs(self) -> tuple[str, ...]:
        return tuple(name for name in self.outputs if name not in self._impossible_outputs)

    @property
    def _impossible_outputs(self) -> dict[str, str]:
        return impossible_outputs(
            particles=bool(self.particles.rigidities),
            lines=self.field_lines is not None,
            etas=self.turbulence.etas,
        )

    @property
    def computes_moments(self) -> bool:
        """Whether any output needs the particles' moments."""
        return bool({"running", "mean_free_paths", "heuristic"} & set(self.datasets))

    @property
    def computes_lines(self) -> bool:
        """Whether any output needs the moments of field lines."""
        return bool({"field_lines", "heuristic"} & set(self.datasets))

    @model_serializer(mode="wrap")
    def _as_in_a_file(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out the sections that it lacks, which an empty one would bring back, and the outputs that need them."""
        content: dict[str, Any] = dump(self)
        content["outputs"] = type(content["outputs"])(self._followed_outputs)
        if self.field_lines is None:
            del content["field_lines"]
        if not self.rigidities:
            del content["particles"]
        return content


def keys(model: type[BaseModel] = Campaign) -> dict[str, dict[str, Any]]:
    """Return the keys of each section, the empty name standing for the top of the file.

    Returns
    -------
    dict of dict
        Section name to its keys; each key with the example that a message may quote.
    """
    found: dict[str, dict[str, Any]] = {"": {}}
    for key, info in model.model_fields.items():
        found[""][key] = (info.examples or [None])[0]
        for one in (info.annotation, *get_args(info.annotation)):
            # a section that may be left out is a choice between it and nothing, and it may carry annotations
            kind = get_args(one)[0] if get_origin(one) is Annotated else one
            if isinstance(kind, type) and issubclass(kind, Section):
                found[key] = keys(kind)[""]
    return found
