"""From a campaign file to a ``Campaign``, or to one error that lists every fault in it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from fieldwalk.campaign.keys import keys
from fieldwalk.campaign.model import Campaign, campaign_model, nothing_to_make
from fieldwalk.campaign.stage_table import SECTIONS
from fieldwalk.campaign.values import NAME_REMEDY, Fault, nearest, seen
from fieldwalk.errors import CampaignError


class _StrictLoader(yaml.SafeLoader):
    """YAML as usual, except that a key given twice is an error: YAML would drop the first without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Build a mapping after checking that its keys differ."""
        first_line: dict[str, int] = {}
        for key_node, _ in node.value:
            if isinstance(key_node, yaml.ScalarNode):
                line = key_node.start_mark.line + 1
                first = first_line.setdefault(key_node.value, line)
                if first != line and key_node.value != "<<":
                    raise yaml.constructor.ConstructorError(
                        None,
                        None,
                        f"the key {key_node.value} stands in line {first} already",
                        key_node.start_mark,
                    )
        return super().construct_mapping(node, deep)


def load_campaign(path: Path | str) -> Campaign:
    """Read and check a campaign file.

    Parameters
    ----------
    path : Path or str
        A YAML file.

    Returns
    -------
    Campaign
        Complete and fit to be planned.

    Raises
    ------
    CampaignError
        If the file cannot be read or asks for something impossible. The message names the file, and for
        every fault the key, the value seen and the remedy.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CampaignError(f"{path}: no such campaign file; `fieldwalk new NAME` writes one to start from") from None
    except IsADirectoryError:
        raise CampaignError(f"{path}: is a directory, not a campaign file; name the YAML file in it") from None
    except UnicodeDecodeError as error:
        raise CampaignError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise CampaignError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from None
    try:
        # A subclass of SafeLoader builds plain values only.
        content = yaml.load(text, Loader=_StrictLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise CampaignError(f"{path}: {place}cannot be read as YAML: {error.problem}; mend that line") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise CampaignError(f"{path}: cannot be read as YAML: {reason}; mend the file") from None
    if content is None:
        raise CampaignError(f"{path}: is empty; `fieldwalk new NAME` writes a campaign to start from")
    return campaign_from_mapping(content, str(path))


def campaign_from_mapping(mapping: Mapping[str, Any], source: str) -> Campaign:
    """Check a campaign that was read already, such as the ``config`` of Snakemake.

    Parameters
    ----------
    mapping : mapping
        Sections and keys as in the file.
    source : str
        Where it came from; begins the message of an error.

    Returns
    -------
    Campaign
        Complete and fit to be planned.

    Raises
    ------
    CampaignError
        If it asks for something impossible, with every fault in one message.
    """
    if not isinstance(mapping, Mapping):
        raise CampaignError(f"{source}: holds {seen(mapping)}, not keys and values; begin with `name: my-campaign`")
    try:
        return campaign_model().model_validate(dict(mapping))
    except ValidationError as error:
        faults = [fault for detail in error.errors() for fault in _faults(dict(detail))]
    # found by the model as a whole only when nothing else is wrong
    nothing = nothing_to_make()
    if not set(SECTIONS) & set(mapping) and not any(fault.key == nothing.key for fault in faults):
        faults.append(nothing)
    lines = [f"{fault.key} {fault.words}" for fault in faults]
    if len(lines) == 1:
        raise CampaignError(f"{source}: {lines[0]}")
    raise CampaignError("\n  ".join([f"{source}: {len(lines)} faults", *lines]))


def _faults(detail: dict[str, Any]) -> list[Fault]:
    """Put one complaint of pydantic into our words."""
    location, value = detail["loc"], detail["input"]
    key = _dotted(location)
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "faults":
        return [Fault(_joined(key, fault.key), fault.words) for fault in context["faults"]]
    if kind == "extra_forbidden":
        return [Fault(key, _unknown_key(location, value))]
    if kind == "missing":
        example = keys()[_section(location)].get(str(location[-1]))
        # JSON is YAML too, on one line.
        return [Fault(key, f"is missing: add it, for example `{location[-1]}: {json.dumps(example)}`")]
    if kind == "value_error":
        words = str(context["error"])
    elif kind == "string_pattern_mismatch":
        words = f"is no name for a folder; {NAME_REMEDY}"
    elif kind == "string_type":
        words = "must be text; put it in quotation marks"
    elif kind == "tuple_type":
        words = f"must be a list; write [{seen(value)}]"
    elif kind in ("model_type", "model_attributes_type"):
        known = ", ".join(keys().get(key, keys()[""]))
        words = f"must be a section with the keys {known}; indent them below it"
    elif kind == "invalid_key":
        return [Fault(key, "is not a text key; write a key of this section in its place")]
    else:
        words = f"{detail['msg']}; see the description of the key in the schema"
    return [Fault(key, f"is {seen(value)}: {words}")]


def _unknown_key(location: tuple[int | str, ...], value: object) -> str:
    section, key = _section(location), str(location[-1])
    known = keys()
    words = f"is not a key here (its value is {seen(value)})"
    owners = [owner for owner in known if key in known[owner]]
    if owners:
        home = f"in {owners[0]}" if owners[0] else "at the top of the file"
        return f"{words}: it belongs {home}; move it there"
    guess = nearest(key, known[section])
    if guess:
        return f"{words}: did you mean {guess}?"
    homes = {name: _joined(other, name) for other, names in known.items() for name in names}
    guess = nearest(key, homes)
    if guess:
        return f"{words}: did you mean {homes[guess]}?"
    return f"{words}: remove it; the keys are {', '.join(known[section])}"


def _section(location: tuple[int | str, ...]) -> str:
    return str(location[0]) if len(location) > 1 else ""


def _dotted(location: tuple[int | str, ...]) -> str:
    """Write a place as ``turbulence.etas[1]``."""
    text = ""
    for part in location:
        text = f"{text}[{part}]" if isinstance(part, int) else _joined(text, str(part))
    return text


def _joined(section: str, key: str) -> str:
    return section + key if key.startswith("[") or not section else f"{section}.{key}"
