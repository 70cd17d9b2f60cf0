"""The fields and the start points of a campaign, each from a random stream of its own."""

import numpy as np
from numpy.typing import NDArray

from fieldwalk import kernels
from fieldwalk.campaign.identity import field_key, particle_key
from fieldwalk.campaign.points import FieldPoint
from fieldwalk.parallel.streams import stream
from fieldwalk.turbulence import Realisation, draw_realisation, spectrum_from_mapping

Floats = NDArray[np.float64]

START_VOLUME = 100.0
"""Side in L_c of the cube of start points: paths of one realisation start many correlation lengths apart."""

_FIELD, _PARTICLES = 0, 1
"""First number of every key, so that a field and a block of particles never share a stream."""


def draw_field(point: FieldPoint, seed: int, realisation: int) -> Realisation:
    """Field number ``realisation`` of a point; the same for points with equal modes and scale ratio."""
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
    """Start points, uniform in a cube, and isotropic directions of particles ``first`` to ``last`` - 1 of a
    realisation.

    Returns
    -------
    position, velocity : array, shape (3, last - first)
        In L_c and c. Particles are drawn block by block, so that the first ones stay the same when more are asked for.
    """
    size = kernels.PARTICLES_PER_BLOCK
    blocks = range(first // size, -(-last // size))
    drawn = [stream(seed, (_PARTICLES, *particle_key(point), realisation, block)).random((5, size)) for block in blocks]
    uniform = np.concatenate(drawn, axis=1)[:, first - blocks[0] * size : last - blocks[0] * size]
    cosine, azimuth = 2 * uniform[3] - 1, 2 * np.pi * uniform[4]
    sine = np.sqrt(1 - cosine**2)
    velocity = np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine])
    return START_VOLUME * np.ascontiguousarray(uniform[:3]), velocity / np.linalg.norm(velocity, axis=0)
