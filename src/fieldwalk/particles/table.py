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


RUNNING = Table(_running())

MEAN_FREE_PATHS = Table(_mean_free_paths(), rows=POINT)

TRAJECTORIES = Table(
    {"position": (("mode_type", "particle", "sample", "axis"), "L_c", "position since the start")},
    {
        "particle": ("1", "number of the particle"),
        "sample": ("1/Omega", "time since the start, Omega t"),
    },
)
