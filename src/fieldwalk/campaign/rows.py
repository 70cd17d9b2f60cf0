"""What the rows of the stage table say.

A row is plain data. What a row needs of a wing, the folder of a result, it names as ``module:object``; that module is
imported when the object is asked for and not before, so that ``campaign`` is a floor below the wings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

Reference = str
"""``module:object``."""


@cache
def load(reference: Reference) -> Any:
    """Import what a row names.

    Examples
    --------
    >>> load("math:hypot")(3.0, 4.0)
    5.0
    """
    module, _, name = reference.partition(":")
    try:
        return getattr(import_module(module), name)
    except (ModuleNotFoundError, AttributeError) as error:
        raise ImportError(f"{reference}, which a row of the stage table names, cannot be imported: {error}") from error


@dataclass(frozen=True)
class Levels:
    """Levels of turbulence, above < eta < below, at which a result means something.

    Examples
    --------
    >>> WITH_MEAN_FIELD.of([0.0, 0.5, 1.0])
    [0.5]
    """

    words: str
    above: float = -1.0
    below: float = 2.0

    def of(self, etas: tuple[float, ...] | list[float]) -> list[float]:
        """Those of some levels."""
        return [eta for eta in etas if self.above < eta < self.below]


ANY_LEVEL = Levels("a level")
TURBULENT = Levels("a level with turbulence, eta > 0", above=0.0)
WITH_MEAN_FIELD = Levels("a level with turbulence and a mean field, 0 < eta < 1", above=0.0, below=1.0)


@dataclass(frozen=True)
class Input:
    """A dataset that a stage reads, unless a key of the campaign file names a file to be read instead.

    Attributes
    ----------
    dataset : str
        Name of the stage that makes it.
    key : str
        ``section.key``, a path or nothing; empty when only this campaign's own dataset will do.
    """

    dataset: str
    key: str = ""


@dataclass(frozen=True)
class Cite:
    """A work to cite where a stage is made: its key in a ``references.bib``, the heading, and what it is cited for."""

    key: str
    heading: str
    what: str


@dataclass(frozen=True)
class Stage:
    """One stage: a dataset and how it is made.

    Attributes
    ----------
    name : str
        Of the stage, of its dataset ``<name>.nc``, of its rule, and the word in ``outputs`` of the campaign file.
    version : int
        Raised when the same inputs would now give another dataset, so that it is made again.
    make : Reference
        ``make(context) -> xarray.Dataset`` with the context of :mod:`fieldwalk.jobs.context`.
    table : Reference
        The :class:`fieldwalk.io.schema.Table` of the dataset.
    sections : tuple of str
        Sections of the campaign file without which it cannot be made.
    kinds : tuple of str
        Kinds of paths whose shards it reads.
    inputs : tuple of Input
        Datasets of other stages that it reads.
    levels : Levels
        Levels of turbulence at which it means something; it needs one of them.
    content : Reference
        ``content(selection) -> plain values`` that decide what is in the dataset. Without it, these are the work wanted
        of each point of its kinds, and the keys of its other sections that change results.
    seconds : Reference
        ``seconds(selection, speeds) -> float``, core-seconds besides starting the job. Without it, a reduction's.
    notes : Reference
        ``notes(campaign, point) -> list of str``: what to know of a point before this is computed of it.
    products : tuple of str
        ``nc``, and ``csv`` for a table beside it.
    cites : tuple of Cite
    """

    name: str
    version: int
    make: Reference
    table: Reference
    sections: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = ()
    levels: Levels = ANY_LEVEL
    content: Reference = ""
    seconds: Reference = ""
    notes: Reference = ""
    products: tuple[str, ...] = ("nc",)
    cites: tuple[Cite, ...] = ()


PER_CAMPAIGN, PER_LEVEL, PER_TYPE, PER_LEVEL_OR_TYPE = "campaign", "level", "type", "level or type"


@dataclass(frozen=True)
class Figure:
    """One kind of figure.

    Attributes
    ----------
    name : str
        File names begin with it. Its caption in the report is ``<name>.rst`` beside the module that draws it.
    draw : Reference
        ``draw(dataset, *others, **selection) -> matplotlib Figure``.
    datasets : tuple of str
        The first is what it shows; others are drawn into it where the campaign has them, else they are None.
    label, category : str
        In the report.
    per : str
        ``campaign``: one figure of the whole dataset. ``level``: one for each eta at which the dataset means something,
        drawn with ``eta=``. ``type``: one for each mode type, with ``mode_type=``. ``level or type``: of all mode types
        where there is one level, else of all levels type by type.
    when : Reference
        ``when(campaign) -> bool``: whether there is anything to show.
    version : int
        Raised when the same datasets would now look different.
    """

    name: str
    draw: Reference
    datasets: tuple[str, ...]
    label: str
    category: str
    per: str = PER_CAMPAIGN
    when: Reference = ""
    version: int = 1


@dataclass(frozen=True)
class Wing:
    """One result: the folder ``fieldwalk/<name>`` and all its rows.

    Attributes
    ----------
    name : str
    sections : mapping of str to Reference
        Its sections of the campaign file, subclasses of :class:`fieldwalk.campaign.sections.Section`.
    kinds : mapping of str to Reference
        Kinds of paths that it farms out, :class:`fieldwalk.campaign.plan.kinds.Kind`.
    stages : tuple of Stage
    figures : tuple of Figure
    """

    name: str
    sections: Mapping[str, Reference] = field(default_factory=dict)
    kinds: Mapping[str, Reference] = field(default_factory=dict)
    stages: tuple[Stage, ...] = ()
    figures: tuple[Figure, ...] = ()
