"""NumPy twin of the compiled kernels: slow and short, it specifies what they compute.

The signatures are those of ``fieldwalk.kernels``; the tests compare the two to rounding.
"""

from dataclasses import dataclass

import numpy as np

from fieldwalk.kernels.plane_waves import Floats
from fieldwalk.kernels.schedule import INTERVALS, STEPS_PER_CYCLE, make_schedule


def evaluate_field(waves: Floats, position: Floats, mean_field: float = 0.0) -> Floats:
    """Twin of :func:`fieldwalk.kernels.evaluate_field`: same arguments, units and shapes."""
    turns = waves[:, :3] @ position + waves[:, 3, None]
    field: Floats = waves[:, 4:].T @ np.cos(2 * np.pi * (turns - np.rint(turns)))
    field[2] += mean_field
    return field


def rotate(velocity: Floats, field: Floats, step: float) -> Floats:
    """Rotate each velocity about its field by the angle ``step`` |B|, exactly; |v| is conserved to rounding.

    Parameters
    ----------
    velocity, field : array, shape (3, n)
        In c and B_tot.
    step : float
        Step in gyroradii.

    Returns
    -------
    array, shape (3, n)
        The new velocities.

    Examples
    --------
    >>> velocity, field = np.array([[1.0], [0.0], [0.0]]), np.array([[0.0], [0.0], [1.0]])
    >>> rotate(velocity, field, np.pi / 2).ravel().round(6) + 0.0
    array([ 0., -1.,  0.])
    """
    strength = np.linalg.norm(field, axis=0)
    half_angle = 0.5 * step * strength
    tangent = np.divide(np.tan(half_angle), strength, out=np.zeros_like(strength), where=strength > 0) * field
    middle = velocity + np.cross(velocity, tangent, axis=0)
    rotated: Floats = velocity + 2 / (1 + np.sum(tangent**2, axis=0)) * np.cross(middle, tangent, axis=0)
    return rotated


@dataclass(frozen=True)
class Expansion:
    """Expansion of a field to second order about a centre: B_a(c + d) = value_a + slope_ab d_b + curvature_abc d_b d_c.

    Attributes
    ----------
    centre : array, shape (3, n)
        One centre per particle, in L_c.
    value : array, shape (3, n)
    slope : array, shape (3, 3, n)
    curvature : array, shape (3, 3, 3, n)
        Half the second derivatives.
    """

    centre: Floats
    value: Floats
    slope: Floats
    curvature: Floats

    def at(self, position: Floats) -> Floats:
        """Field at positions, shape (3, n)."""
        d = position - self.centre
        field: Floats = self.value + np.einsum("abn,bn->an", self.slope + self._bent(d), d)
        return field

    def moved(self, centre: Floats) -> "Expansion":
        """Express the same polynomial about another centre."""
        return Expansion(centre, self.at(centre), self.slope + 2 * self._bent(centre - self.centre), self.curvature)

    def __add__(self, other: "Expansion") -> "Expansion":
        """Add two fields, about the centre of this one."""
        there = other.moved(self.centre)
        return Expansion(
            self.centre, self.value + there.value, self.slope + there.slope, self.curvature + there.curvature
        )

    def _bent(self, d: Floats) -> Floats:
        product: Floats = np.einsum("abcn,cn->abn", self.curvature, d)
        return product


def expand(waves: Floats, centre: Floats) -> Expansion:
    """Second-order Taylor expansion of a sum of waves, shape (n_waves, 7), about a centre per particle, (3, n)."""
    turns = waves[:, :3] @ centre + waves[:, 3, None]
    phase = 2 * np.pi * (turns - np.rint(turns))
    wave_vector, amplitude = 2 * np.pi * waves[:, :3], waves[:, 4:]
    return Expansion(
        centre,
        value=amplitude.T @ np.cos(phase),
        slope=-np.einsum("ia,ib->abi", amplitude, wave_vector) @ np.sin(phase),
        curvature=-np.einsum("ia,ib,ic->abci", amplitude, wave_vector, wave_vector) @ np.cos(phase) / 2,
    )


def centre_ahead(position: Floats, velocity: Floats, field: Floats, angle: float, rigidity: float) -> Floats:
    """Mean position on the helix of each particle over the next ``angle`` gyroradii of its path.

    It is r + angle r_g [v_par/2 + v_perp (1 - cos theta)/theta^2 + v x b (theta - sin theta)/theta^2] with
    theta = angle |B|. A field of 0.01 B_tot is added in quadrature, so that |B| is never zero.
    """
    strength = np.sqrt(np.sum(field**2, axis=0) + 1e-4)
    b, theta = field / strength, angle * strength
    across, turned = (1 - np.cos(theta)) / theta**2, (theta - np.sin(theta)) / theta**2
    along = (0.5 - across) * np.sum(velocity * b, axis=0)
    centre: Floats = position + angle * rigidity * (
        along * b + across * velocity + turned * np.cross(velocity, b, axis=0)
    )
    return centre


class FastField:
    """The fast field: level l is expanded once every ``INTERVALS[l]`` steps, and includes all slower levels.

    The compiled kernel sums waves in single precision, relative to anchors at which phases are reduced in double
    precision. Here everything is in double precision, and anchors make no difference. Particles have speed 1 and need
    the field in the middle of each step; field lines have their own ``speed`` and need the field throughout the step.
    """

    def __init__(
        self,
        waves: Floats,
        *,
        rigidity: float,
        step: float,
        mean_field: float,
        tolerance: float,
        speed: float | None = None,
    ) -> None:
        wavenumber = 2 * np.pi * np.linalg.norm(waves[:, :3], axis=1)
        square = np.sum(waves[:, 4:] ** 2, axis=1)
        schedule = make_schedule(
            *(wavenumber, square),
            rigidity=rigidity,
            step=step * (speed or 1.0),
            tolerance=tolerance,
            whole_steps=speed is not None,
        )
        self.fast, *self.slow = np.split(waves[schedule.order], schedule.first[:-1])
        self.levels: list[Expansion] = [expand(level, np.zeros((3, 0))) for level in self.slow]
        self.waves, self.rigidity, self.step, self.mean_field = waves, rigidity, step, mean_field
        self.whole_steps = speed is not None

    def at(self, position: Floats) -> Floats:
        """Field at positions, shape (3, n)."""
        field = evaluate_field(self.fast, position, self.mean_field)
        return field + self.levels[0].at(position) if self.levels else field

    def renew(self, n: int, middle: Floats, velocity: Floats | None, last_field: Floats) -> None:
        """Expand the levels that are due at step ``n``, from slow to fast, ahead of its ``middle``.

        The velocity of a field line is the field. At the start of a cycle all levels are expanded anew and the field of
        the last step is computed again, so that the result does not depend on what came before.
        """
        if n % STEPS_PER_CYCLE == 0:
            last_field = evaluate_field(self.waves, middle, self.mean_field)
        for level in reversed(range(len(self.slow))):
            interval = int(INTERVALS[level])
            if n % interval == 0:
                along = last_field if velocity is None else velocity
                path = (interval - 1 + self.whole_steps) * self.step
                centre = centre_ahead(middle, along, last_field, path, self.rigidity)
                expansion = expand(self.slow[level], centre)
                slower = self.levels[level + 1 :]
                self.levels[level] = expansion + slower[0] if slower else expansion


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
    """Twin of :func:`fieldwalk.kernels.push_particles`: same arguments, units and shapes."""
    fast = FastField(
        waves if tolerance else waves[:0], rigidity=rigidity, step=step, mean_field=mean_field, tolerance=tolerance
    )
    field = np.zeros_like(position)

    def one_step(r: Floats, v: Floats, length: float) -> tuple[Floats, Floats, Floats]:
        middle = r + 0.5 * length * rigidity * v
        field = fast.at(middle) if tolerance else evaluate_field(waves, middle, mean_field)
        turned = rotate(v, field, length)
        return middle + 0.5 * length * rigidity * turned, turned, field

    samples = np.zeros(0) if sample_steps is None else np.asarray(sample_steps, dtype=np.float64)
    sampled = []
    for n in range(n_steps + 1):
        if tolerance:
            fast.renew(n, position + 0.5 * step * rigidity * velocity, velocity, field)
        for moment in samples[np.floor(samples) == n]:
            between = one_step(position, velocity, (moment - n) * step) if moment > n else (position, velocity)
            sampled.append((between[0].copy(), between[1].copy()))
        if n < n_steps:
            position[:], velocity[:], field = one_step(position, velocity, step)
    shape = (len(sampled), *position.shape)
    return np.array([r for r, _ in sampled]).reshape(shape), np.array([v for _, v in sampled]).reshape(shape)
