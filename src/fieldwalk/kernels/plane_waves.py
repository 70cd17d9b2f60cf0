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
"""Particles that the kernels push together; a number of particles that is a multiple of it wastes no work."""

Floats = NDArray[np.float64]


def instruction_sets() -> tuple[str, ...]:
    """Names of the instruction sets that were compiled and that this processor can run, slowest first.

    Examples
    --------
    >>> instruction_sets()[0]
    'baseline'
    """
    names: tuple[str, ...] = _plane_waves.instruction_sets()
    return names


def instruction_set() -> str:
    """Name of the instruction set in use: the fastest available unless :func:`use_instruction_set` chose another.

    Examples
    --------
    >>> instruction_set() in instruction_sets()
    True
    """
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
        When this processor cannot run it, or it does not exist; the message lists those that can be chosen.

    Examples
    --------
    >>> use_instruction_set(instruction_set())
    >>> use_instruction_set("abacus")
    Traceback (most recent call last):
        ...
    fieldwalk.errors.KernelError: instruction set 'abacus' cannot run here; choose among ...
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
        When an array has the wrong shape; the message gives the right one.

    Examples
    --------
    >>> wave = np.array([[0.25, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]])  # a quarter of a turn per L_c
    >>> position = np.array([[0.0, 1.0, 2.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> evaluate_field(wave, position, mean_field=0.5).round(6) + 0.0
    array([[ 0. ,  0. ,  0. ],
           [ 1. ,  0. , -1. ],
           [ 0.5,  0.5,  0.5]])
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

    dr/dt = v, dv/dt = (1/r_g) v x B with |v| = c = 1 (Boris 1970, with the exact rotation angle, so that a uniform
    field gives the exact gyrophase). The gyroradius of a drift-kick-drift orbit is too small by the relative amount
    step^2/12.

    Parameters
    ----------
    waves : array, shape (n_waves, 7)
        The field, as in :func:`evaluate_field`.
    position, velocity : array, shape (3, n), C-contiguous float64
        In L_c and c; both are overwritten with the state after ``n_steps``.
    rigidity : float
        r_g in L_c.
    step : float
        Length of a step in r_g, that is, Omega times the time step. The rotation is exact to rounding as long as its
        angle, step |B|, stays below 0.6.
    n_steps : int
        Number of whole steps.
    mean_field : float
        B0 in units of B_tot.
    sample_steps : array, shape (n_samples,), optional
        Increasing times, in steps from the start (fractions allowed, all below ``n_steps`` + 1), at which to record the
        particles. A fraction is reached by one shorter step of a copy, so sampling never alters the path.
    tolerance : float
        Largest rms error of the field relative to dB. With 0 every wave is summed at every step in double precision.
        From 2e-6 on, waves are summed in single precision, and slowly varying ones less often
        (:mod:`fieldwalk.kernels.schedule`). A run that is interrupted at multiples of
        :data:`fieldwalk.kernels.STEPS_PER_CYCLE` steps gives the same bits as an uninterrupted one.

    Returns
    -------
    sampled_position, sampled_velocity : array, shape (n_samples, 3, n)
        In L_c and c.

    Raises
    ------
    KernelError
        When an array has the wrong shape or is not contiguous, the length of a velocity is not 1 (velocities that are
        not finite are accepted, so that failed particles can be counted), the samples do not increase within the run,
        or the tolerance is out of reach. The message names the argument and what it must be.

    Examples
    --------
    >>> position, velocity = np.zeros((3, 1)), np.array([[1.0], [0.0], [0.0]])
    >>> no_waves = np.zeros((0, 7))
    >>> half = {"rigidity": 0.1, "step": np.pi / 50, "n_steps": 50}  # half a gyration
    >>> sampled = push_particles(no_waves, position, velocity, **half, mean_field=1.0)
    >>> velocity.ravel().round(6) + 0.0
    array([-1.,  0.,  0.])
    >>> position.ravel().round(3) + 0.0  # the other side of the circle, 2 r_g away
    array([ 0. , -0.2,  0. ])
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
    """Convert the tables of a fast field to the form that the compiled kernels take."""
    schedule = tables.schedule
    steps = (schedule.first, schedule.n_anchored, schedule.anchor_interval)
    return _plane_waves.FastWaves(tables.phases, tables.waves, tables.coefficients, *steps)


def chosen_instruction_set() -> int:
    """Number of the instruction set in use, as the compiled kernels count them."""
    return _chosen


def checked_waves(waves: Floats) -> Floats:
    """Return a table of waves as the kernels read it; raises KernelError when its shape is not (n_waves, 7)."""
    array = np.ascontiguousarray(waves, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != WAVE_COLUMNS:
        raise KernelError(
            f"waves has shape {array.shape}; it must be (n_waves, {WAVE_COLUMNS}): k/2pi, beta/2pi, amplitude"
        )
    return array


def checked_vectors(name: str, array: Floats) -> Floats:
    """Return vectors, shape (3, n), as the kernels read them; raises KernelError, which names the array, otherwise."""
    vectors = np.ascontiguousarray(array, dtype=np.float64)
    if vectors.ndim != 2 or vectors.shape[0] != 3:
        raise KernelError(f"{name} has shape {vectors.shape}; it must be (3, n): one row per axis")
    return vectors


_chosen = len(instruction_sets()) - 1
if "FIELDWALK_INSTRUCTION_SET" in os.environ:
    use_instruction_set(os.environ["FIELDWALK_INSTRUCTION_SET"])
