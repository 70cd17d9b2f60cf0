"""What the frozen batches cover of a campaign, and what is still missing.

All work is made of rectangles (portions) in realisation x particle x step; nothing may be covered twice.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from fieldwalk.campaign.plan.kinds import Range
from fieldwalk.campaign.plan.plan import Batch, Plan, Portion
from fieldwalk.campaign.points import Point

Served = tuple[str, Portion]
"""A portion and the name of the batch that holds it."""


@dataclass(frozen=True)
class Wanted:
    """What a campaign wants of one point: that many realisations, particles (paths) in each, and steps of those.

    ``name`` is the identity of the point.
    """

    name: str
    point: Point
    realisations: int
    particles: int
    steps: int


def served_by(wanted: Iterable[Wanted], plan: Plan, finished: Callable[[str], bool]) -> list[Served]:
    """Portions of frozen batches that serve the campaign, in the order of the plan.

    Of finished batches whatever is wanted serves. An unfinished batch serves as a whole, when all of its work is wanted
    and none is served already; otherwise it is left aside, so that a point removed from the file is not computed after
    all.

    Parameters
    ----------
    wanted : iterable of Wanted
    plan : Plan
    finished : callable
        Whether the shard of a batch exists.
    """
    by_point = {want.name: want for want in wanted}
    done = {name: finished(name) for name, batch in plan.batches.items() if _touches(batch, by_point)}
    chosen: dict[str, list[Portion]] = {}
    taken: dict[str, list[Portion]] = {point: [] for point in by_point}

    def free(portion: Portion) -> bool:
        return not any(_overlap(portion, other) for other in taken[portion.point])

    def choose(name: str, portions: Iterable[Portion]) -> None:
        for portion in portions:
            chosen.setdefault(name, []).append(portion)
            taken[portion.point].append(portion)

    for name in (name for name, is_done in done.items() if is_done):
        for portion in plan.batches[name].portions:
            want = by_point.get(portion.point)
            # a portion's averages cannot be parted: with fewer particles wanted, those of more do not serve
            if want and portion.particles[1] <= want.particles and free(portion):
                choose(name, [portion])
    for name in (name for name, is_done in done.items() if not is_done):
        portions = plan.batches[name].portions
        startable = all(p.earlier is None or p.earlier in chosen or done.get(p.earlier, False) for p in portions)
        if startable and all(_within(portion, by_point) and free(portion) for portion in portions):
            choose(name, portions)
    return [(name, portion) for name in plan.batches for portion in chosen.get(name, [])]


def missing_portions(want: Wanted, served: Iterable[Served]) -> list[Portion]:
    """What is wanted of a point and not served.

    Parameters
    ----------
    want : Wanted
    served : iterable of (batch name, Portion)
        What already serves this point.

    Returns
    -------
    list of Portion
        Rectangles; work that begins after the first step names the batch that holds the states to continue from.
    """
    # later steps than are wanted now need no beginning
    mine = [(name, portion) for name, portion in served if portion.point == want.name and portion.steps[0] < want.steps]
    missing = []
    for realisations in _pieces(want.realisations, [portion.realisations for _, portion in mine]):
        here = [(name, portion) for name, portion in mine if _contains(portion.realisations, realisations)]
        for particles in _pieces(want.particles, [portion.particles for _, portion in here]):
            chain = [(name, portion) for name, portion in here if _contains(portion.particles, particles)]
            reached, earlier = 0, None
            for name, portion in sorted(chain, key=lambda entry: entry[1].steps):
                if portion.steps[0] > reached:
                    missing.append(Portion(want.name, realisations, particles, (reached, portion.steps[0]), earlier))
                reached, earlier = portion.steps[1], name
            if reached < want.steps:
                missing.append(Portion(want.name, realisations, particles, (reached, want.steps), earlier))
    return missing


def _pieces(length: int, ranges: list[Range]) -> Iterable[Range]:
    """Cut [0, length) at the edges of some ranges."""
    return pairwise(sorted({0, length, *(edge for span in ranges for edge in span if edge < length)}))


def _touches(batch: Batch, by_point: dict[str, Wanted]) -> bool:
    return any(portion.point in by_point for portion in batch.portions)


def _within(portion: Portion, by_point: dict[str, Wanted]) -> bool:
    want = by_point.get(portion.point)
    return (
        want is not None
        and portion.realisations[1] <= want.realisations
        and portion.particles[1] <= want.particles
        and portion.steps[1] <= want.steps
    )


def _overlap(one: Portion, other: Portion) -> bool:
    pairs = ((one.realisations, other.realisations), (one.particles, other.particles), (one.steps, other.steps))
    return all(a[0] < b[1] and b[0] < a[1] for a, b in pairs)


def _contains(outer: Range, inner: Range) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]
