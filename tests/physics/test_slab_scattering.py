"""A8, A9 and A15: slab turbulence, by quasi-linear theory and by two constants of motion."""

import numpy as np
import pytest
from scipy.integrate import quad

from fieldwalk import kernels
from fieldwalk.jobs.drawing import draw_field, draw_particles
from fieldwalk.turbulence import PowerLaw, draw_realisation, theory, wavenumber_range

SEED = 20261120
RATIO = 100.0


def amplitude(q, ratio, eta):
    """A of W(k) = A k^-q, one-sided, in units of B0^2: int W dk = dB^2 = eta/(1 - eta) B0^2."""
    k_min, k_max = wavenumber_range(PowerLaw(q), ratio)
    return eta / (1 - eta) * (q - 1) / (k_min ** (1 - q) - k_max ** (1 - q))


def directions(mu, azimuth):
    across = np.sqrt(1 - mu**2)
    return np.stack([across * np.cos(azimuth), across * np.sin(azimuth), mu + 0 * azimuth])


@pytest.mark.slow
def test_resonant_pitch_angle_diffusion(compare):
    """A8. D_mumu = (pi/4) Omega_0 (1 - mu^2) k_r W(k_r)/B0^2, k_r = Omega_0/(v |mu|), to 10 %.

    Along the unperturbed helix dmu/dt = (Omega_0/B0) sqrt(1 - mu^2) b_phi(t), b_phi the component along the
    gyrating direction, across v and z. A wave A cos(kz + beta), A^2 = 2 W dk, its angle uniform, gives
    <b_phi(0) b_phi(t)> = (A^2/4) cos(k v mu t) cos(Omega_0 t), of which half is cos((k v |mu| - Omega_0) t).
    D = int_0^inf <mudot mudot> dt, and int_0^inf cos(at) dt = pi delta(a): so D = (Omega_0/B0)^2 (1 - mu^2)
    int (W/4) pi delta(k v |mu| - Omega_0) dk, which is the equation above.

    eta = 0.001, r_g = 0.1, q = 5/3. <dmu^2> = 2 D t only once resonance is selected: hence the slope over 30
    < Omega t < 100 (at Omega t of a few it is non-resonant noise). mu moves by 0.1 rms meanwhile, over which
    the change of D adds 1-2 %. 12,800 particles in 400 realisations: 2 % statistical error, a false alarm in
    10^6.
    """
    eta, rigidity, step = 0.001, 0.1, 0.08
    starts = np.array([0.5, 0.6, 0.7])
    times = np.linspace(30, 100, 15)
    generator = np.random.default_rng(SEED)
    squares = []
    for _ in range(400):
        field = draw_realisation("slab", eta, generator, modes=128, scale_ratio=RATIO)
        mu = np.repeat(starts, 32)
        _, v = kernels.push_particles(
            field.waves,
            100 * generator.random((3, mu.size)),
            directions(mu, 2 * np.pi * generator.random(mu.size)),
            rigidity=rigidity,
            step=step,
            n_steps=int(times[-1] / step) + 1,
            mean_field=field.mean_field,
            sample_steps=times / step,
        )
        squares.append(((v[:, 2] - mu) ** 2).reshape(times.size, starts.size, -1).mean(axis=2))
    centred = times - times.mean()
    slopes = np.einsum("t,rtm->rm", centred, squares) / np.sum(centred**2) / rigidity / 2
    diffusion, error = slopes.mean(axis=0), slopes.std(axis=0, ddof=1) / np.sqrt(len(slopes))
    frequency = np.sqrt(1 - eta) / rigidity
    resonant = frequency / starts
    expected = np.pi / 4 * frequency * (1 - starts**2) * amplitude(5 / 3, RATIO, eta) * resonant ** (1 - 5 / 3)
    code = theory.resonant_pitch_angle_diffusion(PowerLaw(), RATIO, eta, rigidity, starts)
    np.testing.assert_allclose(code, expected, rtol=1e-12)
    for mu, value, sigma in zip(starts, diffusion / expected, error / expected, strict=True):
        compare(f"A8 D_mumu/quasi-linear at mu = {mu}", value, 1, within=0.1, error=sigma)
        assert sigma < 0.025


@pytest.mark.parametrize("q", [1.01, 1.5, 5 / 3])
def test_parallel_diffusion_is_the_integral_of_pitch_angle_diffusion(q):
    """A9, the closed form. kappa = (v^2/8) int (1 - mu^2)^2/D_mumu dmu, D of A8 with W = A k^-q at every k.

    D = (pi/4) Omega_0 (1 - mu^2) A (r_L |mu|)^(q-1), and int_0^1 (1 - mu^2) mu^(1-q) dmu = 2/((2-q)(4-q)).
    Tolerance: rounding of the quadrature.
    """
    eta, rigidity, ratio = 0.01, 0.2, 760.0
    frequency = np.sqrt(1 - eta) / rigidity
    scale = np.pi / 4 * frequency * amplitude(q, ratio, eta) * frequency ** (1 - q)
    # mu = u^4 takes the singularity of mu^(1-q) away
    integral, _ = quad(lambda u: (1 - u**8) * u ** (4 - 4 * q) * 4 * u**3, 0, 1, epsabs=0, epsrel=1e-12)
    expected = 2 * integral / 8 / scale
    assert theory.slab_parallel_diffusion(q, ratio, eta, rigidity) == pytest.approx(expected, rel=1e-9)


@pytest.mark.slow
def test_parallel_diffusion_of_orbits(compare):
    """A9. kappa_par = 2 v^2 B0^2 r_L^(1-q)/[pi Omega_0 A (2-q)(4-q)], with orbits, to 10 %.

    q = 1.01 makes D_mumu/(1 - mu^2) all but constant, so that no pitch angle dominates kappa. k_min r_g = 0.3
    and k_max r_g = 228 hold the resonance k r_g = 1/|mu| of all but |mu| < 1/228. mu then loses its memory as
    exp(-t/T), T = 3 kappa/v^2, and <dz^2> = 2 kappa [t - T (1 - exp(-t/T))]: the slope between 2 T and 4 T is
    2 kappa [1 - (e^-2 - e^-4)/2]. The motion is stationary, so <dz^2> is averaged over time origins along
    runs of 8 T.

    Omega h = 0.05: a field sampled every h shows its waves again at k v mu - 2 pi/h, which adds at most 2
    Omega h/2 pi = 1.6 % to D. The number of waves matters at this level: measured ratios (+- 0.015) are 0.97
    with 128 modes, 1.02 with 256 and 1.05 with 512. Few, strong waves diffuse faster than quasi-linear theory
    says (Cary, Escande & Verga 1990, Phys. Rev. Lett. 65, 3132); what is left with many is presumably |mu| <
    dB/B0 = 0.1, where the tilt of the local field counts. Statistical error 2 % with 3200 particles in 200
    realisations: a false alarm in 10^4.
    """
    q, ratio, eta, modes, step = 1.01, 760.0, 0.01, 256, 0.05
    spectrum = PowerLaw(q)
    rigidity = 0.3 / wavenumber_range(spectrum, ratio)[0]
    kappa = theory.slab_parallel_diffusion(q, ratio, eta, rigidity)
    memory = 3 * kappa / rigidity  # Omega T
    assert 400 < memory < 430
    times = memory * np.arange(0, 8.01, 0.25)
    generator = np.random.default_rng(SEED)
    slopes = []
    for _ in range(200):
        field = draw_realisation("slab", eta, generator, modes=modes, scale_ratio=ratio, spectrum=spectrum)
        r, _ = kernels.push_particles(
            field.waves,
            100 * generator.random((3, 16)),
            directions(2 * generator.random(16) - 1, 2 * np.pi * generator.random(16)),
            rigidity=rigidity,
            step=step,
            n_steps=int(times[-1] / step) + 1,
            mean_field=field.mean_field,
            sample_steps=times / step,
        )
        z = r[:, 2]
        early, late = (np.mean((z[lag:] - z[:-lag]) ** 2) for lag in (8, 16))
        slopes.append((late - early) / (2 * memory * rigidity))
    measured = np.array(slopes) / 2 / (1 - (np.exp(-2) - np.exp(-4)) / 2) / kappa
    error = measured.std(ddof=1) / np.sqrt(measured.size)
    compare("A9 kappa_par/quasi-linear, q = 1.01", measured.mean(), 1, within=0.1, error=error)
    assert error < 0.025


def test_particles_stay_on_their_field_line(kolmogorov_point, compare):
    """A15, particle by particle. The field depends on z alone, so two canonical momenta are constant.

    r_g dv_x/dt = v_y B_0 - v_z b_y(z) integrates to B_0 dy - int_{z0}^{z} b_y dz' = r_g (v_x - v_x0), and
    likewise for x: the distance to the field line through the start, Y(z) = (1/B_0) int b_y dz', never
    exceeds 2 r_g/B_0, however far particles go. The integral of each wave is closed. Drift-kick-drift keeps
    the momentum to O((k_max h)^2) of the small waves: 1 % of r_g at k_max h = 1, less by 16 with a quarter of
    the step (8 is asserted, for it is the largest of many samples).
    """
    off = {}
    for step, limit in ((0.08, 0.01), (0.02, 0.01 / 8)):
        point = kolmogorov_point("slab", 0.3, 0.1, step=step, duration=300.0)
        field = draw_field(point, SEED, 0)
        start_position, start_velocity = draw_particles(point, SEED, 0, 0, 64)
        n_steps = round(point.duration / step)
        r, v = kernels.push_particles(
            field.waves,
            start_position.copy(),
            start_velocity.copy(),
            rigidity=point.rigidity,
            step=step,
            n_steps=n_steps,
            mean_field=field.mean_field,
            sample_steps=np.linspace(0, n_steps, 51),
        )
        k = 2 * np.pi * field.waves[:, 2]
        phase = 2 * np.pi * field.waves[:, 3]

        def line(z, axis, k=k, phase=phase, field=field):
            return np.tensordot(np.sin(z[..., None] * k + phase), field.waves[:, 4 + axis] / k, 1)

        worst = 0.0
        for axis, across, sign in ((1, 0, 1), (0, 1, -1)):
            moved = field.mean_field * (r[:, axis] - start_position[axis])
            followed = line(r[:, 2], axis) - line(start_position[2], axis)
            turned = sign * point.rigidity * (v[:, across] - start_velocity[across])
            worst = max(worst, np.max(np.abs(moved - followed - turned)) / point.rigidity)
        name = f"A15 canonical momentum/r_g, Omega h = {step}"
        compare(name, worst, 0, within=limit)
        off[step] = worst
    assert off[0.02] < off[0.08] / 8


def test_no_perpendicular_diffusion(measure, kolmogorov_point, compare):
    """A15. d_perp -> 0 once sqrt<dz^2> > L_max, and the displacement across the field stays bounded.

    From the constant of motion above, dx = X(z) - X(z0) -+ (r_g/B0) dv: with the waves' phases uniform and
    particles spread over many L_max, <dx^2> = (dB^2/B0^2) <1/k^2> + (r_g/B0)^2 <(v_y - v_y0)^2>, the last
    average 2/3 once v is forgotten. For G ~ k^-q between sharp ends <1/k^2> = (q-1)/(q+1) (1 - s^(-q-1))/(1 -
    s^(1-q))/k_min^2.

    d_perp from the fit of the pipeline, over the last three quarters of the run (throughout which sqrt<dz^2>
    > L_max = 4.8 L_c): zero within 3 standard errors of less than 1e-4 c L_c, 300 times below its maximum, a
    false alarm in 370. <dx^2> to 10 %, more than 5 standard errors; the last running value to 4, one in
    16,000.
    """
    eta, rigidity = 0.3, 0.1
    result = measure(kolmogorov_point("slab", eta, rigidity, duration=1780.0), realisations=100, particles=16)
    k_min, _ = wavenumber_range(PowerLaw(), RATIO)
    q = 5 / 3
    inverse_square = (q - 1) / (q + 1) * (1 - RATIO ** (-q - 1)) / (1 - RATIO ** (1 - q)) / k_min**2
    expected = eta / (1 - eta) * inverse_square + 2 / 3 * rigidity**2 / (1 - eta)
    moved = np.sqrt(result.running["mean_square_parallel"])
    late = result.time > result.time[-1] / 4
    assert np.all(moved[late] > 2 * np.pi / k_min)
    across = (result.moments["square_x"] + result.moments["square_y"])[:, late].mean(axis=1) / 2
    error = across.std(ddof=1) / np.sqrt(across.size)
    compare("A15 <dx^2>, late/closed form", across.mean() / expected, 1, within=0.1, error=error / expected)
    assert error < 0.02 * expected
    coefficient = result.mean_free_path["lambda_perpendicular"] / 3
    error = result.mean_free_path_error["lambda_perpendicular"] / 3
    compare("A15 d_perpendicular, late (c L_c)", coefficient, 0, within=3 * error, error=error)
    assert error < 1e-4 < result.running["d_perpendicular"].max() / 300
    running, error = result.running["d_perpendicular"][-1], result.running_error["d_perpendicular"][-1]
    compare("A15 d_perpendicular, last running value", running, 0, within=4 * error, error=error)
