"""Write a figure as PNG and PDF, so that the same figure gives the same bytes."""

import io
from pathlib import Path

from matplotlib.figure import Figure

from fieldwalk.figures import style
from fieldwalk.io.files import written_whole

# No date and no version of the software: a figure made again from the same data is the same file.
_METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def save(figure: Figure, png: Path | str, pdf: Path | str) -> None:
    """Save a figure as PNG (300 dots per inch) and as vector PDF with embedded fonts.

    Each file is written beside its place and renamed, so that a killed job never leaves half a figure.

    Parameters
    ----------
    figure : Figure
        Its size is kept to the point: nothing is cropped afterwards.
    png, pdf : path
        Files to write; folders that are missing are made.

    Raises
    ------
    DataError
        When a file cannot be written (disk full, no permission, a file in the place of a folder).
    """
    for kind, target in (("png", Path(png)), ("pdf", Path(pdf))):
        drawn = io.BytesIO()
        with style.applied():
            figure.savefig(drawn, format=kind, metadata=_METADATA[kind])
        with written_whole(target) as part:
            part.write_bytes(drawn.getvalue())
