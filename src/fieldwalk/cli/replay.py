"""``fieldwalk replay``: make a file again and compare."""

import os
import signal
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from fieldwalk import kernels
from fieldwalk.cli.records.comparison import Comparison, compare
from fieldwalk.cli.records.reading import read_record
from fieldwalk.cli.records.remaking import Remaking
from fieldwalk.errors import DataError
from fieldwalk.io.provenance import SOFTWARE, Attributes, git_describe, software_dependencies
from fieldwalk.jobs.context import kernel_attributes

MOST_LINES = 20
"""Differences that are shown one by one."""


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--ranks", type=click.IntRange(min=1), help="MPI processes for a shard; as many as made it by default.")
@click.option("--mpi", default="mpiexec", show_default=True, help="What starts them; `-n RANKS` is added.")
def replay(file: Path, ranks: int | None, mpi: str) -> None:
    """Make FILE again as it was made, in a temporary folder, and compare every array byte by byte.

    FILE is a shard, a dataset, a table or a figure. Its results folder is read and never written to. The exit status
    is 0 when both are equal and 1 when they differ.
    """
    record = read_record(file)
    if file.name == "plan.json":
        raise DataError(f"{file}: a plan is not made again; name a shard, dataset, table or figure")
    for line in circumstances(record):
        click.echo(f"note: {line}", err=True)
    ranks = ranks or int(record["ranks"] if file.suffix == ".h5" else 1)
    if ranks > (cores := len(os.sched_getaffinity(0))):
        click.echo(f"note: {ranks} ranks share {cores} core(s); --ranks {cores} gives the same bits sooner", err=True)
    # a plain kill becomes an orderly exit, so that the jobs end and the temporary folder goes
    before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        with TemporaryDirectory(prefix="fieldwalk-replay-") as place:
            comparison = compare(file, Remaking(file, record, Path(place), mpi, ranks).run())
    finally:
        signal.signal(signal.SIGTERM, before)
    _print(comparison)
    sys.exit(1 if comparison.differences else 0)


def circumstances(record: Attributes) -> list[str]:
    """What is not as it was when a file was made, one line each."""
    here = {
        "softwareVersion": version(SOFTWARE),
        "gitDescribe": git_describe(),
        "kernel": kernel_attributes()["kernel"],
    }
    lines = [f"{name} was {record[name]}, is {now}" for name, now in here.items() if record.get(name) != now]
    if str(record.get("gitDescribe")).endswith("-dirty"):
        lines.append("the source tree had uncommitted changes when the file was made; which ones, nobody knows")
    before, now = (set(str(text).split("; ")) for text in (record["softwareDependencies"], software_dependencies()))
    if before - now:
        lines.append(f"made with {', '.join(sorted(before - now))}; here are {', '.join(sorted(now - before))}")
    if "shards" in record:  # moments were reduced, and no kernel runs for that
        return lines
    made_with = str(record.get("instructionSet"))
    if len(made_with.split(", ")) > 1:
        lines.append(f"instructionSet was {made_with}, one part each; a replay has one for all, so bits may differ")
    elif made_with not in kernels.instruction_sets():
        lines.append(
            f"instructionSet was {made_with}, which this processor lacks; with {kernels.instruction_set()} results"
            " are equal to rounding at first, and then as far as chaos allows"
        )
    return lines


def _print(comparison: Comparison) -> None:
    if not comparison.differences:
        click.echo(f"equal: {comparison.arrays} arrays, {comparison.size:,} bytes")
        return
    click.echo(f"different: {len(comparison.differences)} of {comparison.arrays} arrays")
    for line in comparison.differences[:MOST_LINES]:
        click.echo(f"  {line}")
    if len(comparison.differences) > MOST_LINES:
        click.echo(f"  and {len(comparison.differences) - MOST_LINES} more")
