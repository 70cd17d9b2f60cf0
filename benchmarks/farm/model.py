"""The farm of fieldwalk.parallel.farm as a discrete-event simulation: rank 0 computes in slices and serves between."""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fieldwalk.parallel.leader import POLL_SECONDS, SLICE_SECONDS

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Costs:
    """Seconds of what the farm does besides tasks, as messages.py measures them."""

    serve_ask: float
    serve_result: float
    latency: float
    pack: float


@dataclass(frozen=True)
class Outcome:
    """How a batch went.

    Attributes
    ----------
    seconds : float
        Until the last result is in.
    busy : float
        Share of the time of all ranks that went into tasks.
    serving : float
        Share of rank 0's time that went into others' messages and results.
    waiting : float
        Share of the time of all ranks in which a rank had no task while some were left to deal.
    """

    seconds: float
    busy: float
    serving: float
    waiting: float


def simulate(durations: Floats, predicted: Floats, ranks: int, costs: Costs) -> Outcome:
    """Deal tasks to ranks, those predicted longest first, as the farm does.

    Parameters
    ----------
    durations, predicted : array, shape (n_tasks,)
        Seconds that tasks take, and those by which they are sorted.
    ranks : int
    costs : Costs
    """
    waiting = np.argsort(-predicted, kind="stable")[::-1].tolist()
    seconds = durations.tolist()
    unfinished = len(seconds)
    # messages on the way to rank 0: (arrival, worker, task), task -1 for a worker that asks for one
    messages = [(costs.latency * worker, worker, -1) for worker in range(1, ranks)]
    heapq.heapify(messages)
    free = [0.0] * ranks
    now = served = lost = own = 0.0

    def deal(worker: int) -> None:
        nonlocal lost
        number = waiting.pop()
        begin = max(now + costs.latency, free[worker])
        lost += begin - free[worker]
        free[worker] = begin + seconds[number] + costs.pack
        heapq.heappush(messages, (begin + costs.latency, worker, -1))
        heapq.heappush(messages, (free[worker] + costs.latency, worker, number))

    while unfinished:
        while messages and messages[0][0] <= now:
            _, worker, number = heapq.heappop(messages)
            spent = costs.serve_ask if number < 0 else costs.serve_result
            now += spent
            served += spent
            if number >= 0:
                unfinished -= 1
            elif waiting:
                deal(worker)
        if own > 0:
            spent = min(SLICE_SECONDS, own)
            now += spent
            own -= spent
            if own <= 0:
                now += costs.serve_result
                served += costs.serve_result
                unfinished -= 1
        elif waiting:
            own = max(seconds[waiting.pop()], 1e-12)
        elif messages:
            # rank 0 looks every POLL_SECONDS: on average half of that too late
            now = max(now, messages[0][0]) + POLL_SECONDS / 2
    total = ranks * now
    return Outcome(now, float(durations.sum()) / total, served / now, lost / total)
