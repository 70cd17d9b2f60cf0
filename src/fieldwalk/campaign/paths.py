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


def dataset(folder: Path, name: str) -> Path:
    """One NetCDF dataset of the campaign: running, mean_free_paths, turbulence or trajectories."""
    return folder / f"{name}.nc"


def table(folder: Path, name: str) -> Path:
    """A dataset as comma-separated values."""
    return folder / f"{name}.csv"


def figure(folder: Path, name: str, suffix: str) -> Path:
    """One figure as ``png`` or ``pdf``."""
    return folder / "figures" / f"{name}.{suffix}"


def report(folder: Path) -> Path:
    """The report of the whole campaign, one HTML page."""
    return folder / "report.html"
