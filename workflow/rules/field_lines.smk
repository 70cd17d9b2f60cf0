# Reduce the shards to the diffusion of field lines, and follow a few for the eye.


rule field_lines:
    input:
        campaign.shards_read_by("field_lines"),
    output:
        f"{campaign.folder}/field_lines.nc",
    log:
        f"{campaign.folder}/logs/field_lines.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("field_lines"),
    shell:
        "python -m fieldwalk.stages.field_lines --results {params.results:q} --log {log:q}"


rule line_traces:
    output:
        f"{campaign.folder}/line_traces.nc",
    log:
        f"{campaign.folder}/logs/line_traces.log",
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("line_traces"),
    shell:
        "python -m fieldwalk.stages.line_traces --results {params.results:q} --log {log:q}"
