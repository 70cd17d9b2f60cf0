"""Magnetic field lines: their paths in realisations, and their diffusion across the mean field."""
