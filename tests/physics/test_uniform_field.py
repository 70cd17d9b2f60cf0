"""A1 and A7: motion in a uniform field."""

import itertools

import numpy as np
import pytest

from fieldwalk import kernels

NO_WAVES = np.zeros((0, 7))


def test_gyration_is_exact(instruction_set, compare):
    """A1. In B = b z the solution is v = (s cos(bt/r_g), -s sin(bt/r_g), mu), z = mu t, whatever the step.

    The kick turns the velocity by exactly theta = b Omega h per step, so with N steps of h = 2 pi r_g/(b N)
    the phase is exact at every step and velocity and orbit close after N. A drift-kick-drift step moves by
    (v_n + v_{n+1}) h/2, across B a chord of length h s cos(theta/2) = 2 R sin(theta/2) of the circle of
    radius R: so R = (r_g s/b) (theta/2) cot(theta/2), short by theta^2/12. Tolerance 1e-10 per period, all of
    it rounding.
    """
    per_period, periods = 61, 20
    angle = 2 * np.pi / per_period
    shortened = (angle / 2) / np.tan(angle / 2)
    assert shortened == pytest.approx(1 - angle**2 / 12, abs=angle**4 / 700)
    mu = np.array([-0.9, -0.3, 0.0, 0.2, 0.5, 0.99])
    across = np.sqrt(1 - mu**2)
    steps = np.arange(per_period * periods + 1.0)
    phase = angle * steps[:, None]
    worst = {"velocity": 0.0, "z - mu t": 0.0, "orbit closes": 0.0, "gyroradius": 0.0}
    for rigidity, strength in itertools.product((1e-3, 7.0), (1.0, 0.6)):
        position = np.outer([0.3, -2.0, 5.0], np.ones(6)) * rigidity
        start = position.copy()
        r, v = kernels.push_particles(
            NO_WAVES,
            position,
            np.stack([across, 0 * mu, mu]),
            rigidity=rigidity,
            step=angle / strength,
            n_steps=per_period * periods,
            mean_field=strength,
            sample_steps=steps,
        )
        moved = (r - start) / rigidity
        # B along z turns v to its right: the centre lies at -y, on the shortened radius
        centre = np.stack([0 * mu, -across]) * shortened / strength
        radius = np.linalg.norm(moved[:, :2] - centre, axis=1) * strength / across
        exact = np.stack([across * np.cos(phase), -across * np.sin(phase), mu + 0 * phase], axis=1)
        found = {
            "velocity": v - exact,
            "z - mu t": moved[:, 2] - mu * phase / strength,
            "orbit closes": moved[::per_period, :2],
            "gyroradius": radius - shortened,
        }
        worst = {name: max(value, np.max(np.abs(found[name]))) for name, value in worst.items()}
    for name, value in worst.items():
        compare(f"A1 {instruction_set}: {name}, off in {periods} periods", value, 0, within=1e-10 * periods)


def test_moments_without_turbulence(measure, kolmogorov_point, compare):
    """A7. Isotropic directions in B = z: <dx^2> = (2/3) r_g^2 (1 - cos t), d_perp = (1/3) r_g v sin t, t in
    1/Omega.

    With v = (s cos a, s sin a, mu): |dx + i dy|^2 = s^2 r_g^2 |1 - e^(-it)|^2 = 2 s^2 r_g^2 (1 - cos t), half
    of it per axis, and <s^2> = 2/3. d_perp is half the derivative; along the field <dz^2> = t^2/3 and d_par =
    t/3.

    Tolerance 1 % of the amplitude 2/3 (1/3 for d). 4e5 particles: <dx^2> at its largest, twice the amplitude,
    has a statistical error of 0.14 % of the amplitude, and another 0.3 % because orbits at Omega h = 0.1 are
    short by 0.08 %. False alarms: five standard errors away, none.
    """
    x = 0.2
    point = kolmogorov_point("isotropic", 0.0, x, modes=1, step=0.1, duration=20.0)
    result = measure(point, realisations=8, particles=50_000)
    t = result.time
    assert t[0] == pytest.approx(0.1) and 17 < t[-1] < 20
    square = result.running["mean_square_perpendicular"] / x**2
    coefficient = result.running["d_perpendicular"] / x
    off = np.max(np.abs(square - 2 / 3 * (1 - np.cos(t)))) / (2 / 3)
    compare("A7 <dx^2>, largest departure over amplitude", off, 0, within=0.01)
    off = np.max(np.abs(coefficient - np.sin(t) / 3)) * 3
    compare("A7 d_perpendicular, likewise", off, 0, within=0.01)
    ratio = result.running["mean_square_parallel"] / (x * t) ** 2 * 3
    compare("A7 <dz^2>/(t^2/3)", ratio[-1], 1, within=0.01)
    compare("A7 d_parallel/(t/3)", result.running["d_parallel"][-1] / (x * t[-1]) * 3, 1, within=0.01)
