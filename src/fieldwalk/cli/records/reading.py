"""The record of a file's making, out of any kind of file that a campaign makes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import yaml

from fieldwalk.campaign import paths
from fieldwalk.campaign.loading import campaign_from_mapping
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.plan import read_plan
from fieldwalk.errors import DamagedFileError, DataError
from fieldwalk.io.embedded import read_pdf_attributes, read_png_attributes
from fieldwalk.io.provenance import SOFTWARE, Attributes
from fieldwalk.io.shards import open_shard


def read_record(path: Path) -> Attributes:
    """Global attributes of a shard, dataset, table, figure or plan.

    A plan belongs to no single making: its record says what is planned, and the campaign is the one last run beside it.

    Raises
    ------
    DataError
        When the file is missing, damaged, or none that a campaign makes.
    """
    if path.is_dir():
        raise DataError(f"{path}: is a folder; name a file in it")
    if not path.exists():
        raise DataError(f"{path}: no such file; name a shard, dataset, table, figure or plan of a results folder")
    kind = path.name if path.name == "plan.json" else path.suffix
    if kind not in _READERS:
        raise DataError(
            f"{path}: is no shard (.h5), dataset (.nc), table (.csv), figure (.png, .pdf) or plan.json of a campaign;"
            " name one of these"
        )
    try:
        record = _READERS[kind](path)
    except PermissionError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); change its rights") from error
    if record.get("software") != SOFTWARE:
        found = record.get("software", "none")
        raise DataError(f"{path}: was not made by Fieldwalk (its attribute software: {found}); name a campaign's file")
    return record


def campaign_of(path: Path, record: Attributes) -> Campaign:
    """The campaign whose text a file holds.

    Raises
    ------
    CampaignError
        When this version would not run it.
    """
    return campaign_from_mapping(yaml.safe_load(str(record["campaign"])), f"campaign in {path}")


def _shard(path: Path) -> Attributes:
    with open_shard(path) as file:
        return _attributes(file)


def _dataset(path: Path) -> Attributes:
    try:
        with h5py.File(path, "r") as file:
            return _attributes(file)
    except PermissionError:
        raise
    except OSError as error:
        raise DamagedFileError(path, f"not a whole NetCDF-4 file: {error}") from error


def _attributes(file: h5py.File) -> Attributes:
    return {name: _plain(value) for name, value in file.attrs.items() if not name.startswith("_")}


def _plain(value: Any) -> str | int | float:
    found = value.item() if isinstance(value, np.generic | np.ndarray) and value.size == 1 else value
    return found if isinstance(found, str | int | float) else str(found)


def _table(path: Path) -> Attributes:
    from fieldwalk.io.tables import read_table  # astropy's tables take a second to import

    return dict(read_table(path).meta)


def _plan(path: Path) -> Attributes:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        name, seed = content["name"], content["seed"]
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedFileError(path, f"not a plan: {error}") from error
    plan = read_plan(path.parent, name, seed)
    campaign = paths.campaign_file(path.parent)
    return {
        "software": SOFTWARE,
        "format": plan.format,
        "name": plan.name,
        "seed": plan.seed,
        "points": len(plan.points),
        "batches": len(plan.batches),
        "shards": sum(paths.shard(path.parent, batch).exists() for batch in plan.batches),
        "predictedCoreSeconds": sum(batch.core_seconds for batch in plan.batches.values()),
        "campaign": campaign.read_text(encoding="utf-8") if campaign.is_file() else "",
    }


_READERS: dict[str, Callable[[Path], Attributes]] = {
    ".h5": _shard,
    ".nc": _dataset,
    ".csv": _table,
    ".png": read_png_attributes,
    ".pdf": read_pdf_attributes,
    "plan.json": _plan,
}
