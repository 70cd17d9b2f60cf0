"""From moments to running diffusion coefficients and mean free paths, with errors from the scatter between
realisations.
"""
