"""How Sphinx builds these pages: `make docs`."""

import re
from importlib.metadata import version as version_of
from typing import Any

project = "Fieldwalk"
author = "The Fieldwalk authors"
copyright = "the Fieldwalk authors"
version = release = version_of("fieldwalk")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]

myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_google_docstring = False

html_theme = "furo"
html_title = f"Fieldwalk {release}"


def keep_bars(app: Any, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Keep |v| in docstrings a modulus: reStructuredText would look for a substitution of that name.

    Lines of examples are shown as they are.
    """
    for number, line in enumerate(lines):
        if line.lstrip().startswith((">>>", "...")):
            continue
        parts = re.split(r"(``.*?``)", line)
        lines[number] = "".join(part if part.startswith("``") else part.replace("|", r"\|") for part in parts)


def setup(app: Any) -> None:
    app.connect("autodoc-process-docstring", keep_bars)
