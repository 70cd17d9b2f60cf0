"""The stages of the workflow in one table: what each makes of what."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fieldwalk.campaign import paths
from fieldwalk.campaign.model import Campaign


@dataclass(frozen=True)
class Stage:
    """One stage.

    Attributes
    ----------
    name : str
        Of the stage, its rule and its module in ``fieldwalk.stages``.
    version : int
        Raised when the stage's results or looks change, so that it runs again.
    outputs : callable
        Paths that it makes for a campaign in a folder.
    """

    name: str
    version: int
    outputs: Callable[[Campaign, Path], list[Path]]


def _datasets(name: str) -> Callable[[Campaign, Path], list[Path]]:
    return lambda campaign, folder: [paths.dataset(folder, name)] if name in campaign.datasets else []


def _mean_free_paths(campaign: Campaign, folder: Path) -> list[Path]:
    if "mean_free_paths" not in campaign.datasets:
        return []
    return [paths.dataset(folder, "mean_free_paths"), paths.table(folder, "mean_free_paths")]


def _figures(campaign: Campaign, folder: Path) -> list[Path]:
    return [paths.figure(folder, name, suffix) for name in figure_names(campaign) for suffix in ("png", "pdf")]


STAGES: dict[str, Stage] = {
    stage.name: stage
    for stage in (
        Stage("particles", 1, lambda campaign, folder: []),  # its shards follow from the plan
        Stage("running", 1, _datasets("running")),
        Stage("mean_free_paths", 1, _mean_free_paths),
        Stage("turbulence", 1, _datasets("turbulence")),
        Stage("trajectories", 1, _datasets("trajectories")),
        Stage("figure", 1, _figures),
    )
}


def figure_names(campaign: Campaign) -> list[str]:
    """Names of the figures of a campaign: those of transport once per level of turbulence."""
    names = []
    for output in campaign.datasets:
        if output in ("running", "mean_free_paths"):
            names += [f"{output}_eta{eta:.12g}" for eta in campaign.turbulence.etas]
        else:
            names.append(output)
    return names


def targets(campaign: Campaign, folder: Path, stage: str) -> list[str]:
    """Paths that a stage makes, as text."""
    return [str(path) for path in STAGES[stage].outputs(campaign, folder)]
