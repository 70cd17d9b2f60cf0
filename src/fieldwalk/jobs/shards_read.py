"""The shards that a stage reads: what they hold of a point, and what a dataset repeats of their attributes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fieldwalk.campaign import paths
from fieldwalk.campaign.plan.coverage import Served, Wanted
from fieldwalk.campaign.plan.plan import Portion
from fieldwalk.campaign.plan.selection import Selection
from fieldwalk.campaign.plan.stages import batches_read
from fieldwalk.errors import DataError
from fieldwalk.io.provenance import Attributes
from fieldwalk.io.shards import Arrays, open_shard, read_attributes, read_group

FROM_SHARDS = ("kernel", "instructionSet", "ranks", "wallSeconds", "cpuSeconds")
"""Attributes of the shards that a reduced dataset repeats: the text of all, or the sum of the seconds."""

Stored = tuple[Portion, NDArray[np.int64], Arrays, dict[str, Any]]
"""A portion, the realisations of it that are wanted, and the arrays and attributes that its shard holds."""


def stored_portions(folder: Path, want: Wanted, serving: list[Served], needed: set[str]) -> Iterator[Stored]:
    """Read every portion that a campaign wants of a point.

    Parameters
    ----------
    folder : Path
        Results folder of the campaign.
    want : Wanted
    serving : list of (batch name, Portion)
        Portions that hold the point's work.
    needed : set of str
        Arrays and attributes without which a portion is of no use.

    Raises
    ------
    DataError
        When a shard is missing, damaged or foreign.
    """
    for name, portion in serving:
        realisations = np.arange(portion.realisations[0], min(portion.realisations[1], want.realisations))
        if realisations.size == 0 or portion.particles[0] >= want.particles or portion.steps[0] >= want.steps:
            continue
        with open_shard(paths.shard(folder, name)) as file:
            stored, attributes = read_group(file, portion.group), read_attributes(file, portion.group)
        if absent := needed - {*stored, *attributes}:
            raise DataError(
                f"{paths.shard(folder, name)}: {portion.group} lacks {', '.join(sorted(absent))}; delete the file and"
                " run the campaign again"
            )
        yield portion, realisations, stored, attributes


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
