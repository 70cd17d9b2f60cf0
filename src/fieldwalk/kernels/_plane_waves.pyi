from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PARTICLES_PER_BLOCK: int
SHORTEST_INTERVAL: int
LEVELS: int
STEPS_PER_CYCLE: int
TERMS_OF_EXPANSION: int

def instruction_sets() -> tuple[str, ...]: ...
def evaluate_field(instruction_set: int, waves: Floats, mean_field: float, position: Floats, field: Floats) -> None: ...
def push_exact(
    instruction_set: int,
    waves: Floats,
    mean_field: float,
    rigidity: float,
    step: float,
    n_steps: int,
    position: Floats,
    velocity: Floats,
    sample_step: NDArray[Any],
    sample_fraction: Floats,
    sampled_position: Floats,
    sampled_velocity: Floats,
) -> None: ...
def push_multirate(
    instruction_set: int,
    fast: FastWaves,
    mean_field: float,
    rigidity: float,
    step: float,
    n_steps: int,
    position: Floats,
    velocity: Floats,
    sample_step: NDArray[Any],
    sample_fraction: Floats,
    sampled_position: Floats,
    sampled_velocity: Floats,
) -> None: ...
def follow_exact(
    instruction_set: int,
    waves: Floats,
    mean_field: float,
    step: float,
    n_steps: int,
    position: Floats,
    arc_length: Floats,
    weakest: Floats,
    sample_step: NDArray[Any],
    sample_fraction: Floats,
    sampled_position: Floats,
    sampled_slope: Floats,
    lengths: Floats,
    position_at_length: Floats,
    slope_at_length: Floats,
) -> None: ...
def follow_multirate(
    instruction_set: int,
    fast: FastWaves,
    mean_field: float,
    step: float,
    n_steps: int,
    position: Floats,
    arc_length: Floats,
    weakest: Floats,
    sample_step: NDArray[Any],
    sample_fraction: Floats,
    sampled_position: Floats,
    sampled_slope: Floats,
    lengths: Floats,
    position_at_length: Floats,
    slope_at_length: Floats,
) -> None: ...

class FastWaves:
    def __init__(
        self,
        phases: Floats,
        waves: NDArray[np.float32],
        coefficients: NDArray[np.float32],
        first: NDArray[Any],
        n_anchored: int,
        anchor_interval: int,
    ) -> None: ...
