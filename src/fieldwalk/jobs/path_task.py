"""What tasks of particles and of field lines have in common: some paths of one realisation over some steps."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fieldwalk import kernels
from fieldwalk.campaign.plan.kinds import kind_of
from fieldwalk.campaign.plan.task_cost import REFERENCE
from fieldwalk.campaign.points import FieldPoint
from fieldwalk.jobs.drawing import draw_particles
from fieldwalk.parallel.task import Arrays, State

Floats = NDArray[np.float64]

AXES = ("x", "y", "z")

STATE_VERSION = 2
"""Raised when a task's state or results change in kind, so that no checkpoint of another version is continued."""


@dataclass(frozen=True)
class PathTask(ABC):
    """Some particles, or field lines, of one realisation over some steps.

    Attributes
    ----------
    point : FieldPoint
    seed : int
        The campaign's.
    realisation : int
    particles : (int, int)
        First and one past the last particle or line.
    steps : (int, int)
        First and one past the last step; with a first step above zero the task continues an earlier run.
    key : str
        Names the result.
    earlier : callable, optional
        Gives the arrays that a run up to ``steps[0]`` returned as final; needed when that is above zero.

    Notes
    -----
    The fast kernel's bits are those of one piece only when a run is cut between its cycles of
    :data:`fieldwalk.kernels.STEPS_PER_CYCLE` steps. So the state that is carried is that of the last whole cycle, and a
    run that continues repeats the steps since then.
    """

    point: FieldPoint
    seed: int
    realisation: int
    particles: tuple[int, int]
    steps: tuple[int, int]
    key: str
    earlier: Callable[[], tuple[Floats, ...]] | None = None

    @property
    def cost(self) -> float:
        """Predicted core-seconds."""
        steps = self.steps[1] - last_whole_cycle(self.steps[0])
        paths = self.particles[1] - self.particles[0]
        return kind_of(self.point).seconds(self.point, paths, steps, None, REFERENCE)

    @property
    def length(self) -> int:
        """Number of the kernel's cycles, between which a run may be cut; the last one may be shorter."""
        return -(-(self.steps[1] - last_whole_cycle(self.steps[0])) // kernels.STEPS_PER_CYCLE)

    @property
    def mean_field(self) -> float:
        """B0 in B_tot."""
        return float(np.sqrt(1 - self.point.eta))

    @abstractmethod
    def start(self) -> State:
        """The state before the first step."""

    @abstractmethod
    def advance(self, state: State, n: int) -> State:
        """The state ``n`` cycles later."""

    @abstractmethod
    def finish(self, state: State) -> Arrays:
        """The results, and the arrays that a longer run continues from."""

    def drawn(self) -> tuple[Floats, Floats]:
        """Start points and directions of the paths."""
        return draw_particles(self.point, self.seed, self.realisation, *self.particles)


def last_whole_cycle(step: int) -> int:
    """The last step at or before ``step`` at which the kernels renew everything."""
    return step // kernels.STEPS_PER_CYCLE * kernels.STEPS_PER_CYCLE
