"""Points of random walks, and what each of them takes."""

from dataclasses import dataclass
from typing import ClassVar

from fieldwalk.random_walks.section import RandomWalks

from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.plan.kinds import Amount, Kind
from fieldwalk.campaign.points import Point

STEPS = 64
SECONDS_PER_STEP = 1e-6


@dataclass(frozen=True)
class WalkPoint(Point):
    """Walks of one step length; no turbulence at all."""

    kind: ClassVar[str] = "random_walks"

    scenario: str
    step_length: float

    @property
    def name(self) -> str:
        """Such as ``walks_step0.5``."""
        return f"walks_step{self.step_length:.4g}"

    @property
    def coordinates(self) -> dict[str, str | float]:
        """The scenario."""
        return {"scenario": self.scenario}


def points(campaign: Campaign) -> list[WalkPoint]:
    """The one point of a campaign."""
    section = campaign.section(RandomWalks)
    return [WalkPoint("plain", section.step_length)] if section else []


def _amount(campaign: Campaign, point: WalkPoint) -> Amount:
    return Amount(campaign.statistics.realisations, paths=8, steps=STEPS)


KIND = Kind(
    name="random_walks",
    section="random_walks",
    paths="walkers",
    sections=("random_walks", "statistics"),
    point=WalkPoint,
    points=points,
    amount=_amount,
    seconds=lambda point, paths, steps, samples, speeds: speeds.seconds_per_realisation + SECONDS_PER_STEP * steps,
    bytes=lambda point, realisations, paths, steps: 8 * realisations * STEPS + 16384,
    task="fieldwalk.random_walks.task:WalkTask",
)
