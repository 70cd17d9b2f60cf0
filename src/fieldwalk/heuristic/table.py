"""The table of ``heuristic.nc``."""

from fieldwalk.io.schema import POINT, Coordinates, Table, Variables, with_error
from fieldwalk.particles.table import RUNNING_DIMENSIONS

_COORDINATES: Coordinates = {
    "variant": ("1", "variant of the heuristic model"),
    "zeta": ("L_c", "rms distance along the mean field"),
    "parameter": ("1", "parameter of a broken power law"),
    "other_parameter": ("1", "parameter of a broken power law"),
    "coefficient": ("1", "direction of a fitted mean free path"),
    "held_out": ("1", "what fits over all points were tested with"),
    "term": ("1", "number of a fit over all points"),
    "other_term": ("1", "number of a fit over all points"),
}


def _heuristic() -> Variables:
    """Table of ``heuristic.nc``."""
    line, law = ("variant", "mode_type", "eta"), ("parameter", "other_parameter")
    varied, fitted = ("variant", *POINT), ("mode_type", "coefficient")
    left_out = (*fitted, "held_out")
    table: Variables = {}
    for direction in ("parallel", "perpendicular"):
        name = f"d_{direction}_simulated"
        table |= with_error(
            RUNNING_DIMENSIONS, "c L_c", name, f"running {direction} diffusion coefficient per axis, least noise"
        )
    table |= with_error(
        ("variant", *RUNNING_DIMENSIONS),
        "c L_c",
        "d_perpendicular_modelled",
        "running perpendicular coefficient of the model",
    )
    table |= with_error((*line, "zeta"), "L_c", "d_line_simulated", "running coefficient of field lines in zeta")
    for name, dims, what in (("d_parallel", POINT, "d_parallel of t"), ("d_line", line, "d_line of zeta")):
        table |= with_error((*dims, "parameter"), "1", f"{name}_law", f"broken power law of {what}")
        table[f"{name}_covariance"] = ((*dims, *law), "1", f"covariance of the law of {what}")
        table[f"{name}_residual"] = (dims, "1", f"rms relative residual of the law of {what}")
        table[f"reason_{name}"] = (dims, "1", f"why the law of {what} means little")
    table |= with_error(varied, "L_c", "reach", "rms displacement across, both axes, at which lines are left: a")
    table |= with_error(varied, "1/Omega", "decorrelation_time", "Omega t at which <dr^2> of the bare model is a^2")
    table |= with_error(varied, "c L_c", "kappa_perpendicular_modelled", "perpendicular coefficient of the model")
    for direction in ("parallel", "perpendicular"):
        table |= with_error(
            POINT, "c L_c", f"kappa_{direction}_simulated", f"{direction} diffusion coefficient, simulated"
        )
    table |= with_error(POINT, "1", "kappa_ratio_simulated", "kappa_perpendicular/kappa_parallel, simulated")
    for one in ("modelled", "simulated"):
        table |= with_error(varied, "1", f"exponent_{one}", f"exponent of <dr^2> in the subdiffusive window, {one}")
    return table | {
        "window_first": (varied, "1/Omega", "first time of the subdiffusive window"),
        "window_last": (varied, "1/Omega", "last time of the subdiffusive window"),
        "residual_rms": (varied, "1", "rms of simulated/modelled - 1 from Omega t = 20 on"),
        "residual_largest": (varied, "1", "largest |simulated/modelled - 1| there"),
        "residual_noise": (varied, "1", "rms error of the simulated over the modelled coefficient there"),
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
        "held_out_pull": (left_out, "1", "rms of what these points are off over its stated error"),
        "held_out_points": (left_out, "1", "number of these points"),
        "reason_coefficient": (fitted, "1", "why there is no fit"),
    }


HEURISTIC = Table(_heuristic(), _COORDINATES)
