"""``fieldwalk show``: how a file was made."""

import json
from pathlib import Path

import click

from fieldwalk.cli.records.reading import read_record
from fieldwalk.errors import DataError
from fieldwalk.io.provenance import Attributes

FIRST = (
    *("software", "softwareVersion", "gitDescribe", "softwareDependencies", "author", "machine", "date"),
    *("name", "seed", "campaignHash", "stageIdentity", "kernel", "instructionSet"),
    *("ranks", "wallSeconds", "cpuSeconds", "shards", "batch", "format", "command"),
)
"""Order in which attributes are shown; others follow, and the campaign comes last."""


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--campaign", "only_campaign", is_flag=True, help="Print the campaign alone, as a file to run again.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def show(file: Path, only_campaign: bool, as_json: bool) -> None:
    """Show how FILE was made: a shard, dataset, table, figure (.h5 .nc .csv .png .pdf) or plan.json."""
    if only_campaign and as_json:
        raise click.UsageError("--campaign and --json: ask for one of the two")
    record = read_record(file)
    if as_json:
        click.echo(json.dumps(record, indent=1, ensure_ascii=False))
    elif only_campaign:
        click.echo(_campaign(file, record), nl=False)
    else:
        _print(record)


def _campaign(file: Path, record: Attributes) -> str:
    if not record.get("campaign"):
        raise DataError(f"{file}: no campaign stands in it or beside it; ask a dataset or a figure of that folder")
    return str(record["campaign"])


def _print(record: Attributes) -> None:
    names = [name for name in FIRST if name in record]
    names += sorted(record.keys() - {*FIRST, "campaign"})
    width = max(map(len, names))
    for name in names:
        value = record[name]
        click.echo(f"{name:<{width}}  {value:.6g}" if isinstance(value, float) else f"{name:<{width}}  {value}")
    click.echo(f"\ncampaign\n{record.get('campaign', '')}".rstrip())
