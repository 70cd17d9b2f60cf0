"""What a results folder holds of other versions: kept, explained, and never mixed with what is computed now."""

from pathlib import Path

from fieldwalk.campaign import paths
from fieldwalk.campaign.identity import PHYSICS_VERSION, point_id
from fieldwalk.campaign.plan.plan import Plan


def explained(plan: Plan, folder: Path) -> str | None:
    """One sentence on the points of other versions in a folder, None when there are none.

    A point's name carries a hash of its physics and of the physics' version, so that of another version has a name
    which this version would not give it.
    """
    foreign = {name for name, point in plan.points.items() if point_id(point) != name}
    if not foreign:
        return None
    batches = [name for name, batch in plan.batches.items() if any(p.point in foreign for p in batch.portions)]
    done = sum(paths.shard(folder, name).exists() for name in batches)
    return (
        f"{folder} holds {len(foreign)} point(s) of another physics version than this one's, {PHYSICS_VERSION}:"
        f" {done} of their {len(batches)} batches are done. They are kept and not used; what is asked for is computed"
        " anew beside them. To finish them, run the version that began them (`fieldwalk show` names it)"
    )
