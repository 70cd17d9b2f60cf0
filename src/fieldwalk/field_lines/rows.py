"""The rows of field lines: their diffusion, and a few traces."""

from fieldwalk.campaign.rows import Cite, Figure, Stage, Wing

_BOOTSTRAP = Cite("Efron1979", "Method", "errors by bootstrap over realisations")

ROWS = Wing(
    "field_lines",
    sections={"field_lines": "fieldwalk.field_lines.section:FieldLines"},
    kinds={"field_lines": "fieldwalk.field_lines.points:KIND"},
    stages=(
        Stage(
            name="field_lines",
            version=4,
            make="fieldwalk.field_lines.stage:field_lines",
            table="fieldwalk.field_lines.table:FIELD_LINES",
            sections=("turbulence", "field_lines"),
            kinds=("field_lines",),
            cites=(_BOOTSTRAP,),
        ),
        Stage(
            name="line_traces",
            version=2,
            make="fieldwalk.field_lines.stage:line_traces",
            table="fieldwalk.field_lines.table:LINE_TRACES",
            sections=("turbulence", "field_lines"),
            content="fieldwalk.field_lines.points:trace_content",
            seconds="fieldwalk.field_lines.points:trace_seconds",
        ),
    ),
    figures=(
        Figure(
            "field_lines",
            "fieldwalk.field_lines.figures.running:field_lines",
            ("field_lines",),
            "running diffusion of field lines",
            "Field lines",
        ),
        Figure(
            "line_diffusion",
            "fieldwalk.field_lines.figures.line_diffusion:line_diffusion",
            ("field_lines",),
            "diffusion of field lines against turbulence level",
            "Field lines",
        ),
        Figure(
            "line_traces",
            "fieldwalk.field_lines.figures.line_traces:line_traces",
            ("line_traces",),
            "sample field lines",
            "Field lines",
        ),
    ),
)
