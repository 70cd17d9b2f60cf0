"""Rows that name what does not exist are refused: their results would otherwise be left out without a word."""

from dataclasses import replace

import pytest

from fieldwalk.campaign.rows import Figure, Input, Stage, Wing, load
from fieldwalk.campaign.stage_table import FIGURES, KINDS, ROWS, SECTIONS, STAGES, WINGS, check_rows

STAGE = Stage("power", 1, "somewhere:power", "somewhere:POWER", sections=("turbulence",), kinds=("particles",))


def with_stage(**edits: object) -> tuple[Wing, ...]:
    return (*ROWS, Wing("power", stages=(replace(STAGE, **edits),)))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (with_stage(sections=("turbulense",)), "stage power: sections names turbulense"),
        (with_stage(kinds=("particle",)), "stage power: kinds names particle"),
        (with_stage(inputs=(Input("skatter"),)), "stage power: inputs names skatter"),
        (with_stage(inputs=(Input("power"),)), "inputs are made by stages that come before"),
        (with_stage(inputs=(Input("running", key="powr.file"),)), "stage power: inputs names powr"),
        (with_stage(name="running"), "two rows of a stage have the name running"),
        (
            (*ROWS, Wing("power", figures=(Figure("power", "a:b", ("powers",), "", ""),))),
            "figure power: datasets names",
        ),
        ((*ROWS, Wing("power", kinds={"particles": "a:b"})), "two rows of a kind have the name particles"),
    ],
)
def test_a_typo_in_a_row_is_named(rows: tuple[Wing, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_rows(rows)


def test_good_rows_pass_and_folders_bear_the_names_of_their_wings() -> None:
    check_rows(with_stage())
    assert tuple(wing.name for wing in ROWS) == WINGS


@pytest.mark.parametrize("reference", ["fieldwalk.particles.stage:runing", "fieldwalk.particle.stage:running"])
def test_a_reference_that_leads_nowhere_is_named(reference: str) -> None:
    with pytest.raises(ImportError, match=f"{reference}, which a row of the stage table names"):
        load(reference)


def test_every_reference_of_every_row_leads_somewhere() -> None:
    references = [*SECTIONS.values(), *KINDS.values()]
    for stage in STAGES.values():
        references += [stage.make, stage.table, stage.content, stage.seconds, stage.notes]
    for figure in FIGURES.values():
        references += [figure.draw, figure.when]
    assert all(load(reference) is not None for reference in references if reference)
