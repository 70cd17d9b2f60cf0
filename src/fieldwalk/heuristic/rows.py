"""The rows of the heuristic model of perpendicular transport."""

from fieldwalk.campaign.rows import PER_LEVEL, WITH_MEAN_FIELD, Cite, Figure, Stage, Wing

_BOOTSTRAP = Cite("Efron1979", "Method", "errors by bootstrap over realisations")
_KUHLEN = Cite("Kuhlen2022a", "Method", "heuristic: the model of perpendicular transport")

ROWS = Wing(
    "heuristic",
    stages=(
        Stage(
            name="heuristic",
            version=3,
            make="fieldwalk.heuristic.stage:heuristic",
            table="fieldwalk.heuristic.table:HEURISTIC",
            sections=("turbulence", "particles", "field_lines"),
            kinds=("particles", "field_lines"),
            levels=WITH_MEAN_FIELD,
            seconds="fieldwalk.heuristic.planning:seconds",
            notes="fieldwalk.heuristic.planning:notes",
            cites=(_BOOTSTRAP, _KUHLEN),
        ),
    ),
    figures=(
        Figure(
            "heuristic",
            "fieldwalk.heuristic.figures.perpendicular:heuristic",
            ("heuristic",),
            "simulated and modelled perpendicular coefficients",
            "Model",
            PER_LEVEL,
        ),
        Figure(
            "coefficients",
            "fieldwalk.heuristic.figures.coefficients:coefficients",
            ("heuristic",),
            "mean free paths, model and fit",
            "Model",
            PER_LEVEL,
        ),
        Figure(
            "running_laws",
            "fieldwalk.heuristic.figures.running_laws:running_laws",
            ("heuristic",),
            "broken power laws of running coefficients",
            "Model",
            PER_LEVEL,
        ),
        Figure(
            "subdiffusion",
            "fieldwalk.heuristic.figures.subdiffusion:subdiffusion",
            ("heuristic",),
            "exponent of subdiffusion",
            "Model",
        ),
    ),
)
