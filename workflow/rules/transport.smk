# Reduce the shards to running coefficients and mean free paths.


rule running:
    input:
        campaign.shards_read_by("running"),
    output:
        f"{campaign.folder}/running.nc",
    log:
        f"{campaign.folder}/logs/running.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("running"),
    shell:
        "python -m fieldwalk.stages.running --results {params.results:q} --log {log:q}"


rule mean_free_paths:
    input:
        campaign.shards_read_by("mean_free_paths"),
    output:
        f"{campaign.folder}/mean_free_paths.nc",
        f"{campaign.folder}/mean_free_paths.csv",
    log:
        f"{campaign.folder}/logs/mean_free_paths.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("mean_free_paths"),
    shell:
        "python -m fieldwalk.stages.mean_free_paths --results {params.results:q} --log {log:q}"
