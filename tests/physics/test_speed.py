"""A2: the speed."""

import numpy as np
import pytest

from fieldwalk import kernels
from fieldwalk.turbulence import draw_realisation


@pytest.mark.parametrize(("eta", "tolerance"), [(0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (0.5, 1e-3), (1.0, 2e-6)])
def test_speed_over_a_million_steps(eta, tolerance, instruction_set, compare):
    """A2. The magnetic force does no work: |v| = 1 after 1e6 steps, to 1e-12.

    v' = v + s (v + v x t) x t keeps |v| for any t if s = 2/(1 + t^2): across t it multiplies |v|^2 by (1 - s
    t^2)^2 + s^2 t^2 = 1 + s t^2 (s (1 + t^2) - 2). Rounding of v is a random walk, 1e-16 sqrt(1e6) = 1e-13. A
    uniform field repeats the rounding error ds of s at each step and adds it up, 1e6 t^2 ds in |v|: with
    t = 0.0525 and ds = 1.1e-16 (half a unit in the last place below 2) 3e-13, but 1e-12 if s is three times
    that off. A Rodrigues rotation multiplies |v|^2 by sin^2 + cos^2 of two separately rounded numbers, and
    drifts by 4e-11 here. The fast field is another field, and turns velocities by the same rotation.
    """
    if eta == 0:
        waves, mean_field = np.zeros((0, 7)), 1.0
    else:
        field = draw_realisation("isotropic", eta, np.random.default_rng(2), modes=12)
        waves, mean_field = field.waves, field.mean_field
    generator = np.random.default_rng(1)
    velocity = generator.normal(size=(3, 16))
    velocity /= np.linalg.norm(velocity, axis=0)
    sample_steps = np.array([1e3, 1e4, 1e5, 3e5, 1e6])
    _, v = kernels.push_particles(
        waves,
        100 * generator.random((3, 16)),
        velocity,
        rigidity=0.1,
        step=0.105,
        n_steps=1_000_000,
        mean_field=mean_field,
        sample_steps=sample_steps,
        tolerance=tolerance,
    )
    drift = np.max(np.abs(np.linalg.norm(v, axis=1) - 1))
    compare(f"A2 {instruction_set}, eta = {eta:g}, tolerance {tolerance:g}: largest ||v| - 1|", drift, 0, within=1e-12)
