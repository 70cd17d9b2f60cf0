"""Reduce the shards to the diffusion of field lines: field_lines.nc."""

import logging
from pathlib import Path

import click
import numpy as np

from fieldwalk.campaign import paths
from fieldwalk.campaign.grid import line_points
from fieldwalk.campaign.selection import select
from fieldwalk.ensemble.field_lines import WAYS
from fieldwalk.io.datasets import write_dataset
from fieldwalk.stages.context import job
from fieldwalk.stages.reduction import attributes_of_shards, line_moments, require_run
from fieldwalk.transport.field_line_dataset import WEAK_FIELD, field_line_dataset

logger = logging.getLogger("fieldwalk.stages.field_lines")


@click.command()
@click.option("--results", type=click.Path(path_type=Path), required=True, help="Results folder of the campaign.")
@click.option("--log", type=click.Path(path_type=Path), help="File to log to besides stderr.")
def main(results: Path, log: Path | None) -> None:
    """Write field_lines.nc."""
    with job(results, "field_lines", log) as context:
        selection = select(context.campaign, context.folder)
        require_run(selection, context.folder)
        campaign = selection.campaign
        points = {(point.mode_type, point.eta): point for point in line_points(campaign)}
        dataset = field_line_dataset(
            list(campaign.turbulence.mode_types),
            list(campaign.turbulence.etas),
            line_moments(selection, context.folder),
            campaign.seed,
            lengths={place: point.duration for place, point in points.items()},
            spectrum=campaign.spectrum,
            scale_ratio=next(iter(points.values())).scale_ratio,
            slab_fraction=campaign.slab_fraction,
        )
        shards = attributes_of_shards(selection, context.folder, "field_lines")
        attributes = context.attributes("field_lines") | shards
        write_dataset(dataset, paths.dataset(results, "field_lines"), attributes)
        for way in WAYS:
            converged = dataset[f"converged_{way}"]
            logger.info("diffusion in %s: %d of %d converged", way, int(converged.sum()), converged.size)
            for place, reason in dataset[f"reason_{way}"].to_series().items():
                if reason:
                    logger.info("not converged in %s: %s, eta = %g: %s", way, *place, reason)
        met = int(np.nansum(dataset["weak_field_lines"]))
        logger.info("lines that met |B| < %g B_tot: %d of %d", WEAK_FIELD, met, int(dataset["lines"].sum()))


if __name__ == "__main__":
    main()
