# One rule for each stage of the stage table that the campaign needs: shards and datasets in, one dataset out. The loop's
# variable is another one by the time a job runs, so the stage is named by its dataset.

for stage in campaign.stages:

    rule:
        name:
            stage.name
        input:
            stage.inputs,
        output:
            stage.outputs,
        log:
            stage.log,
        params:
            results=lambda wildcards: str(campaign.folder),
            stage=lambda wildcards, output: Path(output[0]).stem,
            identity=stage.identity,
        shell:
            "python -m fieldwalk.stages.run {params.stage} --results {params.results:q} --log {log:q}"
