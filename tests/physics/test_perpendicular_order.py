"""The order of the mode types across the mean field."""

import numpy as np
import pytest

from fieldwalk.particles.mean_free_paths import reason_not_converged


@pytest.mark.slow
def test_order_of_perpendicular_mean_free_paths(measure, kolmogorov_point, exceeds):
    """lambda_perp(alfvenic) > (isotropic) > (magnetosonic) in weak turbulence at low rigidity.

    Particles follow field lines, whose quasi-linear coefficient is K = (dB^2/B0^2) times L_c/4 for alfvenic,
    0 for magnetosonic (only the fourth order is left) and L_c/8 for isotropic, their mean: static waves make
    lines wander by their power at k_z = 0, where e_phi lies across B0 and e_theta along it.

    eta = 0.3, r_g = 0.1 L_c, at the asymptote: the run lasts as long as both plateaus ask for, and the
    pipeline's own checks of convergence must agree (six of them, each a false alarm in 400). Each ratio must
    exceed one by 2 standard errors; it does by about 5 and 8, a false alarm in 700.
    """
    eta, rigidity = 0.3, 0.1
    found = {}
    for mode_type in ("alfvenic", "isotropic", "magnetosonic"):
        result = measure(kolmogorov_point(mode_type, eta, rigidity, duration=3163.0), realisations=150, particles=16)
        best, error = result.mean_free_path, result.mean_free_path_error
        duration = result.time[-1] * rigidity
        for direction in ("parallel", "perpendicular"):
            assert reason_not_converged(direction, mode_type, eta, duration, best, error) == ""
        found[mode_type] = (float(best["lambda_perpendicular"]), float(error["lambda_perpendicular"]))
    for larger, smaller in (("alfvenic", "isotropic"), ("isotropic", "magnetosonic")):
        ratio = found[larger][0] / found[smaller][0]
        error = ratio * np.hypot(*(found[name][1] / found[name][0] for name in (larger, smaller)))
        exceeds(f"lambda_perp({larger})/lambda_perp({smaller})", ratio, 1, sigmas=2, error=error)
