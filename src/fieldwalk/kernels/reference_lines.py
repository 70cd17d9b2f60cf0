"""NumPy twin of the kernels that follow field lines: it specifies what they compute."""

import numpy as np

from fieldwalk.kernels.field_lines import LARGEST_SPEED, FieldLines, LineSamples
from fieldwalk.kernels.plane_waves import Floats
from fieldwalk.kernels.reference import FastField, evaluate_field


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
    """Twin of :func:`fieldwalk.kernels.follow_field_lines`: same arguments, units and shapes."""
    fast = FastField(
        waves if tolerance else waves[:0],
        rigidity=1.0,
        step=step,
        mean_field=mean_field,
        tolerance=tolerance,
        speed=LARGEST_SPEED,
    )
    samples, lengths = (np.zeros(0) if given is None else given for given in (sample_steps, arc_lengths))
    count = lines.position.shape[1]
    found = LineSamples(*(np.full((n, 3, count), np.nan) for n in (samples.size,) * 2 + (lengths.size,) * 2))

    def field_at(r: Floats) -> Floats:
        return fast.at(r) if tolerance else evaluate_field(waves, r, mean_field)

    field = np.zeros_like(lines.position)
    for n in range(n_steps):
        if tolerance:
            fast.renew(n, lines.position, None, field)
        start, start_length = lines.position.copy(), lines.arc_length.copy()
        slopes = [field_at(start)]
        for share in (0.5, 0.5, 1.0):
            slopes.append(field_at(start + share * step * slopes[-1]))
        field = slopes[-1]
        strengths = [np.linalg.norm(slope, axis=0) for slope in slopes]
        lines.position[:] += step * _weighted(slopes)
        lines.arc_length[:] += step * _weighted(strengths)
        lines.weakest[:] = np.minimum(lines.weakest, strengths[0])
        end, end_strength = field_at(lines.position), np.linalg.norm(field_at(lines.position), axis=0)
        for i in map(int, np.flatnonzero((samples > n) & (samples <= n + 1))):
            found.position[i], found.slope[i] = hermite(samples[i] - n, step, start, lines.position, slopes[0], end)
        for i, length in enumerate(lengths):
            for p in map(int, np.flatnonzero((start_length < length) & (length <= lines.arc_length))):
                ends = (start_length[p], lines.arc_length[p], strengths[0][p], end_strength[p])
                low, high = 0.0, 1.0
                for _ in range(60):
                    middle = 0.5 * (low + high)
                    low, high = (low, middle) if hermite(middle, step, *ends)[0] > length else (middle, high)
                place = (start[:, p], lines.position[:, p], slopes[0][:, p], end[:, p])
                found.position_at_length[i, :, p], slope = hermite(low, step, *place)
                found.slope_at_length[i, :, p] = slope / hermite(low, step, *ends)[1]
    return found


def hermite(share: float, step: float, first: Floats, last: Floats, first_slope: Floats, last_slope: Floats):  # type: ignore[no-untyped-def]
    """Value and slope of Hermite's cubic at a fraction ``share`` of a step."""
    rest = 1 - share
    value = rest**2 * (first * (1 + 2 * share) + step * share * first_slope)
    value = value + share**2 * (last * (1 + 2 * rest) - step * rest * last_slope)
    slope = 6 * share * rest * (last - first) / step + rest * (1 - 3 * share) * first_slope
    return value, slope + share * (3 * share - 2) * last_slope


def _weighted(stages: list[Floats]) -> Floats:
    return np.asarray((stages[0] + 2 * stages[1] + 2 * stages[2] + stages[3]) / 6)
