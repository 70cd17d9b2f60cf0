"""The outputs that a campaign may ask for, and what each of them needs."""

from collections.abc import Sequence

OF_PARTICLES = ("running", "mean_free_paths", "trajectories")
OF_FIELD_LINES = ("field_lines", "line_traces")
OF_BOTH = ("heuristic",)
OUTPUTS = ("running", "mean_free_paths", "turbulence", "trajectories", *OF_FIELD_LINES, *OF_BOTH)


def levels_to_model(etas: Sequence[float]) -> list[float]:
    """The levels at which the heuristic model means anything: with turbulence, and with a mean field."""
    return [eta for eta in etas if 0 < eta < 1]


def impossible_outputs(*, particles: bool, lines: bool, etas: Sequence[float]) -> dict[str, str]:
    """Outputs that a campaign cannot have, each with what it needs and what to do, for a message.

    Parameters
    ----------
    particles, lines : bool
        Whether the campaign has these sections.
    etas : sequence of float
        Its levels of turbulence.
    """
    found = {} if levels_to_model(etas) else dict.fromkeys(OF_BOTH, _NO_LEVEL)
    if not particles:
        found |= dict.fromkeys((*OF_PARTICLES, *OF_BOTH), _NO_SECTION.format("particles"))
    if not lines:
        found |= dict.fromkeys((*OF_FIELD_LINES, *OF_BOTH), _NO_SECTION.format("field_lines"))
    return found


_NO_SECTION = "needs the section {}; add that, or remove this"
_NO_LEVEL = "needs a level with turbulence and a mean field, 0 < eta < 1; add one to turbulence.etas, or remove this"
