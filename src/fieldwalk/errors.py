"""Every error that Fieldwalk raises on purpose.

Each message says what went wrong, where (file, key, point), the value seen and what to do about it. The command line
shows the message alone; anything else that escapes is a defect and keeps its traceback.
"""

from pathlib import Path


class FieldwalkError(Exception):
    """Base of all errors that a user can act upon."""


class CampaignError(FieldwalkError):
    """The campaign file asks for something impossible or unknown."""


class PlanError(FieldwalkError):
    """The results folder and the campaign do not belong together, or the plan cannot be read or written."""


class KernelError(FieldwalkError):
    """A compiled kernel was given arrays it cannot work on, or produced numbers that are not physics."""


class DataError(FieldwalkError):
    """A shard or dataset is missing, truncated, foreign or incomplete."""


class DamagedFileError(DataError):
    """A file's content is not what was written: truncated, or bits of it changed.

    Attributes
    ----------
    path : Path
        The file; whoever may write beside it can set it aside, so that it is made again.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: damaged ({self.reason}); move it away and run the campaign again to make it anew"


class OutsideFitError(FieldwalkError):
    """A coefficient was asked for where nothing was simulated, or where it does not exist."""


class CheckpointError(FieldwalkError):
    """The checkpoints of a batch cannot be read, written or used, or another process holds the batch."""
