"""The heuristic model of perpendicular transport, and both diffusion coefficients at points that were not simulated."""
