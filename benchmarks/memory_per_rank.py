"""Memory of one MPI rank that does what a rank of a campaign does.

    mpiexec -n 2 python benchmarks/memory_per_rank.py

Each rank imports what a job of the farm imports, MPI included, and runs one task of the size of published campaigns:
sixteen particles in isotropic turbulence at r_g = 1e-4 L_c, some 670 modes. Its number of steps does not matter, for a
state holds no history but the samples. Prints the resident set of every rank before and after. Libraries that ranks
share count in full on each of them, though they lie in memory once; what is its own is what one more rank adds. Takes
seconds.
"""

from pathlib import Path

import numpy as np
from mpi4py import MPI
from reporting import processor, verdict

from fieldwalk.campaign.loading import campaign_from_mapping
from fieldwalk.particles.points import points
from fieldwalk.particles.task import ParticleTask
from fieldwalk.stages import farm as stage

CAMPAIGN = {
    "name": "memory",
    "seed": 20260520,
    "turbulence": {"mode_types": ["isotropic"], "etas": [0.5]},
    "particles": {"rigidities": [1e-4]},
}
STEPS = 40_960
TARGET_MB = 150.0


def resident_mb() -> tuple[float, float]:
    """Resident set, and the part of it that belongs to this process alone."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    known = dict(line.split(":", 1) for line in lines)
    total, own = (int(known[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "RssAnon"))
    return total, own


def main() -> None:
    """Run one task on every rank; rank 0 reports."""
    comm = MPI.COMM_WORLD
    (point,) = points(campaign_from_mapping(CAMPAIGN, "memory"))
    before = resident_mb()
    task = ParticleTask(point, seed=1, realisation=comm.rank, particles=(0, 16), steps=(0, STEPS), key="memory")
    task.finish(task.advance(task.start(), task.length))
    found = comm.gather((before, resident_mb()))
    if found is None:
        return
    print(f"processor {processor()}; {stage.__name__}, one task of {point.modes} modes")
    for rank, (idle, busy) in enumerate(found):
        print(f"rank {rank}: {idle[0]:.0f} MB after imports; after a task {busy[0]:.0f} MB, its own {busy[1]:.0f} MB")
    worst = max(busy[0] for _, busy in found)
    print(verdict("memory per rank", np.array([worst]), TARGET_MB, 0, " MB"))


if __name__ == "__main__":
    main()
