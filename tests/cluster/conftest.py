"""A cluster for all tests of this folder, and the small campaign run on this machine to compare with."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from one_node_slurm import NoSlurmHereError, OneNodeSlurm
from small_campaign import run, write_campaign

EDITS = {
    "particles": {"duration": 15_000, "tolerance": 0},
    "resources": {"ranks": 2, "job_minutes": 0.03},
    "outputs": ["running"],
}
"""Two batches of some seconds each, so that a job can be met at work; the exact field is slow, and its price steady."""


@pytest.fixture(scope="session")
def cluster() -> Iterator[OneNodeSlurm]:
    """A Slurm of one node that is ours alone."""
    with ExitStack() as stack:
        try:
            slurm = stack.enter_context(OneNodeSlurm())
        except NoSlurmHereError as reason:
            if os.environ.get("FIELDWALK_REQUIRE_SLURM") == "1":
                pytest.fail(f"FIELDWALK_REQUIRE_SLURM=1, but {reason}")
            pytest.skip(str(reason))
        yield slurm


@pytest.fixture(scope="session")
def finished_here(cluster: OneNodeSlurm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the campaign as this machine computes it without the scheduler; of no use where there is none."""
    place = tmp_path_factory.mktemp("here")
    write_campaign(place / "small.yaml", **EDITS)
    run(place)
    return place
