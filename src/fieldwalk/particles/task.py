"""The task that pushes test particles in one realisation of one point."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fieldwalk import kernels
from fieldwalk.campaign.time_grid import samples_between
from fieldwalk.jobs.drawing import draw_field
from fieldwalk.jobs.path_task import AXES, PathTask, last_whole_cycle
from fieldwalk.parallel.task import Arrays, State
from fieldwalk.particles.moments import healthy, moments
from fieldwalk.turbulence import Realisation

Floats = NDArray[np.float64]

MOMENTS = (
    *(f"{kind}_{axis}" for kind in ("square", "fourth", "cross", "velocity") for axis in AXES),
    "energy_drift",
    "pitch",
)
"""Names of the averages that a task returns."""

Vectors = tuple[Floats, Floats]
"""Positions and velocities."""


@dataclass(frozen=True)
class ParticleTask(PathTask):
    """Pushes some particles of one realisation over some steps, and averages them on the time grid."""

    def start(self) -> State:
        """State with the drawn field, the particles at their first step, and empty samples for the grid times."""
        position, velocity = self.drawn() if self.earlier is None else self.earlier()
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
        """Push the particles by ``n`` cycles and fill the samples on the way."""
        first = int(state["step"])
        last = min(first + n * kernels.STEPS_PER_CYCLE, self.steps[1])
        whole = last_whole_cycle(last)
        self._push(state, state["position"], state["velocity"], first, whole)
        self._push(state, state["position"].copy(), state["velocity"].copy(), whole, last)
        state["step"] = np.array(whole)
        return state

    def finish(self, state: State) -> Arrays:
        """Moments of the healthy particles, numbers of particles, and the final state from which a run can continue.

        Returns
        -------
        dict of array
            :data:`MOMENTS`, shape (n_times,), see :func:`fieldwalk.particles.moments.moments`; ``particles``, the
            number in the averages; ``failed``, the number left out, and ``not_finite``, how many of these were not
            finite; and ``final_position`` and ``final_velocity``, shape (3, n), at the end of the last whole cycle.
        """
        position, velocity = state["sampled_position"], state["sampled_velocity"]
        good = healthy(
            np.concatenate([position, state["position"][None]]), np.concatenate([velocity, state["velocity"][None]])
        )
        finite = np.isfinite(position).all((0, 1)) & np.isfinite(velocity).all((0, 1))
        finite &= np.isfinite(state["position"]).all(0) & np.isfinite(state["velocity"]).all(0)
        start_position, start_velocity = self.drawn()
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
            mean_field=self.mean_field,
            sample_steps=samples[here] - first,
            tolerance=self.point.tolerance,
        )

    def _pitch_correlation(self, waves: Floats, start: Vectors, later: Vectors, centre: NDArray[np.int64]) -> Floats:
        """<mu(0) mu(t)> at the grid times, where mu is the cosine of the angle between velocity and local field."""
        field = Realisation(waves, self.mean_field)
        at_start = _pitch(field, *start)
        return np.array([np.mean(at_start * _pitch(field, later[0][sample], later[1][sample])) for sample in centre])


def _pitch(realisation: Realisation, position: Floats, velocity: Floats) -> Floats:
    """Cosine of the angle between velocity and local field, shape (n,)."""
    field = realisation.field(position)
    strength = np.linalg.norm(field, axis=0)
    projected = np.sum(field * velocity, axis=0)
    pitch: Floats = np.divide(projected, strength, out=np.zeros_like(projected), where=strength > 0)
    return pitch
