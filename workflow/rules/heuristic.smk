# Model perpendicular transport from the shards of particles and of field lines.


rule heuristic:
    input:
        campaign.shards_read_by("heuristic"),
    output:
        f"{campaign.folder}/heuristic.nc",
    log:
        f"{campaign.folder}/logs/heuristic.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("heuristic"),
    shell:
        "python -m fieldwalk.stages.heuristic --results {params.results:q} --log {log:q}"
