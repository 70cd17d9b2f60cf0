"""What the Snakefile asks of Fieldwalk: the campaign, its batches, hashes for `params`, and freezing the plan."""

import hashlib
import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from fieldwalk.campaign import paths
from fieldwalk.campaign.calibration import find_basis
from fieldwalk.campaign.cost import Speeds, shard_bytes
from fieldwalk.campaign.job_prices import job_price, memory_megabytes
from fieldwalk.campaign.loading import campaign_from_mapping
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan import read_plan, write_plan
from fieldwalk.campaign.selection import Selection, select
from fieldwalk.campaign.stages import STAGES, batches_read, stage_identity, targets
from fieldwalk.errors import CampaignError
from fieldwalk.io.datasets import read_attribute, write_text
from fieldwalk.io.provenance import Attributes, provenance

RESULTS_KEY = "results_folder"
"""Key by which ``snakemake --config`` may name another folder for results; no key of the campaign file."""

EXTEND_KEY = "extend"
"""Key by which ``snakemake --config`` may give longer durations of points; no key of the campaign file."""


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

    def shards_read_by(self, stage: str) -> list[str]:
        """Shards that a reduction reads: one of particles does not wait for field lines, nor the other way round."""
        return [str(paths.shard(self.folder, name)) for name in batches_read(self.selection, stage)]

    def earlier_shards(self, batch: str) -> list[str]:
        """Shards that hold the states from which a batch goes on."""
        portions = self.selection.plan.batches[batch].portions
        earlier = dict.fromkeys(portion.earlier for portion in portions if portion.earlier)
        return [str(paths.shard(self.folder, name)) for name in earlier]

    def targets(self, stage: str) -> list[str]:
        """Paths that a stage makes."""
        return targets(self.campaign, self.folder, stage)

    def identity(self, stage: str) -> str:
        """Hash of what a stage would make now, for the `params` of its rules: plain JSON in, one hash out."""
        return stage_identity(self.campaign, stage)

    def outdated(self) -> list[str]:
        """Datasets that were made of another campaign or by another version, whatever Snakemake remembers of them."""
        stale = []
        for stage in STAGES:
            wanted = self.identity(stage)
            for path in (Path(target) for target in self.targets(stage) if target.endswith(".nc")):
                if path.exists() and read_attribute(path, "stageIdentity") != wanted:
                    stale.append(str(path))
        return stale

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
        portions = self.selection.plan.batches[batch].portions
        lengths = [(p.realisations[1] - p.realisations[0], p.particles[1] - p.particles[0]) for p in portions]
        return 1 + sum(shard_bytes(rows, particles, 160) for rows, particles in lengths) // 10**6

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
