"""The rows of drawn fields: their spectrum and correlation beside theory."""

from fieldwalk.campaign.rows import TURBULENT, Figure, Stage, Wing

ROWS = Wing(
    "drawn_fields",
    stages=(
        Stage(
            name="turbulence",
            version=2,
            make="fieldwalk.drawn_fields.stage:turbulence",
            table="fieldwalk.drawn_fields.table:TURBULENCE",
            sections=("turbulence",),
            levels=TURBULENT,
            content="fieldwalk.drawn_fields.fields:content",
            seconds="fieldwalk.drawn_fields.fields:seconds",
        ),
    ),
    figures=(
        Figure(
            "turbulence",
            "fieldwalk.drawn_fields.figure:turbulence",
            ("turbulence",),
            "spectrum and correlation",
            "Turbulence",
        ),
    ),
)
