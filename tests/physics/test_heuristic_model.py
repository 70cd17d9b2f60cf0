"""Identities of the heuristic model of perpendicular transport, each derived in its docstring."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.stats import norm

from fieldwalk.transport import broken_power_law
from fieldwalk.transport.heuristic import bare_coefficient, mean_square, with_decorrelation

Floats = NDArray[np.float64]

TIME = np.geomspace(1e-4, 1e4, 257)
LINE = 0.12


def constant(zeta: Floats) -> Floats:
    return np.full_like(zeta, LINE)


def test_ballistic_particles_on_diffusive_lines() -> None:
    """d_parallel = v^2 t/3 gives <dz^2> = v^2 t^2/3, zeta = v t/sqrt(3), so d_perpendicular = d_line v/sqrt(3)."""
    found = bare_coefficient(TIME, TIME / 3, constant)
    np.testing.assert_allclose(found, LINE / np.sqrt(3), rtol=1e-12)


def test_bias_of_the_root_mean_square_while_ballistic() -> None:
    """Exactly, a particle of pitch-angle cosine mu is at dz = mu v t, <dx^2> = 2 d_line |mu| v t, whose average over mu
    is d_line v t, so d_perpendicular = d_line v/2: the model is too large by 2/sqrt(3)."""
    mean_square_displacement, _ = quad(lambda mu: 0.5 * 2 * LINE * abs(mu), -1, 1, points=[0])
    exact = 0.5 * mean_square_displacement  # d = (1/2) d<dx^2>/dt at v = 1, <dx^2> ~ t
    assert exact == pytest.approx(LINE / 2, rel=1e-12)
    model = bare_coefficient(TIME, TIME / 3, constant)
    np.testing.assert_allclose(model / exact, 2 / np.sqrt(3), rtol=1e-12)


def test_compound_diffusion() -> None:
    """d_parallel = kappa gives zeta = sqrt(2 kappa t) and d_perpendicular = d_line sqrt(kappa/2t),
    <dx^2> = 2 d_line sqrt(2 kappa t) per axis."""
    kappa = 0.3
    found = bare_coefficient(TIME, np.full_like(TIME, kappa), constant)
    np.testing.assert_allclose(found, LINE * np.sqrt(kappa / (2 * TIME)), rtol=1e-12)
    np.testing.assert_allclose(mean_square(TIME, found), 2 * LINE * np.sqrt(2 * kappa * TIME), rtol=1e-12)


def test_bias_of_the_root_mean_square_in_compound_diffusion() -> None:
    """With Gaussian dz of variance 2 kappa t, <dx^2> = 2 d_line <|dz|> and <|dz|> = sqrt(2/pi) zeta: the model is too
    large by sqrt(pi/2); the Gaussian average is not."""
    mean, _ = quad(lambda u: abs(u) * norm.pdf(u), -12, 12, points=[0])
    parallel = np.full_like(TIME, 0.3)
    exact = LINE * mean * np.sqrt(0.3 / (2 * TIME))
    np.testing.assert_allclose(bare_coefficient(TIME, parallel, constant) / exact, np.sqrt(np.pi / 2), rtol=1e-10)
    np.testing.assert_allclose(bare_coefficient(TIME, parallel, constant, averaged=True), exact, rtol=1e-9)


@pytest.mark.parametrize("averaged", [False, True])
def test_ballistic_lines_hand_over_the_parallel_coefficient(averaged: bool) -> None:
    """d_line = b zeta, lines straight and inclined, gives d_perpendicular = b d_parallel whatever d_parallel does; the
    average over dz does not change it because E[u^2] = 1."""
    law = broken_power_law.make_law(1 / 3, [1.0, -0.4, 0.0], [0.5, 8.0], [0.4, 0.6])
    parallel = broken_power_law.value(TIME, law)
    found = bare_coefficient(TIME, parallel, lambda zeta: 0.7 * zeta, averaged)
    np.testing.assert_allclose(found, 0.7 * parallel, rtol=1e-12)


def test_gaussian_average_against_quadrature() -> None:
    """E[|u| d_line(zeta |u|)] with a line coefficient that rises, overshoots and settles."""
    law = broken_power_law.make_law(0.33, [1.0, -0.8, 0.0], [1.2, 5.4], [0.9, 0.3])
    parallel = broken_power_law.value(TIME, broken_power_law.make_law(1 / 3, [1.0, 0.0], [1.0], [0.5]))
    found = bare_coefficient(TIME, parallel, lambda zeta: broken_power_law.value(zeta, law), averaged=True)
    for place in range(0, TIME.size, 32):
        zeta = np.sqrt(mean_square(TIME, parallel)[place])
        mean, _ = quad(
            lambda u, zeta=zeta: 2 * u * norm.pdf(u) * broken_power_law.value(np.array([zeta * u]), law)[0], 1e-9, 12
        )
        assert found[place] == pytest.approx(mean * parallel[place] / zeta, rel=3e-3)


def test_bare_model_never_becomes_diffusive_and_decorrelation_makes_it_so() -> None:
    """Late d_perpendicular ~ t^(-1/2). In compound diffusion <dr^2> = 4 d_line sqrt(2 kappa t) = a^2 at
    t_dec = a^4/(32 d_line^2 kappa), where d_perpendicular = d_line sqrt(kappa/2 t_dec) = 4 d_line^2 kappa/a^2."""
    kappa, reach = 0.3, 1.7
    bare = bare_coefficient(TIME, np.full_like(TIME, kappa), constant)
    found, limit, moment = with_decorrelation(TIME, bare, reach)
    assert moment == pytest.approx(reach**4 / (32 * LINE**2 * kappa), rel=1e-10)
    assert limit == pytest.approx(4 * LINE**2 * kappa / reach**2, rel=1e-10)
    np.testing.assert_allclose(found[moment < TIME], limit)
    np.testing.assert_allclose(found[moment > TIME], bare[moment > TIME])
    _, nowhere, never = with_decorrelation(TIME, bare, 1e6)
    assert np.isnan(nowhere) and np.isnan(never)
