"""``fieldwalk run``: a campaign from file to figures, through Snakemake."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import yaml
from rich.console import Console

import fieldwalk
from fieldwalk.campaign import paths
from fieldwalk.campaign.loading import load_campaign
from fieldwalk.campaign.plan.plan import of_other_versions
from fieldwalk.campaign.plan.selection import select
from fieldwalk.campaign.plan.stages import FARM
from fieldwalk.cli.launch.child import run_to_the_end
from fieldwalk.cli.launch.extension import longer_durations
from fieldwalk.cli.launch.run_lock import running_alone
from fieldwalk.cli.launch.snakemake_memory import keep_finished
from fieldwalk.errors import CampaignError, PlanError
from fieldwalk.io.files import require_space
from fieldwalk.parallel import checkpoint
from fieldwalk.parallel.job_note import read_note
from fieldwalk.parallel.progress import readable_time
from fieldwalk.particles.points import points
from fieldwalk.stages.workflow import EXTEND_KEY, RESULTS_KEY, CampaignWorkflow


@click.command()
@click.argument("campaign_file", metavar="CAMPAIGN.yaml", type=click.Path(path_type=Path))
@click.option(
    "--cores",
    type=click.IntRange(min=1),
    help="Cores to use; this machine's by default, at most the campaign's ranks per job.",
)
@click.option(
    "--profile", default="local", show_default=True, help="Folder under profiles/, or a path: where and how jobs run."
)
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    default=paths.DEFAULT_RESULTS,
    show_default=True,
    help="Folder of all results.",
)
@click.option(
    "--extend",
    metavar="POINT",
    multiple=True,
    help="Follow a point that has not converged twice as long (or POINT=Ωt); `all` for all of them. Repeatable.",
)
@click.argument("snakemake_options", nargs=-1, type=click.UNPROCESSED)
def run(
    campaign_file: Path,
    cores: int | None,
    profile: str,
    results: Path,
    extend: tuple[str, ...],
    snakemake_options: tuple[str, ...],
) -> None:
    """Run CAMPAIGN.yaml: whatever of it is not done yet, and nothing else.

    Options after `--` go to Snakemake, for example `fieldwalk run my.yaml -- --dry-run`.
    """
    asked = load_campaign(campaign_file)
    folder = paths.campaign_folder(results, asked.name)
    names = {point.name for point in points(asked)} if extend else set()
    durations = longer_durations(extend, names, folder)
    workflow = CampaignWorkflow(folder, select(asked, folder, durations))
    for point in workflow.selection.points("particles"):
        if point.name in durations:
            click.echo(f"extended: {point.name} is followed to Ωt = {point.duration:.4g} from now on")
    if note := of_other_versions(workflow.selection.plan, folder):
        click.echo(f"note: {note}")
    root = workflow_root()
    profile_folder = find_profile(profile, root)
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }
    check_launcher(profile_folder, environment["PATH"])
    left = [name for name in workflow.selection.batches if not paths.shard(folder, name).exists()]
    require_space(paths.plan_file(folder), 10**6 * sum(workflow.disk_megabytes(name) for name in left))
    cores = cores or len(os.sched_getaffinity(0))
    click.echo(_announcement(workflow, left, cores))
    command = [
        *(sys.executable, "-m", "snakemake", "--snakefile", str(root / "Snakefile")),
        *("--configfile", str(campaign_file), "--config", f"{RESULTS_KEY}={results}"),
        *([f"{EXTEND_KEY}={json.dumps(durations)}"] if durations else []),
        *("--profile", str(profile_folder), "--workflow-profile", str(root / "profiles" / "default")),
        *("--cores", str(cores)),
        *("--quiet", "host", "reason"),
        # jobs of this machine speak for themselves; of others Snakemake's own words are all there is
        *(["rules"] if executor_of(profile_folder) == "local" else []),
    ]
    if outdated := workflow.outdated():
        command += ["--forcerun", *outdated]
    command += snakemake_options
    if {"-n", "--dry-run", "--dryrun"} & set(snakemake_options):
        sys.exit(subprocess.run(command, env=environment, check=False).returncode)
    with running_alone(folder, unlock=[*command, "--unlock"], environment=environment) as lock:
        if kept := keep_finished(workflow.shards(), command, environment):
            click.echo(f"{len(kept)} batch(es) were finished by jobs that outlived an earlier run; they are kept")
        report = ["--report", str(paths.report(folder)), "--report-after-run"]
        status = run_to_the_end([*command, *report], environment, lock)
    if status:
        click.echo(f"{_ENDED[status > 0]} What is done is kept; run again to go on:\n  {_again()}", err=True)
        sys.exit(1 if status > 0 else 130)
    for name in workflow.selection.batches:
        checkpoint.remove(paths.checkpoint_folder(folder, name))
    _show_products(workflow)


def _announcement(workflow: CampaignWorkflow, left: list[str], cores: int) -> str:
    ranks = min(cores, workflow.campaign.resources.ranks)
    seconds = 0.0
    for name in left:
        note = read_note(paths.job_note(workflow.folder, paths.farm_job(name)))
        seconds += workflow.seconds(name, ranks) * (1 - note.share if note else 1.0)
    return (
        f"campaign {workflow.campaign.name}: {len(left)} of {len(workflow.selection.batches)} batches to compute,"
        f" about {readable_time(seconds / max(1, cores // ranks))} on {cores} idle core(s); then reductions and figures"
    )


_ENDED = {True: "Not complete: some job failed, see above.", False: "Stopped."}


def workflow_root() -> Path:
    """Folder of the Snakefile: the source tree that this package runs from, or the current folder.

    Raises
    ------
    PlanError
        When neither holds one.
    """
    for root in (Path(fieldwalk.__file__).resolve().parents[2], Path.cwd()):
        if (root / "Snakefile").is_file():
            return root
    raise PlanError(
        f"{Path.cwd()}: no Snakefile here, nor beside the installed package; run from a clone of the repository"
    )


def find_profile(name: str, root: Path) -> Path:
    """Folder of a profile, by path or by name.

    Raises
    ------
    CampaignError
        When there is none, with those that exist.
    """
    for folder in (Path(name), root / "profiles" / name):
        if (folder / "config.yaml").is_file():
            return folder
    known = sorted(path.parent.name for path in (root / "profiles").glob("*/config.yaml"))
    raise CampaignError(
        f"--profile {name}: no such profile; choose one of {', '.join(known)}, or a folder that holds a config.yaml"
    )


def check_launcher(profile: Path, search_path: str) -> None:
    """Check that the profile's MPI launcher exists and that its jobs can name Python, before anything is written.

    Raises
    ------
    CampaignError
        When one does not hold.
    """
    settings = _settings(profile)
    if executor_of(profile) != "local" and " " in sys.executable:
        raise CampaignError(
            f"{sys.executable}: Snakemake does not quote this path in the jobs that it submits;"
            " move the clone to a folder without a space in its path and set it up there (make .venv/installed)"
        )
    launcher = ((settings.get("set-resources") or {}).get(FARM) or {}).get("mpi", "mpiexec")
    if shutil.which(shlex.split(launcher)[0], path=search_path) is None:
        raise CampaignError(
            f"{profile / 'config.yaml'}: mpi: {launcher}: no such program on the PATH; install the project's"
            " requirements (the mpich package brings mpiexec), or name this site's launcher there"
        )


def executor_of(profile: Path) -> str:
    """Name of the Snakemake plugin that runs the jobs of a profile."""
    return str(_settings(profile).get("executor", "local"))


def _settings(profile: Path) -> dict[str, Any]:
    return yaml.safe_load((profile / "config.yaml").read_text(encoding="utf-8")) or {}


def _show_products(workflow: CampaignWorkflow) -> None:
    made = [*map(Path, workflow.targets()), paths.report(workflow.folder)]
    click.echo("\nDone. What you have now:")
    console = Console(soft_wrap=True)
    for path in made:
        if path.exists() and path.suffix != ".pdf":
            console.print(f"  {path}", highlight=False)


def _again() -> str:
    return shlex.join(["fieldwalk", *sys.argv[1:]])
