"""Write a figure as PNG and PDF, so that the same figure gives the same bytes."""

import contextlib
import io
import os
from pathlib import Path

from matplotlib.figure import Figure

from fieldwalk.errors import DataError
from fieldwalk.figures import style

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
        _write(target, drawn.getvalue())


def _write(target: Path, content: bytes) -> None:
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        # The same obstacle may forbid this too; the error that is told is the first one.
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise DataError(
            f"figure {target}: cannot be written ({error.strerror or error}); free some space or choose "
            "another results folder, then run again"
        ) from error
