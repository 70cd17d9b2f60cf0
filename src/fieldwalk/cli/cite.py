"""``fieldwalk cite``: what to cite for the parts that were used."""

from importlib.metadata import version
from itertools import groupby
from pathlib import Path

import click

from fieldwalk.campaign.loading import load_campaign
from fieldwalk.campaign.model import Campaign
from fieldwalk.cli.records.citing import USES, entries, in_words, keys_used
from fieldwalk.cli.records.reading import campaign_of, read_record
from fieldwalk.errors import DataError
from fieldwalk.io.provenance import SOFTWARE, git_describe

AUTHORS = "The Fieldwalk authors"
YEAR = 2026
"""As in CITATION.cff, which an installed package does not bring along."""


@click.command()
@click.argument("file", metavar="[CAMPAIGN.yaml or FILE]", required=False, type=click.Path(path_type=Path))
@click.option("--bibtex", is_flag=True, help="Print BibTeX.")
def cite(file: Path | None, bibtex: bool) -> None:
    """Name what to cite for the parts that a campaign uses, or that made FILE; without either, everything."""
    campaign, used_version, git = _asked(file)
    keys = keys_used(campaign)
    own = _own_entry(used_version, git)
    if bibtex:
        click.echo("\n\n".join([own, *(entries()[key] for key in keys)]))
        return
    click.echo(f"Fieldwalk\n  {in_words(own)}. Version {used_version}, git {git}")
    for heading, group in groupby(keys, lambda key: USES[key].heading):
        click.echo(f"\n{heading}")
        for key in group:
            click.echo(f"  {USES[key].what}:\n    {in_words(entries()[key])}")


def _asked(file: Path | None) -> tuple[Campaign | None, str, str]:
    """The campaign, and the version and the state of the source tree that are to be cited."""
    here = version(SOFTWARE), git_describe()
    if file is None:
        return None, *here
    if file.suffix in (".yaml", ".yml"):
        return load_campaign(file), *here
    record = read_record(file)
    if not record.get("campaign"):
        raise DataError(f"{file}: no campaign stands in it or beside it; name the campaign file instead")
    made_with = str(record.get("softwareVersion", here[0])), str(record.get("gitDescribe", here[1]))
    return campaign_of(file, record), *made_with


def _own_entry(used_version: str, git: str) -> str:
    fields = {
        "author": f"{{{AUTHORS}}}",
        "title": "{Fieldwalk}",
        "year": str(YEAR),
        "version": used_version,
        "note": f"git {git}",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return "\n".join(["@misc{Fieldwalk,", *lines, "}"])
