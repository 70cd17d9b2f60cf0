"""The JSON schema, the template and the campaigns that come with Fieldwalk are in step with the models."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from fieldwalk.campaign import schema
from fieldwalk.campaign.keys import keys
from fieldwalk.campaign.loading import campaign_from_mapping
from fieldwalk.campaign.quantities import NUMBER_PATTERN, QUANTITY_PATTERN
from fieldwalk.cli.new import TEMPLATE_NAME, TEMPLATE_PATH, TEMPLATE_SCHEMA, TEMPLATE_SEED, template_text

CAMPAIGNS = sorted((Path(__file__).parents[2] / "workflow" / "campaigns").glob("*.yaml"))


def test_the_schema_on_disk_is_the_one_of_the_models() -> None:
    stored = schema.SCHEMA_PATH.read_text(encoding="utf-8")
    assert stored == schema.schema_text(), "run: python -m fieldwalk.campaign.schema"


def test_the_schema_is_written_by_its_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "SCHEMA_PATH", tmp_path / "campaign.schema.json")
    schema.main()
    assert (tmp_path / "campaign.schema.json").read_text(encoding="utf-8") == schema.schema_text()


def properties() -> dict[str, dict[str, Any]]:
    content = json.loads(schema.schema_text())
    return {
        "": content["properties"],
        **{name: part["properties"] for name, part in content["$defs"].items()},
    }


def test_every_key_is_described_and_unknown_ones_are_refused() -> None:
    content = json.loads(schema.schema_text())
    for part in (content, *content["$defs"].values()):
        assert part["additionalProperties"] is False
        for name, entry in part["properties"].items():
            # A section is described where it is defined.
            assert entry.get("description") or entry.get("$ref"), name
        assert part["description"]


def test_the_schema_states_choices_bounds_and_auto() -> None:
    found = properties()
    assert "goldreich_sridhar" in found["Turbulence"]["mode_types"]["items"]["enum"]
    assert {"const": "auto"} in found["Particles"]["step"]["anyOf"]
    assert {"type": "number", "exclusiveMinimum": 0, "maximum": 0.105} in found["Particles"]["step"]["anyOf"]
    assert {"type": "integer", "minimum": 0, "maximum": 2**63 - 1} in found[""]["seed"]["anyOf"]


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (
            NUMBER_PATTERN,
            ["5/3", "1e-3", " 2 ", ".5", "1.", "-1E+3"],
            ["", "5//3", "nan", "0x1", "1,5", "10 TV"],
        ),
        (QUANTITY_PATTERN, ["10 TV", "1e-3GV"], ["10", "TV", "5/3 TV", "10 T V"]),
    ],
)
def test_patterns_of_the_schema(pattern: str, good: list[str], bad: list[str]) -> None:
    assert all(re.search(pattern, text) for text in good)
    assert not any(re.search(pattern, text) for text in bad)


@pytest.mark.parametrize("path", [*CAMPAIGNS, TEMPLATE_PATH], ids=lambda path: path.stem)
def test_campaigns_that_come_with_fieldwalk_are_valid_and_name_the_schema(path: Path) -> None:
    text = template_text() if path == TEMPLATE_PATH else path.read_text(encoding="utf-8")
    campaign = load_campaign_text(text, path)
    assert path == TEMPLATE_PATH or campaign.name == path.stem
    head = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert head is not None
    assert (path.parent / head[1]).resolve() == schema.SCHEMA_PATH.resolve()


def test_there_is_a_quickstart() -> None:
    assert "quickstart" in [path.stem for path in CAMPAIGNS]


def test_the_template_shows_every_key_and_the_true_defaults() -> None:
    text = template_text()
    for placeholder in (f"$schema={TEMPLATE_SCHEMA}\n", f"name: {TEMPLATE_NAME} ", f"seed: {TEMPLATE_SEED} "):
        assert text.count(placeholder) == 1
    for section, names in keys().items():
        for name in names:
            assert re.search(rf"^ *(# *)?{name}:", text, re.MULTILINE), f"{section}.{name}"
    # With the comment signs of the automatic keys removed it means the same.
    free = re.sub(
        r"# (spectrum|spectral_index|scale_ratio|modes|step|duration|max_duration): ", r"\1: ", text
    )
    assert free != text
    assert {**yaml.safe_load(free)}["turbulence"]["scale_ratio"] == "auto"
    assert load_campaign_text(free, TEMPLATE_PATH) == load_campaign_text(text, TEMPLATE_PATH)


def load_campaign_text(text: str, source: Path) -> Any:
    return campaign_from_mapping(yaml.safe_load(text), str(source))
