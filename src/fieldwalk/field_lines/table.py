"""The tables of ``field_lines.nc`` and ``line_traces.nc``."""

from fieldwalk.io.schema import Coordinates, Table, Variables, with_error

_COORDINATES: Coordinates = {
    "arc_length": ("L_c", "arc length s along a field line"),
    "tau": ("L_c/B_tot", "tau along a field line, dr/dtau = B"),
    "distance": ("L_c", "mean distance along the mean field, B0 tau"),
    "line": ("1", "number of the field line"),
    "trace": ("L_c", "arc length s along a field line"),
}


def _field_lines() -> Variables:
    """Table of ``field_lines.nc``."""
    table: Variables = {}
    point = ("mode_type", "eta")
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


FIELD_LINES = Table(_field_lines(), _COORDINATES)

LINE_TRACES = Table(
    {"position": (("mode_type", "line", "trace", "axis"), "L_c", "position since the start")}, _COORDINATES
)
