"""The rows of particles: running coefficients, mean free paths and trajectories."""

from fieldwalk.campaign.rows import PER_LEVEL, PER_LEVEL_OR_TYPE, Cite, Figure, Stage, Wing

_BOOTSTRAP = Cite("Efron1979", "Method", "errors by bootstrap over realisations")
_SMOOTHING = Cite("Savitzky1964", "Method", "smoothing of running coefficients")

ROWS = Wing(
    "particles",
    sections={"particles": "fieldwalk.particles.section:Particles"},
    kinds={"particles": "fieldwalk.particles.points:KIND"},
    stages=(
        Stage(
            name="running",
            version=2,
            make="fieldwalk.particles.stage:running",
            table="fieldwalk.particles.table:RUNNING",
            sections=("turbulence", "particles"),
            kinds=("particles",),
            cites=(_BOOTSTRAP, _SMOOTHING),
        ),
        Stage(
            name="mean_free_paths",
            version=2,
            make="fieldwalk.particles.stage:mean_free_paths",
            table="fieldwalk.particles.table:MEAN_FREE_PATHS",
            sections=("turbulence", "particles"),
            kinds=("particles",),
            products=("nc", "csv"),
            cites=(_BOOTSTRAP,),
        ),
        Stage(
            name="trajectories",
            version=2,
            make="fieldwalk.particles.stage:trajectories",
            table="fieldwalk.particles.table:TRAJECTORIES",
            sections=("turbulence", "particles"),
            content="fieldwalk.particles.points:trajectory_content",
            seconds="fieldwalk.particles.points:trajectory_seconds",
        ),
    ),
    figures=(
        Figure(
            "running",
            "fieldwalk.particles.figures.running:running",
            ("running", "mean_free_paths"),
            "running diffusion coefficients",
            "Transport",
            PER_LEVEL,
        ),
        Figure(
            "mean_free_paths",
            "fieldwalk.particles.figures.mean_free_paths:mean_free_paths",
            ("mean_free_paths",),
            "mean free paths",
            "Transport",
            PER_LEVEL,
        ),
        Figure(
            "scaling",
            "fieldwalk.particles.figures.scaling:scaling",
            ("mean_free_paths",),
            "scaling with rigidity",
            "Transport",
            PER_LEVEL_OR_TYPE,
            when="fieldwalk.particles.points:enough_rigidities_to_scale",
        ),
        Figure(
            "trajectories",
            "fieldwalk.particles.figures.trajectories:trajectories",
            ("trajectories",),
            "sample trajectories",
            "Turbulence",
        ),
    ),
)
