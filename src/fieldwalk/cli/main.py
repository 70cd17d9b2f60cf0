"""``fieldwalk``: the group of verbs, and the one place where an error becomes a message."""

import importlib
from typing import Any

import click

from fieldwalk.errors import FieldwalkError

VERBS = ("new", "validate", "plan", "cost", "run", "clean", "status", "show", "replay", "cite")
"""Each is a click command in the module of its name, in the order in which a user meets them."""

EXIT_REFUSED = 2
"""Exit status when what was asked for is refused; the same as click's for a wrong option."""


class _Verbs(click.Group):
    """A group that imports a verb when it is called: ``new`` does not wait for Snakemake to load."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import one verb, or return None for a word that is none."""
        if name not in VERBS:
            return None
        command: click.Command = getattr(importlib.import_module(f"fieldwalk.cli.{name}"), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; an error that the user can act upon is shown without a traceback."""
        try:
            return super().invoke(ctx)
        except FieldwalkError as error:
            click.echo(f"fieldwalk: {error}", err=True)
            ctx.exit(EXIT_REFUSED)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fieldwalk", prog_name="fieldwalk")
def main() -> None:
    """Campaigns of cosmic-ray test particles in turbulence: one file in, datasets and figures out."""


if __name__ == "__main__":
    main()
