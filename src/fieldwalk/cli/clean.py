"""``fieldwalk clean``: remove what finished work left behind, and nothing else."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import click

from fieldwalk.campaign import paths
from fieldwalk.campaign.loading import load_campaign
from fieldwalk.campaign.plan.plan import Plan, read_plan
from fieldwalk.cli.launch.run_lock import refuse_while_running
from fieldwalk.errors import DataError
from fieldwalk.io.files import explained
from fieldwalk.io.shards import open_shard
from fieldwalk.parallel.job_note import read_note


@click.command()
@click.argument("campaign_file", metavar="CAMPAIGN.yaml", type=click.Path(path_type=Path))
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    default=paths.DEFAULT_RESULTS,
    show_default=True,
    help="Folder of all results.",
)
@click.option("--dry-run", is_flag=True, help="Only show what would be removed.")
def clean(campaign_file: Path, results: Path, dry_run: bool) -> None:
    """Remove side files of finished work: checkpoints and notes of batches whose shard is whole, and parts of files
    that exist. Checkpoints of unfinished work, results, logs and damaged files that were set aside are kept.
    """
    asked = load_campaign(campaign_file)
    folder = paths.campaign_folder(results, asked.name)
    plan = read_plan(folder, asked.name, asked.seed)
    refuse_while_running(folder)
    removable = [*_of_finished_batches(plan, folder), *_parts(folder)]
    size = sum(_size(path) for path in removable)
    for path in removable:
        click.echo(f"  {path}")
        if not dry_run:
            _remove(path)
    verb = "would be removed" if dry_run else "removed"
    click.echo(f"{folder}: {len(removable)} side file(s) and folder(s), {size / 1e6:.1f} MB, {verb}")


def _of_finished_batches(plan: Plan, folder: Path) -> Iterator[Path]:
    for batch in plan.batches:
        note_path = paths.job_note(folder, paths.farm_job(batch))
        side_files = [paths.checkpoint_folder(folder, batch), note_path, note_path.with_suffix(".handover")]
        if not any(path.exists() for path in side_files) or not _whole(paths.shard(folder, batch)):
            continue
        note = read_note(note_path)
        if note is None or note.state != "running":
            yield from (path for path in side_files if path.exists())


def _whole(shard: Path) -> bool:
    try:
        with open_shard(shard):
            return True
    except DataError:
        return False


def _parts(folder: Path) -> Iterator[Path]:
    """Half-written files of killed jobs, of which a whole one exists by now."""
    for part in sorted(folder.rglob("*.part")):
        whole = part.with_name(part.name.rsplit(".", 2)[0])
        if whole.exists():
            yield part


def _size(path: Path) -> int:
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())


def _remove(path: Path) -> None:
    try:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as error:
        raise explained(error, path) from error
