"""`fieldwalk status` of a campaign that really runs, and its page in a real browser."""

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from children import run_command
from PIL import Image
from small_campaign import LEAN, fieldwalk, running, write_campaign
from synthetic_results import add_note, add_products, add_shards, grid_campaign, write_grid_campaign

from fieldwalk.campaign import paths
from fieldwalk.parallel.job_note import own_note
from fieldwalk.particles.points import points

BROWSER = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars"),
)


def status(folder: Path) -> dict[str, Any]:
    return dict(json.loads(fieldwalk(folder, "status", "--json").stdout))


def jobs(found: dict[str, Any], stage: str) -> list[dict[str, Any]]:
    return [job for job in found["jobs"] if job["stage"] == stage]


def wait_for(folder: Path, what: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    limit = time.monotonic() + 120
    while not what(found := status(folder)):
        assert time.monotonic() < limit, found
    return found


@pytest.mark.workflow
@pytest.mark.mpi
def test_a_finished_campaign_is_done_in_every_stage(finished: Path) -> None:
    found = status(finished)
    assert found["finished"]
    assert [(stage["stage"], stage["done"]) for stage in found["stages"]] == [
        ("particles", 1), ("running", 1), ("mean_free_paths", 1), ("trajectories", 1), ("turbulence", 1), ("figure", 4),
    ]  # fmt: skip
    assert found["stages"][0]["cpu_hours_used"] > 0
    assert found["convergence_is_current"] is True
    assert len(found["points"]) == 4
    for point in found["points"]:
        assert (point["share"], point["state"]) == (1.0, "done")
        assert point["converged_parallel"] in (True, False)
    watched = fieldwalk(finished, "status", "--watch")
    assert "Everything is done." in watched.stdout


def table(folder: Path) -> list[str]:
    """Rows of the table of mean free paths, without what it says of itself."""
    lines = (folder / "results/small/mean_free_paths.csv").read_text().splitlines()
    return [line for line in lines if line[0] != "#"]


@pytest.mark.workflow
@pytest.mark.mpi
@pytest.mark.serial
def test_a_campaign_is_followed_through_a_kill_to_its_end(finished_lean: Path, tmp_path: Path) -> None:
    """SIGKILL to the whole tree while particles move: the next run needs no help, and ends with the same numbers."""
    longer = {"particles": {"duration": 100_000}, "resources": {"checkpoint_minutes": 0.01}}
    write_campaign(tmp_path / "small.yaml", **longer, outputs=LEAN)
    with running(tmp_path):
        found = wait_for(tmp_path, lambda found: any(job["share"] > 0.02 for job in jobs(found, "particles")))
        (job,) = jobs(found, "particles")
        assert (job["state"], job["host"], job["ranks"]) == ("running", os.uname().nodename, 2)
        assert psutil.pid_exists(job["pid"])
        assert found["stages"][0]["seconds_left"] > 0
    found = wait_for(tmp_path, lambda found: jobs(found, "particles")[0]["state"] == "ready")
    (killed,) = jobs(found, "particles")
    assert killed["note"] == "killed"
    assert job["share"] <= killed["share"] < 1
    assert not list(tmp_path.glob("results/small/particles/*.h5"))
    said = fieldwalk(tmp_path, "status").stdout
    assert "1 job was killed; run again to go on: fieldwalk run small.yaml" in said
    # the short campaign asks for nothing of the long one, and the job of the long one is not counted
    write_campaign(tmp_path / "small.yaml", outputs=LEAN)
    found = status(tmp_path)
    assert (found["not_planned"], jobs(found, "particles")[0]["share"]) == (1, 0.0)
    with running(tmp_path) as process:
        watched = fieldwalk(tmp_path, "status", "--watch", "0.5")
        assert process.wait(timeout=60) == 0
    assert "Everything is done." in watched.stdout
    assert status(tmp_path)["finished"]
    assert table(tmp_path) == table(finished_lean)


@pytest.fixture
def browse(tmp_path: Path) -> Callable[..., str]:
    """A function: open a page in Chromium with some options, and return what that printed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        words = "looking at the page needs Chromium: apt-get install chromium"
        (pytest.fail if os.environ.get("FIELDWALK_REQUIRE_CHROMIUM") == "1" else pytest.skip)(words)

    def run(page: Path, *options: str) -> str:
        data = tmp_path / f"browser {time.monotonic_ns()}"
        command = [program, *BROWSER, f"--user-data-dir={data}", *options, page.as_uri()]
        done = run_command(*command, folder=tmp_path, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def colours(picture: Path) -> dict[tuple[int, int, int], int]:
    """Number of pixels of each colour."""
    with Image.open(picture) as image:
        found = image.convert("RGB").getcolors(maxcolors=1 << 24)
    assert found
    return {colour: number for number, colour in found}


def near(found: dict[tuple[int, int, int], int], colour: tuple[int, int, int]) -> int:
    """Number of pixels within a few steps of a colour."""
    return sum(n for other, n in found.items() if max(abs(a - b) for a, b in zip(other, colour, strict=True)) <= 4)


def draw(folder: Path, results: Path, page: Path) -> None:
    words = ("status", "grid.yaml", "--results", str(results.parent), "--html", str(page))
    assert run_command("fieldwalk", *words, folder=folder).returncode == 0


def test_the_page_of_a_half_done_campaign_renders(tmp_path: Path, browse: Callable[..., str]) -> None:
    campaign, results, selection = write_grid_campaign(tmp_path, grid_campaign(10, 5, job_minutes=0.2))
    half = len(selection.batches) // 2
    add_shards(results, selection.batches[:half], 20.0)
    add_note(results, paths.farm_job(selection.batches[half]), "failed", message="rank 1: the disk is full")
    page = tmp_path / "page.html"
    with own_note(paths.job_note(results, paths.farm_job(selection.batches[-1])), ranks=2) as note:
        note.update(0.5, 10.0)
        draw(tmp_path, results, page)
    tree = browse(page, "--dump-dom")
    cells = tree.count('data-point="')
    assert cells == len(points(campaign)) == 150
    assert all(f'data-state="{state}"' in tree for state in ("done", "running", "ready", "failed"))
    assert "rank 1: the disk is full" in tree
    light, dark = tmp_path / "light.png", tmp_path / "dark.png"
    browse(page, f"--screenshot={light}", "--window-size=1240,1700")
    browse(page, f"--screenshot={dark}", "--window-size=1240,1700", "--blink-settings=preferredColorScheme=0")
    done_cell, pixels = 49 * 36, colours(light)
    # the colours of a point that is done, one with nothing done, and a failed one's frame
    assert near(pixels, (0x14, 0x50, 0x8F)) > 40 * done_cell
    assert near(pixels, (0xE9, 0xED, 0xF2)) > 40 * done_cell
    assert near(pixels, (0xB3, 0x26, 0x1E)) > 100
    assert near(pixels, (0xFF, 0xFF, 0xFF)) > 0.3 * 1240 * 1700
    assert near(colours(dark), (0x12, 0x16, 0x1C)) > 0.1 * 1240 * 1700


def test_the_page_marks_what_did_not_converge(tmp_path: Path, browse: Callable[..., str]) -> None:
    campaign, results, selection = write_grid_campaign(tmp_path, grid_campaign(2, 2))
    add_shards(results, selection.batches, 20.0)
    add_products(campaign, results)
    rows = ["mode_type,eta,rigidity,converged_parallel,converged_perpendicular"]
    rows += [f"{point.mode_type},{point.eta!r},{point.rigidity!r},False,True" for point in points(campaign)]
    page, picture = tmp_path / "page.html", tmp_path / "page.png"
    marked = []
    for table in (rows, [row.replace("False", "True") for row in rows]):
        paths.table(results, "mean_free_paths").write_text("\n".join(table))
        draw(tmp_path, results, page)
        browse(page, f"--screenshot={picture}", "--window-size=1240,1400")
        marked.append(near(colours(picture), (0xF5, 0xB8, 0x3D)))
    # the legend alone, or a mark of some forty pixels in each point as well
    assert 0 < marked[1] < 200
    assert marked[0] > marked[1] + 12 * 30
