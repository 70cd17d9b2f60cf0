"""A new result is one folder and its name: an example is added to a copy of the project, and everything knows it.

The copy is a source tree of its own, so that every process which Snakemake starts finds the example too. The recipe of
CONTRIBUTING.md is this test in words.
"""

import filecmp
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import xarray as xr
import yaml
from children import Run, run_command
from small_campaign import ROOT, copied, jobs_of

from fieldwalk.campaign.stage_table import WINGS
from fieldwalk.cli.records.comparison import compare

pytestmark = [pytest.mark.workflow, pytest.mark.mpi, pytest.mark.xdist_group("new result")]

EXAMPLE = ROOT / "tests" / "new_result" / "random_walks"

CAMPAIGN: dict[str, Any] = {
    "name": "walks",
    "seed": 3,
    "turbulence": {"mode_types": ["isotropic"], "etas": [0.5], "scale_ratio": 10, "modes": 16},
    "random_walks": {"step_length": 0.5},
    "statistics": {"realisations": 12},
    "resources": {"ranks": 2},
}


class Tree:
    """A copy of the project, and how to run programs of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        for name in ("src", "workflow", "profiles"):
            shutil.copytree(ROOT / name, root / name, ignore=ignored)
        shutil.copy(ROOT / "Snakefile", root)

    @property
    def package(self) -> Path:
        return self.root / "src" / "fieldwalk"

    def name_wings(self, wings: tuple[str, ...]) -> None:
        """Put other names of wings into the stage table."""
        table = self.package / "campaign" / "stage_table.py"
        text, number = re.subn(r"^WINGS = \(.*?\)$", f"WINGS = {wings}", table.read_text(), flags=re.MULTILINE)
        assert number == 1
        table.write_text(text)

    def run(self, *command: str, folder: Path, status: int = 0) -> str:
        """Run a program of the copy and return what it printed."""
        done = self.start(*command, folder=folder)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def start(self, *command: str, folder: Path) -> Run:
        """Run a program of the copy, whatever comes of it."""
        return run_command(*command, folder=folder, PYTHONPATH=str(self.root / "src"))

    def campaign(self, folder: Path, **changes: Any) -> Path:
        """Run a changed campaign in a folder and return its results."""
        folder.mkdir(exist_ok=True)
        content = {key: value for key, value in {**CAMPAIGN, **changes}.items() if value is not None}
        (folder / "walks.yaml").write_text(yaml.safe_dump(content))
        self.run("fieldwalk", "run", "walks.yaml", "--cores", "2", folder=folder)
        return folder / "results" / "walks"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """A copy of the project with the example: one folder, and its name in the stage table."""
    copy = Tree(tmp_path_factory.mktemp("a copy with the example"))
    shutil.copytree(EXAMPLE, copy.package / "random_walks", ignore=shutil.ignore_patterns("__pycache__"))
    copy.name_wings((*WINGS, "random_walks"))
    return copy


@pytest.fixture(scope="module")
def results(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of its campaign, made by one command on two ranks."""
    return tree.campaign(tmp_path_factory.mktemp("results of the example") / "first")


def differing(one: filecmp.dircmp) -> Iterator[str]:
    yield from (str(Path(one.right) / name) for name in (*one.diff_files, *one.left_only, *one.right_only))
    for below in one.subdirs.values():
        yield from differing(below)


def test_nothing_else_is_touched(tree: Tree) -> None:
    changed = {
        Path(path).relative_to(tree.root).as_posix()
        for name in ("src", "workflow", "profiles")
        for path in differing(filecmp.dircmp(ROOT / name, tree.root / name, ignore=["__pycache__"]))
        if not path.endswith(".egg-info")
    }
    assert changed == {"src/fieldwalk/campaign/stage_table.py", "src/fieldwalk/random_walks"}
    assert filecmp.cmp(ROOT / "Snakefile", tree.root / "Snakefile")


def test_dataset_is_right_and_says_how_it_was_made(results: Path) -> None:
    dataset = xr.open_dataset(results / "walk_spread.nc", engine="h5netcdf")
    # <x^2> = n s^2; the mean over 12 x 8 walkers scatters by sqrt(2/96) of that: 5 sigma is one false alarm in 1e6
    final = dataset["mean_square"].sel(scenario="plain")[-1] / (64 * 0.5**2)
    assert abs(float(final) - 1) < 5 * np.sqrt(2 / 96)
    assert float(dataset["mean_square"][0, 0]) == 0.25
    drawn = xr.open_dataset(results / "turbulence.nc", engine="h5netcdf")
    assert float(dataset["correlation_length"]) == float(drawn["measured_length"].mean())
    assert {"stageIdentity", "kernel", "ranks", "shards", "command"} <= set(dataset.attrs)
    assert "random_walks:" in dataset.attrs["campaign"]


def test_rule_all_makes_dataset_figure_and_report(results: Path) -> None:
    made = {path.relative_to(results).as_posix() for path in results.rglob("*.*")}
    assert {"walk_spread.nc", "figures/walk_spread.png", "figures/walk_spread.pdf"} <= made
    assert "Random walks" in (results / "report.html").read_text()


def test_price_and_status_know_it(tree: Tree, results: Path) -> None:
    folder = results.parents[1]
    price = json.loads(tree.run("fieldwalk", "cost", "walks.yaml", "--json", folder=folder))
    assert [point["kind"] for point in price["points"]] == ["random_walks"]
    assert price["coreHours"] > 0
    status = json.loads(tree.run("fieldwalk", "status", "walks.yaml", "--json", folder=folder))
    assert status["finished"]
    assert [stage["stage"] for stage in status["stages"]] == ["particles", "turbulence", "walk_spread", "figure"]
    assert [point["point"].rsplit("_", 1)[0] for point in status["points"]] == ["walks_step0.5"]
    page = folder / "page.html"
    tree.run("fieldwalk", "status", "walks.yaml", "--html", str(page), folder=folder)
    assert "walks_step0.5" in page.read_text()
    for verb in ("plan", "validate"):
        assert "walks_step0.5" in tree.run("fieldwalk", verb, "walks.yaml", folder=folder)


@pytest.mark.parametrize("file", ["walk_spread.nc", "figures/walk_spread.png", "shard"])
def test_replay_makes_it_again(tree: Tree, results: Path, file: str) -> None:
    path = next((results / "particles").glob("*.h5")) if file == "shard" else results / file
    assert re.search(r"^equal: \d+ arrays", tree.run("fieldwalk", "replay", str(path), folder=results), re.MULTILINE)


def test_its_work_is_cited(tree: Tree, results: Path) -> None:
    assert "Pearson" in tree.run("fieldwalk", "cite", str(results / "walk_spread.nc"), folder=results)
    assert "Pearson" not in tree.run(
        "fieldwalk", "cite", str(results / "campaign.yaml").replace("walks", "none"), folder=results, status=2
    )
    assert "@article{Pearson1905" in tree.run("fieldwalk", "cite", "--bibtex", folder=results)


def test_schema_and_template_have_its_section(tree: Tree, tmp_path: Path) -> None:
    code = "from fieldwalk.campaign.schema import schema_text; print(schema_text())"
    schema = json.loads(tree.run("python", "-c", code, folder=tmp_path))
    assert set(schema["$defs"]["RandomWalks"]["properties"]) == {"step_length", "turbulence_file"}
    tree.run("fieldwalk", "new", "mine", folder=tmp_path)
    text = (tmp_path / "mine.yaml").read_text()
    assert "# random_walks:" in text and "walk_spread" in text
    wrong = {**CAMPAIGN, "random_walks": {"step_length": -1}}
    (tmp_path / "wrong.yaml").write_text(yaml.safe_dump(wrong))
    said = tree.run("fieldwalk", "validate", "wrong.yaml", folder=tmp_path, status=2)
    assert "random_walks.step_length is -1: must be greater than 0" in said


def test_bits_are_those_of_one_rank(tree: Tree, results: Path, tmp_path: Path) -> None:
    alone = tree.campaign(tmp_path / "alone", resources={"ranks": 1}, outputs=["walk_spread"])
    for path in [*(alone / "particles").glob("*.h5"), alone / "walk_spread.nc"]:
        assert compare(results / path.relative_to(alone), path).differences == []
    with h5py.File(next((alone / "particles").glob("*.h5"))) as file:
        assert file.attrs["ranks"] == 1


def test_an_edit_of_its_key_makes_it_again_and_nothing_else(tree: Tree, results: Path, tmp_path: Path) -> None:
    folder = tmp_path / "edited"
    copied(results.parents[1], folder)
    edited = {**CAMPAIGN, "random_walks": {"step_length": 0.25}}
    (folder / "walks.yaml").write_text(yaml.safe_dump(edited))
    snakefile = ("--snakefile", str(tree.root / "Snakefile"), "--configfile", "walks.yaml")
    dry_run = tree.start("snakemake", *snakefile, "--cores", "2", "--dry-run", folder=folder)
    assert jobs_of(dry_run) == Counter({"particles": 1, "walk_spread": 1, "figure_walk_spread": 1, "all": 1})


def test_a_campaign_without_turbulence_reads_the_file_that_its_key_names(
    tree: Tree, results: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "without turbulence"
    folder.mkdir()
    shutil.copy(results / "turbulence.nc", folder / "old.nc")
    plain = {"step_length": 0.5, "turbulence_file": "old.nc"}
    made = tree.campaign(folder, turbulence=None, random_walks=plain)
    assert {path.name for path in made.glob("*.nc")} == {"walk_spread.nc"}
    assert compare(results / "walk_spread.nc", made / "walk_spread.nc").differences == []
    # the content of the file counts, not its age
    (folder / "old.nc").write_bytes((results / "walk_spread.nc").read_bytes())
    said = tree.run("fieldwalk", "status", "walks.yaml", "--json", folder=folder)
    stages = {stage["stage"]: stage for stage in json.loads(said)["stages"]}
    assert stages["walk_spread"]["done"] == 0
    (folder / "old.nc").unlink()
    said = tree.run("fieldwalk", "run", "walks.yaml", folder=folder, status=2)
    assert "random_walks.turbulence_file: is old.nc: cannot be read" in said


def test_a_result_that_is_deleted_leaves_the_others_running(tmp_path: Path) -> None:
    copy = Tree(tmp_path / "a copy without the model")
    shutil.rmtree(copy.package / "heuristic")
    copy.name_wings(tuple(name for name in WINGS if name != "heuristic"))
    assert "heuristic" not in "".join(path.read_text() for path in copy.package.glob("*/rows.py"))
    small = {"rigidities": [1.0], "duration": 30}
    lines = {"scale_ratio": 20, "modes": 48, "length": 20}
    wanted = ["running", "field_lines"]
    made = copy.campaign(tmp_path / "run", random_walks=None, particles=small, field_lines=lines, outputs=wanted)
    assert {path.stem for path in made.glob("*.nc")} == set(wanted)
    assert (made / "figures" / "field_lines.png").exists()
    assert "heuristic" not in copy.run("fieldwalk", "new", "mine", folder=tmp_path)
