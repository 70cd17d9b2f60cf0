"""The section ``random_walks`` of the campaign file."""

from typing import Annotated

from pydantic import Field

from fieldwalk.campaign.sections import Section
from fieldwalk.campaign.values import PHYSICS, NumberRule


class RandomWalks(Section):
    """Random walks of fixed steps."""

    step_length: Annotated[float, NumberRule("it is in correlation lengths", above=0), PHYSICS] = Field(
        description="Length of a step in L_c.", examples=[0.5]
    )
    turbulence_file: Annotated[str | None, PHYSICS] = Field(
        None, description="A turbulence.nc to take the correlation length from, instead of this campaign's own."
    )
