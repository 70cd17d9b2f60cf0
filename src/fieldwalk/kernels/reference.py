"""NumPy twin of the compiled kernels: slow, short, and the specification of what they compute.

The signatures are those of ``fieldwalk.kernels``; the tests hold the two equal to rounding.
"""

import numpy as np

from fieldwalk.kernels.plane_waves import Floats


def evaluate_field(waves: Floats, position: Floats, mean_field: float = 0.0) -> Floats:
    """Twin of :func:`fieldwalk.kernels.evaluate_field`: same arguments, units and shapes."""
    turns = waves[:, :3] @ position + waves[:, 3, None]
    field: Floats = waves[:, 4:].T @ np.cos(2 * np.pi * (turns - np.rint(turns)))
    field[2] += mean_field
    return field


def rotate(velocity: Floats, field: Floats, step: float) -> Floats:
    """Turn each velocity about its field by the angle ``step`` |B| (tangent form: exact angle, |v| kept to rounding).

    Parameters
    ----------
    velocity, field : array, shape (3, n)
        In c and B_tot.
    step : float
        Step in gyroradii.

    Returns
    -------
    array, shape (3, n)
        The new velocities.
    """
    strength = np.linalg.norm(field, axis=0)
    half_angle = 0.5 * step * strength
    tangent = np.divide(np.tan(half_angle), strength, out=np.zeros_like(strength), where=strength > 0) * field
    middle = velocity + np.cross(velocity, tangent, axis=0)
    rotated: Floats = velocity + 2 / (1 + np.sum(tangent**2, axis=0)) * np.cross(middle, tangent, axis=0)
    return rotated


def push_particles(
    waves: Floats,
    position: Floats,
    velocity: Floats,
    *,
    rigidity: float,
    step: float,
    n_steps: int,
    mean_field: float = 0.0,
    sample_steps: Floats | None = None,
) -> tuple[Floats, Floats]:
    """Twin of :func:`fieldwalk.kernels.push_particles`: same arguments, units and shapes."""

    def one_step(r: Floats, v: Floats, length: float) -> tuple[Floats, Floats]:
        middle = r + 0.5 * length * rigidity * v
        turned = rotate(v, evaluate_field(waves, middle, mean_field), length)
        return middle + 0.5 * length * rigidity * turned, turned

    samples = np.zeros(0) if sample_steps is None else np.asarray(sample_steps, dtype=np.float64)
    sampled = []
    for n in range(n_steps + 1):
        for moment in samples[np.floor(samples) == n]:
            sampled.append(
                one_step(position, velocity, (moment - n) * step) if moment > n else (position.copy(), velocity.copy())
            )
        if n < n_steps:
            position[:], velocity[:] = one_step(position, velocity, step)
    shape = (len(sampled), *position.shape)
    return np.array([r for r, _ in sampled]).reshape(shape), np.array([v for _, v in sampled]).reshape(shape)
