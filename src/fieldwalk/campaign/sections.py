"""The sections of the campaign file that belong to no single result: every key, its meaning, default and effect."""

from typing import Annotated, ClassVar, Literal, Protocol, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from fieldwalk.campaign.numerics import LARGEST_TOLERANCE, within_single_precision
from fieldwalk.campaign.values import (
    DISPLAY,
    LIST_SCHEMA,
    PHYSICS,
    STATISTICS,
    ChoiceRule,
    Fault,
    NumberRule,
    distinct,
    faults_error,
)
from fieldwalk.turbulence.mode_types import MODE_TYPES
from fieldwalk.turbulence.spectrum import SPECTRA, BendOver, Spectrum, spectrum_from_mapping, spectrum_to_mapping

ModeType = Annotated[str, ChoiceRule(MODE_TYPES)]
Shape = Annotated[str, ChoiceRule(tuple(SPECTRA))]
Eta = Annotated[float, NumberRule("eta is the share δB²/(B0² + δB²)", at_least=0, at_most=1)]

Tolerance = Annotated[
    float | Literal["auto"],
    NumberRule(
        "it is the rms error of the field over δB, 0 for double precision",
        at_least=0,
        at_most=LARGEST_TOLERANCE,
        auto=True,
    ),
    AfterValidator(within_single_precision),
]


class Siblings(Protocol):
    """What a section may ask of the campaign that it is part of."""

    turbulence: "Turbulence"

    @property
    def spectrum(self) -> Spectrum:
        """The energy spectrum of every point."""
        ...

    def has(self, key: str) -> bool:
        """Whether the campaign has a section."""
        ...


class Section(BaseModel):
    """A part of the campaign file: no unknown keys, no changes after reading.

    Every key carries its effect (:class:`fieldwalk.campaign.values.Effect`) among its annotations.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    NEEDS: ClassVar[tuple[str, ...]] = ()
    """Other sections without which this one means nothing."""

    def faults(self, campaign: Siblings) -> list[Fault]:
        """List what this section cannot have beside the other sections; called when every key is good by itself."""
        return []


class Turbulence(Section):
    """The turbulent field."""

    mode_types: Annotated[tuple[ModeType, ...], AfterValidator(distinct), LIST_SCHEMA, PHYSICS] = Field(
        description="Types of turbulence, each with its own directions and polarisations of the waves.",
        examples=[["isotropic", "alfvenic"]],
    )
    etas: Annotated[tuple[Eta, ...], AfterValidator(distinct), LIST_SCHEMA, PHYSICS] = Field(
        description="Turbulence levels δB²/(B0² + δB²), from 0 (no turbulence) to 1 (no mean field).",
        examples=[[0.5]],
    )
    spectrum: Annotated[Shape, PHYSICS] = Field(
        "power_law", description="Shape of the one-dimensional energy spectrum G(k)."
    )
    spectral_index: Annotated[
        float, NumberRule("it is q of G ∝ k^−q at large k, 5/3 for Kolmogorov", above=1, at_most=4), PHYSICS
    ] = Field(5 / 3, description="q of G(k) ∝ k^−q at large k; a number or a fraction such as 5/3.")
    low_index: Annotated[
        Annotated[float, NumberRule("it is the rise of G(k) below the bend", above=0, at_most=10)] | None, PHYSICS
    ] = Field(None, description="Only for bend_over: p of G(k) ∝ k^p below the bend (default 4).")
    bend_over: Annotated[
        Annotated[float, NumberRule("it is the bend's wavenumber over k_min", at_least=1)] | None, PHYSICS
    ] = Field(None, description="Only for bend_over: where the bend sits, in units of k_min (default 10).")
    slab_fraction: Annotated[
        Annotated[float, NumberRule("0 and 1 are the types two_dimensional and slab", above=0, at_most=0.999)] | None,
        PHYSICS,
    ] = Field(None, description="Only for composite: share of the power in slab waves (default 0.2).")
    scale_ratio: Annotated[
        float | Literal["auto"],
        NumberRule("it is L_max/L_min, the range of the spectrum", above=1, at_most=1e12, auto=True),
        PHYSICS,
    ] = Field("auto", description="L_max/L_min; auto puts k_max r_g at 20 and never goes below a ratio of 100.")
    modes: Annotated[
        int | Literal["auto"], NumberRule("it is the number of plane waves", at_least=2, whole=True, auto=True), PHYSICS
    ] = Field("auto", description="Plane waves per realisation; auto: 128 per decade and at least 4 k_min λ.")
    magnetic_field_microgauss: Annotated[
        Annotated[float, NumberRule("it is in microgauss", above=0)] | None, PHYSICS
    ] = Field(None, description="Total rms field in µG; only needed for rigidities with a unit.", examples=[4.0])
    correlation_length_pc: Annotated[Annotated[float, NumberRule("it is in parsecs", above=0)] | None, PHYSICS] = Field(
        None,
        description="Correlation length L_c in pc; only needed for rigidities with a unit.",
        examples=[30.0],
    )

    @model_validator(mode="after")
    def _keys_that_mean_nothing(self) -> Self:
        """Refuse a parameter of something that was not asked for: it would be silently without effect."""
        found = []
        if self.spectrum != BendOver.shape:
            for key in ("low_index", "bend_over"):
                if (value := getattr(self, key)) is not None:
                    found.append(
                        Fault(
                            key,
                            f"is {value}: means nothing with spectrum: {self.spectrum}; "
                            "write spectrum: bend_over, or remove the key",
                        )
                    )
        if self.slab_fraction is not None and "composite" not in self.mode_types:
            found.append(
                Fault(
                    "slab_fraction",
                    f"is {self.slab_fraction}: means nothing without composite turbulence; "
                    "add composite to mode_types, or remove the key",
                )
            )
        if found:
            raise faults_error(found)
        return self

    def spectrum_mapping(self) -> dict[str, float | str]:
        """Return the spectrum in the plain form that ``turbulence.spectrum_from_mapping`` reads."""
        given = {key: getattr(self, key) for key in ("spectral_index", "low_index", "bend_over")}
        known = {key: value for key, value in given.items() if value is not None}
        # through the spectrum itself, so that a default means the same whether it is written out or not
        return spectrum_to_mapping(spectrum_from_mapping({"shape": self.spectrum, **known}))


class Statistics(Section):
    """How often the experiment is repeated."""

    realisations: Annotated[
        int,
        NumberRule("errors come from the scatter between realisations", at_least=2, at_most=1_000_000, whole=True),
        STATISTICS,
    ] = Field(64, description="Fields drawn per point; errors come from the scatter between them.")
    particles_per_realisation: Annotated[
        int,
        NumberRule(
            "many fields of few particles measure better; best a multiple of 16", at_least=1, at_most=1024, whole=True
        ),
        STATISTICS,
    ] = Field(16, description="Particles pushed through each field; a multiple of 16 fills the vector units.")


class Resources(Section):
    """How the work is cut up; changes no result."""

    ranks: Annotated[int, NumberRule("it is the MPI ranks of one job", at_least=1, whole=True), DISPLAY] = Field(
        2, description="MPI ranks of each job."
    )
    job_minutes: Annotated[float, NumberRule("it is the wall time wished for one job", above=0), DISPLAY] = Field(
        30.0, description="Wall time that one job should take, in minutes."
    )
    checkpoint_minutes: Annotated[
        float, NumberRule("it is the time between checkpoints of a rank", above=0), DISPLAY
    ] = Field(5.0, description="Minutes between checkpoints: the most that a kill can cost.")
