"""Magnetic field lines: followed through realisations, and how they diffuse across the mean field."""
