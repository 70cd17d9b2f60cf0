# Push particles: one MPI job per batch of the plan, one shard each.


rule particles:
    input:
        # states to go on from, in a run that was made longer; their age means nothing
        lambda wildcards: ancient(campaign.earlier_shards(wildcards.batch)),
    output:
        f"{campaign.folder}/particles/{{batch}}.h5",
    log:
        f"{campaign.folder}/logs/particles_{{batch}}.log",
    wildcard_constraints:
        batch="[0-9a-f]{12}",
    threads: campaign.campaign.resources.ranks
    resources:
        mpi="mpiexec",
        # fewer cores than ranks: fewer ranks, same bits
        tasks=lambda wildcards, threads: threads,
        runtime=lambda wildcards: campaign.minutes(wildcards.batch),
        disk_mb=lambda wildcards: campaign.disk_megabytes(wildcards.batch),
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.identity("particles"),
    shell:
        "{resources.mpi} -n {resources.tasks} python -m mpi4py -m fieldwalk.stages.particles"
        " --results {params.results:q} --batch {wildcards.batch} --ranks {resources.tasks} --log {log:q}"
