"""What the convergence study varies, and at which points."""

from dataclasses import dataclass

SEED = 20260520
PARTICLES = 16
REALISATIONS = {1e-3: 512, 0.1: 1024, 1.0: 512}
"""Fields of a run by rigidity; the default, to which the others are compared, has twice as many."""
RATIO_AND_STEP = {1e-3: (7940.0, 0.0999), 0.1: (100.0, 0.0759), 1.0: (100.0, 0.00759)}
"""L_max/L_min and step around which is varied: k_max r_g = 10 or a ratio of 100, and k_max h = 1."""
SHORT = 1e-3
"""At this rigidity runs are long enough for the parallel mean free path; the perpendicular one takes 150 times more."""
SHORT_DURATION = 6.0
"""In L_c/c: eighteen parallel mean free paths."""


@dataclass(frozen=True)
class Study:
    """What is varied.

    Attributes
    ----------
    dimension, words : str
        Name of the dimension in the dataset, and what it is.
    values : tuple of float
        From coarse to fine.
    default : float
        Value that the others are compared to.
    """

    dimension: str
    words: str
    values: tuple[float, ...]
    default: float

    @property
    def finest(self) -> float:
        """The value nearest to the truth."""
        return self.values[-1]


DURATION_SHIFTS = (-15, -10, -5, 0, 5)
"""In places on the time grid, sixteen to a decade: factors of 0.115, 0.237, 0.487, 1 and 2.05."""

STUDIES = {
    "tolerance": Study(
        "tolerance",
        "largest rms error of the field relative to dB; 0 sums every wave in double precision",
        (0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4, 0.0),
        1e-3,
    ),
    "step": Study("step_factor", "step over that at which k_max h = 1", (4.0, 2.0, 1.0, 0.5, 0.25), 1.0),
    "modes": Study("modes_per_decade", "modes per decade of wavenumber", (8, 16, 32, 64, 128, 256, 512), 128),
    "resolution": Study(
        "resolution",
        "k_max r_g beyond which the waves of a field that reaches k_max r_g = 40 are left out",
        (2.5, 5.0, 10.0, 20.0, 40.0),
        20.0,
    ),
    "duration": Study(
        "duration_factor",
        "duration over the automatic duration",
        tuple(10 ** (shift / 16) for shift in DURATION_SHIFTS),
        1.0,
    ),
}

STUDIED = {rigidity: tuple(STUDIES) for rigidity in REALISATIONS} | {SHORT: ("tolerance", "step", "resolution")}
"""Studies by rigidity."""
