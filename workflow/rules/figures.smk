# Figures of particles, fields and field lines as PNG and PDF; the report holds the PNG.


rule figure_running:
    input:
        f"{campaign.folder}/running.nc",
        campaign.targets("mean_free_paths"),
    output:
        png=report(
            f"{campaign.folder}/figures/running_eta{{eta}}.png",
            caption="../report/running.rst",
            category="Transport",
            labels={"figure": "running diffusion coefficients", "eta": "{eta}"},
        ),
        pdf=f"{campaign.folder}/figures/running_eta{{eta}}.pdf",
    log:
        f"{campaign.folder}/logs/figure_running_eta{{eta}}.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("figure"),
        plateaus=lambda wildcards, input: [
            f"--plateaus={path}" for path in input if path.endswith("mean_free_paths.nc")
        ],
    shell:
        "python -m fieldwalk.stages.figure --figure running --eta {wildcards.eta} --results {params.results:q}"
        " {params.plateaus:q}"
        " --png {output.png:q} --pdf {output.pdf:q} --log {log:q}"


rule figure_mean_free_paths:
    input:
        f"{campaign.folder}/mean_free_paths.nc",
    output:
        png=report(
            f"{campaign.folder}/figures/mean_free_paths_eta{{eta}}.png",
            caption="../report/mean_free_paths.rst",
            category="Transport",
            labels={"figure": "mean free paths", "eta": "{eta}"},
        ),
        pdf=f"{campaign.folder}/figures/mean_free_paths_eta{{eta}}.pdf",
    log:
        f"{campaign.folder}/logs/figure_mean_free_paths_eta{{eta}}.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("figure"),
    shell:
        "python -m fieldwalk.stages.figure --figure mean_free_paths --eta {wildcards.eta} --results {params.results:q}"
        " --png {output.png:q} --pdf {output.pdf:q} --log {log:q}"


rule figure_scaling:
    input:
        f"{campaign.folder}/mean_free_paths.nc",
    output:
        png=report(
            f"{campaign.folder}/figures/scaling_eta{{eta}}.png",
            caption="../report/scaling.rst",
            category="Transport",
            labels={"figure": "scaling with rigidity", "eta": "{eta}"},
        ),
        pdf=f"{campaign.folder}/figures/scaling_eta{{eta}}.pdf",
    log:
        f"{campaign.folder}/logs/figure_scaling_eta{{eta}}.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("figure"),
    shell:
        "python -m fieldwalk.stages.figure --figure scaling --eta {wildcards.eta} --results {params.results:q}"
        " --png {output.png:q} --pdf {output.pdf:q} --log {log:q}"


rule figure_scaling_of_a_type:
    input:
        f"{campaign.folder}/mean_free_paths.nc",
    output:
        png=report(
            f"{campaign.folder}/figures/scaling_{{mode_type}}.png",
            caption="../report/scaling.rst",
            category="Transport",
            labels={"figure": "scaling with rigidity, {mode_type}", "eta": "all"},
        ),
        pdf=f"{campaign.folder}/figures/scaling_{{mode_type}}.pdf",
    log:
        f"{campaign.folder}/logs/figure_scaling_{{mode_type}}.log",
    wildcard_constraints:
        mode_type="[a-z_]+",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("figure"),
    shell:
        "python -m fieldwalk.stages.figure --figure scaling --mode-type {wildcards.mode_type} --results {params.results:q}"
        " --png {output.png:q} --pdf {output.pdf:q} --log {log:q}"


rule figure_turbulence:
    input:
        f"{campaign.folder}/turbulence.nc",
    output:
        png=report(
            f"{campaign.folder}/figures/turbulence.png",
            caption="../report/turbulence.rst",
            category="Turbulence",
            labels={"figure": "spectrum and correlation", "eta": "all"},
        ),
        pdf=f"{campaign.folder}/figures/turbulence.pdf",
    log:
        f"{campaign.folder}/logs/figure_turbulence.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("figure"),
    shell:
        "python -m fieldwalk.stages.figure --figure turbulence --results {params.results:q}"
        " --png {output.png:q} --pdf {output.pdf:q} --log {log:q}"


rule figure_trajectories:
    input:
        f"{campaign.folder}/trajectories.nc",
    output:
        png=report(
            f"{campaign.folder}/figures/trajectories.png",
            caption="../report/trajectories.rst",
            category="Turbulence",
            labels={"figure": "sample trajectories", "eta": "first"},
        ),
        pdf=f"{campaign.folder}/figures/trajectories.pdf",
    log:
        f"{campaign.folder}/logs/figure_trajectories.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("figure"),
    shell:
        "python -m fieldwalk.stages.figure --figure trajectories --results {params.results:q}"
        " --png {output.png:q} --pdf {output.pdf:q} --log {log:q}"


rule figure_field_lines:
    input:
        f"{campaign.folder}/field_lines.nc",
    output:
        png=report(
            f"{campaign.folder}/figures/field_lines.png",
            caption="../report/field_lines.rst",
            category="Field lines",
            labels={"figure": "running diffusion of field lines", "eta": "all"},
        ),
        pdf=f"{campaign.folder}/figures/field_lines.pdf",
    log:
        f"{campaign.folder}/logs/figure_field_lines.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("figure"),
    shell:
        "python -m fieldwalk.stages.figure --figure field_lines --results {params.results:q}"
        " --png {output.png:q} --pdf {output.pdf:q} --log {log:q}"


rule figure_line_diffusion:
    input:
        f"{campaign.folder}/field_lines.nc",
    output:
        png=report(
            f"{campaign.folder}/figures/line_diffusion.png",
            caption="../report/line_diffusion.rst",
            category="Field lines",
            labels={"figure": "diffusion of field lines against turbulence level", "eta": "all"},
        ),
        pdf=f"{campaign.folder}/figures/line_diffusion.pdf",
    log:
        f"{campaign.folder}/logs/figure_line_diffusion.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("figure"),
    shell:
        "python -m fieldwalk.stages.figure --figure line_diffusion --results {params.results:q}"
        " --png {output.png:q} --pdf {output.pdf:q} --log {log:q}"


rule figure_line_traces:
    input:
        f"{campaign.folder}/line_traces.nc",
    output:
        png=report(
            f"{campaign.folder}/figures/line_traces.png",
            caption="../report/line_traces.rst",
            category="Field lines",
            labels={"figure": "sample field lines", "eta": "all"},
        ),
        pdf=f"{campaign.folder}/figures/line_traces.pdf",
    log:
        f"{campaign.folder}/logs/figure_line_traces.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("figure"),
    shell:
        "python -m fieldwalk.stages.figure --figure line_traces --results {params.results:q}"
        " --png {output.png:q} --pdf {output.pdf:q} --log {log:q}"
