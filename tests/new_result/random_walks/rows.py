"""The rows of random walks."""

from fieldwalk.campaign.rows import Cite, Figure, Input, Stage, Wing

ROWS = Wing(
    "random_walks",
    sections={"random_walks": "fieldwalk.random_walks.section:RandomWalks"},
    kinds={"random_walks": "fieldwalk.random_walks.points:KIND"},
    stages=(
        Stage(
            name="walk_spread",
            version=1,
            make="fieldwalk.random_walks.stage:walk_spread",
            table="fieldwalk.random_walks.table:WALK_SPREAD",
            sections=("random_walks",),
            kinds=("random_walks",),
            inputs=(Input("turbulence", key="random_walks.turbulence_file"),),
            cites=(Cite("Pearson1905", "Method", "random walks"),),
        ),
    ),
    figures=(
        Figure(
            "walk_spread",
            "fieldwalk.random_walks.figures.spread:walk_spread",
            ("walk_spread",),
            "spread of random walks",
            "Random walks",
        ),
    ),
)
