"""A10: small-angle scattering without a mean field."""

import numpy as np
import pytest

from fieldwalk import kernels
from fieldwalk.turbulence import draw_realisation, theory

SEED = 20261120


@pytest.mark.slow
def test_mean_free_path_at_large_rigidity(compare):
    """A10. eta = 1, isotropic, r_g = 10: lambda = 4 r_g^2/L_c = 400 L_c, to 5 %.

    dv/dt = v x b/r_g along a nearly straight path turns v by <dtheta^2> = (2 t/r_g^2) int_0^inf R_perp ds,
    with R_perp = <b_perp(0).b_perp(s)> of the two components across v. int_0^inf R ds = L_c/2 for the trace
    (A5), all from waves with k across v; their b is spread evenly over v and the other direction, so that int
    R_perp ds = L_c/4. <v(0).v(t)> falls at the rate <dtheta^2>/2t = L_c/(4 r_g^2), which is 1/lambda.

    lambda = t/-ln<v(0).v(t)> between lags of 20 L_c, which drop the straight beginning, and 100 L_c, averaged
    over time origins along runs of 200 L_c. Waves are discrete, and a lag t resolves lines closer
    than 2 pi/t: hence 3000 modes. Step 0.1 L_c (ratio 10: k_max h = 1.9). Statistical error (jackknife over
    realisations) 1.1 %; the next order in L_c/r_g may add 1 or 2 %. A false alarm in 1000 if it does.
    """
    rigidity, step = 10.0, 0.01
    n_steps = 2000
    every = 200  # steps: 20 L_c
    generator = np.random.default_rng(SEED)
    correlation = []
    for _ in range(160):
        field = draw_realisation("isotropic", 1.0, generator, modes=3000, scale_ratio=10.0)
        assert field.mean_field == 0
        velocity = generator.normal(size=(3, 32))
        _, v = kernels.push_particles(
            field.waves,
            100 * generator.random((3, 32)),
            velocity / np.linalg.norm(velocity, axis=0),
            rigidity=rigidity,
            step=step,
            n_steps=n_steps,
            sample_steps=np.arange(0.0, n_steps + 1, every),
        )
        correlation.append([np.mean(np.sum(v[lag:] * v[:-lag], axis=1)) for lag in (1, 5)])
    early, late = np.array(correlation).T

    def free_path(kept):
        return 4 * every * step * rigidity / np.log(early[kept].mean() / late[kept].mean())

    everyone = np.arange(early.size)
    without = np.array([free_path(everyone != i) for i in everyone])
    error = np.sqrt((early.size - 1) * without.var())
    expected = theory.large_rigidity_mean_free_path(rigidity)
    assert expected == 400
    ratio = free_path(everyone) / expected
    compare("A10 lambda/(4 r_g^2/L_c), r_g = 10 L_c", ratio, 1, within=0.05, error=error / expected)
    assert error < 0.015 * expected
