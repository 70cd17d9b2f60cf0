"""One set of requirements in three files, and one version in three more."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
TOOLS = {"python", "pip", "c-compiler", "make", "git"}
"""What conda must bring and a Python package index cannot."""


def project() -> dict[str, Any]:
    return dict(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"])


def asked_for() -> dict[str, str]:
    """Bounds by name of everything in pyproject.toml, extras included."""
    table = project()
    texts = [*table["dependencies"], *(text for extra in table["optional-dependencies"].values() for text in extra)]
    return bounds(texts)


def bounds(texts: list[str]) -> dict[str, str]:
    requirements = [Requirement(text) for text in texts]
    names = [canonicalize_name(requirement.name) for requirement in requirements]
    assert len(set(names)) == len(names), "a requirement stands twice"
    return {name: str(requirement.specifier) for name, requirement in zip(names, requirements, strict=True)}


def pinned() -> dict[str, Version]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    assert all(len(pair) == 2 for pair in pairs), "every line pins one version with =="
    return {canonicalize_name(name): Version(version) for name, version in pairs}


def conda() -> tuple[list[str], list[str]]:
    """Requirements of environment.yml: those of conda, and the lines handed to pip."""
    entries = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    by_conda = [entry for entry in entries if isinstance(entry, str)]
    by_pip = [line for entry in entries if isinstance(entry, dict) for line in entry["pip"]]
    return by_conda, by_pip


def test_environment_asks_for_what_pyproject_asks_for() -> None:
    by_conda, by_pip = conda()
    packages = [line for line in by_pip if not line.startswith("-")]
    found = bounds([*by_conda, *packages])
    assert {name: bound for name, bound in found.items() if name not in TOOLS} == asked_for()


def test_environment_brings_the_tools_that_pip_cannot() -> None:
    by_conda, _ = conda()
    found = bounds(by_conda)
    assert set(found) >= TOOLS
    assert found["python"] == project()["requires-python"]


def test_environment_installs_the_package_itself() -> None:
    assert "--editable ." in conda()[1]


def test_every_requirement_is_pinned_within_its_bounds() -> None:
    versions = pinned()
    for name, bound in asked_for().items():
        assert name in versions, f"constraints.txt does not pin {name}"
        assert versions[name] in Requirement(f"{name}{bound}").specifier, f"{name}=={versions[name]} is not {bound}"


@pytest.mark.parametrize("name", ["constraints.txt", "environment.yml", "pyproject.toml"])
def test_requirements_hold_no_addresses(name: str) -> None:
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        assert not re.search(r"://|\s@\s|--(extra-)?index-url|--find-links", line), f"{name}: {line}"


def test_one_version_everywhere() -> None:
    version = project()["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    released = re.findall(r"^## \[(.+?)\] - (\S+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert citation["version"] == version
    assert released[0] == (version, str(citation["date-released"]))
    assert citation["license"] == project()["license"]
