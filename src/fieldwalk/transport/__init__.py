"""From moments to running diffusion coefficients and mean free paths, with errors from the scatter between
realisations.
"""

from fieldwalk.transport.coefficients import Coefficient, coefficients

__all__ = ["Coefficient", "coefficients"]
