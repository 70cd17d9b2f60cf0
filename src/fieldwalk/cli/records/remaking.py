"""A file made again from its own record, in a folder that is not its campaign's."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import click

from fieldwalk import kernels
from fieldwalk.campaign import paths
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.plan import Batch, Plan, Portion, point_from_plain, read_plan, write_plan
from fieldwalk.campaign.plan.stages import figures_of
from fieldwalk.campaign.stage_table import STAGES
from fieldwalk.cli.records.reading import campaign_of
from fieldwalk.errors import CampaignError, DataError
from fieldwalk.io.datasets import write_text
from fieldwalk.io.provenance import Attributes
from fieldwalk.io.shards import open_shard

FARM, FIGURE = "farm", "figure"
"""What makes shards and figures; everything else is made by a stage of the table."""


def stage_of(path: Path, record: Attributes) -> tuple[str, list[str]]:
    """The stage that made a file, and its options, from the command in the file's record.

    Raises
    ------
    DataError
        When the command is none of this version's.
    """
    words = shlex.split(str(record.get("command", "")))
    for number, word in enumerate(words):
        module, options = word.removeprefix("fieldwalk.stages."), words[number + 1 :]
        if word == module:
            continue
        if module in (FARM, "particles"):  # the farm's name until version 0.1
            return FARM, options
        if module == "run" and options and options[0] in STAGES:
            return options[0], options[1:]
        if module == FIGURE and options and not options[0].startswith("-"):
            return FIGURE, options
        if module in STAGES:  # stages had modules of their own until version 0.1
            return module, options
    raise DataError(
        f"{path}: its command ({' '.join(words) or 'none'}) names no stage of this version; use the one that made it"
    )


class Remaking:
    """Makes one file again.

    Parameters
    ----------
    path : Path
        The file. What it was made of is looked for beside it, in its results folder, which is only read.
    record : dict
        Its attributes.
    place : Path
        An empty folder to work in.
    launcher : str
        What starts MPI processes.
    ranks : int
        How many of them, for a shard.
    """

    def __init__(self, path: Path, record: Attributes, place: Path, launcher: str, ranks: int) -> None:
        self._path, self._record = path.resolve(), record
        self._launcher, self._ranks = shlex.split(launcher), ranks
        self._campaign: Campaign = campaign_of(path, record)
        self._folder = paths.campaign_folder(place, self._campaign.name)
        self._stage, self._options = stage_of(path, record)
        below = self._stage in (FARM, FIGURE)
        self._source = self._path.parent.parent if below else self._path.parent
        self._plan_beside = read_plan(self._source, self._campaign.name, self._campaign.seed)

    def run(self) -> Path:
        """Make the file again and return its new path.

        Raises
        ------
        DataError
            When what it was made of is missing, or a stage fails.
        """
        write_text(str(self._record["campaign"]), paths.campaign_file(self._folder))
        if self._stage == FARM:
            return self._shard()
        if self._stage == FIGURE:
            return self._figure()
        self._dataset(self._stage)
        return self._folder / f"{self._stage}{self._path.suffix}"

    def _shard(self) -> Path:
        batch = str(self._record["batch"])
        self._link_shards(but=batch)
        if batch not in self._plan_beside.batches:
            write_plan(self._plan_of_shard(batch), self._folder)
        if shutil.which(self._launcher[0], path=_search_path()) is None:
            raise CampaignError(f"--mpi {self._launcher[0]}: no such program on the PATH; name this site's launcher")
        self._call(
            *(*self._launcher, "-n", str(self._ranks), "python", "-m", "mpi4py", "-m", "fieldwalk.stages.farm"),
            *("--results", str(self._folder), "--batch", batch, "--ranks", str(self._ranks)),
            show_progress=True,
        )
        return paths.shard(self._folder, batch)

    def _plan_of_shard(self, batch: str) -> Plan:
        """A plan of this batch alone, from what the shard says of its groups: the shard may have left its folder."""
        plan = Plan(self._campaign.name, self._campaign.seed)
        portions = []
        with open_shard(self._path) as file:
            for point, groups in file.items():
                for group in groups.values():
                    said = group.attrs
                    if int(said["steps"][0]) > 0:
                        raise DataError(
                            f"{self._path}: goes on from the states in an earlier shard, and there is no plan.json in"
                            f" {self._source} that names it; put the file back into its results folder"
                        )
                    plan.points[point] = point_from_plain(json.loads(said["point"]))
                    realisations, particles, steps = (
                        (int(said[name][0]), int(said[name][1])) for name in ("realisations", "particles", "steps")
                    )
                    portions.append(Portion(point, realisations, particles, steps))
        plan.batches[batch] = Batch(tuple(portions), 0.0)
        return plan

    def _figure(self) -> Path:
        name = self._options[0]
        figure = next((one for one in figures_of(self._campaign) if one.name == name), None)
        if figure is None:
            raise DataError(f"{self._path}: shows {name}, which is no figure of its campaign in this version")
        for dataset in figure.datasets:
            self._dataset(dataset)
        self._call(sys.executable, "-m", "fieldwalk.stages.figure", name, "--results", str(self._folder))
        return paths.figure(self._folder, name, self._path.suffix[1:])

    def _dataset(self, stage: str) -> None:
        if paths.dataset(self._folder, stage).exists():
            return
        for one in STAGES[stage].inputs:
            if not self._campaign.file_of(one.key):
                self._dataset(one.dataset)
        if STAGES[stage].kinds and not paths.plan_file(self._folder).exists():
            if not self._plan_beside.batches:
                raise DataError(
                    f"{self._path}: is made of shards, and there is no plan.json in {self._source} that names them;"
                    " put the file back into its results folder"
                )
            self._link_shards()
        self._call(sys.executable, "-m", "fieldwalk.stages.run", stage, "--results", str(self._folder))

    def _link_shards(self, but: str | None = None) -> None:
        """Link to each shard, not to their folder: what a stage renames or replaces is a link then."""
        # what was extended when the file was made is written in its own campaign
        write_plan(replace(self._plan_beside, extended={}), self._folder)
        paths.shard(self._folder, "any").parent.mkdir()
        for origin in sorted(paths.shard(self._source, "any").parent.glob("*.h5")):
            if origin.stem != but:
                paths.shard(self._folder, origin.stem).symlink_to(origin)

    def _call(self, *command: str, show_progress: bool = False) -> None:
        environment = {**os.environ, "PATH": _search_path()}
        if self._record.get("instructionSet") in kernels.instruction_sets():
            environment["FIELDWALK_INSTRUCTION_SET"] = str(self._record["instructionSet"])
        said = None if show_progress else subprocess.PIPE
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=said, text=True) as process:
            try:
                _, words = process.communicate()
            except BaseException:
                process.terminate()
                raise
        if status := process.returncode:
            click.echo(words or "", nl=False, err=True)
            raise DataError(
                f"{self._path}: cannot be made again, for the reason above: `{shlex.join(command)}` ended with {status}"
            )


def _search_path() -> str:
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
