"""What a piece of work costs in core-seconds and bytes, from the kernels' measured speed."""

SECONDS_PER_WAVE = 0.5e-9
"""One plane wave at one position (AVX-512; benchmarks/kernel_speed.py measures it)."""

SECONDS_PER_STEP = 3e-9
"""One particle-step besides the field."""

SECONDS_PER_REALISATION = 5e-3
"""Drawing a field and taking moments."""

PARTICLES_PER_BLOCK = 16
"""The kernels carry whole blocks: seventeen particles cost as much as thirty-two. A test holds this equal to the
kernels'.
"""

MOMENTS = 14
"""Numbers kept per realisation and grid time. A test holds this equal to the ensemble's."""


def core_seconds(modes: int, particles: int, steps: int) -> float:
    """Predicted core-seconds of pushing ``particles`` of one realisation by ``steps`` steps."""
    carried = -(-particles // PARTICLES_PER_BLOCK) * PARTICLES_PER_BLOCK
    return SECONDS_PER_REALISATION + carried * steps * (modes * SECONDS_PER_WAVE + SECONDS_PER_STEP)


def shard_bytes(realisations: int, particles: int, times: int) -> int:
    """Bytes that a shard needs for ``realisations`` realisations: moments on the grid and the particles' final
    states.
    """
    return 8 * realisations * (times * MOMENTS + 6 * particles + 4) + 16384
