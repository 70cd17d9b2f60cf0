#!/usr/bin/env python
"""Submit the job script named on the command line and print the scheduler's number of the job.

Each option of sbatch has its namesakes beside it; an address or a queue of your site's goes into the same list.
"""

import subprocess
import sys
from pathlib import Path

from snakemake.utils import read_job_properties

job_script = sys.argv[1]
job = read_job_properties(job_script)
resources = job["resources"]
logs = Path(".snakemake") / "cluster_logs"
logs.mkdir(parents=True, exist_ok=True)
name = "_".join([job["rule"], *job["wildcards"].values()])

command = [
    *("sbatch", "--parsable"),  # PBS and SGE: qsub, SGE with -terse; LSF: bsub
    f"--job-name={name}",  # PBS and SGE: -N; LSF: -J
    f"--ntasks={resources.get('tasks', 1)}",  # PBS: -l select=TASKS:ncpus=1:mpiprocs=1; LSF: -n; SGE: -pe mpi TASKS
    "--cpus-per-task=1",
    f"--mem={resources['mem_mb']}M",  # per node; PBS: mem= in select; LSF: -M; SGE: -l h_vmem=, per task
    f"--time={resources['runtime']}",  # minutes; PBS: -l walltime=HH:MM:SS; LSF: -W; SGE: -l h_rt=SECONDS
    f"--output={logs / name}-%j.log",  # PBS: -j oe -o; LSF: -o; SGE: -j y -o
]
done = subprocess.run([*command, job_script], stdout=subprocess.PIPE, text=True, check=False)
# PBS prints the number alone, LSF "Job <NUMBER> is submitted ...", Slurm of several clusters NUMBER;CLUSTER
print(done.stdout.partition(";")[0].strip())
sys.exit(done.returncode)
