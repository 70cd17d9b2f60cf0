"""Test particles in one realisation of one point: the task that campaigns are made of."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fieldwalk import kernels
from fieldwalk.campaign.cost import core_seconds
from fieldwalk.campaign.grid import Point
from fieldwalk.campaign.identity import field_key, particle_key
from fieldwalk.campaign.time_grid import samples_between
from fieldwalk.campaign.work import field_work
from fieldwalk.ensemble.moments import AXES, healthy, moments
from fieldwalk.parallel.streams import stream
from fieldwalk.parallel.task import Arrays, State
from fieldwalk.turbulence import Realisation, draw_realisation, spectrum_from_mapping

Floats = NDArray[np.float64]

START_VOLUME = 100.0
"""Side in L_c of the cube of start points: particles of one realisation start many correlation lengths apart."""

MOMENTS = (
    *(f"{kind}_{axis}" for kind in ("square", "fourth", "cross", "velocity") for axis in AXES),
    "energy_drift",
    "pitch",
)
"""Names of the averages that a task returns."""

Vectors = tuple[Floats, Floats]
"""Positions and velocities."""

STATE_VERSION = 2
"""Raised when a task's state or results change in kind, so that no checkpoint of another version is gone on from."""

_FIELD, _PARTICLES = 0, 1
"""First number of every key, so that a field and a block of particles never share a stream."""


def draw_field(point: Point, seed: int, realisation: int) -> Realisation:
    """Field number ``realisation`` of a point; the same for points with equal modes and scale ratio."""
    return draw_realisation(
        point.mode_type,
        point.eta,
        stream(seed, (_FIELD, *field_key(point), realisation)),
        modes=point.modes,
        scale_ratio=point.scale_ratio,
        spectrum=spectrum_from_mapping(point.spectrum),
        slab_fraction=point.slab_fraction or 0.0,
    )


def draw_particles(point: Point, seed: int, realisation: int, first: int, last: int) -> tuple[Floats, Floats]:
    """Start points, uniform in a cube, and isotropic directions of particles ``first`` to ``last`` - 1 of a
    realisation.

    Returns
    -------
    position, velocity : array, shape (3, last - first)
        In L_c and c. Particles are drawn block by block, so that the first ones stay the same when more are asked for.
    """
    size = kernels.PARTICLES_PER_BLOCK
    blocks = range(first // size, -(-last // size))
    drawn = [stream(seed, (_PARTICLES, *particle_key(point), realisation, block)).random((5, size)) for block in blocks]
    uniform = np.concatenate(drawn, axis=1)[:, first - blocks[0] * size : last - blocks[0] * size]
    cosine, azimuth = 2 * uniform[3] - 1, 2 * np.pi * uniform[4]
    sine = np.sqrt(1 - cosine**2)
    velocity = np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine])
    return START_VOLUME * np.ascontiguousarray(uniform[:3]), velocity / np.linalg.norm(velocity, axis=0)


@dataclass(frozen=True)
class ParticleTask:
    """Push some particles of one realisation over some steps, and average them on the time grid.

    Attributes
    ----------
    point : Point
    seed : int
        The campaign's.
    realisation : int
    particles : (int, int)
        First and one past the last particle.
    steps : (int, int)
        First and one past the last step; a first step above zero goes on from an earlier run.
    key : str
        Names the result.
    earlier : callable, optional
        Gives the (position, velocity) that a run up to ``steps[0]`` returned as final; needed when that is above zero.

    Notes
    -----
    The fast kernel's bits are those of one piece only when a run is cut between its cycles of
    :data:`fieldwalk.kernels.STEPS_PER_CYCLE` steps. So the state that is carried is that of the last whole cycle, and a
    run that goes on repeats the steps since then.
    """

    point: Point
    seed: int
    realisation: int
    particles: tuple[int, int]
    steps: tuple[int, int]
    key: str
    earlier: Callable[[], tuple[Floats, ...]] | None = None

    @property
    def cost(self) -> float:
        """Predicted core-seconds."""
        steps = self.steps[1] - last_whole_cycle(self.steps[0])
        return core_seconds(field_work(self.point), self.particles[1] - self.particles[0], steps)

    @property
    def length(self) -> int:
        """Number of the kernel's cycles, between which a run may be cut; the last one may be shorter."""
        return -(-(self.steps[1] - last_whole_cycle(self.steps[0])) // kernels.STEPS_PER_CYCLE)

    def start(self) -> State:
        """The drawn field, particles at their first step, and empty samples for every grid time to come."""
        position, velocity = self._drawn() if self.earlier is None else self.earlier()
        n_samples = samples_between(*self.steps, self.point.step).steps.size
        return {
            "waves": draw_field(self.point, self.seed, self.realisation).waves,
            "position": position.copy(),
            "velocity": velocity.copy(),
            "sampled_position": np.full((n_samples, *position.shape), np.nan),
            "sampled_velocity": np.full((n_samples, *position.shape), np.nan),
            "step": np.array(last_whole_cycle(self.steps[0])),
        }

    def advance(self, state: State, n: int) -> State:
        """Push by ``n`` cycles and fill the samples on the way."""
        first = int(state["step"])
        last = min(first + n * kernels.STEPS_PER_CYCLE, self.steps[1])
        whole = last_whole_cycle(last)
        self._push(state, state["position"], state["velocity"], first, whole)
        self._push(state, state["position"].copy(), state["velocity"].copy(), whole, last)
        state["step"] = np.array(whole)
        return state

    def finish(self, state: State) -> Arrays:
        """Moments over the healthy particles, their number, the number that failed, and everyone's state to go on from.

        Returns
        -------
        dict of array
            :data:`MOMENTS` (n_times,), see :func:`fieldwalk.ensemble.moments.moments`; ``particles``, the number in the
            averages; ``failed``, the number left out, and ``not_finite``, how many of those were not finite; and
            ``final_position`` and ``final_velocity`` (3, n), at the end of the last whole cycle.
        """
        position, velocity = state["sampled_position"], state["sampled_velocity"]
        good = healthy(
            np.concatenate([position, state["position"][None]]), np.concatenate([velocity, state["velocity"][None]])
        )
        finite = np.isfinite(position).all((0, 1)) & np.isfinite(velocity).all((0, 1))
        finite &= np.isfinite(state["position"]).all(0) & np.isfinite(state["velocity"]).all(0)
        start_position, start_velocity = self._drawn()
        samples = samples_between(*self.steps, self.point.step)
        start, later = (start_position[:, good], start_velocity[:, good]), (position[..., good], velocity[..., good])
        if good.any():
            averages = moments(samples, *start, *later)
            averages["pitch"] = self._pitch_correlation(state["waves"], start, later, samples.centre)
        else:
            averages = {name: np.full(samples.index.size, np.nan) for name in MOMENTS}
        return {
            **averages,
            "particles": np.array(float(good.sum())),
            "failed": np.array(float((~good).sum())),
            "not_finite": np.array(float((~finite).sum())),
            "final_position": state["position"],
            "final_velocity": state["velocity"],
        }

    def _push(self, state: State, position: Floats, velocity: Floats, first: int, last: int) -> None:
        """Push ``position`` and ``velocity`` in place, and fill the samples on the way."""
        if first == last:
            return
        samples = samples_between(*self.steps, self.point.step).steps
        here = (np.floor(samples) >= first) & (np.floor(samples) < last)
        state["sampled_position"][here], state["sampled_velocity"][here] = kernels.push_particles(
            state["waves"],
            position,
            velocity,
            rigidity=self.point.rigidity,
            step=self.point.step,
            n_steps=last - first,
            mean_field=self._mean_field,
            sample_steps=samples[here] - first,
            tolerance=self.point.tolerance,
        )

    def _drawn(self) -> tuple[Floats, Floats]:
        return draw_particles(self.point, self.seed, self.realisation, *self.particles)

    def _pitch_correlation(self, waves: Floats, start: Vectors, later: Vectors, centre: NDArray[np.int64]) -> Floats:
        """<mu(0) mu(t)> at the grid times, mu the cosine between velocity and local field."""
        field = Realisation(waves, self._mean_field)
        at_start = _pitch(field, *start)
        return np.array([np.mean(at_start * _pitch(field, later[0][sample], later[1][sample])) for sample in centre])

    @property
    def _mean_field(self) -> float:
        return float(np.sqrt(1 - self.point.eta))


def last_whole_cycle(step: int) -> int:
    """The last step at or before ``step`` at which the kernels renew everything."""
    return step // kernels.STEPS_PER_CYCLE * kernels.STEPS_PER_CYCLE


def _pitch(realisation: Realisation, position: Floats, velocity: Floats) -> Floats:
    """Cosine between velocity and local field, shape (n,)."""
    field = realisation.field(position)
    strength = np.linalg.norm(field, axis=0)
    projected = np.sum(field * velocity, axis=0)
    pitch: Floats = np.divide(projected, strength, out=np.zeros_like(projected), where=strength > 0)
    return pitch
