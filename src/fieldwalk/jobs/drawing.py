"""Fields and initial conditions of the particles of a campaign, each from its own random stream."""

import numpy as np
from numpy.typing import NDArray

from fieldwalk import kernels
from fieldwalk.campaign.identity import field_key, particle_key
from fieldwalk.campaign.points import FieldPoint
from fieldwalk.parallel.streams import stream
from fieldwalk.turbulence import Realisation, draw_realisation, spectrum_from_mapping

Floats = NDArray[np.float64]

START_VOLUME = 100.0
"""Side in L_c of the cube of start points, so that paths of one realisation start many correlation lengths apart."""

_FIELD, _PARTICLES = 0, 1
"""First number of every key, so that a field and a block of particles never share a stream."""


def draw_field(point: FieldPoint, seed: int, realisation: int) -> Realisation:
    """Draw field number ``realisation`` of a point.

    Points with equal numbers of modes and scale ratios have the same waves.

    Examples
    --------
    >>> from fieldwalk.campaign.points import EXACT
    >>> numbers = {"scale_ratio": 100.0, "modes": 16, "step": 0.1, "precision": EXACT, "duration": 10.0}
    >>> spectrum = {"shape": "power_law", "spectral_index": 5 / 3}
    >>> point = FieldPoint("slab", 0.36, 0.1, spectrum=spectrum, slab_fraction=None, **numbers)
    >>> field = draw_field(point, seed=1, realisation=0)
    >>> field.waves.shape, round(field.mean_field, 6)
    ((16, 7), 0.8)
    """
    return draw_realisation(
        point.mode_type,
        point.eta,
        stream(seed, (_FIELD, *field_key(point), realisation)),
        modes=point.modes,
        scale_ratio=point.scale_ratio,
        spectrum=spectrum_from_mapping(point.spectrum),
        slab_fraction=point.slab_fraction or 0.0,
    )


def draw_particles(point: FieldPoint, seed: int, realisation: int, first: int, last: int) -> tuple[Floats, Floats]:
    """Draw start points and directions of particles ``first`` to ``last`` - 1 of a realisation.

    Start points are uniform in a cube of side :data:`START_VOLUME`, and directions are isotropic.

    Returns
    -------
    position, velocity : array, shape (3, last - first)
        In L_c and c. Particles are drawn in blocks, so that a particle does not depend on how many others are drawn.

    Examples
    --------
    >>> from fieldwalk.campaign.points import EXACT
    >>> numbers = {"scale_ratio": 100.0, "modes": 16, "step": 0.1, "precision": EXACT, "duration": 10.0}
    >>> spectrum = {"shape": "power_law", "spectral_index": 5 / 3}
    >>> point = FieldPoint("slab", 0.36, 0.1, spectrum=spectrum, slab_fraction=None, **numbers)
    >>> position, velocity = draw_particles(point, seed=1, realisation=0, first=0, last=20)
    >>> later, _ = draw_particles(point, seed=1, realisation=0, first=5, last=40)
    >>> bool((later[:, :15] == position[:, 5:]).all())
    True
    """
    size = kernels.PARTICLES_PER_BLOCK
    blocks = range(first // size, -(-last // size))
    drawn = [stream(seed, (_PARTICLES, *particle_key(point), realisation, block)).random((5, size)) for block in blocks]
    uniform = np.concatenate(drawn, axis=1)[:, first - blocks[0] * size : last - blocks[0] * size]
    cosine, azimuth = 2 * uniform[3] - 1, 2 * np.pi * uniform[4]
    sine = np.sqrt(1 - cosine**2)
    velocity = np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine])
    return START_VOLUME * np.ascontiguousarray(uniform[:3]), velocity / np.linalg.norm(velocity, axis=0)
