"""What every stage needs before it begins: the campaign as last run, a log, and words for what goes wrong."""

import hashlib
import logging
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fieldwalk import kernels
from fieldwalk.campaign import paths
from fieldwalk.campaign.identity import PHYSICS_VERSION
from fieldwalk.campaign.loading import load_campaign
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.coverage import Served
from fieldwalk.campaign.plan.selection import Selection, select
from fieldwalk.campaign.plan.stages import input_file
from fieldwalk.campaign.stage_table import STAGES
from fieldwalk.errors import DamagedFileError, DataError, FieldwalkError
from fieldwalk.io.datasets import read_dataset
from fieldwalk.io.files import set_aside
from fieldwalk.io.provenance import Attributes, provenance
from fieldwalk.parallel.job_note import OwnNote, own_note
from fieldwalk.parallel.stopping import EXIT_STOPPED, Stopped

if TYPE_CHECKING:
    import xarray as xr  # not imported here: a rank of the farm needs no dataset, and would hold 40 MB more

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Context:
    """One campaign's results folder, the campaign in it, and the note of the job that works there (on rank 0)."""

    folder: Path
    campaign: Campaign
    text: str
    command: str
    note: OwnNote | None = None

    @cached_property
    def selection(self) -> Selection:
        """The campaign with its points resolved, and the batches that serve it."""
        return select(self.campaign, self.folder)

    def serving(self, name: str) -> list[Served]:
        """Portions that hold the work of a point, by its identity."""
        return self.selection.by_point.get(name, [])

    def dataset(self, stage: str, name: str) -> "xr.Dataset":
        """A dataset that a stage reads: this campaign's, or the file that a key names in its place.

        Parameters
        ----------
        stage : str
            The stage that reads.
        name : str
            Of the dataset, one of the stage's ``inputs``.

        Raises
        ------
        DataError
            When it is missing or damaged.
        """
        one = next((one for one in STAGES[stage].inputs if one.dataset == name), None)
        if one is None:
            raise DataError(f"stage {stage} does not list {name} among its inputs; add it to its row")
        path = input_file(self.campaign, one, self.folder)
        if self.campaign.file_of(one.key) and not path.is_file():
            raise DataError(
                f"{one.key}: names {path}, and there is no such file in {Path.cwd()}; work in the folder that the path"
                " is relative to, or give the full path"
            )
        return read_dataset(path)

    def attributes(self, identity: str) -> Attributes:
        """Global attributes of a file that a stage with this identity writes."""
        made = provenance(
            author=self.campaign.author,
            campaign_text=self.text,
            campaign_hash=hashlib.sha256(self.text.encode()).hexdigest()[:12],
            seed=self.campaign.seed,
            command=self.command,
        )
        return {**made, "stageIdentity": identity}


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
def job(results: Path, name: str, log: Path | None, rank: int = 0, ranks: int = 1) -> Iterator[Context]:
    """Run the body of a stage: log, say in the log how to replay it, keep its note, and turn our own errors into one
    message and exit status 1, a stop in good order into :data:`EXIT_STOPPED`.

    Parameters
    ----------
    results : Path
        Results folder of the campaign.
    name : str
        Of the job, as in :func:`fieldwalk.campaign.paths.log`.
    log : Path or None
    rank, ranks : int
        Only rank 0 keeps the note.
    """
    start_logging(log, rank)
    if rank == 0:
        logger.debug("replay this job by hand: %s", replay_line())
    try:
        context = read_context(results)
        with own_note(paths.job_note(results, name), ranks) if rank == 0 else nullcontext() as note:
            yield replace(context, note=note)
    except Stopped as stopped:
        if rank == 0:
            logger.info("stopped: %s; what is done is kept, and the next run goes on from there", stopped)
        sys.exit(EXIT_STOPPED if rank == 0 else 0)
    except KeyboardInterrupt:
        logger.info("stopped: signal SIGINT; the next run does this again")
        sys.exit(EXIT_STOPPED)
    except DamagedFileError as error:
        aside = set_aside(error.path)
        logger.error("error: %s%s", error, f" (it is now {aside.name})" if aside else "")
        sys.exit(1)
    except FieldwalkError as error:
        logger.error("error: %s", error)
        sys.exit(1)
    except Exception:
        logger.exception("unexpected error: a defect, please report it with this log")
        raise


def start_logging(path: Path | None, rank: int = 0) -> None:
    """Send log lines of this process to stderr and, when given, to a file of the job.

    Only rank 0 reports progress; other ranks speak when something is wrong. Debug lines go to the file alone.
    """
    name = f"rank {rank}" if rank else ""
    formatter = logging.Formatter(f"%(asctime)s {name}{' ' if name else ''}%(message)s", datefmt="%H:%M:%S")
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(logging.INFO)
    handlers: list[logging.Handler] = [terminal]
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(logging.FileHandler(path, mode="a", encoding="utf-8"))
    for handler in handlers:
        handler.setFormatter(formatter)
    root = logging.getLogger("fieldwalk")
    root.handlers[:] = handlers
    root.setLevel(logging.DEBUG if rank == 0 else logging.WARNING)
    root.propagate = False
