"""The task protocol: everything that a farm knows about a piece of work."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.float64]]
State = dict[str, NDArray[Any]]
"""Plain arrays with everything that one slice of a task passes to the next; continuing from a copy gives the same bits.
"""


class Task(Protocol):
    """One independent piece of work, divided into slices so that a rank can answer messages between them.

    The result must depend on the task only: not on the rank that runs it, on the slices, or on other tasks.
    """

    @property
    def key(self) -> str:
        """Name of the task, unique within its batch; it never changes."""
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
        """State ``n`` units later; may reuse the arrays of ``state``."""
        ...

    def finish(self, state: State) -> Arrays:
        """Turn the last state into results."""
        ...


def run_task(task: Task) -> Arrays:
    """Run a task from start to end in one slice.

    Examples
    --------
    >>> class Sum:
    ...     key, cost, length = "sum", 1.0, 4
    ...     def start(self):
    ...         return {"total": np.zeros(1), "next": np.ones(1)}
    ...     def advance(self, state, n):
    ...         for _ in range(n):
    ...             state["total"] += state["next"]
    ...             state["next"] += 1
    ...         return state
    ...     def finish(self, state):
    ...         return {"total": state["total"]}
    >>> run_task(Sum())["total"]  # 1 + 2 + 3 + 4
    array([10.])
    """
    return task.finish(task.advance(task.start(), task.length))
