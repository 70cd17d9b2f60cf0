"""Attributes inside figures: JSON in the ``Description`` of a PNG and in the ``Keywords`` of a PDF.

The standard fields (author, title, software, time) are filled in as well, for other programs.
"""

import json
import re
from datetime import datetime
from pathlib import Path

from PIL import Image

from fieldwalk.errors import DamagedFileError, DataError
from fieldwalk.io.provenance import Attributes

DATE_FORMAT = "%Y-%m-%d %H:%M:%S %z"

# matplotlib writes the document information uncompressed, with strings in parentheses and with escapes
_KEYWORDS = re.compile(rb"/Keywords \(((?:\\.|[^\\)])*)\)", re.DOTALL)


def png_metadata(title: str, attributes: Attributes) -> dict[str, str]:
    """Text fields of a PNG, for the argument ``metadata`` of ``Figure.savefig``."""
    return {
        "Title": title,
        "Author": str(attributes["author"]),
        "Software": f"{attributes['software']} {attributes['softwareVersion']}",
        "Creation Time": str(attributes["date"]),
        "Description": json.dumps(attributes),
    }


def pdf_metadata(title: str, attributes: Attributes) -> dict[str, str | datetime | None]:
    """Document information of a PDF, for the argument ``metadata`` of ``Figure.savefig``."""
    return {
        "Title": title,
        "Author": str(attributes["author"]),
        "Creator": f"{attributes['software']} {attributes['softwareVersion']}",
        "CreationDate": datetime.strptime(str(attributes["date"]), DATE_FORMAT),
        "Keywords": json.dumps(attributes),
        "Producer": None,
    }


def read_png_attributes(path: Path) -> Attributes:
    """Read the attributes that a PNG contains.

    Raises
    ------
    DataError
        When it contains none; draw the figure again with this version.
    DamagedFileError
        When the file is not a complete PNG.
    """
    try:
        with Image.open(path, formats=["PNG"]) as image:
            image.load()
            found = image.info.get("Description")
    except (OSError, SyntaxError, ValueError) as error:
        raise DamagedFileError(path, f"not a whole PNG: {error}") from error
    return _attributes(path, found)


def read_pdf_attributes(path: Path) -> Attributes:
    """Read the attributes that a PDF contains; raises as :func:`read_png_attributes` does."""
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
