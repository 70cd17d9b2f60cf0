"""The whole campaign as one object, made from its sections.

Validation is complete: a ``Campaign`` that exists can be planned. The JSON schema of editors is made from it.
"""

import json
from functools import cache
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    create_model,
    model_serializer,
    model_validator,
)

from fieldwalk.campaign.rows import Stage, load
from fieldwalk.campaign.sections import Resources, Section, Statistics, Turbulence
from fieldwalk.campaign.stage_table import OUTPUTS, SECTIONS, STAGES
from fieldwalk.campaign.values import (
    DISPLAY,
    LIST_SCHEMA,
    NAME_PATTERN,
    STATISTICS,
    ChoiceRule,
    Fault,
    NumberRule,
    distinct,
    faults_error,
)
from fieldwalk.turbulence.spectrum import Spectrum, spectrum_from_mapping

DEFAULT_SLAB_FRACTION = 0.2
"""The share that composite models of the solar wind use."""

Output = Annotated[str, ChoiceRule(OUTPUTS)]
SectionOfAResult = TypeVar("SectionOfAResult", bound=Section)


def _nothing_means_defaults(value: object) -> object:
    """Read a section whose keys are all commented out as an empty one."""
    return {} if value is None else value


def _no_turbulence() -> Turbulence:
    return Turbulence.model_construct(mode_types=(), etas=())


class Campaign(Section):
    """A Fieldwalk campaign: what to simulate, how well, and what to make of it."""

    name: Annotated[str, StringConstraints(pattern=NAME_PATTERN), DISPLAY] = Field(
        description="Name of the results folder: lower-case letters, digits, - and _.",
        examples=["my-campaign"],
    )
    seed: Annotated[
        int, NumberRule("it starts every random stream", at_least=0, at_most=2**63 - 1, whole=True), STATISTICS
    ] = Field(description="Start of every random stream; the same seed gives the same bits.", examples=[20260520])
    author: Annotated[str | None, DISPLAY] = Field(None, description="Who to name in the datasets' attributes.")
    turbulence: Annotated[Turbulence, BeforeValidator(_nothing_means_defaults)] = Field(
        default_factory=_no_turbulence,
        description="The turbulent field.",
        examples=[{"mode_types": ["isotropic"], "etas": [0.5]}],
    )
    statistics: Annotated[Statistics, BeforeValidator(_nothing_means_defaults)] = Field(
        Statistics(), description="How often the experiment is repeated."
    )
    resources: Annotated[Resources, BeforeValidator(_nothing_means_defaults)] = Field(
        Resources(), description="How the work is cut up; changes no result."
    )
    outputs: Annotated[tuple[Output, ...], AfterValidator(distinct), LIST_SCHEMA, DISPLAY] = Field(
        OUTPUTS,
        description="Datasets to make, with their figures; what they are made of is computed too.",
    )

    @model_validator(mode="after")
    def _can_be_planned(self) -> Self:
        """Refuse sections that lack another or contradict it, outputs that cannot be made, and campaigns of nothing."""
        found = self._missing_sections()
        for key in () if found else SECTIONS:
            if (section := getattr(self, key)) is not None:
                found += section.faults(self)
        found = found or self._output_faults()
        if not found and not self.datasets:
            found = [nothing_to_make()]
        if found:
            raise faults_error(found)
        return self

    def _missing_sections(self) -> list[Fault]:
        asked = {name for key in SECTIONS if (section := getattr(self, key)) is not None for name in section.NEEDS}
        return [missing_section(name) for name in sorted(asked) if not self.has(name)]

    def _output_faults(self) -> list[Fault]:
        """Refuse outputs that were asked for and cannot be made; those nobody named are left out without a word."""
        if not any(self.has(key) for key in SECTIONS):
            return [nothing_to_make()]
        named = self.outputs if "outputs" in self.model_fields_set else ()
        reasons = {name: self.why_impossible(STAGES[name]) for name in named}
        return [
            Fault(f"outputs[{index}]", f"is {name}: {reasons[name]}")
            for index, name in enumerate(named)
            if reasons[name]
        ]

    def has(self, key: str) -> bool:
        """Whether the campaign has a section."""
        return bool(self.turbulence.mode_types) if key == "turbulence" else getattr(self, key, None) is not None

    def section(self, model: type[SectionOfAResult]) -> SectionOfAResult | None:
        """The section that belongs to a result, None when the campaign has none.

        Parameters
        ----------
        model : type
            Its class, such as :class:`fieldwalk.field_lines.section.FieldLines`.
        """
        return next((one for key in SECTIONS if isinstance(one := getattr(self, key), model)), None)

    def why_impossible(self, stage: Stage) -> str:
        """Why a stage cannot be made of this campaign and what to do, empty when it can."""
        for key in stage.sections:
            if not self.has(key):
                return f"needs the section {key}; add that, or remove this"
        if "turbulence" in stage.sections and not stage.levels.of(self.turbulence.etas):
            return f"needs {stage.levels.words}; add one to turbulence.etas, or remove this"
        for one in stage.inputs:
            if not self.file_of(one.key) and (why := self.why_impossible(STAGES[one.dataset])):
                instead = f", or name a file in {one.key}" if one.key else ""
                return f"reads {one.dataset}, which {why}{instead}"
        return ""

    def file_of(self, key: str) -> str | None:
        """The file that ``section.key`` names, None when the campaign says nothing of it."""
        section, _, name = key.partition(".")
        value = getattr(getattr(self, section, None), name, None) if key else None
        return None if value is None else str(value)

    @property
    def spectrum(self) -> Spectrum:
        """The energy spectrum of every point."""
        return spectrum_from_mapping(self.turbulence.spectrum_mapping())

    @property
    def slab_fraction(self) -> float:
        """Share of the power in slab waves, for points of composite turbulence."""
        given = self.turbulence.slab_fraction
        return DEFAULT_SLAB_FRACTION if given is None else given

    @property
    def datasets(self) -> tuple[str, ...]:
        """The outputs that are asked for and can be made."""
        return tuple(name for name in self.outputs if not self.why_impossible(STAGES[name]))

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of these outputs and of all that they read, in the order of the stage table."""
        needed, left = set[str](), list(self.datasets)
        while left:
            name = left.pop()
            if name not in needed:
                needed.add(name)
                left += [one.dataset for one in STAGES[name].inputs if not self.file_of(one.key)]
        return tuple(stage for name, stage in STAGES.items() if name in needed)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of paths that some stage reads, in the order in which the stages first name them."""
        return tuple(dict.fromkeys(kind for stage in self.stages for kind in stage.kinds))

    @model_serializer(mode="wrap")
    def _as_in_a_file(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out the sections that it lacks, which an empty one would bring back, and the outputs that need them."""
        content: dict[str, Any] = dump(self)
        content["outputs"] = type(content["outputs"])(self.datasets)
        order = ["name", "seed", "author", "turbulence", *SECTIONS, "statistics", "resources", "outputs"]
        return {key: content[key] for key in order if key in ("name", "seed", "author", "outputs") or self.has(key)}


@cache
def campaign_model() -> type[Campaign]:
    """The class of campaigns with the sections of every result in the stage table."""
    fields: dict[str, Any] = {}
    for key, reference in SECTIONS.items():
        section = load(reference)
        kind: Any = Annotated[section | None, BeforeValidator(_nothing_means_defaults)]
        words = f"{str(section.__doc__).splitlines()[0]} Without this section, none of its results are made."
        fields[key] = (kind, Field(None, description=words))
    model: type[Campaign] = create_model("Campaign", __base__=Campaign, __doc__=Campaign.__doc__, **fields)
    return model


def missing_section(key: str) -> Fault:
    """A section that must be there, with an example of it."""
    example = (campaign_model().model_fields[key].examples or [{}])[0]
    return Fault(key, f"is missing: add it, for example `{key}: {json.dumps(example)}`")


def nothing_to_make() -> Fault:
    """A campaign without any section that says what to simulate."""
    first, *others = SECTIONS
    fields = load(SECTIONS[first]).model_fields.items()
    example = {name: (field.examples or [None])[0] for name, field in fields if field.is_required()}
    written = ", ".join(f"{name}: {json.dumps(value)}" for name, value in example.items())
    return Fault(
        first,
        f"is missing: add it, for example `{first}: {{{written}}}`, or the section {' or '.join(others)}",
    )
