# The farm: one MPI job per batch of the plan, one shard each, whatever kinds of paths the batch holds.


rule particles:
    input:
        # states to continue from, in a run that was made longer; their age means nothing
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
        # here, fewer cores than ranks mean fewer ranks and the same bits; jobs of a scheduler get what they ask for
        tasks=lambda wildcards, threads: (
            campaign.campaign.resources.ranks if workflow.remote_exec or workflow.non_local_exec else threads
        ),
        # a scheduler's job holds two Snakemakes as well
        mem_mb=lambda wildcards: 500 + campaign.memory_megabytes(wildcards.batch),
        runtime=lambda wildcards: campaign.minutes(wildcards.batch),
        disk_mb=lambda wildcards: campaign.disk_megabytes(wildcards.batch),
    params:
        results=lambda wildcards: str(campaign.folder),
        identity=campaign.farm_identity,
        # jobs of a scheduler have a wall time; what runs in this process has none
        minutes=lambda wildcards, resources: resources.runtime if workflow.remote_exec else 0,
    shell:
        "{resources.mpi} -n {resources.tasks} python -m mpi4py -m fieldwalk.stages.farm"
        " --results {params.results:q} --batch {wildcards.batch} --ranks {resources.tasks}"
        " --minutes {params.minutes} --log {log:q}"
