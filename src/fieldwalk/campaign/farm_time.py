"""How long a batch takes on its ranks."""

from collections.abc import Iterable

TAIL = 0.6
"""Share of a task by which the last rank ends after all would have ended together, when many ranks run many tasks of
this length and nothing shorter is left to fill the gaps (benchmarks/farm_simulation.py)."""


def farm_seconds(work: Iterable[tuple[float, int]], ranks: int) -> float:
    """Wall seconds of tasks that are dealt to ranks, long ones first.

    The end of the tasks that are as long as T or longer spreads over about T; shorter ones fill the gaps if there are
    enough of them. So the wall time is the largest over T of W(T)/ranks + 0.6 T (1 - 1/ranks), W(T) the
    core-seconds of tasks not shorter than T, and no less than the longest task.

    Parameters
    ----------
    work : iterable of (seconds, number)
        Core-seconds of a task, and number of such tasks.
    ranks : int
    """
    longest = done = end = 0.0
    for seconds, number in sorted(work, reverse=True):
        longest = max(longest, seconds)
        done += seconds * number
        end = max(end, done / ranks + TAIL * seconds * (1 - 1 / ranks))
    return max(longest, end)
