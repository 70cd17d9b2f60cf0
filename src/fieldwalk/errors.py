"""Every error that Fieldwalk raises on purpose.

Each message says what went wrong, where (file, key, point), the value seen and what to do about it. The command line
shows the message alone; anything else that escapes is a defect and keeps its traceback.
"""


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
