"""The stages of the workflow in one table: what each makes, and the identity of what it makes."""

import hashlib
import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fieldwalk.campaign import paths
from fieldwalk.campaign.grid import FIELD_LINE, field_points, line_points, points, trace_points, trajectory_points
from fieldwalk.campaign.identity import PHYSICS_VERSION, canonical_json, point_id
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.outputs import levels_to_model
from fieldwalk.campaign.selection import Selection, wanted_of

PARTICLES, LINES = "particles", "lines"
"""Kinds of paths, whose moments stand in shards."""


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
    content : callable
        What of the campaign decides what is in them, as plain values.
    reads : tuple of str
        The kinds of paths of which it reads the shards.
    """

    name: str
    version: int
    outputs: Callable[[Campaign, Path], list[Path]]
    content: Callable[[Campaign], list[Any]]
    reads: tuple[str, ...] = ()


def _datasets(name: str) -> Callable[[Campaign, Path], list[Path]]:
    return lambda campaign, folder: [paths.dataset(folder, name)] if name in campaign.datasets else []


def _mean_free_paths(campaign: Campaign, folder: Path) -> list[Path]:
    if "mean_free_paths" not in campaign.datasets:
        return []
    return [paths.dataset(folder, "mean_free_paths"), paths.table(folder, "mean_free_paths")]


def _figures(campaign: Campaign, folder: Path) -> list[Path]:
    return [paths.figure(folder, name, suffix) for name in figure_names(campaign) for suffix in ("png", "pdf")]


def _work(campaign: Campaign) -> list[Any]:
    return [asdict(wanted_of(campaign, point)) for point in points(campaign)]


def _fields(campaign: Campaign) -> list[Any]:
    drawn = [[point_id(point), point.scale_ratio] for point in field_points(campaign)]
    return [drawn, max(campaign.statistics.realisations, FEWEST_FIELDS)]


def _paths(campaign: Campaign) -> list[Any]:
    return [point_id(point) for point in trajectory_points(campaign)]


def _lines(campaign: Campaign) -> list[Any]:
    return [asdict(wanted_of(campaign, point)) for point in line_points(campaign)]


def _work_and_lines(campaign: Campaign) -> list[Any]:
    return [_work(campaign), _lines(campaign)]


def _traces(campaign: Campaign) -> list[Any]:
    return [point_id(point) for point in trace_points(campaign)]


def _nothing(campaign: Campaign) -> list[Any]:
    return []


STAGES: dict[str, Stage] = {
    stage.name: stage
    for stage in (
        Stage("particles", 1, lambda campaign, folder: [], _nothing),  # its shards follow from the plan
        Stage("running", 1, _datasets("running"), _work, (PARTICLES,)),
        Stage("mean_free_paths", 1, _mean_free_paths, _work, (PARTICLES,)),
        Stage("turbulence", 1, _datasets("turbulence"), _fields),
        Stage("trajectories", 1, _datasets("trajectories"), _paths),
        Stage("field_lines", 3, _datasets("field_lines"), _lines, (LINES,)),
        Stage("line_traces", 1, _datasets("line_traces"), _traces),
        Stage("heuristic", 2, _datasets("heuristic"), _work_and_lines, (PARTICLES, LINES)),
        Stage("figure", 2, _figures, _nothing),
    )
}

FIGURE_DATASETS: dict[str, tuple[str, ...]] = {
    "running": ("running", "mean_free_paths"),
    "mean_free_paths": ("mean_free_paths",),
    "scaling": ("mean_free_paths",),
    "turbulence": ("turbulence",),
    "trajectories": ("trajectories",),
    "field_lines": ("field_lines",),
    "line_diffusion": ("field_lines",),
    "line_traces": ("line_traces",),
    "heuristic": ("heuristic",),
    "coefficients": ("heuristic",),
    "running_laws": ("heuristic",),
    "subdiffusion": ("heuristic",),
}
"""What each kind of figure shows: its dataset first, then what is drawn into it where the campaign has it. The name of
a figure begins with its kind."""

FEWEST_RIGIDITIES, FEWEST_DECADES = 5, 1.0
"""A campaign whose rigidities are fewer, or span less, gets no figure of how mean free paths scale."""

FEWEST_FIELDS = 64
"""Fields that the stage ``turbulence`` draws at least: they are cheap, so that even a small campaign gets errors."""


def stage_identity(campaign: Campaign, stage: str) -> str:
    """Hash of all that decides what a stage makes: its version, the physics' version, and its part of the campaign.

    It stands in the `params` of rules and in the datasets themselves; a dataset with another one is out of date.
    """
    content = [stage, STAGES[stage].version, PHYSICS_VERSION, campaign.seed, STAGES[stage].content(campaign)]
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()[:12]


def figure_names(campaign: Campaign) -> list[str]:
    """Names of the figures of a campaign: those of transport once per level, of the model where it means anything.

    How mean free paths scale is shown of all mode types where there is one level, else of all levels type by type.
    """
    names = []
    for output in campaign.datasets:
        if output in ("running", "mean_free_paths"):
            names += _at_levels(output, campaign.turbulence.etas)
        elif output == "heuristic":
            for kind in ("heuristic", "coefficients", "running_laws"):
                names += _at_levels(kind, levels_to_model(campaign.turbulence.etas))
            names.append("subdiffusion")
        else:
            names.append(output)
        if output == "field_lines":
            names.append("line_diffusion")
        if output == "mean_free_paths" and scales(campaign):
            etas, mode_types = campaign.turbulence.etas, campaign.turbulence.mode_types
            names += [f"scaling_eta{etas[0]:.12g}"] if len(etas) == 1 else [f"scaling_{one}" for one in mode_types]
    return names


def _at_levels(kind: str, etas: Iterable[float]) -> list[str]:
    return [f"{kind}_eta{eta:.12g}" for eta in etas]


def kind_of_figure(name: str) -> str:
    """The kind of a figure: ``running_laws_eta0.5`` is one of ``running_laws`` and none of ``running``."""
    return max((kind for kind in FIGURE_DATASETS if name.startswith(kind)), key=len)


def scales(campaign: Campaign) -> bool:
    """Whether the rigidities of a campaign can tell a power law."""
    given = campaign.rigidities
    return len(given) >= FEWEST_RIGIDITIES and math.log10(max(given) / min(given)) > FEWEST_DECADES - 1e-9


def batches_read(selection: Selection, stage: str) -> list[str]:
    """Names of the batches whose shards a stage reads, in the order of the plan; it waits for no other."""
    points, read = selection.plan.points, STAGES[stage].reads
    return list(
        dict.fromkeys(
            name
            for name, portion in selection.served
            if (LINES if points[portion.point]["rigidity"] == FIELD_LINE else PARTICLES) in read
        )
    )


def targets(campaign: Campaign, folder: Path, stage: str) -> list[str]:
    """Paths that a stage makes, as text."""
    return [str(path) for path in STAGES[stage].outputs(campaign, folder)]
