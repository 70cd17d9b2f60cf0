"""Rank 0 of a farm: it computes, assigns tasks to the other ranks, and receives their results."""

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from fieldwalk.parallel.bench import Bench, log_failure
from fieldwalk.parallel.messages import (
    ANSWER,
    ASK,
    BYE,
    FAILURE,
    LAST_WORD,
    POLL_SECONDS,
    RESULT,
    STOPPING,
    TO_LEADER,
    UNDERWAY,
)
from fieldwalk.parallel.progress import Progress
from fieldwalk.parallel.stopping import Stopped
from fieldwalk.parallel.task import Arrays, Task

if TYPE_CHECKING:
    from mpi4py import MPI

logger = logging.getLogger(__name__)

SLICE_SECONDS = 0.01
"""Duration of a slice of rank 0's work, and therefore the longest delay of an answer."""

MOST_FAILURES = 20
"""Number of failed tasks after which the remaining ones are not run either."""


class Leader:
    """State of rank 0: tasks that wait, tasks that run, and ranks that are still present."""

    def __init__(
        self,
        tasks: Sequence[Task],
        comm: "MPI.Comm",
        receive: Callable[[int, Arrays], None],
        bench: Bench,
        earlier: Mapping[int, float],
        report: Callable[[float], None] | None,
    ) -> None:
        left = [number for number in range(len(tasks)) if earlier.get(number, 0.0) < 1]
        self.tasks, self.comm, self.receive, self.bench = tasks, comm, receive, bench
        self.waiting = deque(sorted(left, key=lambda number: (-tasks[number].cost, number)))
        self.unfinished = len(left)
        self.present = set(range(1, comm.size))
        self.failures: dict[int, Exception] = {}
        self.stopping = False
        self.told: list[MPI.Request] = []
        costs = [task.cost for task in tasks]
        self.progress = Progress(costs, {n: share * costs[n] for n, share in earlier.items()}, report=report)

    def lead(self) -> None:
        """Compute and assign tasks until everything is done and all other ranks have left."""
        self.progress.tell()
        while self.waiting:
            number = self.waiting.popleft()
            try:
                arrays = self.bench.run(self.tasks[number], SLICE_SECONDS, partial(self._between, number))
            except Stopped:
                break
            except Exception as error:
                log_failure(self.tasks[number], error)
                self._fail(number, error)
            else:
                self._take(number, arrays)
            self._between()
        while self.unfinished and not self._between():
            time.sleep(POLL_SECONDS)
        # a signal that arrives when everything is done has no effect
        self._say_last_word(f"{len(self.failures)} of {len(self.tasks)} tasks failed" if self.failures else None)
        while self.present:
            self._serve()
            time.sleep(POLL_SECONDS)
        # also when all is done: a later step or the launcher may fail, and then all results are still available
        self.bench.save()
        self.progress.tell()
        if self.failures:
            logger.error("%d of %d tasks failed; the others are kept", len(self.failures), len(self.tasks))
            raise self.failures[min(self.failures)]
        if self.stopping:
            raise Stopped(self.bench.stop.reason)

    def _between(self, number: int | None = None, done: float = 0.0) -> bool:
        """Serve the other ranks between two slices of a task, and return whether to stop.

        ``done`` is the number of core-seconds of the task that are done.
        """
        if number is not None:
            self.progress.advance(number, done)
        self._serve()
        self.progress.show()
        if self.bench.stop.reason and not self.stopping:
            self.stopping = True
            self.waiting.clear()
            self._say_last_word(self.bench.stop.reason)
        return self.stopping

    def _serve(self) -> None:
        while (message := self.comm.improbe(tag=TO_LEADER)) is not None:
            source, kind, content = message.recv()
            if kind == ASK:
                self.comm.send(self.waiting.popleft() if self.waiting else None, dest=source, tag=ANSWER)
            elif kind == RESULT:
                self._take(*content)
            elif kind == FAILURE:
                self._fail(*content)
            elif kind == UNDERWAY:
                self.progress.advance(*content)
            elif kind == STOPPING:
                self.bench.stop.ask(f"rank {source}: {content}")
            elif kind == BYE:
                self.present.discard(source)

    def _say_last_word(self, word: str | None) -> None:
        if not self.told:
            self.told = [self.comm.isend(word, worker, LAST_WORD) for worker in sorted(self.present)]

    def _take(self, number: int, arrays: Arrays) -> None:
        self.receive(number, arrays)
        self.unfinished -= 1
        self.progress.finish(number)

    def _fail(self, number: int, error: Exception) -> None:
        self.failures[number] = error
        self.unfinished -= 1
        if len(self.failures) == MOST_FAILURES:
            self.bench.stop.ask(f"{MOST_FAILURES} tasks failed")
