"""What makes a point the same point: hashes of the physics.

An upgrade or an edited campaign must never overwrite an existing result, and never compute one again. So
the path of a result carries a hash of all that decides its physics, and of nothing else.
"""

import hashlib
import json
from typing import Any

from fieldwalk.campaign.points import FieldPoint, Point

PHYSICS_VERSION = 2
"""Raised when the kernels' physics changes, so that new results take new paths."""

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
    return f"{point.name}_{_digest(point.physics).hex()[:12]}"


def field_key(point: FieldPoint) -> tuple[int, int, int, int]:
    """Return four 32-bit words that name the drawn field apart from its realisation and numerics.

    Parameters
    ----------
    point : FieldPoint

    Returns
    -------
    tuple of int
        For the ``spawn_key`` of a NumPy ``SeedSequence``.
    """
    return _words(_digest({name: getattr(point, name) for name in FIELD_PHYSICS}))


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
    return _words(_digest(point.physics))


def canonical_json(value: Any) -> str:
    """Write a plain value as JSON in the one form that is hashed: keys sorted, no blanks, exact floats.

    Raises
    ------
    ValueError
        For NaN or infinity, which JSON does not have.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _digest(fields: dict[str, Any]) -> bytes:
    return hashlib.sha256(canonical_json({**fields, "physics_version": PHYSICS_VERSION}).encode()).digest()


def _words(digest: bytes) -> tuple[int, int, int, int]:
    first, second, third, fourth = (int.from_bytes(digest[4 * i : 4 * i + 4], "big") for i in range(4))
    return first, second, third, fourth
