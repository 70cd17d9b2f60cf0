"""What the Snakefile asks of Fieldwalk: the campaign, its batches, hashes for `params`, and freezing the plan."""

import hashlib
import shlex
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from fieldwalk.campaign import paths
from fieldwalk.campaign.loading import campaign_from_mapping
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.plan import read_plan, write_plan
from fieldwalk.campaign.plan.selection import Selection, select
from fieldwalk.campaign.plan.stages import (
    batches_read,
    drawn_per,
    farm_identity,
    figure_identity,
    figures_of,
    input_file,
    products,
    stage_identity,
)
from fieldwalk.campaign.plan.task_cost import Speeds
from fieldwalk.campaign.price.job_price import batch_bytes, job_price, memory_megabytes
from fieldwalk.campaign.price.speeds_record import find_basis
from fieldwalk.campaign.rows import PER_LEVEL, PER_TYPE
from fieldwalk.errors import CampaignError, DataError
from fieldwalk.io.datasets import read_attribute, write_text
from fieldwalk.io.provenance import Attributes, provenance

RESULTS_KEY = "results_folder"
"""Key by which ``snakemake --config`` may name another folder for results; no key of the campaign file."""

EXTEND_KEY = "extend"
"""Key by which ``snakemake --config`` may give longer durations of points; no key of the campaign file."""


@dataclass(frozen=True)
class StageRule:
    """What Snakemake needs of a stage: plain values, paths as text."""

    name: str
    inputs: list[str]
    outputs: list[str]
    log: str
    identity: str


@dataclass(frozen=True)
class FigureRule:
    """What Snakemake needs of a kind of figure; ``{eta}`` and ``{mode_type}`` are wildcards."""

    name: str
    inputs: list[str]
    png: str
    pdf: str
    log: str
    identity: str
    caption: str
    category: str
    labels: dict[str, str]


@dataclass(frozen=True)
class CampaignWorkflow:
    """A campaign, its results folder and the batches that serve it."""

    folder: Path
    selection: Selection

    @property
    def campaign(self) -> Campaign:
        """The campaign, with the longer durations that its folder has been asked for."""
        return self.selection.campaign

    def shards(self) -> list[str]:
        """Shards that the reductions need."""
        return [str(paths.shard(self.folder, name)) for name in self.selection.batches]

    @cached_property
    def stages(self) -> list[StageRule]:
        """A rule for each stage that the campaign needs; it waits for what it reads and for nothing else."""
        return [
            StageRule(
                name=stage.name,
                inputs=[
                    *(str(paths.shard(self.folder, name)) for name in batches_read(self.selection, stage.name)),
                    *(str(input_file(self.campaign, one, self.folder)) for one in stage.inputs),
                ],
                outputs=[str(path) for path in products(stage, self.folder)],
                log=str(paths.log(self.folder, stage.name)),
                identity=stage_identity(self.selection, stage.name),
            )
            for stage in self.campaign.stages
        ]

    @cached_property
    def figures(self) -> list[FigureRule]:
        """A rule for each kind of figure that the campaign has."""
        rules: dict[str, FigureRule] = {}
        for figure in figures_of(self.campaign):
            row = figure.row
            if row.name in rules:
                continue
            per = drawn_per(self.campaign, row)
            pattern = {PER_LEVEL: f"{row.name}_eta{{eta}}", PER_TYPE: f"{row.name}_{{mode_type}}"}.get(per, row.name)
            label = f"{row.label}, {{mode_type}}" if per == PER_TYPE else row.label
            rules[row.name] = FigureRule(
                name=row.name,
                inputs=[str(paths.dataset(self.folder, name)) for name in figure.datasets],
                png=str(paths.figure(self.folder, pattern, "png")),
                pdf=str(paths.figure(self.folder, pattern, "pdf")),
                log=str(paths.log(self.folder, f"figure_{pattern}")),
                identity=figure_identity(self.selection, row),
                caption=str(_caption(row.draw, row.name)),
                category=row.category,
                labels={"figure": label, "eta": "{eta}" if per == PER_LEVEL else "all"},
            )
        return list(rules.values())

    def targets(self) -> list[str]:
        """Everything that the campaign makes: products of its stages, then figures."""
        made = [path for stage in self.stages for path in stage.outputs]
        names = [figure.name for figure in figures_of(self.campaign)]
        return made + [str(paths.figure(self.folder, name, suffix)) for name in names for suffix in ("png", "pdf")]

    @property
    def farm_identity(self) -> str:
        """Identity of the shards."""
        return farm_identity(self.campaign)

    def earlier_shards(self, batch: str) -> list[str]:
        """Shards that hold the states from which a batch continues."""
        portions = self.selection.plan.batches[batch].portions
        earlier = dict.fromkeys(portion.earlier for portion in portions if portion.earlier)
        return [str(paths.shard(self.folder, name)) for name in earlier]

    def outdated(self) -> list[str]:
        """Datasets that were made of another campaign or by another version, whatever Snakemake remembers of them."""
        return [
            stage.outputs[0]
            for stage in self.stages
            if (path := Path(stage.outputs[0])).exists() and read_attribute(path, "stageIdentity") != stage.identity
        ]

    @cached_property
    def speeds(self) -> Speeds:
        """Measured speeds of this machine or the one calibrated last, the reference where nothing was measured."""
        return find_basis(self.folder.parent).speeds

    def seconds(self, batch: str, ranks: int) -> float:
        """Wall time of a batch from its start on."""
        return job_price(self.selection.plan, batch, ranks, self.speeds).wall_seconds

    def minutes(self, batch: str) -> int:
        """Run time to ask a scheduler for: three times the prediction, at least five minutes."""
        return 5 + round(3 * self.seconds(batch, self.campaign.resources.ranks) / 60)

    def memory_megabytes(self, batch: str) -> int:
        """Memory to ask a scheduler for."""
        plan = self.selection.plan
        return memory_megabytes(plan, plan.batches[batch], self.campaign.resources.ranks)

    def disk_megabytes(self, batch: str) -> int:
        """Space that the shard of a batch takes."""
        return 1 + batch_bytes(self.selection.plan, self.selection.plan.batches[batch]) // 10**6

    @property
    def text(self) -> str:
        """The campaign as it is run, every default spelled out."""
        return yaml.safe_dump(self.campaign.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=110)

    def provenance(self) -> Attributes:
        """What the report says of its making; ranks and seconds are those of each job, which it lists itself."""
        made = provenance(
            author=self.campaign.author,
            campaign_text=self.text,
            campaign_hash=hashlib.sha256(self.text.encode()).hexdigest()[:12],
            seed=self.campaign.seed,
            command=shlex.join(
                ["fieldwalk", "run", str(paths.campaign_file(self.folder)), "--results", str(self.folder.parent)]
            ),
        )
        return {name: value for name, value in made.items() if name not in ("ranks", "wallSeconds", "cpuSeconds")}

    def freeze(self) -> None:
        """Write the plan and the campaign as it is run now; called once, when a run begins."""
        plan = self.selection.plan
        if plan != read_plan(self.folder, plan.name, plan.seed):
            write_plan(plan, self.folder)
        path = paths.campaign_file(self.folder)
        if not path.exists() or path.read_text(encoding="utf-8") != self.text:
            write_text(self.text, path)


def open_workflow(config: dict[str, Any], source: str) -> CampaignWorkflow:
    """Read a campaign as Snakemake gives it and plan what it needs; writes nothing.

    Parameters
    ----------
    config : dict
        The campaign file's content, and perhaps :data:`RESULTS_KEY` and :data:`EXTEND_KEY`.
    source : str
        The campaign file, for messages.

    Raises
    ------
    CampaignError
        When no campaign was given or it asks for something impossible.
    PlanError
        When the results folder belongs to something else.
    """
    if not config:
        raise CampaignError("no campaign was given; name one: snakemake --configfile CAMPAIGN.yaml --cores 2")
    content = dict(config)
    results = content.pop(RESULTS_KEY, paths.DEFAULT_RESULTS)
    # Snakemake gives numbers inside a mapping as text
    extend = {name: float(time) for name, time in content.pop(EXTEND_KEY, {}).items()}
    campaign = campaign_from_mapping(content, source)
    folder = paths.campaign_folder(results, campaign.name)
    return CampaignWorkflow(folder, select(campaign, folder, extend))


def _caption(draw: str, name: str) -> Path:
    """Caption of a figure, beside the module that draws it."""
    module = find_spec(draw.partition(":")[0])
    assert module is not None and module.origin is not None
    path = Path(module.origin).with_name(f"{name}.rst")
    if not path.is_file():
        raise DataError(f"{path}: the figure {name} has no caption; write one there for the report")
    return path
