"""Random numbers by key: what is drawn depends on what it is for, never on who draws it or when."""

import numpy as np


def stream(seed: int, key: tuple[int, ...]) -> np.random.Generator:
    """Independent generator of a key.

    NumPy's SeedSequence mixes the campaign's seed with the key, and Philox (Salmon et al. 2011) turns the result into
    numbers.

    Parameters
    ----------
    seed : int
        Seed of the campaign.
    key : tuple of int
        Non-negative integers that name the purpose: for example a hash of the field's physics and the number of the
        realisation.
    """
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=key)))
