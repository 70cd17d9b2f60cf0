"""What every stage needs before it begins: the campaign as last run, a log, and words for what goes wrong."""

import hashlib
import logging
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fieldwalk import kernels
from fieldwalk.campaign import paths
from fieldwalk.campaign.identity import PHYSICS_VERSION
from fieldwalk.campaign.loading import load_campaign
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.stages import stage_identity
from fieldwalk.errors import DataError, FieldwalkError
from fieldwalk.io.provenance import Attributes, provenance
from fieldwalk.parallel.logs import start_logging

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Context:
    """One campaign's results folder and the campaign in it."""

    folder: Path
    campaign: Campaign
    text: str
    command: str

    def attributes(self, stage: str) -> Attributes:
        """Global attributes of a file that a stage writes."""
        made = provenance(
            author=self.campaign.author,
            campaign_text=self.text,
            campaign_hash=hashlib.sha256(self.text.encode()).hexdigest()[:12],
            seed=self.campaign.seed,
            command=self.command,
        )
        return {**made, "stageIdentity": stage_identity(self.campaign, stage)}


def kernel_attributes() -> Attributes:
    """Which kernel computes in this process."""
    return {
        "kernel": f"plane waves float64, physics version {PHYSICS_VERSION}",
        "instructionSet": kernels.instruction_set(),
    }


def read_context(folder: Path) -> Context:
    """The campaign that a results folder was last run with.

    Raises
    ------
    DataError
        When the folder holds none.
    """
    path = paths.campaign_file(folder)
    if not path.is_file():
        raise DataError(f"{path}: missing: {folder} is no results folder; make it with `fieldwalk run CAMPAIGN.yaml`")
    return Context(folder, load_campaign(path), path.read_text(encoding="utf-8"), replay_line())


def replay_line() -> str:
    """Command line that runs this job again by hand, in the same folder."""
    module = Path(sys.argv[0]).stem
    command = ["-m", f"fieldwalk.stages.{module}", *sys.argv[1:]]
    if "--ranks" in sys.argv:
        # mpi4py's own runner ends all ranks when one fails, even while it is still importing
        return shlex.join(
            ["mpiexec", "-n", sys.argv[sys.argv.index("--ranks") + 1], "python", "-m", "mpi4py", *command]
        )
    return shlex.join(["python", *command])


@contextmanager
def job(log: Path | None, rank: int = 0) -> Iterator[None]:
    """Run the body of a stage: log, say in the log how to replay it, and turn our own errors into one message and
    exit status 1.
    """
    start_logging(log, rank)
    if rank == 0:
        logger.debug("replay this job by hand: %s", replay_line())
    try:
        yield
    except FieldwalkError as error:
        logger.error("error: %s", error)
        sys.exit(1)
    except Exception:
        logger.exception("unexpected error: a defect, please report it with this log")
        raise
