# Fieldwalk's workflow: one campaign file in, datasets, figures and a report out.
#   snakemake --configfile workflow/campaigns/quickstart.yaml --cores 2
import os
import sys
from pathlib import Path

from snakemake.utils import min_version

from fieldwalk.stages.workflow import open_workflow

min_version("9.27")

# Jobs find this environment's python and mpiexec, activated or not.
os.environ.update(PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))

campaign = open_workflow(config, str(workflow.configfiles[0]) if workflow.configfiles else "--configfile")

# for the text of the report
config["provenance"] = campaign.provenance()


include: "workflow/rules/particles.smk"
include: "workflow/rules/datasets.smk"
include: "workflow/rules/figures.smk"


report: "workflow/report/workflow.rst"


onstart:
    campaign.freeze()


rule all:
    default_target: True
    input:
        campaign.shards(),
        campaign.targets(),
