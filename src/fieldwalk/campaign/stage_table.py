"""The stage table: every result of Fieldwalk, and what its rows say taken together.

A result is a folder of the package, a wing, with its rows in ``rows.py``. Its name is written below and nowhere else:
the sections of the campaign file, the names that ``outputs`` accepts, the rules of the workflow, price, status, replay,
citations and report follow from the rows. To add a result see CONTRIBUTING.md.
"""

from fieldwalk.campaign.rows import Figure, Reference, Stage, Wing, load

WINGS = ("particles", "drawn_fields", "field_lines", "heuristic")
"""In the order in which outputs are listed and made."""

COMMON_SECTIONS = ("turbulence", "statistics", "resources")
"""Sections of the campaign file that belong to no single result."""

ROWS: tuple[Wing, ...] = tuple(load(f"fieldwalk.{name}.rows:ROWS") for name in WINGS)

SECTIONS: dict[str, Reference] = {key: model for wing in ROWS for key, model in wing.sections.items()}
"""Sections of the campaign file that belong to a result, beside those of all."""

KINDS: dict[str, Reference] = {name: kind for wing in ROWS for name, kind in wing.kinds.items()}
"""Kinds of paths, each farmed out in tasks."""

STAGES: dict[str, Stage] = {stage.name: stage for wing in ROWS for stage in wing.stages}

FIGURES: dict[str, Figure] = {figure.name: figure for wing in ROWS for figure in wing.figures}

OUTPUTS = tuple(STAGES)
"""What a campaign may ask for."""


def check_rows(rows: tuple[Wing, ...]) -> None:
    """Refuse rows that name what does not exist: such a result would be left out without a word.

    Raises
    ------
    ValueError
        Naming the wing, the row, and the name in it that is wrong.
    """
    sections = {*COMMON_SECTIONS, *(key for wing in rows for key in wing.sections)}
    kinds = [kind for wing in rows for kind in wing.kinds]
    stages = [stage for wing in rows for stage in wing.stages]
    names = [stage.name for stage in stages]
    figures = [figure.name for wing in rows for figure in wing.figures]
    for what, all_names in (("kind", kinds), ("stage", names), ("figure", figures)):
        if twice := sorted({name for name in all_names if all_names.count(name) > 1}):
            raise ValueError(f"rows: two rows of a {what} have the name {twice[0]}; rename one")
    for number, stage in enumerate(stages):
        wanted = (
            ("sections", stage.sections, sections),
            ("kinds", stage.kinds, set(kinds)),
            ("inputs", tuple(one.dataset for one in stage.inputs), set(names[:number])),
            ("inputs", tuple(one.key.partition(".")[0] for one in stage.inputs if one.key), sections),
        )
        for field, given, known in wanted:
            if unknown := sorted(set(given) - known):
                order = "; inputs are made by stages that come before" if unknown[0] in names else ""
                raise ValueError(f"rows of stage {stage.name}: {field} names {unknown[0]}, which does not exist{order}")
    for figure in (figure for wing in rows for figure in wing.figures):
        if unknown := sorted(set(figure.datasets) - set(names)):
            raise ValueError(f"rows of figure {figure.name}: datasets names {unknown[0]}, which no stage makes")


check_rows(ROWS)


def wing_of(stage: str) -> str:
    """Name of the folder that a stage belongs to."""
    return next(wing.name for wing in ROWS if any(row.name == stage for row in wing.stages))
