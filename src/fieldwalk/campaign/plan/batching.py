"""Cutting portions into batches of about equal cost."""

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from fieldwalk.campaign.plan.kinds import kind_of, length
from fieldwalk.campaign.plan.plan import Batch, Portion
from fieldwalk.campaign.plan.task_cost import REFERENCE
from fieldwalk.campaign.points import Point

MOST_JOBS = 1500
"""More jobs than this burden a scheduler, and folders with a file or two for each; longer ones are made instead."""


def make_batches(portions: Iterable[tuple[Portion, Point]], seconds_per_batch: float) -> list[Batch]:
    """Cut portions, between realisations, into batches of about equal cost.

    All realisations are laid end to end, and each goes to the batch in whose share of the total its middle falls.

    Parameters
    ----------
    portions : iterable of (Portion, Point)
    seconds_per_batch : float
        Core-seconds that a batch should take; more when there would be more than :data:`MOST_JOBS` batches.
    """
    work = [
        (portion, kind_of(point).seconds(point, length(portion.particles), length(portion.steps), None, REFERENCE))
        for portion, point in portions
    ]
    total = sum(each * length(portion.realisations) for portion, each in work)
    n_batches = min(MOST_JOBS, max(1, math.ceil(total / seconds_per_batch - 1e-9)))
    contents: list[list[Portion]] = [[] for _ in range(n_batches)]
    core_seconds = np.zeros(n_batches)
    laid = 0.0
    for portion, each in work:
        first, last = portion.realisations
        middles = laid + each * (np.arange(last - first) + 0.5)
        batch_of = np.minimum((middles / total * n_batches).astype(int), n_batches - 1)
        laid += each * (last - first)
        numbers, starts, counts = np.unique(batch_of, return_index=True, return_counts=True)
        for number, start, count in zip(numbers, starts, counts, strict=True):
            begin = first + int(start)
            contents[number].append(replace(portion, realisations=(begin, begin + int(count))))
            core_seconds[number] += each * count
    return [Batch(tuple(content), float(cost)) for content, cost in zip(contents, core_seconds, strict=True) if content]
