"""Checked calls into the compiled kernels that follow field lines.

The specification of what they compute is their NumPy twin, ``fieldwalk.kernels.reference_lines``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fieldwalk.errors import KernelError
from fieldwalk.kernels import _plane_waves
from fieldwalk.kernels.plane_waves import checked_waves, chosen_instruction_set, fast_waves
from fieldwalk.kernels.schedule import SMALLEST_TOLERANCE, Tables, make_tables

Floats = NDArray[np.float64]

LARGEST_SPEED = 1.26
"""<|B|^6>^(1/6) of an isotropic Gaussian field, in units of its rms.

A line moves by |B| per unit of tau, and the error of the field grows with the third power of the distance between two
expansions."""


@dataclass
class FieldLines:
    """State of some field lines: everything that one call hands to the next.

    Attributes
    ----------
    position : array, shape (3, n)
        In L_c.
    arc_length : array, shape (n,)
        Arc length since the start, in L_c.
    weakest : array, shape (n,)
        Smallest |B| at any step so far, in B_tot; infinite at the start.
    """

    position: Floats
    arc_length: Floats
    weakest: Floats


@dataclass
class LineSamples:
    """Samples of field lines at given tau and at given arc lengths.

    Attributes
    ----------
    position, slope : array, shape (n_samples, 3, n)
        r in L_c and dr/dtau in B_tot, at the values of tau asked for.
    position_at_length, slope_at_length : array, shape (n_lengths, 3, n)
        r in L_c and dr/ds, where each line reached the arc lengths asked for; NaN where it has not reached them.
    """

    position: Floats
    slope: Floats
    position_at_length: Floats
    slope_at_length: Floats


def start_lines(position: Floats) -> FieldLines:
    """Field lines that begin at ``position``, shape (3, n), in L_c, with arc length zero.

    Examples
    --------
    >>> lines = start_lines(np.zeros((3, 2)))
    >>> lines.arc_length, lines.weakest
    (array([0., 0.]), array([inf, inf]))
    """
    count = position.shape[1]
    return FieldLines(np.array(position, dtype=np.float64, order="C"), np.zeros(count), np.full(count, np.inf))


def line_tables(waves: Floats, step: float, tolerance: float) -> Tables:
    """Tables of the fast field for lines with steps ``step`` in L_c/B_tot, which need it throughout each step."""
    return make_tables(waves, rigidity=1.0, step=step * LARGEST_SPEED, tolerance=tolerance, whole_steps=True)


def follow_field_lines(
    waves: Floats,
    lines: FieldLines,
    *,
    step: float,
    n_steps: int,
    mean_field: float = 0.0,
    sample_steps: Floats | None = None,
    arc_lengths: Floats | None = None,
    tolerance: float = 0.0,
) -> LineSamples:
    """Follow field lines dr/dtau = B in place, and sample them on the way.

    The equation is integrated by the classical Runge-Kutta method of fourth order in tau, because its right-hand side
    is smooth in tau even where the field vanishes; ds/dtau = |B| gives the arc length. Samples are interpolated by
    Hermite's cubic between two steps.

    Parameters
    ----------
    waves : array, shape (n_waves, 7)
        The field, as in :func:`fieldwalk.kernels.evaluate_field`.
    lines : FieldLines
        Overwritten with their state after ``n_steps``.
    step : float
        Step in tau, in L_c/B_tot.
    n_steps : int
        Number of steps.
    mean_field : float
        B0 in units of B_tot.
    sample_steps : array, shape (n_samples,), optional
        Increasing values of tau at which to sample, in steps from the start (fractions allowed), in [0, ``n_steps``].
    arc_lengths : array, shape (n_lengths,), optional
        Increasing arc lengths in L_c at which to sample each line; those that it has already passed stay NaN.
    tolerance : float
        As in :func:`fieldwalk.kernels.push_particles`. A run that is interrupted at multiples of
        :data:`fieldwalk.kernels.STEPS_PER_CYCLE` steps gives the same bits as an uninterrupted one.

    Returns
    -------
    LineSamples

    Raises
    ------
    KernelError
        When an array has the wrong shape or is not contiguous, samples do not increase within the run, the step is
        not positive, or the tolerance is out of reach; the message names the argument and what it must be.

    Examples
    --------
    >>> lines = start_lines(np.zeros((3, 1)))
    >>> wave = np.array([[0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.6]])  # amplitude along z: the field has one direction only
    >>> samples = follow_field_lines(wave, lines, step=0.05, n_steps=40, mean_field=0.8, sample_steps=np.array([20.0]))
    >>> lines.position.ravel().round(6) + 0.0, lines.arc_length.round(6)
    (array([0. , 0. , 2.8]), array([2.8]))
    >>> samples.position[0].ravel().round(6) + 0.0
    array([0. , 0. , 1.4])
    """
    waves = checked_waves(waves)
    _check_lines(lines)
    if not step > 0 or n_steps < 0:
        raise KernelError(f"step is {step} and n_steps {n_steps}; the one must be positive, the other not negative")
    if tolerance != 0 and not SMALLEST_TOLERANCE <= tolerance < 1:
        raise KernelError(
            f"tolerance is {tolerance}; it must be 0 (double precision), or from {SMALLEST_TOLERANCE:g} to 1"
        )
    samples = _increasing("sample_steps", sample_steps, 0.0, n_steps)
    lengths = _increasing("arc_lengths", arc_lengths, np.finfo(float).tiny, np.inf)
    whole = np.maximum(np.ceil(samples) - 1, 0)  # a sample at the end of a step belongs to that step
    count = lines.position.shape[1]
    found = LineSamples(*(np.full((n, 3, count), np.nan) for n in (samples.size,) * 2 + (lengths.size,) * 2))
    followed = (mean_field, step, n_steps, lines.position, lines.arc_length, lines.weakest)
    wanted = (
        *(whole.astype(np.dtype("long")), samples - whole, found.position, found.slope),
        *(lengths, found.position_at_length, found.slope_at_length),
    )
    if tolerance == 0:
        _plane_waves.follow_exact(chosen_instruction_set(), waves, *followed, *wanted)
    else:
        fast = fast_waves(line_tables(waves, step, tolerance))
        _plane_waves.follow_multirate(chosen_instruction_set(), fast, *followed, *wanted)
    return found


def _check_lines(lines: FieldLines) -> None:
    count = lines.position.shape[-1]
    for name, shape in (("position", (3, count)), ("arc_length", (count,)), ("weakest", (count,))):
        array = getattr(lines, name)
        if not (isinstance(array, np.ndarray) and array.dtype == np.float64 and array.flags.c_contiguous):
            raise KernelError(f"{name} is changed in place, so it must be a C-contiguous float64 array")
        if array.shape != shape or not array.flags.writeable:
            raise KernelError(f"{name} has shape {array.shape}; it must be {shape}, and writeable")


def _increasing(name: str, given: Floats | None, first: float, last: float) -> Floats:
    values = np.zeros(0) if given is None else np.ascontiguousarray(given, dtype=np.float64)
    if values.ndim != 1 or not np.all(np.isfinite(values)):
        raise KernelError(f"{name} must be a one-dimensional array of finite numbers; got {values}")
    if values.size and (np.any(np.diff(values) < 0) or values[0] < first or values[-1] > last):
        raise KernelError(f"{name} must increase and lie within [{first:g}, {last:g}]; got {values[0]} to {values[-1]}")
    return values
