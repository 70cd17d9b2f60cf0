"""The turbulent field: its spectrum, its polarisations, one drawn realisation, and its statistics in closed form."""

from fieldwalk.turbulence.mode_types import MODE_TYPES
from fieldwalk.turbulence.realisation import Realisation, draw_realisation
from fieldwalk.turbulence.spectrum import BendOver, PowerLaw, Spectrum, spectrum_from_mapping, wavenumber_range

__all__ = [
    "MODE_TYPES",
    "BendOver",
    "PowerLaw",
    "Realisation",
    "Spectrum",
    "draw_realisation",
    "spectrum_from_mapping",
    "wavenumber_range",
]
