"""Checked calls into the compiled kernels, on the fastest instruction set of this processor.

The specification of what the kernels compute is their NumPy twin, ``fieldwalk.kernels.reference``.
"""

import os

import numpy as np
from numpy.typing import NDArray

from fieldwalk.errors import KernelError
from fieldwalk.kernels import _plane_waves
from fieldwalk.kernels.schedule import SMALLEST_TOLERANCE, WAVE_COLUMNS, Tables, make_tables

PARTICLES_PER_BLOCK: int = _plane_waves.PARTICLES_PER_BLOCK
"""Particles that the kernels carry together; a count that is a multiple of it wastes nothing."""

Floats = NDArray[np.float64]


def instruction_sets() -> tuple[str, ...]:
    """Instruction sets that were compiled and that this processor can run, slowest first."""
    names: tuple[str, ...] = _plane_waves.instruction_sets()
    return names


def instruction_set() -> str:
    """Name of the instruction set in use: the fastest available unless :func:`use_instruction_set` chose another."""
    return instruction_sets()[_chosen]


def use_instruction_set(name: str) -> None:
    """Choose the instruction set of all later calls in this process.

    Parameters
    ----------
    name : str
        One of :func:`instruction_sets`. The environment variable ``FIELDWALK_INSTRUCTION_SET`` does the same at
        start-up.

    Raises
    ------
    KernelError
        When this processor cannot run it, or it does not exist.
    """
    global _chosen
    if name not in instruction_sets():
        raise KernelError(f"instruction set {name!r} cannot run here; choose among {', '.join(instruction_sets())}")
    _chosen = instruction_sets().index(name)


def evaluate_field(waves: Floats, position: Floats, mean_field: float = 0.0) -> Floats:
    """Field of a sum of plane waves plus a mean field along z.

    B(r) = B0 z + sum_i A_i cos(k_i.r + beta_i) (Giacalone & Jokipii 1999, ApJ 520, 204, eq. 3, with real
    polarisations).

    Parameters
    ----------
    waves : array, shape (n_waves, 7)
        Rows of k/2pi (turns per L_c, three columns), beta/2pi (turns) and A (B_tot, three columns).
    position : array, shape (3, n)
        Positions in L_c. Phases keep an absolute error of about 1e-16 |k.r|.
    mean_field : float
        B0 in units of B_tot.

    Returns
    -------
    array, shape (3, n)
        Field in units of B_tot.

    Raises
    ------
    KernelError
        When an array has the wrong shape.
    """
    waves, position = checked_waves(waves), checked_vectors("position", position)
    field = np.empty_like(position)
    _plane_waves.evaluate_field(_chosen, waves, mean_field, position, field)
    return field


def push_particles(
    waves: Floats,
    position: Floats,
    velocity: Floats,
    *,
    rigidity: float,
    step: float,
    n_steps: int,
    mean_field: float = 0.0,
    sample_steps: Floats | None = None,
    tolerance: float = 0.0,
) -> tuple[Floats, Floats]:
    """Push particles in place by whole drift-kick-drift steps with an exact rotation, and sample them on the way.

    dr/dt = v, dv/dt = (1/r_g) v x B with |v| = c = 1 (Boris 1970; the rotation angle is exact, so a uniform field
    gives the exact gyrophase). The gyroradius of a drift-kick-drift orbit is short by (step)^2/12.

    Parameters
    ----------
    waves : array, shape (n_waves, 7)
        The field, as in :func:`evaluate_field`.
    position, velocity : array, shape (3, n), C-contiguous float64
        In L_c and c; both are overwritten with the state after ``n_steps``.
    rigidity : float
        r_g in L_c.
    step : float
        Length of a step in r_g, that is, Omega times the time step. The rotation is exact to
        rounding while its angle, step |B|, stays below 0.6.
    n_steps : int
        Number of whole steps.
    mean_field : float
        B0 in units of B_tot.
    sample_steps : array, shape (n_samples,), optional
        Increasing moments, in steps from the start (fractions allowed, none beyond ``n_steps`` + 1), at which to
        record the particles. A fraction is reached by one shorter step on a copy, so sampling never alters the path.
    tolerance : float
        Largest rms error of the field relative to dB: 0 sums every wave at every step in double precision; from
        2e-6 on, waves are summed in single precision and as often as they change
        (:mod:`fieldwalk.kernels.schedule`). A run cut at multiples of :data:`fieldwalk.kernels.STEPS_PER_CYCLE`
        steps has the same bits as in one piece.

    Returns
    -------
    sampled_position, sampled_velocity : array, shape (n_samples, 3, n)
        In L_c and c.

    Raises
    ------
    KernelError
        When an array has the wrong shape or is not contiguous, a velocity has not length 1 (those that are not
        finite pass, to be counted), the samples do not increase within the run, or no kernel keeps the tolerance.
    """
    waves = checked_waves(waves)
    for name, array in (("position", position), ("velocity", velocity)):
        if not (isinstance(array, np.ndarray) and array.dtype == np.float64 and array.flags.c_contiguous):
            raise KernelError(f"{name} is changed in place, so it must be a C-contiguous float64 array")
        if not array.flags.writeable:
            raise KernelError(f"{name} is changed in place, so it must be writeable; pass a copy")
        checked_vectors(name, array)
    if position.shape != velocity.shape:
        raise KernelError(f"position has shape {position.shape} but velocity {velocity.shape}; they must be equal")
    if not (rigidity > 0 and step > 0):
        raise KernelError(f"rigidity is {rigidity} and step {step}; both must be positive")
    if tolerance != 0 and not SMALLEST_TOLERANCE <= tolerance < 1:
        raise KernelError(
            f"tolerance is {tolerance}; it must be 0 (double precision), or from {SMALLEST_TOLERANCE:g} to 1"
        )
    if n_steps < 0:
        raise KernelError(f"n_steps is {n_steps}; it must not be negative")
    samples = np.zeros(0) if sample_steps is None else np.asarray(sample_steps, dtype=np.float64)
    if samples.ndim != 1 or not np.all(np.isfinite(samples)):
        raise KernelError(f"sample_steps must be a one-dimensional array of finite numbers; got {samples}")
    if samples.size and (np.any(np.diff(samples) < 0) or samples[0] < 0 or samples[-1] >= n_steps + 1):
        raise KernelError(
            f"sample_steps must increase and lie within [0, {n_steps + 1}); got {samples[0]} to {samples[-1]}"
        )
    speed = np.linalg.norm(velocity[:, np.isfinite(velocity).all(axis=0)], axis=0)
    if np.any(wrong := np.abs(speed - 1) > 1e-6):
        raise KernelError(f"velocities must have length 1 (c); the first that has not has {speed[wrong][0]:.6g}")
    whole = np.floor(samples).astype(np.dtype("long"))
    sampled_position = np.empty((samples.size, *position.shape))
    sampled_velocity = np.empty_like(sampled_position)
    motion = (mean_field, rigidity, step, n_steps, position, velocity)
    sampled = (whole, samples - whole, sampled_position, sampled_velocity)
    if tolerance == 0:
        _plane_waves.push_exact(_chosen, waves, *motion, *sampled)
    else:
        tables = make_tables(waves, rigidity=rigidity, step=step, tolerance=tolerance)
        _plane_waves.push_multirate(_chosen, fast_waves(tables), *motion, *sampled)
    return sampled_position, sampled_velocity


def fast_waves(tables: Tables) -> _plane_waves.FastWaves:
    """Hand the tables of a fast field to the compiled kernels."""
    schedule = tables.schedule
    steps = (schedule.first, schedule.n_anchored, schedule.anchor_interval)
    return _plane_waves.FastWaves(tables.phases, tables.waves, tables.coefficients, *steps)


def chosen_instruction_set() -> int:
    """Number of the instruction set in use, as the compiled kernels count them."""
    return _chosen


def checked_waves(waves: Floats) -> Floats:
    """Return a table of waves as the kernels read it, or raise a KernelError when it is none."""
    array = np.ascontiguousarray(waves, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != WAVE_COLUMNS:
        raise KernelError(
            f"waves has shape {array.shape}; it must be (n_waves, {WAVE_COLUMNS}): k/2pi, beta/2pi, amplitude"
        )
    return array


def checked_vectors(name: str, array: Floats) -> Floats:
    """Return vectors, shape (3, n), as the kernels read them, or raise a KernelError that names the array."""
    vectors = np.ascontiguousarray(array, dtype=np.float64)
    if vectors.ndim != 2 or vectors.shape[0] != 3:
        raise KernelError(f"{name} has shape {vectors.shape}; it must be (3, n): one row per axis")
    return vectors


_chosen = len(instruction_sets()) - 1
if "FIELDWALK_INSTRUCTION_SET" in os.environ:
    use_instruction_set(os.environ["FIELDWALK_INSTRUCTION_SET"])
