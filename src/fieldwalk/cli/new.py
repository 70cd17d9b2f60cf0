"""``fieldwalk new``: a commented campaign file to start from."""

import os
import re
import shlex
from datetime import date
from pathlib import Path
from urllib.parse import quote

import click

import fieldwalk
from fieldwalk.campaign.schema import SCHEMA_PATH
from fieldwalk.campaign.stage_table import OUTPUTS, WINGS
from fieldwalk.campaign.values import NAME_PATTERN, NAME_REMEDY
from fieldwalk.errors import CampaignError

TEMPLATE_PATH = SCHEMA_PATH.with_name("template.yaml")
"""What belongs to no single result. The three values below are replaced in a copy."""
TEMPLATE_SCHEMA, TEMPLATE_NAME, TEMPLATE_SEED = "campaign.schema.json", "my-campaign", "20260520"
TEMPLATE_SECTIONS = "# (sections of the results)\n"
"""Line of the template that the ``template.yaml`` of each wing replaces."""


@click.command()
@click.argument("name")
@click.option(
    "--directory",
    default=".",
    show_default="here",
    type=click.Path(path_type=Path),
    help="Folder for the new file; made when it is missing.",
)
def new(name: str, directory: Path) -> None:
    """Write NAME.yaml, a commented campaign to start from. Its seed is today's date."""
    path = write_campaign(name, directory, date.today())
    click.echo(f"{path}\nedit it, then: fieldwalk validate {shlex.quote(str(path))}")


def template_text() -> str:
    """The whole template, a campaign in its own right: the common part, the section of each result, and all outputs."""
    wings = [Path(fieldwalk.__file__).with_name(name) / "template.yaml" for name in WINGS]
    sections = [path.read_text(encoding="utf-8") for path in wings if path.is_file()]
    common = TEMPLATE_PATH.read_text(encoding="utf-8").replace(TEMPLATE_SECTIONS, "\n".join(sections))
    return f"{common}\n# outputs: [{', '.join(OUTPUTS)}]  # as sections allow\n"


def write_campaign(name: str, directory: Path, today: date) -> Path:
    """Write a campaign file made from the template.

    Parameters
    ----------
    name : str
        Name of the campaign and, with ``.yaml``, of the file.
    directory : Path
        Where to write it; made when it is missing.
    today : date
        Becomes the seed, as in 20260520: easy to recognise, and unlike the seeds of other days.

    Returns
    -------
    Path
        The new file.

    Raises
    ------
    CampaignError
        For a bad name, a file that exists already, or a folder that cannot be written.
    """
    if not re.fullmatch(NAME_PATTERN, name):
        raise CampaignError(f"{name!r} is no name for a campaign; {NAME_REMEDY}")
    path = directory / f"{name}.yaml"
    text = template_text()
    # Absolute paths first: a relative one through a symbolic link would climb out of the wrong folder.
    schema = os.path.relpath(SCHEMA_PATH.resolve(), directory.resolve())
    for old, replacement in (
        # Editors end the schema's address at the first blank.
        (f"$schema={TEMPLATE_SCHEMA}", f"$schema={quote(Path(schema).as_posix())}"),
        (f"name: {TEMPLATE_NAME}", f"name: {name}".ljust(len(f"name: {TEMPLATE_NAME}"))),
        (f"seed: {TEMPLATE_SEED}", f"seed: {today:%Y%m%d}"),
    ):
        text = text.replace(old, replacement, 1)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        if not directory.is_dir():
            raise CampaignError(f"{directory}: is a file, not a folder; choose another --directory") from None
        raise CampaignError(f"{path}: exists already and is kept; choose another name or remove it") from None
    except OSError as error:
        raise CampaignError(f"{path}: cannot be written ({error.strerror}); choose another --directory") from None
    return path
