"""One realisation of random walks: the task that the farm deals out."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from fieldwalk.random_walks.points import SECONDS_PER_STEP, WalkPoint

from fieldwalk.campaign.identity import particle_key
from fieldwalk.parallel.streams import stream
from fieldwalk.parallel.task import Arrays, State

_WALKS = 9
"""First number of the key of the streams, which no other result uses."""


@dataclass(frozen=True)
class WalkTask:
    """Some walkers of one realisation over some steps."""

    point: WalkPoint
    seed: int
    realisation: int
    particles: tuple[int, int]
    steps: tuple[int, int]
    key: str
    earlier: Callable[[], tuple[np.ndarray, ...]] | None = None

    @property
    def cost(self) -> float:
        """Predicted core-seconds."""
        return SECONDS_PER_STEP * self.length

    @property
    def length(self) -> int:
        """Steps."""
        return self.steps[1] - self.steps[0]

    def start(self) -> State:
        """All walkers at the origin."""
        walkers = self.particles[1] - self.particles[0]
        return {"position": np.zeros(walkers), "square": np.zeros(self.length), "step": np.array(0)}

    def advance(self, state: State, n: int) -> State:
        """Take ``n`` steps; each has a stream of its own, so that no slicing shows in the result."""
        for number in range(int(state["step"]), int(state["step"]) + n):
            key = (_WALKS, *particle_key(self.point), self.realisation, number)
            signs = stream(self.seed, key).choice([-1.0, 1.0], state["position"].size)
            state["position"] = state["position"] + self.point.step_length * signs
            state["square"][number] = np.mean(state["position"] ** 2)
        state["step"] = np.array(int(state["step"]) + n)
        return state

    def finish(self, state: State) -> Arrays:
        """Mean square displacement after each step."""
        return {"square": state["square"]}
