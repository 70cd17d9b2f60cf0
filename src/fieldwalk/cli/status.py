"""``fieldwalk status``: how far a campaign has come."""

import json
import shlex
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from fieldwalk.campaign import paths
from fieldwalk.campaign.loading import load_campaign
from fieldwalk.campaign.status.progress import Status, status_of
from fieldwalk.cli.views.record import record_of
from fieldwalk.cli.views.text import shown
from fieldwalk.errors import CampaignError

WATCH_SECONDS = 5.0

WIDTH_OF_A_FILE = 120
"""Columns of a table that goes to a file or a pipe, where no terminal sets them."""


class _Seconds(click.FloatRange):
    """Seconds between two looks, with a word for who writes ``--watch`` before the campaign."""

    name = "seconds"

    def __init__(self) -> None:
        super().__init__(min=0.1)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return float(super().convert(value, param, ctx))
        except click.BadParameter as error:
            remedy = "write the seconds, or the campaign first: fieldwalk status CAMPAIGN.yaml --watch"
            raise click.BadParameter(f"{error.message} {remedy}") from None


@click.command()
@click.argument("campaign_file", metavar="CAMPAIGN.yaml", type=click.Path(path_type=Path))
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    default=paths.DEFAULT_RESULTS,
    show_default=True,
    help="Folder of all results.",
)
@click.option(
    "--watch",
    type=_Seconds(),
    is_flag=False,
    flag_value=WATCH_SECONDS,
    metavar="[SECONDS]",
    help=f"Look again every so often, every {WATCH_SECONDS:g} s unless said otherwise, until everything is done.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page for a browser too.")
def status(campaign_file: Path, results: Path, watch: float | None, as_json: bool, html: Path | None) -> None:
    """Show what of CAMPAIGN.yaml is done, running, ready, waiting or failed, and how long it will take.

    Reads the results folder and writes nothing there.
    """
    if watch and as_json:
        raise click.UsageError("--watch and --json: ask for one of the two")
    if html and not html.parent.is_dir():
        raise CampaignError(f"--html {html}: there is no folder {html.parent}; make it first")
    asked = load_campaign(campaign_file)
    folder = paths.campaign_folder(results, asked.name)
    again = _again(campaign_file, results)

    def look() -> Status:
        found = status_of(asked, folder)
        if html:
            from fieldwalk.cli.views.page import write_page  # its templates are not needed otherwise

            write_page(found, again, _now(), html)
        return found

    if as_json:
        click.echo(json.dumps(record_of(look(), _now()), indent=1, ensure_ascii=False))
        return
    console = _console()
    if watch:
        _watch(console, look, again, watch)
    else:
        console.print(shown(look(), again, _now()))
    if html:
        click.echo(f"page: {html}")


def _console() -> Console:
    """A console that breaks no line of what goes to a file or a pipe."""
    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(highlight=False, force_terminal=False, soft_wrap=True, width=WIDTH_OF_A_FILE)


def _watch(console: Console, look: Callable[[], Status], again: str, seconds: float) -> None:
    """Show the status until everything is done or the user has seen enough."""
    try:
        if console.is_terminal and not console.is_dumb_terminal:
            _watch_terminal(console, look, again, seconds)
        else:
            while not _print(console, look, again).finished:
                time.sleep(seconds)
    except KeyboardInterrupt:
        click.echo()


def _watch_terminal(console: Console, look: Callable[[], Status], again: str, seconds: float) -> None:
    from rich.live import Live

    found = look()
    with Live(shown(found, again, _now()), console=console, auto_refresh=False) as live:
        while not found.finished:
            time.sleep(seconds)
            found = look()
            live.update(shown(found, again, _now()), refresh=True)


def _print(console: Console, look: Callable[[], Status], again: str) -> Status:
    found = look()
    console.print(shown(found, again, _now()))
    console.file.flush()
    return found


def _again(campaign_file: Path, results: Path) -> str:
    elsewhere = [] if str(results) == paths.DEFAULT_RESULTS else ["--results", str(results)]
    return shlex.join(["fieldwalk", "run", str(campaign_file), *elsewhere])


def _now() -> datetime:
    return datetime.now().astimezone()
