"""The table of ``turbulence.nc``."""

from fieldwalk.io.schema import Table, with_error

TURBULENCE = Table(
    {
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
    {
        "wavenumber": ("1/L_c", "wavenumber k"),
        "separation": ("L_c", "separation r"),
        "direction": ("1", "line along which the correlation is taken"),
    },
)
