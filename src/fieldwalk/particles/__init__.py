"""Test particles: pushed through realisations, averaged, and fitted for mean free paths."""
