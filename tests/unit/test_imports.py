"""The house stands: imports go one way, floor by floor, and no module grows too long."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldwalk.campaign.stage_table import WINGS

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "fieldwalk"
MODULES = sorted(SOURCES.rglob("*.py"))
COMPILED = sorted((ROOT / "cython_ext").rglob("*.pyx"))

BELOW: dict[str, tuple[str, ...]] = {
    "errors": (),
    "io": ("errors",),
    "kernels": ("errors",),
    "turbulence": ("errors", "kernels"),
    "parallel": ("errors", "io"),
    "statistics": ("errors", "parallel.streams"),
    "figures": ("errors", "io"),
    "campaign": ("errors", "io", "turbulence", "parallel"),
    "jobs": ("errors", "io", "kernels", "turbulence", "parallel", "campaign"),
}
"""What each package may import besides itself: packages of floors below, or single modules of them."""

OTHER_WINGS: dict[str, tuple[str, ...]] = {"heuristic": ("particles", "field_lines")}
"""The wings that a wing may import; all others stand alone."""

BELOW |= {wing: (*BELOW, *OTHER_WINGS.get(wing, ())) for wing in WINGS}
BELOW["stages"] = (*BELOW["jobs"], "jobs", "figures")
"""Like ``campaign`` and ``jobs``, it knows the wings by the references in their rows alone."""
BELOW["cli"] = (*(name for name in BELOW if name != "cli"),)

LONGEST = 250


def package_of(path: Path) -> str:
    """First name below ``fieldwalk``, empty for the package itself."""
    name = path.relative_to(SOURCES).parts[0].removesuffix(".py")
    return "" if name == "__init__" else name


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that a module imports, at any depth, for types or not."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: write the full name of what is imported"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def ours(path: Path) -> Iterator[tuple[int, str]]:
    for line, name in imported(path):
        if name.startswith("fieldwalk."):
            yield line, name


def name_of(path: Path) -> str:
    parts = ("fieldwalk", *path.relative_to(SOURCES).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_there_are_sources_and_every_package_has_its_floor() -> None:
    assert MODULES
    assert {package_of(path) for path in MODULES} - {""} == set(BELOW)


def test_wings_lean_on_wings_that_stand_before_them() -> None:
    """The order of the stage table is also that of the floors: no circle of wings can be declared."""
    for wing, others in OTHER_WINGS.items():
        assert {WINGS.index(other) < WINGS.index(wing) for other in others} == {True}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_one_way(path: Path) -> None:
    here = package_of(path)
    allowed = [f"fieldwalk.{name}." for name in ((here, *BELOW[here]) if here else ())]
    wrong = [
        f"{path}:{line}: {here} must not import {name}"
        for line, name in ours(path)
        if not f"{name}.".startswith(tuple(allowed))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_command_line_knows_snakemake(path: Path) -> None:
    if package_of(path) != "cli":
        assert not [name for _, name in imported(path) if name.split(".")[0] == "snakemake"]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_one_idea_and_not_long(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST, f"{path} has {lines} lines: two ideas make two modules"


def test_no_two_modules_import_each_other() -> None:
    compiled = {".".join(path.relative_to(ROOT / "cython_ext").with_suffix("").parts) for path in COMPILED}
    known = {name_of(path) for path in MODULES} | compiled
    graph = {name_of(path): {_module(name, known) for _, name in ours(path)} - {name_of(path)} for path in MODULES}
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, "a circle of imports: " + " -> ".join((*way[way.index(module) :], module))
        if module not in done:
            for below in sorted(graph.get(module, ())):
                visit(below, (*way, module))
            done.add(module)

    for module in sorted(graph):
        visit(module, ())


def test_stages_compute_in_one_thread_from_before_numpy_is_loaded() -> None:
    """Bits of matrix products depend on the number of threads; NumPy's library reads it when it is loaded."""
    words = (
        "import os, sys, fieldwalk.stages as stages; assert 'numpy' not in sys.modules;"
        " print({os.environ[name] for name in stages.ONE_THREAD})"
    )
    threads = {**os.environ, "OMP_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", words], env=threads, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{'1'}"


def _module(name: str, known: set[str]) -> str:
    """The module that holds an imported name."""
    while name not in known and "." in name:
        name = name.rpartition(".")[0]
    return name
