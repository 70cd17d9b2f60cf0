"""Test particles: their motion in realisations, its moments, running diffusion coefficients and mean free paths."""
