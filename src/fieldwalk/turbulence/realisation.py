"""One drawn field: a table of plane waves plus a mean field along z."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fieldwalk import kernels
from fieldwalk.turbulence.mode_types import COMPONENTS, SIMPLE_TYPES, UNIFORMS_PER_MODE
from fieldwalk.turbulence.spectrum import PowerLaw, Spectrum, draw_wavenumbers, wavenumber_range

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Realisation:
    """A field B(r) = B0 z + sum_i A_i cos(k_i.r + beta_i), in units of B_tot and L_c.

    Attributes
    ----------
    waves : array, shape (modes, 7)
        Rows of k/2pi, beta/2pi and A, as the kernels read them.
    mean_field : float
        B0/B_tot = sqrt(1 - eta).
    """

    waves: Floats
    mean_field: float

    def field(self, position: Floats) -> Floats:
        """Total field, shape (3, n) in B_tot, at ``position``, shape (3, n) in L_c.

        Examples
        --------
        >>> wave = np.array([[1.0, 0.0, 0.0, 0.0, 0.0, 0.6, 0.0]])  # one turn per L_c along x, amplitude 0.6 along y
        >>> Realisation(wave, mean_field=0.8).field(np.zeros((3, 1))).ravel().round(6)
        array([0. , 0.6, 0.8])
        """
        return kernels.evaluate_field(self.waves, position, self.mean_field)

    def fluctuation(self, position: Floats) -> Floats:
        """The turbulent part of the field, shape (3, n) in B_tot, at ``position``, shape (3, n) in L_c.

        Examples
        --------
        >>> wave = np.array([[1.0, 0.0, 0.0, 0.0, 0.0, 0.6, 0.0]])
        >>> half_a_wavelength = np.array([[0.5], [0.0], [0.0]])
        >>> Realisation(wave, mean_field=0.8).fluctuation(half_a_wavelength).ravel().round(6) + 0.0
        array([ 0. , -0.6,  0. ])
        """
        return kernels.evaluate_field(self.waves, position)

    def push(
        self,
        position: Floats,
        velocity: Floats,
        *,
        rigidity: float,
        step: float,
        n_steps: int,
        sample_steps: Floats | None = None,
        tolerance: float = 0.0,
    ) -> tuple[Floats, Floats]:
        """Push particles through this field.

        Arguments, returned arrays and errors are those of :func:`fieldwalk.kernels.push_particles`.
        """
        return kernels.push_particles(
            self.waves,
            position,
            velocity,
            rigidity=rigidity,
            step=step,
            n_steps=n_steps,
            mean_field=self.mean_field,
            sample_steps=sample_steps,
            tolerance=tolerance,
        )


def draw_realisation(
    mode_type: str,
    eta: float,
    generator: np.random.Generator,
    *,
    modes: int = 256,
    scale_ratio: float = 100.0,
    spectrum: Spectrum | None = None,
    slab_fraction: float = 0.2,
) -> Realisation:
    """Draw one field.

    The amplitude of mode i is A_i = sqrt(2 eta w_i) xi_i in B_tot, where w_i is the share of the power in the mode's
    own bin of log k and xi_i its polarisation. Each realisation therefore has <dB^2> = sum A_i^2/2 = eta B_tot^2
    exactly. This is the method of Giacalone & Jokipii (1999, ApJ 520, 204) with stratified sampling: one mode is drawn
    inside each bin.

    Parameters
    ----------
    mode_type : str
        One of :data:`fieldwalk.turbulence.MODE_TYPES`.
    eta : float
        Level of turbulence dB^2/B_tot^2, from 0 to 1.
    generator : numpy.random.Generator
        Source of randomness. The draw uses modes x 6 uniform numbers at any eta, so that fields of different levels
        drawn from equal generators have the same waves.
    modes : int
        Number of plane waves, shared equally between the components of ``composite``.
    scale_ratio : float
        L_max/L_min > 1.
    spectrum : Spectrum
        Kolmogorov's power law when omitted.
    slab_fraction : float
        Share of the power in slab modes, used by ``composite`` only (0.2: Bieber, Wanner & Matthaeus 1996).

    Returns
    -------
    Realisation

    Raises
    ------
    ValueError
        For an unknown mode type, an eta outside [0, 1] or fewer modes than components; the message names the values
        that are allowed.

    Notes
    -----
    Where the distance between neighbouring wavenumbers exceeds a particle's inverse mean free path, the particle
    resolves the discrete spectrum and is scattered too little; :func:`fieldwalk.particles.numerics.auto_modes` gives a
    sufficient number of modes.

    Examples
    --------
    >>> realisation = draw_realisation("isotropic", 0.36, np.random.default_rng(1), modes=64)
    >>> realisation.waves.shape, round(realisation.mean_field, 6)
    ((64, 7), 0.8)
    >>> round(float(np.sum(realisation.waves[:, 4:] ** 2) / 2), 6)  # <dB^2> = eta
    0.36
    """
    if mode_type not in COMPONENTS:
        raise ValueError(f"mode_type = {mode_type!r}: choose among {', '.join(COMPONENTS)}")
    components = COMPONENTS[mode_type]
    if not 0 <= eta <= 1:
        raise ValueError(f"eta = {eta}: it is dB^2/(B0^2 + dB^2) and lies between 0 and 1")
    if modes < len(components):
        raise ValueError(f"modes = {modes}: {mode_type} needs at least {len(components)}")
    spectrum = spectrum or PowerLaw()
    shares = (1.0,) if len(components) == 1 else (slab_fraction, 1 - slab_fraction)
    k_min, _ = wavenumber_range(spectrum, scale_ratio)
    tables = []
    for number, (component, share) in enumerate(zip(components, shares, strict=True)):
        n_modes = (modes + number) // len(components)
        uniform = generator.random((n_modes, UNIFORMS_PER_MODE + 2))
        wavenumber, weight = draw_wavenumbers(spectrum, scale_ratio, n_modes, uniform[:, 0])
        wave_vector, polarisation = SIMPLE_TYPES[component](wavenumber, uniform[:, 2:], k_min)
        amplitude = np.sqrt(2 * eta * share * weight)[:, None] * polarisation
        tables.append(np.hstack([wave_vector / (2 * np.pi), uniform[:, 1:2], amplitude]))
    return Realisation(waves=np.vstack(tables), mean_field=float(np.sqrt(1 - eta)))
