"""The variables of the datasets of particles and field lines: dimensions, unit and meaning."""

Table = dict[str, tuple[tuple[str, ...], str, str]]
"""Variable: (dimensions, unit, meaning)."""

_POINT = ("mode_type", "eta", "rigidity")
_RUNNING = (*_POINT, "time")

_COUNTS: Table = {
    "realisations": (_POINT, "1", "number of realisations"),
    "particles": (_POINT, "1", "number of healthy particles in all realisations"),
    "failed": (_POINT, "1", "number of particles left out because they failed"),
}


def with_error(dims: tuple[str, ...], unit: str, name: str, meaning: str) -> Table:
    """A variable and its standard error."""
    return {name: (dims, unit, meaning), f"{name}_error": (dims, unit, f"standard error of: {meaning}")}


def running() -> Table:
    """Table of ``running.nc``."""
    table: Table = {}
    for direction, symbol in (("parallel", "dz^2"), ("perpendicular", "(dx^2 + dy^2)/2")):
        table |= with_error(
            _RUNNING, "L_c^2", f"mean_square_{direction}", f"mean square displacement per axis <{symbol}>"
        )
        table |= with_error(
            _RUNNING, "c L_c", f"d_{direction}", f"running {direction} diffusion coefficient per axis from <dr v>"
        )
        table |= with_error(
            _RUNNING,
            "c L_c",
            f"d_{direction}_difference",
            f"running {direction} diffusion coefficient per axis from differences of <dr^2>",
        )
        table |= with_error(
            _RUNNING,
            "c^2",
            f"velocity_correlation_{direction}",
            f"{direction} velocity correlation per axis <v(0) v(t)>",
        )
        table |= with_error(
            _RUNNING, "1", f"kurtosis_{direction}", f"kurtosis of the {direction} displacement per axis <dr^4>/<dr^2>^2"
        )
    table |= with_error(
        _RUNNING,
        "c L_c",
        "d_parallel_green_kubo",
        "running parallel diffusion coefficient from the velocity correlation",
    )
    table |= with_error(
        _RUNNING, "1", "pitch_angle_correlation", "<mu(0) mu(t)>, mu the cosine between velocity and local field"
    )
    return {**table, "energy_drift": (_RUNNING, "c", "largest | |v| - c | of any particle"), **_COUNTS}


def mean_free_paths() -> Table:
    """Table of ``mean_free_paths.nc``."""
    table: Table = {}
    for direction in ("parallel", "perpendicular"):
        table |= with_error(
            _POINT, "L_c", f"lambda_{direction}", f"{direction} mean free path 3 kappa/c, NaN unless converged"
        )
        table |= with_error(
            _POINT, "L_c", f"lambda_{direction}_last", f"{direction} mean free path 3 d/c of the last half of the run"
        )
        table[f"converged_{direction}"] = (_POINT, "1", f"whether the {direction} mean free path is asymptotic")
        table[f"reason_{direction}"] = (_POINT, "1", f"why the {direction} mean free path is not asymptotic")
    table |= with_error(_POINT, "1", "lambda_ratio", "lambda_perpendicular/lambda_parallel")
    table["displacement_perpendicular"] = (_POINT, "L_c", "rms displacement across the field per axis at the end")
    table["duration"] = (_POINT, "1/Omega", "end of the run, Omega t")
    return {**table, **_COUNTS}


def field_lines() -> Table:
    """Table of ``field_lines.nc``."""
    point, table = ("mode_type", "eta"), Table()
    for way, unit in (("arc_length", "L_c"), ("tau", "L_c B_tot"), ("distance", "L_c")):
        curve = (*point, way)
        table |= with_error(
            curve, "L_c^2", f"mean_square_perpendicular_{way}", f"<(dx^2 + dy^2)/2> of field lines against {way}"
        )
        table |= with_error(
            curve, unit, f"d_perpendicular_{way}", f"running diffusion coefficient of field lines per axis in {way}"
        )
        table |= with_error(
            curve, "1", f"kurtosis_perpendicular_{way}", f"kurtosis <dx^4>/<dx^2>^2 per axis against {way}"
        )
        table |= with_error(curve, "1", f"local_exponent_{way}", f"local exponent d ln<dx^2 + dy^2>/d ln({way})")
        table |= with_error(
            point, unit, f"diffusion_coefficient_{way}", f"diffusion coefficient in {way}, NaN unless converged"
        )
        table |= with_error(
            point, unit, f"diffusion_coefficient_{way}_last", f"the same of the last half of the lines, in {way}"
        )
        table[f"converged_{way}"] = (point, "1", f"whether the diffusion coefficient in {way} is asymptotic")
        table[f"reason_{way}"] = (point, "1", f"why the diffusion coefficient in {way} is not asymptotic")
    table |= with_error(point, "B_tot", "mean_field_strength", "<|B|> over the volume")
    table |= with_error(point, "1", "strength_identity", "K_s <|B|>/K_tau of the same lines, which is one")
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
        **with_error(
            ("mode_type",), "1", "diffusion_exponent", "power of dB/B0 in the diffusion coefficient in tau, eta <= 0.3"
        ),
    }


def heuristic() -> Table:
    """Table of ``heuristic.nc``."""
    line, law = ("variant", "mode_type", "eta"), ("parameter", "other_parameter")
    varied, fitted = ("variant", *_POINT), ("mode_type", "coefficient")
    left_out = (*fitted, "held_out")
    table: Table = {}
    for direction in ("parallel", "perpendicular"):
        name = f"d_{direction}_simulated"
        table |= with_error(
            _RUNNING, "c L_c", name, f"running {direction} diffusion coefficient per axis, least noise"
        )
    table |= with_error(
        ("variant", *_RUNNING), "c L_c", "d_perpendicular_modelled", "running perpendicular coefficient of the model"
    )
    table |= with_error((*line, "zeta"), "L_c", "d_line_simulated", "running coefficient of field lines in zeta")
    for name, dims, what in (("d_parallel", _POINT, "d_parallel of t"), ("d_line", line, "d_line of zeta")):
        table |= with_error((*dims, "parameter"), "1", f"{name}_law", f"broken power law of {what}")
        table[f"{name}_covariance"] = ((*dims, *law), "1", f"covariance of the law of {what}")
        table[f"{name}_residual"] = (dims, "1", f"rms relative residual of the law of {what}")
        table[f"reason_{name}"] = (dims, "1", f"why the law of {what} means little")
    table |= with_error(varied, "L_c", "reach", "rms displacement across, both axes, at which lines are left: a")
    table |= with_error(varied, "1/Omega", "decorrelation_time", "Omega t at which <dr^2> of the bare model is a^2")
    table |= with_error(varied, "c L_c", "kappa_perpendicular_modelled", "perpendicular coefficient of the model")
    for direction in ("parallel", "perpendicular"):
        table |= with_error(
            _POINT, "c L_c", f"kappa_{direction}_simulated", f"{direction} diffusion coefficient, simulated"
        )
    table |= with_error(_POINT, "1", "kappa_ratio_simulated", "kappa_perpendicular/kappa_parallel, simulated")
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
