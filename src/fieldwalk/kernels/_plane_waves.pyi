from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PARTICLES_PER_BLOCK: int

def instruction_sets() -> tuple[str, ...]: ...
def evaluate_field(instruction_set: int, waves: Floats, mean_field: float, position: Floats, field: Floats) -> None: ...
def push_particles(
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
