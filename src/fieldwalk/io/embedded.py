"""Attributes inside figures: as JSON in the ``Description`` of a PNG and the ``Keywords`` of a PDF.

Standard fields (author, title, software, time) are filled in too, for programs that know nothing of ours.
"""

import json
import re
from datetime import datetime
from pathlib import Path

from PIL import Image

from fieldwalk.errors import DamagedFileError, DataError
from fieldwalk.io.provenance import Attributes

DATE_FORMAT = "%Y-%m-%d %H:%M:%S %z"

# matplotlib writes the document's information uncompressed, and a string in it in parentheses with escapes
_KEYWORDS = re.compile(rb"/Keywords \(((?:\\.|[^\\)])*)\)", re.DOTALL)


def png_metadata(title: str, attributes: Attributes) -> dict[str, str]:
    """Text fields of a PNG, for ``Figure.savefig``."""
    return {
        "Title": title,
        "Author": str(attributes["author"]),
        "Software": f"{attributes['software']} {attributes['softwareVersion']}",
        "Creation Time": str(attributes["date"]),
        "Description": json.dumps(attributes),
    }


def pdf_metadata(title: str, attributes: Attributes) -> dict[str, str | datetime | None]:
    """Information of a PDF, for ``Figure.savefig``."""
    return {
        "Title": title,
        "Author": str(attributes["author"]),
        "Creator": f"{attributes['software']} {attributes['softwareVersion']}",
        "CreationDate": datetime.strptime(str(attributes["date"]), DATE_FORMAT),
        "Keywords": json.dumps(attributes),
        "Producer": None,
    }


def read_png_attributes(path: Path) -> Attributes:
    """Attributes of a PNG.

    Raises
    ------
    DataError
        When it carries none.
    DamagedFileError
        When it is no whole PNG.
    """
    try:
        with Image.open(path, formats=["PNG"]) as image:
            image.load()
            found = image.info.get("Description")
    except (OSError, SyntaxError, ValueError) as error:
        raise DamagedFileError(path, f"not a whole PNG: {error}") from error
    return _attributes(path, found)


def read_pdf_attributes(path: Path) -> Attributes:
    """Attributes of a PDF that :func:`pdf_metadata` described; raises as :func:`read_png_attributes`."""
    content = path.read_bytes()
    if not (content.startswith(b"%PDF") and content.rstrip().endswith(b"%%EOF")):
        raise DamagedFileError(path, "not a whole PDF")
    found = _KEYWORDS.search(content)
    return _attributes(path, re.sub(rb"\\(.)", rb"\1", found[1]).decode("latin-1") if found else None)


def _attributes(path: Path, text: str | None) -> Attributes:
    try:
        attributes: Attributes = dict(json.loads(text or ""))
    except (ValueError, TypeError):
        raise DataError(
            f"{path}: carries no record of its making: another program or an earlier version made it;"
            " draw it again with this version"
        ) from None
    return attributes
