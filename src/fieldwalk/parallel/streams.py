"""Random numbers by key: they depend on their purpose, and never on the rank or the order in which they are drawn."""

import numpy as np


def stream(seed: int, key: tuple[int, ...]) -> np.random.Generator:
    """Independent random generator of a key.

    NumPy's SeedSequence mixes the campaign's seed with the key, and the counter-based generator Philox (Salmon et al.
    2011) is seeded with the result.

    Parameters
    ----------
    seed : int
        Seed of the campaign.
    key : tuple of int
        Non-negative integers that name the purpose, for example a hash of the field's physics and the number of the
        realisation.

    Examples
    --------
    >>> first = stream(1, (0, 7)).random(3)
    >>> bool((first == stream(1, (0, 7)).random(3)).all()), bool((first == stream(1, (0, 8)).random(3)).any())
    (True, False)
    """
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=key)))
