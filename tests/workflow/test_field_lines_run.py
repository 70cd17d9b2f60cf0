"""Field lines as a user runs them: alone or beside particles, longer later, and what stands in the end."""

import shutil
from pathlib import Path

import pytest
import xarray as xr
from small_campaign import dataset, fieldwalk, run, shards, snakemake, write_campaign

from fieldwalk.errors import DataError
from fieldwalk.field_lines.figures.line_diffusion import line_diffusion
from fieldwalk.field_lines.figures.line_traces import line_traces
from fieldwalk.field_lines.figures.running import field_lines

pytestmark = [pytest.mark.workflow, pytest.mark.mpi, pytest.mark.xdist_group("field lines")]

OUTPUTS = ["running", "field_lines", "line_traces"]
LINES = {"scale_ratio": 20, "modes": 48, "length": 20}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a campaign of particles and lines, the lines made longer after a first run, which draws no figures."""
    folder = tmp_path_factory.mktemp("both")
    write_campaign(folder / "small.yaml", field_lines=LINES, outputs=OUTPUTS)
    first = snakemake(folder, "results/small/running.nc", "results/small/field_lines.nc")
    assert first.returncode == 0, first.stdout + first.stderr
    shutil.copy(folder / "results/small/field_lines.nc", folder / "shorter.nc")
    before = (folder / "results/small/running.nc").stat().st_mtime_ns
    write_campaign(folder / "small.yaml", field_lines={**LINES, "length": 40}, outputs=OUTPUTS)
    run(folder)
    assert (folder / "results/small/running.nc").stat().st_mtime_ns == before
    return folder


def test_everything_is_made(both: Path) -> None:
    made = {path.relative_to(both / "results/small").as_posix() for path in (both / "results/small").rglob("*.*")}
    assert {"field_lines.nc", "line_traces.nc", "running.nc", "report.html"} <= made
    for figure in ("field_lines", "line_diffusion", "line_traces"):
        assert {f"figures/{figure}.png", f"figures/{figure}.pdf"} <= made


def test_longer_lines_go_on_and_are_those_of_one_run(both: Path, tmp_path: Path) -> None:
    """On one rank, without particles and at once: every number is equal to rounding."""
    lines = {**LINES, "length": 40}
    write_campaign(tmp_path / "small.yaml", field_lines=lines, particles=None, outputs=["field_lines"])
    text = (tmp_path / "small.yaml").read_text().replace("particles: null\n", "")
    (tmp_path / "small.yaml").write_text(text)
    run(tmp_path, cores=1)
    ours, theirs = dataset(both, "field_lines"), dataset(tmp_path, "field_lines")
    xr.testing.assert_allclose(ours, theirs, rtol=1e-9)
    assert float(ours["length"].min()) > 39
    assert set(ours["lines"].values.ravel()) == {48.0}
    assert not (tmp_path / "results/small/running.nc").exists()
    assert "Points: 2 of 2 done" in fieldwalk(tmp_path, "status").stdout
    fieldwalk(both, "status", "--html", "page.html")
    assert "lines" in (both / "page.html").read_text()


def test_asked_for_shorter_lines_it_computes_nothing_and_reduces_to_them(both: Path, tmp_path: Path) -> None:
    """Displacements and coefficients are those of the first, shorter run."""
    shutil.copytree(both, tmp_path / "again")
    folder = tmp_path / "again"
    write_campaign(folder / "small.yaml", field_lines=LINES, outputs=["field_lines"])
    assert "0 of" in run(folder).stdout.splitlines()[0]
    now, then = dataset(folder, "field_lines"), xr.open_dataset(folder / "shorter.nc", engine="h5netcdf")
    for way in ("tau", "distance"):
        names = [f"mean_square_perpendicular_{way}", f"diffusion_coefficient_{way}_last"]
        xr.testing.assert_allclose(now[names], then[names], rtol=1e-9)


def test_figures_of_what_was_made(both: Path) -> None:
    for draw, name in ((field_lines, "field_lines"), (line_diffusion, "field_lines"), (line_traces, "line_traces")):
        assert draw(dataset(both, name)).axes
        with pytest.raises(DataError):
            draw(xr.Dataset())


def test_costs_and_plans_name_the_lines(both: Path) -> None:
    for verb in ("plan", "cost", "validate"):
        assert "lines" in fieldwalk(both, verb).stdout


def test_lines_are_reduced_while_particles_are_still_to_be_pushed(tmp_path: Path) -> None:
    """In several batches, each reduction needs the shards of its own paths alone."""
    cut = {"particles": {"duration": 300}, "resources": {"ranks": 1, "job_minutes": 0.003}}
    write_campaign(tmp_path / "small.yaml", field_lines=LINES, outputs=OUTPUTS[:2], **cut)
    done = run(tmp_path, "--", "--until", "field_lines", cores=1, status=None)
    assert dataset(tmp_path, "field_lines").attrs["shards"] == 1, done.stdout + done.stderr
    assert not (tmp_path / "results/small/running.nc").exists()
    assert len(shards(tmp_path)) == 1
