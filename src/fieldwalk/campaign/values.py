"""What a single value of a campaign may be, and how a fault in it is worded.

The two rules here are annotations of pydantic fields. They exist because a theorist who mistypes a number
wants one line with the key, the value and the remedy, while a union of pydantic's own types answers with
one complaint per member.
"""

import difflib
import re
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from fieldwalk.campaign.quantities import NUMBER_PATTERN, parse_number

AUTO = "auto"


@dataclass(frozen=True)
class Effect:
    """What a change of a key does; every key carries one among the annotations of its field."""

    name: str


PHYSICS = Effect("physics")
"""A change makes new points, at new paths."""

STATISTICS = Effect("statistics")
"""A change only adds work to the same points. The seed picks the sample; a results folder keeps its own."""

DISPLAY = Effect("display")
"""A change recomputes nothing."""

NAME_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,63}$"
NAME_REMEDY = "use at most 64 lower-case letters, digits, - and _, beginning with a letter or digit"


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a campaign: the key, as the section that noticed it names it, and the words.

    The words continue a sentence that begins with the key, such as ``is 1.5: must be at most 1``.
    """

    key: str
    words: str


def seen(value: object) -> str:
    """Show a value as the user wrote it, shortened so that a message stays a line."""
    if isinstance(value, str):
        value_text = value if re.fullmatch(r"[ -~]*\S[ -~]*", value) else repr(value)
        return value_text if len(value_text) <= 60 else f"{value_text[:57]}..."
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > 128:
        return f"an integer of {value.bit_length()} bits"
    return reprlib.repr(value)


def faults_error(faults: Sequence[Fault]) -> PydanticCustomError:
    """Wrap faults into the one exception whose contents pydantic carries out of a validator intact."""
    text = "; ".join(f"{fault.key} {fault.words}" for fault in faults)
    # Braces would be read as a template by pydantic.
    return PydanticCustomError("faults", "{text}", {"text": text, "faults": list(faults)})


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that a misspelt one most likely means, or None."""
    close = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return close[0] if close else None


@dataclass(frozen=True)
class NumberRule:
    """Pydantic annotation of a finite number, with bounds, as ``quantities.parse_number`` reads it.

    Parameters
    ----------
    remedy : str
        What the number means, or what to write instead; ends every complaint.
    at_least, above, at_most : float, optional
        Bounds, the second one exclusive.
    whole : bool
        Whether the number must be an integer.
    auto : bool
        Whether the word ``auto`` may be written in its place.
    """

    remedy: str
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    whole: bool = False
    auto: bool = False

    def parse(self, value: object) -> float | int | str:
        """Return the number (or ``auto``), or raise ValueError with the expectation and the remedy."""
        if self.auto and value == AUTO:
            return AUTO
        try:
            number = parse_number(value)
        except ValueError as error:
            raise ValueError(f"{error}{' or auto' if self.auto else ''}; {self.remedy}") from None
        if self.whole:
            if number != int(number):
                raise ValueError(f"must be a whole number; {self.remedy}")
            # Integers beyond 2**53 are exact only when they never pass through a double.
            digits = str(value).strip()
            number = int(digits) if re.fullmatch(r"[+-]?[0-9]+", digits) else int(number)
        for broken, expectation in (
            (self.at_least is not None and number < self.at_least, f"at least {self.at_least}"),
            (self.above is not None and number <= self.above, f"greater than {self.above}"),
            (self.at_most is not None and number > self.at_most, f"at most {self.at_most}"),
        ):
            if broken:
                raise ValueError(f"must be {expectation}; {self.remedy}")
        return number

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic validate with ``parse`` alone."""
        return core_schema.no_info_plain_validator_function(self.parse)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe what ``parse`` accepts: a number within bounds, or text that reads as one, or auto."""
        number: dict[str, Any] = {"type": "integer" if self.whole else "number"}
        bounds = {"minimum": self.at_least, "exclusiveMinimum": self.above, "maximum": self.at_most}
        number.update({word: bound for word, bound in bounds.items() if bound is not None})
        choices = [number, {"type": "string", "pattern": NUMBER_PATTERN}]
        return {"anyOf": [*choices, {"const": AUTO}] if self.auto else choices}


@dataclass(frozen=True)
class ChoiceRule:
    """Pydantic annotation of a word from a fixed list, which suggests the nearest when none fits."""

    choices: tuple[str, ...]

    def parse(self, value: object) -> str:
        """Return the word, or raise ValueError with the nearest and the whole list."""
        if isinstance(value, str) and value in self.choices:
            return value
        guess = nearest(value, self.choices) if isinstance(value, str) else None
        hint = f"did you mean {guess}? The choice" if guess else "the choice"
        raise ValueError(f"is not known; {hint} is {', '.join(self.choices)}")

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic validate with ``parse`` alone."""
        return core_schema.no_info_plain_validator_function(self.parse)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """List the choices, so that an editor completes them."""
        return {"enum": list(self.choices)}


LIST_SCHEMA = Field(json_schema_extra={"minItems": 1, "uniqueItems": True})
"""What ``distinct`` asks of a list; apart from it, as pydantic's minimum counts wrong items as missing."""


def distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Refuse an empty list, and one that names the same thing twice: a point has one place in the results."""
    if not values:
        raise ValueError("must name at least one value; add one")
    repeated = repetitions(dict(enumerate(values)))
    if repeated:
        raise faults_error(
            [Fault(f"[{again}]", _repetition(values[again], first)) for again, first in repeated.items()]
        )
    return values


def _repetition(value: object, first: int) -> str:
    return f"is {seen(value)}: repeats the value at [{first}]; remove one of the two"


def repetitions(values: Mapping[int, Any]) -> dict[int, int]:
    """Return, for each index whose value occurred before, the index where it occurred first.

    Numbers are equal when they agree to nine digits: closer ones would share a place on every axis of a
    figure.
    """
    first_at: dict[object, int] = {}
    again: dict[int, int] = {}
    for index, value in values.items():
        key = float(f"{value:.9g}") if isinstance(value, float) else value
        if key in first_at:
            again[index] = first_at[key]
        else:
            first_at[key] = index
    return again
