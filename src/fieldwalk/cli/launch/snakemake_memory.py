"""What Snakemake remembers of a run that was killed, put right."""

import base64
import binascii
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from fieldwalk.errors import DataError
from fieldwalk.io.shards import open_shard

INCOMPLETE = Path(".snakemake") / "incomplete"
"""Snakemake's marks of outputs that a job was making when it last heard of it; relative to where it runs."""


def keep_finished(shards: Sequence[str], command: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """Let Snakemake keep shards that were finished by jobs which outlived it.

    A killed Snakemake leaves its jobs running and their outputs marked as incomplete; the next one would delete and
    compute them again, although a shard appears only when it is whole.

    Parameters
    ----------
    shards : sequence of str
        Paths as Snakemake knows them.
    command : sequence of str
        Snakemake's command line.
    environment : mapping
        Of that command.

    Returns
    -------
    list of str
        The shards that were marked and are whole.
    """
    marked = set(_marked())
    kept = [shard for shard in shards if shard in marked and _whole(Path(shard))]
    if kept:
        # its exit status says whether it also knew how they were made, and it never does
        subprocess.run([*command, "--cleanup-metadata", *kept], env=environment, capture_output=True, check=False)
    return kept


def _marked() -> Iterator[str]:
    """Paths of the outputs that are marked: the names of the marks are base64, long ones in several folders."""
    for mark in INCOMPLETE.rglob("*"):
        if mark.is_file():
            name = "".join(part.removeprefix("@") for part in mark.relative_to(INCOMPLETE).parts)
            with suppress(binascii.Error, ValueError):
                yield base64.urlsafe_b64decode(name).decode()


def _whole(shard: Path) -> bool:
    try:
        with open_shard(shard):
            return True
    except DataError:
        return False
