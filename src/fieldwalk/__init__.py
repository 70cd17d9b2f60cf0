"""Fieldwalk: campaigns of cosmic-ray test particles in synthetic magnetic turbulence."""

from importlib.metadata import version

__version__ = version("fieldwalk")
