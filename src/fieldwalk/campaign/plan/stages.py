"""What the stages and figures of a campaign make, what they read, and the identity of what they make."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fieldwalk.campaign import paths
from fieldwalk.campaign.identity import PHYSICS_VERSION, canonical_json
from fieldwalk.campaign.keys import effects
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.kinds import kind_of, kinds
from fieldwalk.campaign.plan.selection import Selection
from fieldwalk.campaign.points import Point
from fieldwalk.campaign.rows import PER_CAMPAIGN, PER_LEVEL, PER_TYPE, Figure, Input, Stage, load
from fieldwalk.campaign.stage_table import FIGURES, STAGES
from fieldwalk.campaign.values import DISPLAY
from fieldwalk.errors import CampaignError

FARM = "particles"
"""Name of the farm's rule, of its jobs and of the folder of its shards, whatever kinds of paths they hold."""

FARM_VERSION = 1


def farm_identity(campaign: Campaign) -> str:
    """Identity of every shard: what is in it is in its plan, and its name is a hash of that."""
    return _digest([FARM, FARM_VERSION, PHYSICS_VERSION, campaign.seed, []])


def stage_identity(selection: Selection, stage: str) -> str:
    """Hash of all that decides what a stage makes: its version, its part of the campaign, and what it reads.

    It is written into the `params` of rules and in the datasets themselves; a dataset with another one is out of date.

    Raises
    ------
    CampaignError
        When a file that a key names cannot be read.
    """
    row, campaign = STAGES[stage], selection.campaign
    content = load(row.content)(selection) if row.content else _content(selection, row)
    read = [
        file_digest(one, file) if (file := campaign.file_of(one.key)) else stage_identity(selection, one.dataset)
        for one in row.inputs
    ]
    return _digest([stage, row.version, PHYSICS_VERSION, campaign.seed, content, read])


def _content(selection: Selection, row: Stage) -> list[Any]:
    """The work wanted of each point of the stage's kinds, and what else its sections say."""
    work = [
        [want.name, want.realisations, want.particles, want.steps]
        for kind in row.kinds
        for want in selection.wanted_of(kind)
    ]
    read = [kind for kind in kinds() if kind.name in row.kinds]
    covered = {section for kind in read for section in kind.sections}
    of_stages = {key for kind in read for key in kind.stage_keys}
    plain = selection.campaign.model_dump(mode="json")
    changes = effects()
    return [
        work,
        {
            f"{section}.{key}": value
            for section in row.sections
            for key, value in plain[section].items()
            if section not in covered or f"{section}.{key}" in of_stages
            if changes[f"{section}.{key}"] != DISPLAY and not _names_an_input(f"{section}.{key}")
        },
    ]


def _names_an_input(key: str) -> bool:
    """Whether a key names a file of some stage: the content of the file counts there, and its path nowhere."""
    return any(one.key == key for stage in STAGES.values() for one in stage.inputs)


def notes_of(campaign: Campaign, point: Point) -> list[str]:
    """What a user should know about a point before spending core-hours on it; sentences without full stop."""
    found = list(kind_of(point).notes(campaign, point))
    for stage in campaign.stages:
        found += load(stage.notes)(campaign, point) if stage.notes else []
    return found


def file_digest(one: Input, file: str) -> str:
    """Hash of the content of a file that a key names in the place of a dataset."""
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except OSError as error:
        raise CampaignError(
            f"{one.key}: is {file}: cannot be read ({error.strerror}); name a file like {one.dataset}.nc of a campaign,"
            f" or remove the key to make {one.dataset} here"
        ) from None


def _digest(content: list[Any]) -> str:
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()[:12]


def products(row: Stage, folder: Path) -> list[Path]:
    """Files that a stage makes, the dataset first."""
    return [paths.product(folder, row.name, suffix) for suffix in row.products]


def input_file(campaign: Campaign, one: Input, folder: Path) -> Path:
    """The dataset that a stage reads, or the file that a key names in its place."""
    file = campaign.file_of(one.key)
    return Path(file) if file else paths.dataset(folder, one.dataset)


def batches_read(selection: Selection, stage: str) -> list[str]:
    """Names of the batches whose shards a stage reads, in the order of the plan; it waits for no other."""
    points, read = selection.plan.points, STAGES[stage].kinds
    return list(dict.fromkeys(name for name, portion in selection.served if points[portion.point].kind in read))


@dataclass(frozen=True)
class FigureToDraw:
    """One figure of a campaign.

    Attributes
    ----------
    name : str
        Of its files.
    row : Figure
    selection : dict
        ``eta`` or ``mode_type``, when it shows one.
    datasets : tuple of str
        Those of the row that the campaign has.
    """

    name: str
    row: Figure
    selection: dict[str, Any] = field(default_factory=dict)
    datasets: tuple[str, ...] = ()


def figures_of(campaign: Campaign) -> list[FigureToDraw]:
    """Every figure of a campaign, in the order of its outputs."""
    made = campaign.datasets
    return [
        FigureToDraw(name, row, selection, tuple(one for one in row.datasets if one in made))
        for output in made
        for row in FIGURES.values()
        if row.datasets[0] == output and (not row.when or load(row.when)(campaign))
        for name, selection in _selections(campaign, row)
    ]


def _selections(campaign: Campaign, row: Figure) -> list[tuple[str, dict[str, Any]]]:
    per = drawn_per(campaign, row)
    if per == PER_LEVEL:
        levels = STAGES[row.datasets[0]].levels.of(campaign.turbulence.etas)
        return [(f"{row.name}_eta{eta:.12g}", {"eta": eta}) for eta in levels]
    if per == PER_TYPE:
        return [(f"{row.name}_{one}", {"mode_type": one}) for one in campaign.turbulence.mode_types]
    return [(row.name, {})]


def drawn_per(campaign: Campaign, row: Figure) -> str:
    """Whether a figure is drawn once, for each level or for each mode type of this campaign."""
    if row.per in (PER_CAMPAIGN, PER_LEVEL, PER_TYPE):
        return row.per
    return PER_LEVEL if len(campaign.turbulence.etas) == 1 else PER_TYPE


def figure_identity(selection: Selection, row: Figure) -> str:
    """Hash of what decides a figure: its version, and what the datasets that it shows are."""
    made = selection.campaign.datasets
    shown = [stage_identity(selection, name) for name in row.datasets if name in made]
    return _digest([f"figure {row.name}", row.version, shown])
