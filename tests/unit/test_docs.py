"""The documentation builds, its example runs, and it leaves out no key and no variable."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tables import table

from fieldwalk.campaign.keys import effects, keys
from fieldwalk.campaign.stage_table import STAGES
from fieldwalk.io.schema import COORDINATES
from fieldwalk.particles.estimates import COEFFICIENTS
from fieldwalk.particles.task import MOMENTS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def section(text: str, heading: str) -> str:
    """What stands under a heading, down to the next one of the same or a higher level."""
    level = heading.split()[0]
    after = text.split(f"\n{heading}\n", 1)[1]
    return re.split(rf"\n#{{1,{len(level)}}} ", after, maxsplit=1)[0]


def words_in_code(text: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", text))


def python_blocks(path: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"),
            *("-d", str(tmp_path / "doctrees"), str(DOCS), str(tmp_path / "html")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "html" / "index.html").is_file()


def test_example_of_the_readme_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The example draws, evaluates, pushes, and its running coefficient begins as v^2 t/3."""
    blocks = python_blocks(ROOT / "README.md")
    assert len(blocks) == 1
    script = tmp_path / "example.py"
    script.write_text(blocks[0], encoding="utf-8")
    names = runpy.run_path(str(script))
    assert names["realisation"].field(names["start"]).shape == names["start"].shape
    ballistic = 0.1 * 0.075 * names["steps"] / 3
    # <v_z^2> of n directions scatters by sqrt(4/45 n), 1.4 per cent of 1/3 with 4096
    np.testing.assert_allclose(names["d_parallel"][0], ballistic[0], rtol=0.05)
    assert np.all(names["d_parallel"][-2:] < 0.5 * ballistic[-2:])
    assert str(names["d_parallel"][0])[:6] in capsys.readouterr().out


def test_documentation_and_readme_show_the_same_example() -> None:
    assert python_blocks(ROOT / "README.md")[0] in python_blocks(DOCS / "quickstart.md")


@pytest.mark.parametrize("name", STAGES)
def test_every_variable_is_documented(name: str) -> None:
    text = (DOCS / "outputs.md").read_text(encoding="utf-8")
    heading = next(line for line in text.splitlines() if line.startswith(f"## `{name}.nc`"))
    missing = set(table(name).variables) - words_in_code(section(text, heading))
    assert not missing, f"docs/outputs.md says nothing of {', '.join(sorted(missing))} of {name}.nc"


def test_every_coordinate_and_moment_is_documented() -> None:
    text = (DOCS / "outputs.md").read_text(encoding="utf-8")
    known = {*COORDINATES, *(one for name in STAGES for one in table(name).coordinates)}
    assert known <= words_in_code(section(text, "## Coordinates"))
    shards = next(line for line in text.splitlines() if line.startswith("## Shards"))
    assert set(MOMENTS) <= words_in_code(section(text, shards))


def test_every_stage_is_documented() -> None:
    assert set(STAGES) <= words_in_code((DOCS / "outputs.md").read_text(encoding="utf-8"))


def test_every_key_is_documented_once() -> None:
    text = section((DOCS / "campaigns.md").read_text(encoding="utf-8"), "## Keys")
    rows = re.findall(r"^\| `([\w.]+)` \|", text, re.MULTILINE)
    known = {
        f"{owner}.{key}" if owner else key for owner, entries in keys().items() for key in entries if key not in keys()
    }
    assert sorted(rows) == sorted(known)


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("### Makes new points", "physics"),
        ("### Only adds work", "statistics"),
        ("### Changes no result", "display"),
    ],
)
def test_every_key_stands_in_its_set(heading: str, name: str) -> None:
    text = section((DOCS / "campaigns.md").read_text(encoding="utf-8"), heading)
    first = text.strip().split("\n\n")[0]
    assert words_in_code(first) == {key for key, effect in effects().items() if effect.name == name}


def test_planning_table_is_that_of_the_code() -> None:
    text = section((DOCS / "theory.md").read_text(encoding="utf-8"), "## What `auto` means")
    rows = {
        cells[0]: tuple(map(float, cells[1:]))
        for cells in ([cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines())
        if cells[0] in COEFFICIENTS and len(cells) > 1
    }
    expected = {
        name: (row.parallel, row.perpendicular, row.index, row.level, row.floor) for name, row in COEFFICIENTS.items()
    }
    assert rows == expected


def test_images_of_the_pages_exist() -> None:
    for page in [ROOT / "README.md", *DOCS.glob("*.md")]:
        text = page.read_text(encoding="utf-8")
        for image in re.findall(r"(?:\]\(|src=\"|\{image\} )([^\s)\"]+\.(?:png|svg))", text):
            assert (page.parent / image).is_file(), f"{page.name} shows {image}, which does not exist"
