"""The JSON schema of the campaign file, made from the models: editors complete and check with it.

``python -m fieldwalk.campaign.schema`` writes it anew after a change of the models; a test keeps the two in
step.
"""

import json
from pathlib import Path

from fieldwalk.campaign.model import campaign_model

SCHEMA_PATH = Path(__file__).with_name("campaign.schema.json")


def schema_text() -> str:
    """Return the JSON schema of a campaign file, ending in a newline."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **campaign_model().model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the schema beside this module."""
    SCHEMA_PATH.write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
