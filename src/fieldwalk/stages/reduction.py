"""What the reductions share: the campaign's grid, and the moments of any point of it."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from fieldwalk.campaign import paths
from fieldwalk.campaign.grid import line_points, points
from fieldwalk.campaign.selection import Selection, portions_by_point, select, wanted_of
from fieldwalk.campaign.stages import batches_read
from fieldwalk.errors import DataError
from fieldwalk.io.provenance import Attributes
from fieldwalk.io.shards import open_shard
from fieldwalk.stages.context import Context
from fieldwalk.transport.collect import PointMoments, collect
from fieldwalk.transport.collect_lines import LineMoments, collect_lines
from fieldwalk.transport.datasets import Grid

Lines = Callable[[str, float], LineMoments]
"""Gives the moments of the field lines of a mode type and eta."""

FROM_SHARDS = ("kernel", "instructionSet", "ranks", "wallSeconds", "cpuSeconds")
"""Attributes of the shards that a reduced dataset repeats: the text of all, or the sum of the seconds."""


@dataclass(frozen=True)
class Reduction:
    """The grid of a campaign and a way to its moments, those of its field lines included where it has any."""

    grid: Grid
    longest: float
    collect: Callable[[dict[str, int]], PointMoments]
    lines: Lines
    attributes: Attributes


def open_reduction(context: Context, stage: str) -> Reduction:
    """Find the shards that a stage reads of a campaign with particles.

    Raises
    ------
    DataError
        When a batch has not been run.
    """
    folder = context.folder
    selection = select(context.campaign, folder)
    campaign = selection.campaign
    require_run(selection, folder)
    grid: Grid = {
        "mode_type": list(campaign.turbulence.mode_types),
        "eta": list(campaign.turbulence.etas),
        "rigidity": list(campaign.rigidities),
    }
    places = product(*(range(len(values)) for values in grid.values()))
    by_place = dict(zip(places, points(campaign), strict=True))
    serving = portions_by_point(selection)

    def moments(place: dict[str, int]) -> PointMoments:
        point = by_place[tuple(place.values())]
        want = wanted_of(campaign, point)
        return collect(folder, want, point.step, serving.get(want.point, []))

    longest = max(point.duration for point in by_place.values())
    attributes = attributes_of_shards(selection, folder, stage)
    return Reduction(grid, longest, moments, line_moments(selection, folder), attributes)


def line_moments(selection: Selection, folder: Path) -> Lines:
    """A way to the moments of the field lines of a campaign."""
    campaign = selection.campaign
    by_place = {(point.mode_type, point.eta): point for point in line_points(campaign)}
    serving = portions_by_point(selection)

    def moments(mode_type: str, eta: float) -> LineMoments:
        want = wanted_of(campaign, by_place[mode_type, eta])
        return collect_lines(folder, want, serving.get(want.point, []))

    return moments


def require_run(selection: Selection, folder: Path) -> None:
    """Raise DataError when a batch was never run."""
    if selection.new:
        raise DataError(
            f"{folder}: {len(selection.new)} batch(es) of this campaign were never run; `fieldwalk run` runs them"
        )


def attributes_of_shards(selection: Selection, folder: Path, stage: str) -> Attributes:
    """What a reduced dataset repeats of the shards that it is made of; DataError when one has another seed."""
    campaign = selection.campaign
    # the others may not be there yet
    shards = [paths.shard(folder, name) for name in batches_read(selection, stage)]
    attributes: list[Attributes] = []
    for path in shards:
        with open_shard(path) as file:
            if (found := file.attrs.get("seed")) != campaign.seed:
                raise DataError(
                    f"{path}: was made with seed {found}, this campaign has {campaign.seed}; delete it and run again"
                )
            attributes.append({name: _plain(file.attrs[name]) for name in FROM_SHARDS})
    return _combined(attributes)


def _combined(attributes: list[Attributes]) -> Attributes:
    result: Attributes = {"shards": len(attributes)}
    for name in FROM_SHARDS:
        values = [entry[name] for entry in attributes]
        if name.endswith("Seconds"):
            result[name] = sum(float(value) for value in values)
        else:
            result[name] = ", ".join(sorted({str(value) for value in values}, key=lambda text: (len(text), text)))
    return result


def _plain(value: str | np.generic) -> str | int | float:
    plain: str | int | float = value if isinstance(value, str) else value.item()
    return plain
