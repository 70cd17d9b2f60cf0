"""Every variable of every dataset: dimensions, unit and meaning, in one table."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

Table = dict[str, tuple[tuple[str, ...], str, str]]
"""Variable: (dimensions, unit, meaning)."""

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

_POINT = ("mode_type", "eta", "rigidity")
_RUNNING = (*_POINT, "time")

_COUNTS: Table = {
    "realisations": (_POINT, "1", "number of realisations"),
    "particles": (_POINT, "1", "number of healthy particles in all realisations"),
    "failed": (_POINT, "1", "number of particles left out because they failed"),
}


def _with_error(dims: tuple[str, ...], unit: str, name: str, meaning: str) -> Table:
    return {name: (dims, unit, meaning), f"{name}_error": (dims, unit, f"standard error of: {meaning}")}


def _running() -> Table:
    table: Table = {}
    for direction, symbol in (("parallel", "dz^2"), ("perpendicular", "(dx^2 + dy^2)/2")):
        table |= _with_error(
            _RUNNING, "L_c^2", f"mean_square_{direction}", f"mean square displacement per axis <{symbol}>"
        )
        table |= _with_error(
            _RUNNING, "c L_c", f"d_{direction}", f"running {direction} diffusion coefficient per axis from <dr v>"
        )
        table |= _with_error(
            _RUNNING,
            "c L_c",
            f"d_{direction}_difference",
            f"running {direction} diffusion coefficient per axis from differences of <dr^2>",
        )
        table |= _with_error(
            _RUNNING,
            "c^2",
            f"velocity_correlation_{direction}",
            f"{direction} velocity correlation per axis <v(0) v(t)>",
        )
        table |= _with_error(
            _RUNNING, "1", f"kurtosis_{direction}", f"kurtosis of the {direction} displacement per axis <dr^4>/<dr^2>^2"
        )
    table |= _with_error(
        _RUNNING,
        "c L_c",
        "d_parallel_green_kubo",
        "running parallel diffusion coefficient from the velocity correlation",
    )
    table |= _with_error(
        _RUNNING, "1", "pitch_angle_correlation", "<mu(0) mu(t)>, mu the cosine between velocity and local field"
    )
    return {**table, "energy_drift": (_RUNNING, "c", "largest | |v| - c | of any particle"), **_COUNTS}


def _mean_free_paths() -> Table:
    table: Table = {}
    for direction in ("parallel", "perpendicular"):
        table |= _with_error(
            _POINT, "L_c", f"lambda_{direction}", f"{direction} mean free path 3 kappa/c, NaN unless converged"
        )
        table |= _with_error(
            _POINT, "L_c", f"lambda_{direction}_last", f"{direction} mean free path 3 d/c of the last half of the run"
        )
        table[f"converged_{direction}"] = (_POINT, "1", f"whether the {direction} mean free path is asymptotic")
        table[f"reason_{direction}"] = (_POINT, "1", f"why the {direction} mean free path is not asymptotic")
    table |= _with_error(_POINT, "1", "lambda_ratio", "lambda_perpendicular/lambda_parallel")
    table["displacement_perpendicular"] = (_POINT, "L_c", "rms displacement across the field per axis at the end")
    table["duration"] = (_POINT, "1/Omega", "end of the run, Omega t")
    return {**table, **_COUNTS}


def _field_lines() -> Table:
    point, table = ("mode_type", "eta"), Table()
    for way, unit in (("arc_length", "L_c"), ("tau", "L_c B_tot"), ("distance", "L_c")):
        curve = (*point, way)
        table |= _with_error(
            curve, "L_c^2", f"mean_square_perpendicular_{way}", f"<(dx^2 + dy^2)/2> of field lines against {way}"
        )
        table |= _with_error(
            curve, unit, f"d_perpendicular_{way}", f"running diffusion coefficient of field lines per axis in {way}"
        )
        table |= _with_error(
            curve, "1", f"kurtosis_perpendicular_{way}", f"kurtosis <dx^4>/<dx^2>^2 per axis against {way}"
        )
        table |= _with_error(curve, "1", f"local_exponent_{way}", f"local exponent d ln<dx^2 + dy^2>/d ln({way})")
        table |= _with_error(
            point, unit, f"diffusion_coefficient_{way}", f"diffusion coefficient in {way}, NaN unless converged"
        )
        table |= _with_error(
            point, unit, f"diffusion_coefficient_{way}_last", f"the same of the last half of the lines, in {way}"
        )
        table[f"converged_{way}"] = (point, "1", f"whether the diffusion coefficient in {way} is asymptotic")
        table[f"reason_{way}"] = (point, "1", f"why the diffusion coefficient in {way} is not asymptotic")
    table |= _with_error(point, "B_tot", "mean_field_strength", "<|B|> over the volume")
    table |= _with_error(point, "1", "strength_identity", "K_s <|B|>/K_tau of the same lines, which is one")
    return table | {
        "weakest_field": (point, "B_tot", "smallest |B| that any line met"),
        "weak_field_lines": (point, "1", "number of lines that met |B| < 0.01 B_tot"),
        "length": (point, "L_c/B_tot", "tau to which lines were followed"),
        "realisations": (point, "1", "number of realisations"),
        "lines": (point, "1", "number of healthy lines in all realisations"),
        "failed": (point, "1", "number of lines left out because they failed"),
        "quasi_linear": ((*point, "distance"), "L_c", "quasi-linear running diffusion coefficient in distance"),
        "quasi_linear_limit": (point, "L_c", "quasi-linear diffusion coefficient in distance"),
        "corrsin": (point, "L_c B_tot", "diffusion coefficient in tau by Corrsin's hypothesis"),
        "composite_theory": (point, "L_c", "two-component theory of the diffusion coefficient in distance"),
        **_with_error(
            ("mode_type",), "1", "diffusion_exponent", "power of dB/B0 in the diffusion coefficient in tau, eta <= 0.3"
        ),
    }


def _heuristic() -> Table:
    line, law = ("variant", "mode_type", "eta"), ("parameter", "other_parameter")
    varied, fitted = ("variant", *_POINT), ("mode_type", "coefficient")
    left_out = (*fitted, "held_out")
    table: Table = {}
    for direction in ("parallel", "perpendicular"):
        name = f"d_{direction}_simulated"
        table |= _with_error(
            _RUNNING, "c L_c", name, f"running {direction} diffusion coefficient per axis, least noise"
        )
    table |= _with_error(
        ("variant", *_RUNNING), "c L_c", "d_perpendicular_modelled", "running perpendicular coefficient of the model"
    )
    table |= _with_error((*line, "zeta"), "L_c", "d_line_simulated", "running coefficient of field lines in zeta")
    for name, dims, what in (("d_parallel", _POINT, "d_parallel of t"), ("d_line", line, "d_line of zeta")):
        table |= _with_error((*dims, "parameter"), "1", f"{name}_law", f"broken power law of {what}")
        table[f"{name}_covariance"] = ((*dims, *law), "1", f"covariance of the law of {what}")
        table[f"{name}_residual"] = (dims, "1", f"rms relative residual of the law of {what}")
        table[f"reason_{name}"] = (dims, "1", f"why the law of {what} means little")
    table |= _with_error(varied, "L_c", "reach", "rms displacement across, both axes, at which lines are left: a")
    table |= _with_error(varied, "1/Omega", "decorrelation_time", "Omega t at which <dr^2> of the bare model is a^2")
    table |= _with_error(varied, "c L_c", "kappa_perpendicular_modelled", "perpendicular coefficient of the model")
    for direction in ("parallel", "perpendicular"):
        table |= _with_error(
            _POINT, "c L_c", f"kappa_{direction}_simulated", f"{direction} diffusion coefficient, simulated"
        )
    for one in ("modelled", "simulated"):
        table |= _with_error(varied, "1", f"exponent_{one}", f"exponent of <dr^2> in the subdiffusive window, {one}")
    return table | {
        "window_first": (varied, "1/Omega", "first time of the subdiffusive window"),
        "window_last": (varied, "1/Omega", "last time of the subdiffusive window"),
        "residual_rms": (varied, "1", "rms of simulated/modelled - 1 from Omega t = 20 on"),
        "residual_largest": (varied, "1", "largest |simulated/modelled - 1| there"),
        "residual_noise": (varied, "1", "rms relative error of the simulated coefficient there"),
        "reason_model": (varied, "1", "why the model does not stand"),
        "reason_exponent": (varied, "1", "why there is no exponent"),
        "coefficient_numbers": ((*fitted, "term"), "1", "numbers of the fit over all points"),
        "coefficient_covariance": ((*fitted, "term", "other_term"), "1", "their covariance"),
        "coefficient_scatter": (fitted, "1", "scatter of ln lambda about the fit beyond the errors"),
        "reason_at_limit": (fitted, "1", "numbers of the fit that stopped at a limit and are held in its errors"),
        "coefficient_points": (fitted, "1", "converged points in the fit"),
        "lowest_eta": (fitted, "1", "lowest eta of these points"),
        "highest_eta": (fitted, "1", "highest eta of these points"),
        "lowest_rigidity": ((*fitted, "eta"), "L_c", "lowest rigidity of these points at this eta"),
        "highest_rigidity": ((*fitted, "eta"), "L_c", "highest rigidity of these points at this eta"),
        "held_out_median": (left_out, "1", "median relative error at points that the fit did not see"),
        "held_out_most": (left_out, "1", "error that 68 per cent of these points stay below"),
        "held_out_worst": (left_out, "1", "largest error at these points"),
        "held_out_points": (left_out, "1", "number of these points"),
        "reason_coefficient": (fitted, "1", "why there is no fit"),
    }


DATASETS: dict[str, Table] = {
    "running": _running(),
    "mean_free_paths": _mean_free_paths(),
    "heuristic": _heuristic(),
    "turbulence": {
        **_with_error(
            ("mode_type", "wavenumber"), "L_c", "energy_spectrum", "energy spectrum G(k)/dB^2 of the drawn modes"
        ),
        "energy_spectrum_theory": (
            ("mode_type", "wavenumber"),
            "L_c",
            "energy spectrum G(k)/dB^2 asked for, mean of the bin",
        ),
        **_with_error(
            ("mode_type", "separation"), "1", "correlation", "two-point function <dB(0).dB(r)>/dB^2 of the drawn field"
        ),
        "correlation_theory": (("mode_type", "separation"), "1", "two-point function in closed form"),
        **_with_error(
            ("mode_type",), "L_c", "measured_length", "two-sided correlation length from the two-point function"
        ),
        "theory_length": (("mode_type",), "L_c", "the same integral of the closed form, to the same separation"),
    },
    "field_lines": _field_lines(),
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
