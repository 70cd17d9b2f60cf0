"""What tasks of particles and of field lines have in common: some paths of one realisation over some steps."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fieldwalk import kernels
from fieldwalk.campaign.cost import core_seconds
from fieldwalk.campaign.grid import Point
from fieldwalk.campaign.work import field_work
from fieldwalk.ensemble.drawing import draw_particles
from fieldwalk.parallel.task import Arrays, State

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PathTask(ABC):
    """Some particles, or field lines, of one realisation over some steps.

    Attributes
    ----------
    point : Point
    seed : int
        The campaign's.
    realisation : int
    particles : (int, int)
        First and one past the last particle or line.
    steps : (int, int)
        First and one past the last step; a first step above zero goes on from an earlier run.
    key : str
        Names the result.
    earlier : callable, optional
        Gives the arrays that a run up to ``steps[0]`` returned as final; needed when that is above zero.

    Notes
    -----
    The fast kernel's bits are those of one piece only when a run is cut between its cycles of
    :data:`fieldwalk.kernels.STEPS_PER_CYCLE` steps. So the state that is carried is that of the last whole cycle, and a
    run that goes on repeats the steps since then.
    """

    point: Point
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
        return core_seconds(field_work(self.point), self.particles[1] - self.particles[0], steps)

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
        """The results, and the arrays that a longer run goes on from."""

    def drawn(self) -> tuple[Floats, Floats]:
        """Start points and directions of the paths."""
        return draw_particles(self.point, self.seed, self.realisation, *self.particles)


def last_whole_cycle(step: int) -> int:
    """The last step at or before ``step`` at which the kernels renew everything."""
    return step // kernels.STEPS_PER_CYCLE * kernels.STEPS_PER_CYCLE
