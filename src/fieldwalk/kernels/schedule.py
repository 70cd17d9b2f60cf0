"""Which waves the fast field sums at every step, and how often it expands the others.

A wave is expanded to second order about a centre, and the expansion is used for m steps of length s = h r_g. Its
error relative to the rms of the wave is (k s)^3/6 times the cube of the distance from the centre, in steps along the
wave vector. In the mean square over isotropic directions and the m positions of the interval this is
(k s)^6/36 <j^6>/7 with j = -(m-1)/2 ... (m-1)/2. The cost of a wave falls as 1/m. Among all choices with the same total
error the cheapest has m proportional to A^(-2/7) k^(-6/7). These m are rounded down to the powers of two that the
kernels provide, with the largest constant of proportionality whose total error stays within the tolerance.
docs/kernels.md derives this.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fieldwalk.kernels import _plane_waves

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

WAVE_COLUMNS = 7
"""k/2pi, beta/2pi and A of a plane wave."""

SMALLEST_TOLERANCE = 2e-6
"""Below this the error of single precision dominates: each cosine is exact to 1.2e-6."""

ROUNDING = 1e-6
"""Relative error of the field that remains when every wave is summed at every step in single precision."""

MARGIN = 1.3
"""The field error along orbits exceeds the estimate by up to 30 per cent in composite turbulence at r_g = L_c, and
elsewhere by 5 to 20 per cent, because orbits are no exact helices and deviate from the predicted centres.
"""

LONGEST_ANCHOR = 16
"""Largest number of steps for which phases are kept in single precision."""

STEPS_PER_CYCLE: int = _plane_waves.STEPS_PER_CYCLE
"""Steps after which everything is computed anew: a run that is interrupted at a multiple of it gives the same bits."""

INTERVALS: Integers = _plane_waves.SHORTEST_INTERVAL << np.arange(_plane_waves.LEVELS, dtype=np.int64)
"""Steps between two expansions of each level."""


@dataclass(frozen=True)
class Schedule:
    """How often each wave is summed or expanded.

    Attributes
    ----------
    order : array of int, shape (n_used,)
        Waves from fast to slow; waves without amplitude are left out.
    first : array of int, shape (n_levels + 1,)
        Index in ``order`` of the first wave of each level, and one past the last wave; the waves before the first level
        are summed at every step.
    anchor_interval : int
        Steps for which phases are kept in single precision.
    error : float
        Estimated rms error of the field from truncating the expansions, relative to dB.
    """

    order: Integers
    first: Integers
    anchor_interval: int
    error: float

    @property
    def summed_per_step(self) -> int:
        """Number of waves that are summed at every step."""
        return int(self.first[0])

    @property
    def expanded_per_step(self) -> float:
        """Mean number of waves that are expanded per step."""
        return float(np.sum(np.diff(self.first) / INTERVALS[: self.first.size - 1]))

    @property
    def n_anchored(self) -> int:
        """Number of leading waves whose phases are advanced in single precision between anchors."""
        short = INTERVALS[: self.first.size - 1] < self.anchor_interval
        return int(self.first[short.sum()])


def make_schedule(
    wavenumber: Floats, square: Floats, *, rigidity: float, step: float, tolerance: float, whole_steps: bool = False
) -> Schedule:
    """Choose the schedule of a sum of waves.

    Parameters
    ----------
    wavenumber : array, shape (n_waves,)
        In 1/L_c.
    square : array, shape (n_waves,)
        Squared amplitudes A^2, in any unit.
    rigidity, step : float
        r_g in L_c, and the step in r_g.
    tolerance : float
        Largest rms error of the field relative to dB, at least :data:`SMALLEST_TOLERANCE`.
    whole_steps : bool
        Whether the field is needed throughout each step (field lines) or only in its middle (particles).

    Returns
    -------
    Schedule
        Every wave is summed at every step if no expansion keeps the tolerance.

    Examples
    --------
    >>> wavenumber, square = np.geomspace(1.0, 1000.0, 400), np.geomspace(1.0, 1e-2, 400)
    >>> schedule = make_schedule(wavenumber, square, rigidity=0.01, step=0.1, tolerance=1e-3)
    >>> int(schedule.order[0]), schedule.summed_per_step < 400, schedule.error <= 1e-3
    (399, True, True)
    """
    used = np.flatnonzero(square > 0)
    if used.size == 0:
        return Schedule(used, np.zeros(1, dtype=np.int64), LONGEST_ANCHOR, 0.0)
    share = square[used] / square[used].sum()
    turned = wavenumber[used] * step * rigidity  # k s, phase per step of a wave met head on
    cubic = share * turned**6 / (36 * 7)
    places = [np.arange(m + whole_steps) - (m - 1 + whole_steps) / 2 for m in INTERVALS]
    sixth = np.array([np.mean(place**6) for place in places] + [0.0])

    offset = np.log(share) / 7 + np.log(turned) * (6 / 7)  # minus the logarithm of each wave's longest interval

    def error(levels: Integers) -> float:
        return float(np.sqrt(np.sum(cubic * sixth[levels])))

    def levels_for(log_length: float) -> Integers:
        """Level of each wave; -1, which has no error, for waves that are summed at every step."""
        octaves = np.floor((log_length - offset) / np.log(2.0))
        return np.asarray(np.clip(octaves, -1, INTERVALS.size - 1), dtype=np.int64)

    allowed = np.sqrt(max(tolerance**2 - ROUNDING**2, 0.0)) / MARGIN
    low, high = float(offset.min()) - 1.0, float(offset.max()) + (INTERVALS.size + 1) * np.log(2.0)
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if error(levels_for(middle)) <= allowed else (low, middle)
    levels = levels_for(low)
    order = np.lexsort((-turned, levels))
    counts = np.bincount(levels + 1, minlength=1)
    first = np.cumsum(counts).astype(np.int64)
    return Schedule(used[order], first, _anchor_interval(share, turned, tolerance), error(levels))


def _anchor_interval(share: Floats, turned: Floats, tolerance: float) -> int:
    """Steps after which the rounding of k.d in single precision, 2^-24 of its size, is half the tolerance."""
    per_step = 2.0**-24 * float(np.sqrt(np.sum(share * turned**2)))
    interval = LONGEST_ANCHOR
    while interval > 1 and interval * per_step > tolerance / 2:
        interval //= 2
    return interval


@dataclass(frozen=True)
class Tables:
    """Waves of a field in the order and form in which the compiled kernel reads them.

    Attributes
    ----------
    phases : array, shape (n_used, 4)
        k/2pi and beta/2pi.
    waves : array of float32, shape (n_used, 6)
        k/2pi and A.
    coefficients : array of float32, shape (3, n_used, 10)
        Coefficients of the expansions for each component of A: A times 1, -k_x, -k_y, -k_x^2/2, -k_y^2/2, -k_x k_y,
        -k_z, -k_z^2/2, -k_x k_z, -k_y k_z, which multiply cosines (even orders) or sines (odd orders) of the phase.
    schedule : Schedule
    """

    phases: Floats
    waves: NDArray[np.float32]
    coefficients: NDArray[np.float32]
    schedule: Schedule


def make_tables(waves: Floats, *, rigidity: float, step: float, tolerance: float, whole_steps: bool = False) -> Tables:
    """Sort a table of plane waves, shape (n_waves, 7), by :func:`make_schedule`, and prepare its expansions.

    The other arguments are those of :func:`make_schedule`.

    Examples
    --------
    >>> waves = np.array([[0.25, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0], [2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]])
    >>> make_tables(waves, rigidity=0.1, step=0.1, tolerance=1e-3).phases  # a wave without amplitude is left out
    array([[0.25, 0.  , 0.  , 0.  ]])
    """
    return _tables(np.ascontiguousarray(waves).tobytes(), rigidity, step, tolerance, whole_steps)


@lru_cache(maxsize=4)  # a run is divided into slices of milliseconds, and making its tables takes a millisecond
def _tables(content: bytes, rigidity: float, step: float, tolerance: float, whole_steps: bool) -> Tables:
    waves = np.frombuffer(content).reshape(-1, WAVE_COLUMNS)
    wave_vector = 2 * np.pi * waves[:, :3]
    schedule = make_schedule(
        np.linalg.norm(wave_vector, axis=1),
        np.sum(waves[:, 4:] ** 2, axis=1),
        rigidity=rigidity,
        step=step,
        tolerance=tolerance,
        whole_steps=whole_steps,
    )
    sorted_waves = waves[schedule.order]
    k_x, k_y, k_z = wave_vector[schedule.order].T
    monomials = [np.ones_like(k_x), -k_x, -k_y, -(k_x**2) / 2, -(k_y**2) / 2, -k_x * k_y]
    monomials += [-k_z, -(k_z**2) / 2, -k_x * k_z, -k_y * k_z]
    coefficients = sorted_waves[:, 4:].T[:, :, None] * np.stack(monomials, axis=1)
    return Tables(
        phases=np.ascontiguousarray(sorted_waves[:, :4]),
        waves=np.ascontiguousarray(sorted_waves[:, [0, 1, 2, 4, 5, 6]], dtype=np.float32),
        coefficients=np.ascontiguousarray(coefficients, dtype=np.float32),
        schedule=schedule,
    )
