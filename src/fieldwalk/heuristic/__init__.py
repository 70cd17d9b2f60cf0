"""The heuristic model of perpendicular transport, and fits that give coefficients between simulated points."""
