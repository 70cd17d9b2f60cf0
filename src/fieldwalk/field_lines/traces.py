"""Complete paths of a few field lines, for a figure."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from fieldwalk import kernels
from fieldwalk.campaign.points import FieldPoint
from fieldwalk.field_lines.table import LINE_TRACES
from fieldwalk.io import schema
from fieldwalk.jobs.drawing import draw_field, draw_particles

LINES = 6

LENGTH = 15.0
"""Arc length in L_c, more than the longest wavelength."""

SAMPLES_PER_LENGTH = 64


def line_traces(points: Sequence[FieldPoint], seed: int) -> xr.Dataset:
    """Follow the first lines of the first realisation of each point; the campaign follows the same lines.

    Parameters
    ----------
    points : sequence of FieldPoint
        Points of field lines, one per mode type, all of the same level.
    seed : int
        The campaign's seed.

    Returns
    -------
    xarray.Dataset
        ``position`` (mode_type, line, trace, axis) in L_c, relative to the start.
    """
    arc_length = np.linspace(0.0, LENGTH, round(LENGTH * SAMPLES_PER_LENGTH) + 1)
    dataset = schema.empty(
        LINE_TRACES,
        {
            "mode_type": [point.mode_type for point in points],
            "line": [float(number) for number in range(LINES)],
            "trace": arc_length,
            "axis": ["x", "y", "z"],
        },
    )
    for point in points:
        field = draw_field(point, seed, 0)
        start, _ = draw_particles(point, seed, 0, 0, LINES)
        found = kernels.follow_field_lines(
            field.waves,
            kernels.start_lines(start),
            step=point.step,
            n_steps=int(2 * LENGTH / point.step) + 1,  # <|B|> is at least 0.92, so all lines reach it
            mean_field=field.mean_field,
            arc_lengths=arc_length[1:],
            tolerance=point.tolerance,
        )
        position = np.concatenate([np.zeros((1, *start.shape)), found.position_at_length - start])
        dataset["position"].loc[{"mode_type": point.mode_type}] = np.transpose(position, (2, 0, 1))
    return dataset.assign_attrs(eta=points[0].eta)
