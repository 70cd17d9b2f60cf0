"""The task that follows field lines in one realisation of one point."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fieldwalk import kernels
from fieldwalk.campaign.time_grid import LINE_GRID, index_at_or_before, sampled_cell
from fieldwalk.field_lines.points import FINAL
from fieldwalk.jobs.drawing import draw_field
from fieldwalk.jobs.path_task import AXES, PathTask, last_whole_cycle
from fieldwalk.parallel.task import Arrays, State

Floats = NDArray[np.float64]

WAYS = ("arc_length", "tau", "distance")
"""Coordinates along a line: arc length s, dr/ds = B/|B|; tau, dr/dtau = B; and B0 tau, the mean distance along the mean
field."""

LINE_MOMENTS = tuple(f"{kind}_{axis}" for kind in ("square", "fourth", "cross") for axis in AXES)
"""Names of the sums over lines that a task returns for each coordinate."""

LARGEST_STRENGTH = 4.0
"""Largest mean |B| of a line in B_tot that is provided for, so that every arc length that is reached is sampled."""


@dataclass(frozen=True)
class LineLooks:
    """Values of a coordinate at which lines are sampled.

    Attributes
    ----------
    value : array, shape (n,)
        Increasing, in L_c (tau: L_c/B_tot).
    cell : array of int, shape (n,)
        Index on the grid, from 0 on, of the cell to which each value belongs.
    centre : array of bool, shape (n,)
        Whether the value is that of the grid itself.
    """

    value: Floats
    cell: NDArray[np.int64]
    centre: NDArray[np.bool_]

    @property
    def cells(self) -> int:
        """Number of grid values."""
        return int(self.cell[-1]) + 1


@lru_cache(maxsize=64)
def looks_until(last: float) -> LineLooks:
    """All values at which lines are sampled up to ``last``, and the remaining ones of the cell of ``last``."""
    cells = [sampled_cell(j, LINE_GRID) for j in range(LINE_GRID.first_index, index_at_or_before(last) + 2)]
    return LineLooks(
        value=np.concatenate(cells),
        cell=np.concatenate([np.full(cell.size, number) for number, cell in enumerate(cells)]),
        centre=np.concatenate([np.arange(cell.size) == cell.size // 2 for cell in cells]),
    )


@dataclass(frozen=True)
class FieldLineTask(PathTask):
    """Follows some field lines of one realisation over some steps, and sums their moments on each coordinate's grid.

    The results are sums and counts instead of averages, because each line reaches an arc length at a different step;
    the sums of a run that continues an earlier one are added to those of the earlier run.
    """

    def start(self) -> State:
        """State with the drawn field, the lines at their first step, and empty samples."""
        lines = kernels.start_lines(self.drawn()[0])
        if self.earlier is not None:
            lines = kernels.FieldLines(*(np.array(array, order="C") for array in self.earlier()))
        state = {
            "waves": draw_field(self.point, self.seed, self.realisation).waves,
            "position": lines.position,
            "arc_length": lines.arc_length,
            "weakest": lines.weakest,
            "step": np.array(last_whole_cycle(self.steps[0])),
        }
        for way, looks in self._looks().items():
            for kind in ("position", "slope"):
                state[f"{kind}_{way}"] = np.full((looks.value.size, *lines.position.shape), np.nan)
        # arc lengths up to here were reached and counted in an earlier run
        repeated = self._copy(state)
        self._follow(state, repeated, int(state["step"]), self.steps[0], look=False)
        state["first_arc_length"] = repeated.arc_length
        return state

    def advance(self, state: State, n: int) -> State:
        """Follow the lines by ``n`` cycles and fill the samples on the way."""
        first = int(state["step"])
        last = min(first + n * kernels.STEPS_PER_CYCLE, self.steps[1])
        whole = last_whole_cycle(last)
        lines = kernels.FieldLines(state["position"], state["arc_length"], state["weakest"])
        self._follow(state, lines, first, whole)
        self._follow(state, self._copy(state), whole, last)
        state["step"] = np.array(whole)
        return state

    def finish(self, state: State) -> Arrays:
        """Sums over the healthy lines, and the final state from which a longer run can continue.

        Returns
        -------
        dict of array
            For every coordinate ``lines_<way>`` and ``looks_<way>``, the number of lines that reached a grid value and
            the number of samples in its cell, and the sums :data:`LINE_MOMENTS` with ``_<way>``: dx^2 and dx^4 at the
            grid value, and dx times the slope over the cell. ``particles``, the number of lines in the sums;
            ``failed``, the number left out, and ``not_finite``, how many of these were not finite. And :data:`FINAL`,
            the state at the end of the last whole cycle.
        """
        start = self.drawn()[0]
        good = np.isfinite(state["position"]).all(axis=0)
        result: Arrays = {}
        for way, looks in self._looks().items():
            position = (state[f"position_{way}"] - start)[..., good]
            slope = state[f"slope_{way}"][..., good]
            if way == "distance":
                slope = slope / self.mean_field  # dx/dz, where the kernel gives dx/dtau
            if way == "arc_length":
                counted = looks.value[:, None] <= state["first_arc_length"][good]
                position = np.where(counted[:, None], np.nan, position)
            seen = np.asarray(np.isfinite(position).all(axis=1))
            result |= {f"{name}_{way}": value for name, value in _sums(looks, position, slope, seen).items()}
        failed = float((~good).sum())
        final = (state["position"], state["arc_length"], state["weakest"])
        counts = {"particles": good.sum(), "failed": failed, "not_finite": failed}
        return (
            result
            | {name: np.array(float(value)) for name, value in counts.items()}
            | dict(zip(FINAL, final, strict=True))
        )

    def _follow(self, state: State, lines: kernels.FieldLines, first: int, last: int, look: bool = True) -> None:
        """Follow ``lines`` in place from one step to another, and fill the samples on the way."""
        if first == last:
            return
        looks = self._looks() if look else {}
        steps = {way: looks[way].value / self._step(way) for way in ("tau", "distance") if way in looks}
        # a sample at the end of a step belongs to that step
        here = {
            way: np.flatnonzero((np.ceil(value) > max(first, self.steps[0])) & (np.ceil(value) <= last))
            for way, value in steps.items()
        }
        wanted = np.concatenate([steps[way][here[way]] for way in steps] or [np.zeros(0)])
        order = np.argsort(wanted, kind="stable")
        found = kernels.follow_field_lines(
            state["waves"],
            lines,
            step=self.point.step,
            n_steps=last - first,
            mean_field=self.mean_field,
            sample_steps=wanted[order] - first,
            arc_lengths=looks["arc_length"].value if look else None,
            tolerance=self.point.tolerance,
        )
        taken = 0
        place = np.argsort(order, kind="stable")
        for way, rows in here.items():
            mine = place[taken : taken + rows.size]
            state[f"position_{way}"][rows] = found.position[mine]
            state[f"slope_{way}"][rows] = found.slope[mine]
            taken += rows.size
        if look:
            reached = np.isfinite(found.position_at_length)
            np.copyto(state["position_arc_length"], found.position_at_length, where=reached)
            np.copyto(state["slope_arc_length"], found.slope_at_length, where=reached)

    def _looks(self) -> dict[str, LineLooks]:
        """Samples of every coordinate that exists; without a mean field there is no distance along it."""
        last = self.steps[1] * self.point.step
        ways = {"arc_length": LARGEST_STRENGTH * last, "tau": last}
        ways |= {"distance": last * self.mean_field} if self.mean_field > 0 else {}
        return {way: looks_until(end) for way, end in ways.items()}

    def _step(self, way: str) -> float:
        return self.point.step * (self.mean_field if way == "distance" else 1.0)

    @staticmethod
    def _copy(state: State) -> kernels.FieldLines:
        return kernels.FieldLines(*(state[name].copy() for name in ("position", "arc_length", "weakest")))


def _sums(looks: LineLooks, position: Floats, slope: Floats, seen: NDArray[np.bool_]) -> Arrays:
    """Sums over lines and, for the slopes, over the samples of each cell."""
    displaced = np.where(seen[:, None], position, 0.0)
    product = np.where(seen[:, None], position * slope, 0.0)
    at_grid = displaced[looks.centre]
    starts = np.searchsorted(looks.cell, np.arange(looks.cells))
    result: Arrays = {
        "lines": seen[looks.centre].sum(axis=1).astype(float),
        "looks": np.add.reduceat(seen.sum(axis=1).astype(float), starts),
    }
    for axis, name in enumerate(AXES):
        result[f"square_{name}"] = (at_grid[:, axis] ** 2).sum(axis=1)
        result[f"fourth_{name}"] = (at_grid[:, axis] ** 4).sum(axis=1)
        result[f"cross_{name}"] = np.add.reduceat(product[:, axis].sum(axis=1), starts)
    return result
