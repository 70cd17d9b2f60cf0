# Look at the drawn fields themselves, and at a few particles in them.


rule turbulence:
    output:
        f"{campaign.folder}/turbulence.nc",
    log:
        f"{campaign.folder}/logs/turbulence.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("turbulence"),
    shell:
        "python -m fieldwalk.stages.turbulence --results {params.results:q} --log {log:q}"


rule trajectories:
    output:
        f"{campaign.folder}/trajectories.nc",
    log:
        f"{campaign.folder}/logs/trajectories.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("trajectories"),
    shell:
        "python -m fieldwalk.stages.trajectories --results {params.results:q} --log {log:q}"
