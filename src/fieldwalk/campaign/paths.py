"""Every path of a campaign's results, one function per kind of file; nothing else spells a file name."""

from pathlib import Path

DEFAULT_RESULTS = "results"


def campaign_folder(results: str | Path, name: str) -> Path:
    """Folder of one campaign."""
    return Path(results) / name


def plan_file(folder: Path) -> Path:
    """The frozen, append-only plan."""
    return folder / "plan.json"


def campaign_file(folder: Path) -> Path:
    """The campaign as last run, every default spelled out."""
    return folder / "campaign.yaml"


def shard(folder: Path, batch: str) -> Path:
    """Moments of one batch."""
    return folder / "particles" / f"{batch}.h5"


def checkpoint_folder(folder: Path, batch: str) -> Path:
    """Side files of an unfinished batch, one per rank."""
    return folder / "checkpoints" / batch


def job_note(folder: Path, job: str) -> Path:
    """What is known of a job that runs, failed or was stopped; ``job`` as in :func:`log`."""
    return folder / "jobs" / f"{job}.json"


def farm_job(batch: str) -> str:
    """Name of the job that computes a batch."""
    return f"particles_{batch}"


def log(folder: Path, job: str) -> Path:
    """Log of a job: ``particles_<batch>``, the name of a stage, or ``figure_<name>``."""
    return folder / "logs" / f"{job}.log"


def dataset(folder: Path, name: str) -> Path:
    """One NetCDF dataset of the campaign: running, mean_free_paths and so on."""
    return folder / f"{name}.nc"


def table(folder: Path, name: str) -> Path:
    """A dataset as comma-separated values."""
    return folder / f"{name}.csv"


def product(folder: Path, name: str, suffix: str) -> Path:
    """A dataset as ``nc`` or ``csv``."""
    return {"nc": dataset, "csv": table}[suffix](folder, name)


def figure(folder: Path, name: str, suffix: str) -> Path:
    """One figure as ``png`` or ``pdf``."""
    return folder / "figures" / f"{name}.{suffix}"


def report(folder: Path) -> Path:
    """The report of the whole campaign, one HTML page."""
    return folder / "report.html"
