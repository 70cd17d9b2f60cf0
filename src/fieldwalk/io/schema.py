"""Every variable of every dataset: dimensions, unit and meaning, in one table."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from fieldwalk.io.dataset_tables import Table, field_lines, heuristic, mean_free_paths, running, with_error

COORDINATES: dict[str, tuple[str, str]] = {
    "mode_type": ("1", "type of turbulence"),
    "eta": ("1", "turbulence level dB^2/(B0^2 + dB^2)"),
    "rigidity": ("L_c", "gyroradius in the total rms field, r_g/L_c"),
    "time": ("1/Omega", "time since the start, Omega t"),
    "wavenumber": ("1/L_c", "wavenumber k"),
    "separation": ("L_c", "separation r"),
    "particle": ("1", "number of the particle"),
    "sample": ("1/Omega", "time since the start, Omega t"),
    "axis": ("1", "axis, z along the mean field"),
    "direction": ("1", "line along which the correlation is taken"),
    "arc_length": ("L_c", "arc length s along a field line"),
    "tau": ("L_c/B_tot", "tau along a field line, dr/dtau = B"),
    "distance": ("L_c", "mean distance along the mean field, B0 tau"),
    "line": ("1", "number of the field line"),
    "trace": ("L_c", "arc length s along a field line"),
    "variant": ("1", "variant of the heuristic model"),
    "zeta": ("L_c", "rms distance along the mean field"),
    "parameter": ("1", "parameter of a broken power law"),
    "other_parameter": ("1", "parameter of a broken power law"),
    "coefficient": ("1", "direction of a fitted mean free path"),
    "held_out": ("1", "what fits over all points were tested with"),
    "term": ("1", "number of a fit over all points"),
    "other_term": ("1", "number of a fit over all points"),
}

DATASETS: dict[str, Table] = {
    "running": running(),
    "mean_free_paths": mean_free_paths(),
    "heuristic": heuristic(),
    "turbulence": {
        **with_error(
            ("mode_type", "wavenumber"), "L_c", "energy_spectrum", "energy spectrum G(k)/dB^2 of the drawn modes"
        ),
        "energy_spectrum_theory": (
            ("mode_type", "wavenumber"),
            "L_c",
            "energy spectrum G(k)/dB^2 asked for, mean of the bin",
        ),
        **with_error(
            ("mode_type", "separation"), "1", "correlation", "two-point function <dB(0).dB(r)>/dB^2 of the drawn field"
        ),
        "correlation_theory": (("mode_type", "separation"), "1", "two-point function in closed form"),
        **with_error(
            ("mode_type",), "L_c", "measured_length", "two-sided correlation length from the two-point function"
        ),
        "theory_length": (("mode_type",), "L_c", "the same integral of the closed form, to the same separation"),
    },
    "field_lines": field_lines(),
    "line_traces": {"position": (("mode_type", "line", "trace", "axis"), "L_c", "position since the start")},
    "trajectories": {"position": (("mode_type", "particle", "sample", "axis"), "L_c", "position since the start")},
}
"""The table of every dataset."""


def empty(name: str, coordinates: Mapping[str, Sequence[str] | Sequence[float] | NDArray[np.float64]]) -> xr.Dataset:
    """Dataset of the schema, filled with NaN (False for ``converged``, empty text for ``reason``).

    Parameters
    ----------
    name : str
        A key of :data:`DATASETS`.
    coordinates : mapping
        Values of every dimension.
    """
    dataset = xr.Dataset(
        coords={key: (key, values, _attributes(*COORDINATES[key])) for key, values in coordinates.items()}
    )
    for variable, (dims, unit, meaning) in DATASETS[name].items():
        shape = [dataset.sizes[dim] for dim in dims]
        filled: NDArray[np.generic] = np.full(shape, np.nan)
        if variable.startswith("converged"):
            filled = np.zeros(shape, dtype=bool)
        elif variable.startswith("reason"):
            filled = np.full(shape, "", dtype=object)
        dataset[variable] = (dims, filled, _attributes(unit, meaning))
    return dataset


def _attributes(unit: str, meaning: str) -> dict[str, str]:
    return {"units": unit, "long_name": meaning}
