# One rule for each kind of figure of the stage table, as PNG and PDF; the report holds the PNG.

for figure in campaign.figures:

    rule:
        name:
            f"figure_{figure.name}"
        input:
            figure.inputs,
        output:
            png=report(figure.png, caption=figure.caption, category=figure.category, labels=figure.labels),
            pdf=figure.pdf,
        log:
            figure.log,
        wildcard_constraints:
            eta="[0-9][0-9.e+-]*",
            mode_type="[a-z_]+",
        params:
            results=lambda wildcards: str(campaign.folder),
            name=lambda wildcards, output: Path(output.png).stem,
            identity=figure.identity,
        shell:
            "python -m fieldwalk.stages.figure {params.name:q} --results {params.results:q} --log {log:q}"
