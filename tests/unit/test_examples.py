"""Examples in docstrings run and give the numbers that they show, and no public function of the tools lacks one.

A tool is a module whose functions are useful by themselves, without a campaign: in a notebook, or to whoever adds a
result. The rule: every public function that such a module defines has an example, and so has every function that
`fieldwalk.kernels` offers.
"""

import doctest
import importlib
import inspect
import pkgutil
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import fieldwalk


def source(name: str) -> str:
    """Text of a module; empty for a compiled one."""
    spec = find_spec(name)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).read_text(encoding="utf-8") if spec.origin.endswith(".py") else ""


MODULES = [
    found.name for found in pkgutil.walk_packages(fieldwalk.__path__, "fieldwalk.") if ">>> " in source(found.name)
]
"""Every module of the package that has an example."""

TOOLS = [
    "fieldwalk.field_lines.curves",
    "fieldwalk.field_lines.diffusion",
    "fieldwalk.field_lines.theory",
    "fieldwalk.figures.saving",
    "fieldwalk.figures.selection",
    "fieldwalk.heuristic.coefficient_law",
    "fieldwalk.heuristic.coefficients",
    "fieldwalk.heuristic.decorrelation",
    "fieldwalk.heuristic.model",
    "fieldwalk.heuristic.subdiffusion",
    "fieldwalk.io.datasets",
    "fieldwalk.io.files",
    "fieldwalk.io.schema",
    "fieldwalk.io.tables",
    "fieldwalk.jobs.drawing",
    "fieldwalk.parallel.progress",
    "fieldwalk.parallel.stopping",
    "fieldwalk.parallel.streams",
    "fieldwalk.parallel.task",
    "fieldwalk.particles.curves",
    "fieldwalk.particles.durations",
    "fieldwalk.particles.estimates",
    "fieldwalk.particles.mean_free_paths",
    "fieldwalk.particles.moments",
    "fieldwalk.particles.running",
    "fieldwalk.statistics.bootstrap",
    "fieldwalk.statistics.broken_power_law",
    "fieldwalk.statistics.curve_fit",
    "fieldwalk.statistics.law_samples",
    "fieldwalk.statistics.plateau",
    "fieldwalk.turbulence.mode_types",
    "fieldwalk.turbulence.realisation",
    "fieldwalk.turbulence.schedule",
    "fieldwalk.turbulence.spectrum",
    "fieldwalk.turbulence.theory",
]

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def doctests(module: ModuleType) -> list[doctest.DocTest]:
    """Doctests of what a module defines, with NumPy at hand as `np`."""
    found = doctest.DocTestFinder(exclude_empty=True).find(module, extraglobs={"np": np})
    return [test for test in found if test.examples]


def public_functions(module: ModuleType) -> dict[str, str]:
    """Names of the functions that a module offers, and their docstrings."""
    names = getattr(module, "__all__", None)
    members = inspect.getmembers(module, inspect.isfunction)
    return {
        name: inspect.getdoc(function) or ""
        for name, function in members
        if (name in names if names is not None else function.__module__ == module.__name__) and not name.startswith("_")
    }


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_show(name: str) -> None:
    """Would catch a number, a name or a shape in a docstring that is no longer that of the code."""
    module = importlib.import_module(name)
    found = doctests(module)
    assert found, f"{name} has an example in its text that doctest does not find"
    words: list[str] = []
    for test in found:
        doctest.DocTestRunner(optionflags=FLAGS).run(test, out=words.append)
    assert not words, "".join(words)


def test_every_tool_is_on_the_api_page() -> None:
    """Would catch a tool that was moved or added, and whose examples nobody sees."""
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    missing = [name for name in TOOLS if f".. automodule:: {name}\n   :members:" not in page]
    assert not missing, f"docs/api.md does not show {', '.join(missing)}"


@pytest.mark.parametrize("name", [*TOOLS, "fieldwalk.kernels"])
def test_every_public_function_of_a_tool_has_an_example(name: str) -> None:
    """Would catch a function that is added without one, and a module in the list that is empty or was renamed."""
    functions = public_functions(importlib.import_module(name))
    assert functions
    without = [function for function, text in functions.items() if ">>> " not in text]
    assert not without, f"{name}: no example in the docstring of {', '.join(without)}"
