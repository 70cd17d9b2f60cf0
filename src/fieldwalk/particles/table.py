"""The tables of ``running.nc``, ``mean_free_paths.nc`` and ``trajectories.nc``."""

from fieldwalk.io.schema import POINT, Table, Variables, with_error

RUNNING_DIMENSIONS = (*POINT, "time")

_COUNTS: Variables = {
    "realisations": (POINT, "1", "number of realisations"),
    "particles": (POINT, "1", "number of healthy particles in all realisations"),
    "failed": (POINT, "1", "number of particles left out because they failed"),
}


def _running() -> Variables:
    """Table of ``running.nc``."""
    table: Variables = {}
    for direction, symbol in (("parallel", "dz^2"), ("perpendicular", "(dx^2 + dy^2)/2")):
        table |= with_error(
            RUNNING_DIMENSIONS, "L_c^2", f"mean_square_{direction}", f"mean square displacement per axis <{symbol}>"
        )
        table |= with_error(
            RUNNING_DIMENSIONS,
            "c L_c",
            f"d_{direction}",
            f"running {direction} diffusion coefficient per axis from <dr v>",
        )
        table |= with_error(
            RUNNING_DIMENSIONS,
            "c L_c",
            f"d_{direction}_difference",
            f"running {direction} diffusion coefficient per axis from differences of <dr^2>",
        )
        table |= with_error(
            RUNNING_DIMENSIONS,
            "c^2",
            f"velocity_correlation_{direction}",
            f"{direction} velocity correlation per axis <v(0) v(t)>",
        )
        table |= with_error(
            RUNNING_DIMENSIONS,
            "1",
            f"kurtosis_{direction}",
            f"kurtosis of the {direction} displacement per axis <dr^4>/<dr^2>^2",
        )
    table |= with_error(
        RUNNING_DIMENSIONS,
        "c L_c",
        "d_parallel_green_kubo",
        "running parallel diffusion coefficient from the velocity correlation",
    )
    table |= with_error(
        RUNNING_DIMENSIONS,
        "1",
        "pitch_angle_correlation",
        "<mu(0) mu(t)>, mu the cosine between velocity and local field",
    )
    return {**table, "energy_drift": (RUNNING_DIMENSIONS, "c", "largest | |v| - c | of any particle"), **_COUNTS}


def _mean_free_paths() -> Variables:
    """Table of ``mean_free_paths.nc``."""
    table: Variables = {}
    for direction in ("parallel", "perpendicular"):
        table |= with_error(
            POINT, "L_c", f"lambda_{direction}", f"{direction} mean free path 3 kappa/c, NaN unless converged"
        )
        table |= with_error(
            POINT, "L_c", f"lambda_{direction}_last", f"{direction} mean free path 3 d/c of the last half of the run"
        )
        table[f"converged_{direction}"] = (POINT, "1", f"whether the {direction} mean free path is asymptotic")
        table[f"reason_{direction}"] = (POINT, "1", f"why the {direction} mean free path is not asymptotic")
    table |= with_error(POINT, "1", "lambda_ratio", "lambda_perpendicular/lambda_parallel")
    table["displacement_perpendicular"] = (POINT, "L_c", "rms displacement across the field per axis at the end")
    table["duration"] = (POINT, "1/Omega", "end of the run, Omega t")
    return {**table, **_COUNTS}


def _exponents() -> Variables:
    dims, window = ("mode_type", "eta", "fitted", "rigidity_window"), ("rigidity_window",)
    return {
        **with_error(dims, "1", "exponent", "exponent of the power law of r_g/L_c fitted to converged points"),
        "exponent_chi_square": (dims, "1", "chi-square of their logarithms about the power law"),
        "exponent_points": (dims, "1", "number of converged points in the window"),
        "exponent_pivot": (dims, "L_c", "r_g/L_c at which exponent and level are not correlated"),
        "exponent_level": (dims, "L_c", "value of the power law there; without unit for the ratio"),
        "reason_exponent": (dims, "1", "why there is no exponent"),
        "window_low": (window, "L_c", "lowest r_g/L_c of the window"),
        "window_high": (window, "L_c", "highest r_g/L_c of the window"),
    }


RUNNING = Table(_running())

POINTS = Table(_mean_free_paths())
"""The variables of ``mean_free_paths.nc`` that each point fills."""

EXPONENTS = Table(
    _exponents(),
    {
        "fitted": ("1", "variable that the power law is fitted to"),
        "rigidity_window": ("1", "window of r_g/L_c, both ends included"),
    },
)
"""The power laws through them, in the same dataset."""

MEAN_FREE_PATHS = Table({**POINTS.variables, **EXPONENTS.variables}, EXPONENTS.coordinates, rows=POINT)

TRAJECTORIES = Table(
    {"position": (("mode_type", "particle", "sample", "axis"), "L_c", "position since the start")},
    {
        "particle": ("1", "number of the particle"),
        "sample": ("1/Omega", "time since the start, Omega t"),
    },
)
