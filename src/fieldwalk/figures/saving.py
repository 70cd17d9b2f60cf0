"""Write a figure as PNG and PDF, with the record of how it was made."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from fieldwalk.figures import style
from fieldwalk.io.embedded import pdf_metadata, png_metadata
from fieldwalk.io.files import written_whole
from fieldwalk.io.provenance import Attributes

# Without attributes there is no date and no version either, so the same data give the same file.
_NOTHING: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def save(figure: Figure, png: Path | str, pdf: Path | str, attributes: Attributes | None = None) -> None:
    """Save a figure as PNG (300 dots per inch) and as vector PDF with embedded fonts.

    Each file is written beside its final path and renamed, so that a killed job never leaves an incomplete figure.

    Parameters
    ----------
    figure : Figure
        Its size is kept exactly: nothing is cropped afterwards.
    png, pdf : path
        Files to write; missing folders are made.
    attributes : dict, optional
        Global attributes, written into both files (:mod:`fieldwalk.io.embedded`). The drawing consists of the same
        bytes with and without them.

    Raises
    ------
    DataError
        When a file cannot be written (disk full, no permission, a file in the place of a folder).

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     png, pdf = Path(folder) / "empty.png", Path(folder) / "empty.pdf"
    ...     save(style.figure(1.0, 1.0), png, pdf)
    ...     png.read_bytes()[1:4], pdf.read_bytes()[1:4]
    (b'PNG', b'PDF')
    """
    for kind, target in (("png", Path(png)), ("pdf", Path(pdf))):
        drawn = io.BytesIO()
        with style.applied():
            figure.savefig(drawn, format=kind, metadata=_metadata(kind, target.stem, attributes))
        with written_whole(target) as part:
            part.write_bytes(drawn.getvalue())


def _metadata(kind: str, title: str, attributes: Attributes | None) -> Mapping[str, Any]:
    if attributes is None:
        return _NOTHING[kind]
    return png_metadata(title, attributes) if kind == "png" else pdf_metadata(title, attributes)
