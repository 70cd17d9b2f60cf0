"""What makes a point the same point: the declared sets of fields, and hashes of the physics.

An upgrade or an edited campaign must never overwrite what stands, and never compute again what is there. So
the path of a result carries a hash of all that decides its physics, and of nothing else.
"""

import hashlib
import json
from typing import Any

from fieldwalk.campaign.grid import Point, point_name

PHYSICS_VERSION = 2
"""Raised when the kernels' physics changes, so that new results take new paths."""

FIELD_SETS: dict[str, tuple[str, ...]] = {
    # A change makes a new point, at a new path.
    "physics": (
        "turbulence.mode_types",
        "turbulence.etas",
        "turbulence.spectrum",
        "turbulence.spectral_index",
        "turbulence.low_index",
        "turbulence.bend_over",
        "turbulence.slab_fraction",
        "turbulence.scale_ratio",
        "turbulence.modes",
        "turbulence.magnetic_field_microgauss",
        "turbulence.correlation_length_pc",
        "particles.rigidities",
        "particles.step",
        "particles.tolerance",
        "field_lines.scale_ratio",
        "field_lines.modes",
        "field_lines.step",
        "field_lines.tolerance",
    ),
    # A change only adds work to the same points. The seed picks the sample; a results folder keeps its own.
    "statistics": (
        "seed",
        "particles.duration",
        "particles.max_duration",
        "particles.extended",
        "statistics.realisations",
        "statistics.particles_per_realisation",
        "field_lines.length",
        "field_lines.lines_per_realisation",
    ),
    # A change recomputes nothing. The name is that of the results folder.
    "resources_and_display": (
        "name",
        "author",
        "resources.ranks",
        "resources.job_minutes",
        "resources.checkpoint_minutes",
        "outputs",
    ),
}
"""Every key of the campaign file, in exactly one of the three sets."""

POINT_PHYSICS = (
    "mode_type",
    "eta",
    "rigidity",
    "spectrum",
    "slab_fraction",
    "scale_ratio",
    "modes",
    "step",
    "precision",
    "tolerance",
)
"""Fields of a point that its identity hashes: what the physics keys resolve to."""

FIELD_PHYSICS = ("mode_type", "spectrum", "slab_fraction")
"""Fields of a point that define the turbulence whatever the numerics, so that kernels can share its draws."""


def point_id(point: Point) -> str:
    """Return the name of a point in paths.

    Parameters
    ----------
    point : Point

    Returns
    -------
    str
        Readable part and 12 hexadecimal digits of the SHA-256 of the physics, such as
        ``isotropic_eta0.5_rg0.03_0123456789ab``. The readable part is rounded; the hash is not.
    """
    digits = _digest(point, POINT_PHYSICS).hex()[:12]
    return f"{point_name(point.mode_type, point.eta, point.rigidity)}_{digits}"


def field_key(point: Point) -> tuple[int, int, int, int]:
    """Return four 32-bit words that name the drawn field apart from its realisation and numerics.

    Parameters
    ----------
    point : Point

    Returns
    -------
    tuple of int
        For the ``spawn_key`` of a NumPy ``SeedSequence``.
    """
    return _words(_digest(point, FIELD_PHYSICS))


def particle_key(point: Point) -> tuple[int, int, int, int]:
    """Return four 32-bit words that name the point, for the random streams of its particles.

    Parameters
    ----------
    point : Point

    Returns
    -------
    tuple of int
        For the ``spawn_key`` of a NumPy ``SeedSequence``; from the same hash as the point's name.
    """
    return _words(_digest(point, POINT_PHYSICS))


def canonical_json(value: Any) -> str:
    """Write a plain value as JSON in the one form that is hashed: keys sorted, no blanks, exact floats.

    Raises
    ------
    ValueError
        For NaN or infinity, which JSON does not have.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _digest(point: Point, names: tuple[str, ...]) -> bytes:
    fields = {name: getattr(point, name) for name in names}
    return hashlib.sha256(canonical_json({**fields, "physics_version": PHYSICS_VERSION}).encode()).digest()


def _words(digest: bytes) -> tuple[int, int, int, int]:
    first, second, third, fourth = (int.from_bytes(digest[4 * i : 4 * i + 4], "big") for i in range(4))
    return first, second, third, fourth
