"""Files of a finished campaign say how they were made, and are made again to the same bits."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
from children import Run, run_command
from click.testing import CliRunner
from small_campaign import RESULTS, only_shard, run, shards, snakemake, write_campaign

from fieldwalk import kernels
from fieldwalk.cli.main import main
from fieldwalk.cli.records.reading import read_record
from fieldwalk.cli.replay import circumstances
from fieldwalk.io.provenance import EVERYWHERE, provenance
from fieldwalk.io.shards import open_shard_for_writing
from fieldwalk.jobs.context import kernel_attributes
from fieldwalk.particles.points import point_name

pytestmark = [pytest.mark.workflow, pytest.mark.mpi]

DATASETS = tuple(f"{name}.nc" for name in ("running", "mean_free_paths", "turbulence", "trajectories"))
FIGURES = tuple(
    f"figures/{name}.{suffix}"
    for name in ("running_eta0.5", "mean_free_paths_eta0.5", "turbulence", "trajectories")
    for suffix in ("png", "pdf")
)


def replay(file: Path, *words: str, folder: Path, **environment: str) -> Run:
    return run_command("fieldwalk", "replay", str(file), *words, folder=folder, **environment)


def alter(shard: Path) -> str:
    """Write a shard anew with one number changed; returns the name of the array."""
    with h5py.File(shard) as file:
        groups = [f"{point}/{ranges}" for point in file for ranges in file[point]]
        arrays = {group: {name: array[...] for name, array in file[group].items()} for group in groups}
        described = {group: dict(file[group].attrs) for group in groups}
        attributes = dict(file.attrs)
    arrays[groups[0]]["square_x"][1, 2] += 0.5
    rows = {group: len(arrays[group]["square_x"]) for group in groups}
    with open_shard_for_writing(shard, rows) as writer:
        for group in groups:
            for row in range(rows[group]):
                writer.write(group, row, {name: array[row] for name, array in arrays[group].items()})
            writer.describe(group, described[group])
        for name, value in attributes.items():
            writer.attributes[name] = value if isinstance(value, str) else value.item()
    return f"{groups[0]}/square_x"


@pytest.fixture
def untouched(finished: Path) -> Iterator[Path]:
    """The finished campaign, and a look whether anything in it has changed meanwhile."""

    def seen() -> dict[Path, tuple[int, int]]:
        entries = [finished, *finished.rglob("*")]
        return {path: (path.lstat().st_mtime_ns, path.lstat().st_size) for path in entries}

    before = seen()
    yield finished
    assert seen() == before


@pytest.mark.parametrize("name", [*DATASETS, *FIGURES, "mean_free_paths.csv", "shard"])
def test_every_file_carries_every_attribute(finished: Path, name: str) -> None:
    record = read_record(only_shard(finished) if name == "shard" else finished / RESULTS / name)
    assert not [attribute for attribute in EVERYWHERE if attribute not in record]
    assert record["campaign"] == (finished / RESULTS / "campaign.yaml").read_text()
    assert record["instructionSet"] == kernels.instruction_set()
    assert int(record["ranks"]) == (1 if Path(name).stem in ("turbulence", "trajectories") else 2)
    assert float(record["wallSeconds"]) > 0
    assert float(record["cpuSeconds"]) > 0


def test_the_report_says_how_it_was_made(finished: Path) -> None:
    report = (finished / RESULTS / "report.html").read_text()
    here = provenance(author=None, campaign_text="", campaign_hash="", seed=0, command="")
    for name in ("author", "softwareVersion", "gitDescribe", "machine", "softwareDependencies"):
        assert f"{name}: {here[name]}" in report
    assert "campaignHash: " in report
    assert "particles_per_realisation: 16" in report


def test_the_campaign_of_a_figure_can_be_run_again(untouched: Path, tmp_path: Path) -> None:
    figure = untouched / RESULTS / "figures/running_eta0.5.pdf"
    shown = run_command("fieldwalk", "show", str(figure), "--campaign", folder=tmp_path)
    assert shown.returncode == 0, shown.stderr
    (tmp_path / "again.yaml").write_text(shown.stdout)
    planned = run_command(
        "fieldwalk", "plan", "again.yaml", "--results", str(untouched / "results"), folder=tmp_path
    )
    assert planned.returncode == 0, planned.stderr
    assert "To compute: about 0 core-hours" in planned.stdout


@pytest.mark.parametrize("ranks", ["1", "2"])
def test_a_shard_is_made_again_to_the_same_bits(untouched: Path, tmp_path: Path, ranks: str) -> None:
    shard = only_shard(untouched)
    done = replay(shard, "--ranks", ranks, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    with h5py.File(shard) as file:
        sizes: list[int] = []
        file.visititems(lambda name, item: sizes.append(item.nbytes) if isinstance(item, h5py.Dataset) else None)
    arrays, size = (int(word.replace(",", "")) for word in done.stdout.split() if word[0].isdigit())
    assert done.stdout.startswith("equal: ")
    assert arrays >= len(sizes)
    assert size >= sum(sizes)
    assert f"on {ranks} ranks" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_shard_that_left_its_folder_is_made_again(finished: Path, tmp_path: Path) -> None:
    alone = tmp_path / "sent by mail.h5"
    shutil.copy(only_shard(finished), alone)
    done = replay(alone, "--ranks", "1", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("equal: ")


def test_a_number_that_is_not_what_comes_out_is_found(lean: Path) -> None:
    shard = only_shard(lean)
    name = alter(shard)
    done = replay(shard, folder=lean)
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("different: 1 of ")
    assert lines[1].startswith(f"  {name}: 1 of ")
    assert "the first at [1, 2]" in lines[1]
    assert lines[1].endswith("largest difference 0.5")
    assert len(lines) == 2


def test_the_instruction_set_of_the_file_is_used(lean: Path) -> None:
    slowest, fastest = kernels.instruction_sets()[0], kernels.instruction_sets()[-1]
    if slowest == fastest:
        pytest.skip("this processor has one instruction set only")
    shard = only_shard(lean)
    shard.unlink()
    made = run_command(
        *("python", "-m", "fieldwalk.stages.farm", "--results", str(RESULTS)),
        *("--batch", shard.stem, "--ranks", "1"),
        folder=lean,
        FIELDWALK_INSTRUCTION_SET=slowest,
    )
    assert made.returncode == 0, made.stderr
    assert read_record(shard)["instructionSet"] == slowest
    done = replay(shard, folder=lean, FIELDWALK_INSTRUCTION_SET=fastest)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"on 1 ranks, {slowest}" in done.stderr


def test_batches_that_go_on_and_datasets_of_earlier_runs_are_made_again(workplace: Path, tmp_path: Path) -> None:
    first = only_shard(workplace)
    shutil.copy(workplace / RESULTS / "running.nc", workplace / RESULTS / "running before.nc")
    write_campaign(
        workplace / "small.yaml", particles={"duration": 60}, statistics={"realisations": 4}, outputs=["running"]
    )
    run(workplace)
    (second,) = {*shards(workplace)} - {first}
    with h5py.File(second) as file:
        assert any(group.attrs["steps"][0] > 0 for point in file.values() for group in point.values())
    for file in (second, workplace / RESULTS / "running.nc", workplace / RESULTS / "running before.nc"):
        done = replay(file, folder=workplace)
        assert done.returncode == 0, done.stdout + done.stderr
    alone = tmp_path / second.name
    shutil.copy(second, alone)
    refused = replay(alone, folder=tmp_path)
    assert refused.returncode == 2
    assert "goes on from the states in an earlier shard" in refused.stderr


def test_what_was_extended_later_is_left_out(lean: Path) -> None:
    plan = lean / RESULTS / "plan.json"
    content = json.loads(plan.read_text())
    content["extended"] = {point_name("isotropic", 0.5, 0.3): 300.0}
    plan.write_text(json.dumps(content))
    done = replay(lean / RESULTS / "mean_free_paths.nc", folder=lean)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", [*DATASETS, "mean_free_paths.csv"])
def test_datasets_and_tables_are_made_again(untouched: Path, tmp_path: Path, name: str) -> None:
    done = replay(untouched / RESULTS / name, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("equal: ")


def test_a_figure_of_one_type_is_drawn_again_from_the_mean_free_paths(tmp_path: Path) -> None:
    # five rigidities over a decade at two levels: what such figures are drawn for
    write_campaign(
        tmp_path / "small.yaml",
        turbulence={"etas": [0.2, 0.5]},
        particles={"rigidities": [0.1, 0.2, 0.3, 0.5, 1.0], "duration": 3},
        outputs=["mean_free_paths"],
    )
    figure = RESULTS / "figures/scaling_alfvenic.png"
    made = snakemake(tmp_path, str(figure))
    assert made.returncode == 0, made.stdout + made.stderr
    done = replay(tmp_path / figure, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("equal: ")


@pytest.mark.parametrize("name", ["figures/running_eta0.5.png", "figures/mean_free_paths_eta0.5.pdf"])
def test_figures_are_drawn_again(untouched: Path, tmp_path: Path, name: str) -> None:
    done = replay(untouched / RESULTS / name, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("equal: ")


def test_a_dataset_of_other_shards_differs(workplace: Path) -> None:
    alter(only_shard(workplace))
    done = replay(workplace / RESULTS / "running.nc", folder=workplace)
    assert done.returncode == 1, done.stdout + done.stderr
    assert any(line.startswith("  mean_square_perpendicular: ") for line in done.stdout.splitlines())


def test_a_damaged_shard_is_told_and_left_where_it_is(workplace: Path) -> None:
    shard = only_shard(workplace)
    content = bytearray(shard.read_bytes())
    content[-100] ^= 1
    shard.write_bytes(content)
    for file in (shard, workplace / RESULTS / "running.nc"):
        refused = CliRunner().invoke(main, ["replay", str(file)])
        assert refused.exit_code == 2
        assert "checksum" in refused.stderr
    assert shard.read_bytes() == content
    assert [path.name for path in shard.parent.iterdir()] == [shard.name]


def test_what_is_not_there_is_told(finished: Path, tmp_path: Path) -> None:
    dataset = tmp_path / "running.nc"
    shutil.copy(finished / RESULTS / "running.nc", dataset)
    for file, *words, message in (
        (dataset, "there is no plan.json"),
        (only_shard(finished), "--mpi", "no-such-launcher", "no-such-launcher: no such program"),
        (finished / RESULTS / "plan.json", "a plan is not made again"),
        (tmp_path / "missing.nc", "no such file"),
    ):
        refused = CliRunner().invoke(main, ["replay", str(file), *map(str, words)])
        assert refused.exit_code == 2
        assert str(message) in refused.stderr


def test_what_has_changed_since_is_told() -> None:
    now = provenance(author=None, campaign_text="", campaign_hash="", seed=0, command="") | kernel_attributes()
    now["gitDescribe"] = str(now["gitDescribe"]).removesuffix("-dirty")
    same = [line for line in circumstances(now) if not line.startswith("gitDescribe was")]
    assert same == []
    (line,) = (line for line in circumstances(now | {"softwareVersion": "0.0.1"}) if "softwareVersion" in line)
    assert line.startswith("softwareVersion was 0.0.1, is ")
    moved = circumstances(now | {"gitDescribe": "1234567"})
    assert any(line.startswith("gitDescribe was 1234567, is ") for line in moved)
    assert any("uncommitted changes" in line for line in circumstances(now | {"gitDescribe": "1234567-dirty"}))
    other = str(now["softwareDependencies"]).replace(f"numpy {np.__version__}", "numpy 1.0.0")
    (line,) = (line for line in circumstances(now | {"softwareDependencies": other}) if "numpy" in line)
    assert line == f"made with numpy 1.0.0; here are numpy {np.__version__}"
    assert any("which this processor lacks" in line for line in circumstances(now | {"instructionSet": "sve9"}))
    assert any("one part each" in line for line in circumstances(now | {"instructionSet": "avx2, avx512"}))
    assert not any("sve9" in line for line in circumstances(now | {"instructionSet": "sve9", "shards": 3}))
