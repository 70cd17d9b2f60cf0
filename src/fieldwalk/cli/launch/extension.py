"""What ``--extend`` asks for: longer durations of points whose mean free paths have not converged."""

from collections.abc import Collection, Sequence
from pathlib import Path

import xarray as xr

from fieldwalk.campaign import paths
from fieldwalk.campaign.values import nearest
from fieldwalk.errors import CampaignError
from fieldwalk.io.datasets import read_dataset
from fieldwalk.particles.estimates import NEVER_PERPENDICULAR
from fieldwalk.particles.points import point_name

FACTOR = 2.0
"""How much longer a point is followed when no duration is named; a duration then ends on the time grid."""

LONGEST = 1e9
"""Ωt beyond which a number is taken for a slip."""

ALL = "all"


def longer_durations(words: Sequence[str], names: Collection[str], folder: Path) -> dict[str, float]:
    """Durations Ωt that ``--extend`` asks for.

    They follow from the duration in the dataset, not from the last one asked for: a run that was stopped and is called
    again asks for the same.

    Parameters
    ----------
    words : sequence of str
        ``POINT``, ``POINT=Ωt``, or ``all`` for every point that has not converged.
    names : collection of str
        Of the campaign's points.
    folder : Path
        Its results folder.

    Returns
    -------
    dict of float
        By name of the point.

    Raises
    ------
    CampaignError
        When a duration is no number, or a point is none of the campaign's or has converged.
    DataError
        When nothing says what has converged.
    """
    for name in (word.split("=")[0] for word in words if word != ALL):
        if name not in names:
            guess = nearest(name, names)
            known = f"did you mean {guess}?" if guess else f"its points are {', '.join(sorted(names))}"
            raise CampaignError(f"--extend {name}: is no point of this campaign; {known}")
    given = dict(word.split("=", 1) for word in words if "=" in word)
    durations = {name: _number(name, text) for name, text in given.items()}
    named = [word for word in words if "=" not in word]
    if not named:
        return durations
    if not paths.dataset(folder, "mean_free_paths").exists():
        raise CampaignError(
            f"--extend {named[0]}: nothing says yet what has converged; run the campaign first, or give a time:"
            f" {named[0]}=20000"
        )
    unconverged = _unconverged(read_dataset(paths.dataset(folder, "mean_free_paths")))
    for name in unconverged if ALL in named else named:
        if name not in unconverged:
            raise CampaignError(
                f"--extend {name}: has converged already; to follow it on all the same, give a time: {name}=20000."
                f" {_listed(unconverged)}"
            )
        durations[name] = FACTOR * unconverged[name]
    return durations


def _unconverged(dataset: xr.Dataset) -> dict[str, float]:
    """Names and durations of the points without a plateau that a longer run may reach."""
    found = {}
    for mode_type in dataset["mode_type"].values:
        directions = ["parallel", *(["perpendicular"] if mode_type not in NEVER_PERPENDICULAR else [])]
        for eta in dataset["eta"].values:
            for rigidity in dataset["rigidity"].values:
                point = dataset.sel(mode_type=mode_type, eta=eta, rigidity=rigidity)
                if eta > 0 and not all(bool(point[f"converged_{direction}"]) for direction in directions):
                    found[point_name(str(mode_type), float(eta), float(rigidity))] = float(point["duration"])
    return found


def _listed(names: dict[str, float]) -> str:
    return f"Not converged: {', '.join(names)}" if names else "All points have converged"


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 1 <= value <= LONGEST:
        raise CampaignError(
            f"--extend {name}={text}: is no duration; write Ωt as a number up to {LONGEST:g}, such as {name}=20000"
        )
    return value
