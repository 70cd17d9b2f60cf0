"""Where a longer run goes on: the rows and columns of an earlier batch's shard, whatever rectangle that batch held."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fieldwalk.campaign import paths
from fieldwalk.campaign.plan.kinds import Range
from fieldwalk.campaign.plan.plan import Batch, Plan, Portion
from fieldwalk.errors import PlanError
from fieldwalk.io.shards import open_shard_for_writing
from fieldwalk.particles.points import FINAL
from fieldwalk.stages.batch import final_state

Floats = NDArray[np.float64]

POINT, OTHER = "isotropic_eta0.5_rg0.1_0123456789ab", "isotropic_eta0.5_rg0.2_123456789abc"
MIDDLE, END = 40, 100


def state_of(number: int, realisation: int, particles: Range) -> tuple[Floats, Floats]:
    """A state in which every number names its portion, realisation, axis and particle."""
    axis, particle = np.arange(3)[:, None], np.arange(*particles)
    position = 1e6 * number + 1e4 * realisation + 1e3 * axis + particle
    return position, -position


def planned(folder: Path, earlier: list[Portion]) -> Plan:
    """A plan whose batch ``first`` stands in a shard."""
    rows = {portion.group: portion.realisations[1] - portion.realisations[0] for portion in earlier}
    with open_shard_for_writing(paths.shard(folder, "first"), rows) as writer:
        for number, portion in enumerate(earlier):
            for row, realisation in enumerate(range(*portion.realisations)):
                position, velocity = state_of(number, realisation, portion.particles)
                writer.write(portion.group, row, {"final_position": position, "final_velocity": velocity})
    return Plan("tiny", 7, batches={"first": Batch(tuple(earlier), 1.0)})


@pytest.mark.parametrize(
    ("realisations", "particles"),
    [((0, 5), (0, 20)), ((2, 5), (16, 20)), ((1, 7), (16, 40)), ((2, 6), (8, 20))],
    ids=str,
)
def test_particles_go_on_from_their_own_states(tmp_path: Path, realisations: Range, particles: Range) -> None:
    holder = Portion(POINT, realisations, particles, (0, MIDDLE))
    decoys = [
        Portion(OTHER, (0, 8), (0, 40), (0, MIDDLE)),
        Portion(POINT, (0, 8), (0, 40), (0, MIDDLE - 1)),
        Portion(POINT, (0, 2), (0, 40), (0, MIDDLE)),
        Portion(POINT, (5, 8), (0, 40), (0, MIDDLE)),
        Portion(POINT, (0, 8), (17, 40), (0, MIDDLE)),
        Portion(POINT, (0, 8), (0, 19), (0, MIDDLE)),
    ]
    plan = planned(tmp_path, [*decoys, holder])
    portion = Portion(POINT, (2, 5), (16, 20), (MIDDLE, END), "first")
    for realisation in range(2, 5):
        position, velocity = final_state(plan, portion, tmp_path, realisation, FINAL)
        expected = state_of(len(decoys), realisation, (16, 20))
        np.testing.assert_array_equal(position, expected[0])
        np.testing.assert_array_equal(velocity, expected[1])
        assert position.flags.c_contiguous and velocity.flags.c_contiguous


def test_states_that_no_portion_holds_are_refused(tmp_path: Path) -> None:
    plan = planned(tmp_path, [Portion(POINT, (0, 5), (0, 20), (0, MIDDLE))])
    portion = Portion(POINT, (2, 6), (16, 20), (MIDDLE, END), "first")
    with pytest.raises(PlanError, match=r"batch first does not hold the states that .*/2-6_16-20_40-100 goes on from"):
        final_state(plan, portion, tmp_path, 5, FINAL)
