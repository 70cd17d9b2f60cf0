"""The keys of the campaign file: their sections, examples of them, and what a change of each does."""

from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from fieldwalk.campaign.model import campaign_model
from fieldwalk.campaign.sections import Section
from fieldwalk.campaign.values import Effect


def _section_class(annotation: Any) -> type[Section] | None:
    """The class of a section among the types of a field, which may be left out and may carry annotations."""
    for one in (annotation, *get_args(annotation)):
        kind = get_args(one)[0] if get_origin(one) is Annotated else one
        if isinstance(kind, type) and issubclass(kind, Section):
            return kind
    return None


def keys(model: type[BaseModel] | None = None) -> dict[str, dict[str, Any]]:
    """Return the keys of each section, the empty name standing for the top of the file.

    Returns
    -------
    dict of dict
        Section name to its keys; each key with the example that a message may quote.
    """
    found: dict[str, dict[str, Any]] = {"": {}}
    for key, info in (model or campaign_model()).model_fields.items():
        found[""][key] = (info.examples or [None])[0]
        if section := _section_class(info.annotation):
            found[key] = keys(section)[""]
    return found


def effects() -> dict[str, Effect]:
    """What a change of each key does, by ``section.key``.

    Raises
    ------
    LookupError
        When a key carries no effect, or more than one.
    """
    found = {}
    for key, info in campaign_model().model_fields.items():
        section = _section_class(info.annotation)
        fields = {f"{key}.{name}": one for name, one in section.model_fields.items()} if section else {key: info}
        for name, one in fields.items():
            carried = [mark for mark in one.metadata if isinstance(mark, Effect)]
            if len(carried) != 1:
                raise LookupError(f"{name}: carries {len(carried)} effects; annotate it with one of campaign.values")
            found[name] = carried[0]
    return found
