"""The task protocol: what a farm needs to know of a piece of work, and all it may know."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.float64]]
State = dict[str, NDArray[Any]]
"""Plain arrays that hold everything a task carries from one slice to the next; continuing from a copy gives the same
bits.
"""


class Task(Protocol):
    """One independent piece of work, sliced so that others can be served in between.

    The result must depend on the task alone: not on the rank that runs it, not on how it is sliced, not on other tasks.
    """

    @property
    def key(self) -> str:
        """Name of the task, unique within its batch and stable for ever."""
        ...

    @property
    def cost(self) -> float:
        """Predicted core-seconds."""
        ...

    @property
    def length(self) -> int:
        """Units of progress from start to end, at least one."""
        ...

    def start(self) -> State:
        """State before the first unit."""
        ...

    def advance(self, state: State, n: int) -> State:
        """State ``n`` units later; may reuse the arrays it was given."""
        ...

    def finish(self, state: State) -> Arrays:
        """Turn the last state into results."""
        ...


def run_task(task: Task) -> Arrays:
    """Run a task from start to end in one slice."""
    return task.finish(task.advance(task.start(), task.length))
