# Figures of the heuristic model, all from one dataset.


rule figure_heuristic:
    input:
        f"{campaign.folder}/heuristic.nc",
    output:
        png=report(
            f"{campaign.folder}/figures/heuristic_eta{{eta}}.png",
            caption="../report/heuristic.rst",
            category="Model",
            labels={"figure": "simulated and modelled perpendicular coefficients", "eta": "{eta}"},
        ),
        pdf=f"{campaign.folder}/figures/heuristic_eta{{eta}}.pdf",
    log:
        f"{campaign.folder}/logs/figure_heuristic_eta{{eta}}.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("figure"),
    shell:
        "python -m fieldwalk.stages.figure --figure heuristic --eta {wildcards.eta} --results {params.results:q}"
        " --png {output.png:q} --pdf {output.pdf:q} --log {log:q}"


rule figure_coefficients:
    input:
        f"{campaign.folder}/heuristic.nc",
    output:
        png=report(
            f"{campaign.folder}/figures/coefficients_eta{{eta}}.png",
            caption="../report/coefficients.rst",
            category="Model",
            labels={"figure": "mean free paths, model and fit", "eta": "{eta}"},
        ),
        pdf=f"{campaign.folder}/figures/coefficients_eta{{eta}}.pdf",
    log:
        f"{campaign.folder}/logs/figure_coefficients_eta{{eta}}.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("figure"),
    shell:
        "python -m fieldwalk.stages.figure --figure coefficients --eta {wildcards.eta} --results {params.results:q}"
        " --png {output.png:q} --pdf {output.pdf:q} --log {log:q}"


rule figure_running_laws:
    input:
        f"{campaign.folder}/heuristic.nc",
    output:
        png=report(
            f"{campaign.folder}/figures/running_laws_eta{{eta}}.png",
            caption="../report/running_laws.rst",
            category="Model",
            labels={"figure": "broken power laws of running coefficients", "eta": "{eta}"},
        ),
        pdf=f"{campaign.folder}/figures/running_laws_eta{{eta}}.pdf",
    log:
        f"{campaign.folder}/logs/figure_running_laws_eta{{eta}}.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("figure"),
    shell:
        "python -m fieldwalk.stages.figure --figure running_laws --eta {wildcards.eta} --results {params.results:q}"
        " --png {output.png:q} --pdf {output.pdf:q} --log {log:q}"


rule figure_subdiffusion:
    input:
        f"{campaign.folder}/heuristic.nc",
    output:
        png=report(
            f"{campaign.folder}/figures/subdiffusion.png",
            caption="../report/subdiffusion.rst",
            category="Model",
            labels={"figure": "exponent of subdiffusion", "eta": "all"},
        ),
        pdf=f"{campaign.folder}/figures/subdiffusion.pdf",
    log:
        f"{campaign.folder}/logs/figure_subdiffusion.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("figure"),
    shell:
        "python -m fieldwalk.stages.figure --figure subdiffusion --results {params.results:q}"
        " --png {output.png:q} --pdf {output.pdf:q} --log {log:q}"
