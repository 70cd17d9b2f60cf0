"""The work of one rank: it runs a task slice by slice, and saves a checkpoint when one is due."""

import logging
import time
from collections.abc import Callable

from fieldwalk.errors import FieldwalkError
from fieldwalk.parallel.checkpoint import Checkpoints
from fieldwalk.parallel.stopping import Stopped, StopRequest
from fieldwalk.parallel.task import Arrays, State, Task

logger = logging.getLogger(__name__)


class Bench:
    """Runs the tasks of a rank, and keeps what was finished since the last checkpoint.

    Parameters
    ----------
    checkpoints : Checkpoints or None
        With None nothing is saved.
    stop : StopRequest
        Whether this rank should stop.
    """

    def __init__(self, checkpoints: Checkpoints | None, stop: StopRequest) -> None:
        self.stop = stop
        self._checkpoints = checkpoints
        self._unsaved: dict[str, Arrays] = {}

    def run(self, task: Task, slice_seconds: float, between: Callable[[float], bool]) -> Arrays:
        """Run a task, beginning at its checkpoint if there is one.

        Parameters
        ----------
        task : Task
        slice_seconds : float
            Desired duration of a slice. The number of units in a slice follows from the duration of the last one.
        between : callable
            Called between slices with the part of the predicted cost that is done; returns whether to stop.

        Raises
        ------
        Stopped
            When ``between`` returns True; the state of the task is saved.
        """
        done, state = self._begun(task)
        units_per_second = task.length / task.cost if task.cost > 0 else float(task.length)
        while done < task.length:
            n = min(task.length - done, max(1, int(units_per_second * slice_seconds)))
            begin = time.perf_counter()
            state = task.advance(state, n)
            units_per_second = n / max(time.perf_counter() - begin, 1e-6)
            done += n
            if between(task.cost * done / task.length):
                self.save((task.key, done, state))
                raise Stopped(self.stop.reason)
            if self._checkpoints and self._checkpoints.due:
                self.save((task.key, done, state))
        arrays = task.finish(state)
        if self._checkpoints:
            self._unsaved[task.key] = arrays
            if self._checkpoints.due:
                self.save()
        return arrays

    def save(self, underway: tuple[str, int, State] | None = None) -> None:
        """Write a checkpoint now; if that fails, the results are kept for the next checkpoint."""
        if self._checkpoints and self._checkpoints.save(self._unsaved, underway):
            self._unsaved = {}

    def _begun(self, task: Task) -> tuple[int, State]:
        found = self._checkpoints.restore(task.key) if self._checkpoints else None
        return found or (0, task.start())


def log_failure(task: Task, error: Exception) -> None:
    """Log that a task failed and why, with the traceback unless Fieldwalk raised the error on purpose."""
    logger.error("%s failed: %s", task.key, error, exc_info=not isinstance(error, FieldwalkError))
