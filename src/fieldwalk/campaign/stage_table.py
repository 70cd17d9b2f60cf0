"""The stage table: every result of Fieldwalk, and what its rows say taken together.

A result is a folder of the package, a wing, with its rows in ``rows.py``. Its name is written below and nowhere else:
the sections of the campaign file, the names that ``outputs`` accepts, the rules of the workflow, price, status, replay,
citations and report follow from the rows. To add a result see CONTRIBUTING.md.
"""

from fieldwalk.campaign.rows import Figure, Reference, Stage, Wing, load

WINGS = ("particles", "drawn_fields", "field_lines", "heuristic")
"""In the order in which outputs are listed and made."""

ROWS: tuple[Wing, ...] = tuple(load(f"fieldwalk.{name}.rows:ROWS") for name in WINGS)

SECTIONS: dict[str, Reference] = {key: model for wing in ROWS for key, model in wing.sections.items()}
"""Sections of the campaign file that belong to a result, beside those of all."""

KINDS: dict[str, Reference] = {name: kind for wing in ROWS for name, kind in wing.kinds.items()}
"""Kinds of paths, each farmed out in tasks."""

STAGES: dict[str, Stage] = {stage.name: stage for wing in ROWS for stage in wing.stages}

FIGURES: dict[str, Figure] = {figure.name: figure for wing in ROWS for figure in wing.figures}

OUTPUTS = tuple(STAGES)
"""What a campaign may ask for."""


def wing_of(stage: str) -> str:
    """Name of the folder that a stage belongs to."""
    return next(wing.name for wing in ROWS if any(row.name == stage for row in wing.stages))
