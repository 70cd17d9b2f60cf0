"""What `fieldwalk status` finds out of a results folder, and how it says it."""

import fcntl
import json
import os
import pty
import re
import shlex
import signal
import struct
import subprocess
import sys
import termios
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml
from children import start_command
from click.testing import CliRunner, Result
from synthetic_results import add_note, add_products, add_shards, grid_campaign, write_grid_campaign

from fieldwalk.campaign import paths
from fieldwalk.campaign.loading import load_campaign
from fieldwalk.campaign.plan.selection import Selection
from fieldwalk.campaign.status.point_status import convergence
from fieldwalk.campaign.status.progress import StageStatus, Status, status_of
from fieldwalk.cli.main import main
from fieldwalk.cli.views import words
from fieldwalk.cli.views.page import panels, short_number
from fieldwalk.io.shards import HEAD_BYTES
from fieldwalk.parallel.job_note import own_note

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)

Folder = tuple[Path, Path, Selection]
"""Campaign file, results folder of the campaign, and its frozen selection."""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A campaign of twelve points in a dozen batches, planned; nothing has run."""
    return planned(tmp_path, grid_campaign(2, 2, job_minutes=0.004))


def planned(place: Path, content: dict[str, Any]) -> Folder:
    _, results, selection = write_grid_campaign(place, content)
    assert len(selection.batches) > 8
    return place / "grid.yaml", results, selection


def status(folder: Folder) -> Status:
    return status_of(load_campaign(folder[0]), folder[1])


def stages(found: Status) -> dict[str, StageStatus]:
    return {stage.stage: stage for stage in found.stages}


def states(found: Status, stage: str) -> dict[str, int]:
    """Number of jobs of a stage in each state that there is."""
    return {state: number for state, number in stages(found)[stage].jobs.items() if number}


def job(batch: str) -> str:
    return paths.farm_job(batch)


def predicted(selection: Selection, batches: list[str]) -> float:
    return sum(selection.plan.batches[name].core_seconds for name in batches)


def edit(file: Path, **sections: Any) -> None:
    content = yaml.safe_load(file.read_text())
    for name, change in sections.items():
        content[name] = {**content[name], **change} if isinstance(change, dict) else change
    file.write_text(yaml.safe_dump(content))


def command(*words: str | Path) -> Result:
    done = CliRunner().invoke(main, ["status", *map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done


def test_nothing_ran_yet(tmp_path: Path) -> None:
    file = tmp_path / "grid.yaml"
    file.write_text(yaml.safe_dump(grid_campaign(2, 2)))
    found = status_of(load_campaign(file), tmp_path / "results" / "grid")
    assert not found.begun
    assert states(found, "particles") == {"ready": found.unplanned}
    assert states(found, "running") == states(found, "mean_free_paths") == {"waiting": 1}
    assert states(found, "turbulence") == states(found, "trajectories") == {"ready": 1}
    assert states(found, "figure") == {"waiting": 6}
    assert stages(found)["particles"].core_seconds_used is None
    assert {(point.state, point.share) for point in found.points} == {("ready", 0.0)}
    said = command(file, "--results", tmp_path / "results").output
    begin = shlex.join(["fieldwalk", "run", str(file), "--results", str(tmp_path / "results")])
    assert f"Nothing ran here yet; this begins: {begin}" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["grid.yaml"]


def test_a_thousand_batches_in_every_state(tmp_path: Path) -> None:
    folder = planned(tmp_path, grid_campaign(10, 5, job_minutes=0.0056))
    _, results, selection = folder
    names = selection.batches
    assert len(names) > 950
    done, killed, stopped, failed, running = names[:600], names[600:607], names[607:612], names[612:615], names[615:617]
    add_shards(results, done, cpu_seconds=3.0)
    for batch in killed:
        add_note(results, job(batch), "running", share=0.5, cpu_seconds=1.5)
    for batch in stopped:
        add_note(results, job(batch), "stopped", share=0.25, cpu_seconds=0.75, message="signal SIGTERM")
    for batch in failed:
        add_note(results, job(batch), "failed", message="rank 1: no space")
    with ExitStack() as stack:
        for batch in running:
            stack.enter_context(own_note(paths.job_note(results, job(batch)), ranks=8)).update(0.75, 2.25)
        found = status(folder)
        said = command(folder[0], "--results", results.parent).output
    assert states(found, "particles") == {"done": 600, "running": 2, "failed": 3, "ready": len(names) - 605}
    assert (len(found.jobs_left("killed")), len(found.jobs_left("stopped"))) == (7, 5)
    particles = stages(found)["particles"]
    assert particles.ranks == 16
    assert particles.core_seconds_used == pytest.approx(600 * 3.0 + 7 * 1.5 + 5 * 0.75 + 2 * 2.25)
    kept = {batch: share for part, share in ((killed, 0.5), (stopped, 0.25), (running, 0.75)) for batch in part}
    total = predicted(selection, names)
    finished = predicted(selection, done) + sum(predicted(selection, [name]) * share for name, share in kept.items())
    expected = (total - finished) * particles.core_seconds_used / finished
    assert particles.core_seconds_left == pytest.approx(expected)
    assert particles.seconds_left == pytest.approx(expected / 16)
    assert "7 jobs were killed; run again to go on" in said
    assert "5 jobs were stopped; run again to go on" in said
    assert f"{job(running[0])}: {os.uname().nodename}, process {os.getpid()}, 8 rank(s), 75 % done, since " in said
    assert f"{job(failed[0])}: rank 1: no space\n    log: {paths.log(results, job(failed[0]))}" in said


def test_a_prediction_stands_as_it_is_until_something_is_done(folder: Folder) -> None:
    _, _, selection = folder
    particles = stages(status(folder))["particles"]
    assert particles.core_seconds_left == pytest.approx(predicted(selection, selection.batches))
    assert particles.ranks == 2
    assert stages(status(folder))["running"].core_seconds_left is None


def test_datasets_and_figures_follow_what_they_read(folder: Folder) -> None:
    file, results, selection = folder
    campaign = selection.campaign
    add_shards(results, selection.batches, 1.0)
    assert states(status(folder), "running") == {"ready": 1}
    add_products(campaign, results)
    found = status(folder)
    assert found.finished
    assert {name: stage.core_seconds_left for name, stage in stages(found).items()} == dict.fromkeys(stages(found), 0.0)
    assert "Everything is done." in command(file, "--results", results.parent).output
    with own_note(paths.job_note(results, "running"), ranks=1):  # made again although it stands
        assert states(status(folder), "running") == {"running": 1}
    os.utime(paths.figure(results, "turbulence", "pdf"), (1, 1))  # drawn before its dataset was made again
    assert states(status(folder), "figure") == {"done": 5, "ready": 1}
    paths.table(results, "mean_free_paths").unlink()
    found = status(folder)
    assert states(found, "mean_free_paths") == {"ready": 1}
    assert states(found, "figure") == {"done": 1, "ready": 1, "waiting": 4}
    add_products(campaign, results, identity="of another campaign")
    found = status(folder)
    assert states(found, "running") == states(found, "trajectories") == {"ready": 1}
    assert states(found, "figure") == {"waiting": 6}
    add_products(campaign, results)
    paths.shard(results, selection.batches[0]).unlink()
    found = status(folder)
    assert states(found, "running") == {"waiting": 1}
    assert states(found, "turbulence") == {"done": 1}


def test_the_figure_of_scaling_follows_the_mean_free_paths(tmp_path: Path) -> None:
    folder = planned(tmp_path, grid_campaign(5, 1, job_minutes=0.004))
    _, results, selection = folder
    add_shards(results, selection.batches, 1.0)
    add_products(selection.campaign, results)
    assert states(status(folder), "figure") == {"done": 5}
    os.utime(next((results / "figures").glob("scaling_*.png")), (1, 1))
    assert states(status(folder), "figure") == {"done": 4, "ready": 1}
    paths.table(results, "mean_free_paths").unlink()
    assert states(status(folder), "figure") == {"done": 2, "waiting": 3}


def test_a_running_reduction_and_a_failed_figure(folder: Folder) -> None:
    file, results, selection = folder
    add_shards(results, selection.batches, 1.0)
    add_note(results, "figure_turbulence", "failed", message="no such font")
    with own_note(paths.job_note(results, "running"), ranks=1):
        found = status(folder)
        said = command(file, "--results", results.parent).output
    assert states(found, "running") == {"running": 1}
    assert states(found, "figure") == {"failed": 1, "waiting": 5}
    assert re.search(r"^  running: \S+, process \d+, 1 rank\(s\), since ", said, re.MULTILINE)
    assert "figure_turbulence: no such font" in said


def test_what_is_wanted_is_the_campaign_as_asked_for_now(folder: Folder) -> None:
    file, results, selection = folder
    add_shards(results, selection.batches, 1.0)
    edit(file, statistics={"realisations": 80})
    found = status(folder)
    assert found.unplanned > 0
    assert states(found, "particles") == {"done": len(selection.batches), "ready": found.unplanned}
    assert all(0.75 < point.share < 0.85 for point in found.points)
    assert f"Not planned yet: {found.unplanned} batch(es)" in command(file, "--results", results.parent).output
    edit(file, statistics={"realisations": 64}, turbulence={"mode_types": ["alfvenic"]})
    found = status(folder)
    assert len(found.points) == 4
    assert states(found, "particles")["done"] < len(selection.batches)
    assert found.unplanned == 0


def test_longer_runs_wait_for_the_states_that_they_go_on_from(folder: Folder) -> None:
    file, results, selection = folder
    edit(file, particles={"max_duration": 2000})
    _, _, longer = write_grid_campaign(file.parent, yaml.safe_load(file.read_text()))
    assert longer.new
    # nothing is done, so the short batches serve, and the long ones go on from them
    found = status(folder)
    later = states(found, "particles")["waiting"]
    assert 0 < later <= len(longer.new)
    add_shards(results, selection.batches, 1.0)
    assert "waiting" not in states(status(folder), "particles")


def test_points_say_how_far_they_are(folder: Folder) -> None:
    _, results, selection = folder
    batch = selection.batches[0]
    inside = {portion.point: portion.realisations for portion in selection.plan.batches[batch].portions}
    add_note(results, job(batch), "running", share=0.5, cpu_seconds=1.0)
    points = {point.name: point for point in status(folder).points}
    assert len(points) == 12
    assert set(inside) < set(points)
    for name, point in points.items():
        first, last = inside.get(name, (0, 0))
        # every realisation of a point costs the same
        assert point.share == pytest.approx(0.5 * (last - first) / 64)
        assert point.state == "ready"
    add_note(results, job(batch), "failed")
    points = {point.name: point for point in status(folder).points}
    assert {name for name, point in points.items() if point.state == "failed"} == set(inside)
    add_shards(results, selection.batches, 1.0)
    assert {(point.share, point.state) for point in status(folder).points} == {(1.0, "done")}


def test_convergence_is_read_from_the_table(folder: Folder) -> None:
    file, results, _ = folder
    found = status(folder)
    assert found.convergence_is_current is None
    assert {point.converged_parallel for point in found.points} == {None}
    rows = ["mode_type,eta,rigidity,lambda_parallel,converged_parallel,converged_perpendicular,reason_parallel"]
    rows += [
        f'{one.point.mode_type},{one.point.eta!r},{one.point.rigidity!r},1.0,{number % 2 == 0},True,"too short, by far"'
        for number, one in enumerate(found.points[:-1])
    ]
    comments = "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: mode_type, datatype: string}\n"
    for header in ("", comments):
        paths.table(results, "mean_free_paths").write_text(header + "\n".join(rows) + "\n")
        found = status(folder)
        assert found.convergence_is_current is False
        expected = [number % 2 == 0 for number in range(len(found.points) - 1)] + [None]
        assert [point.converged_parallel for point in found.points] == expected
        assert [point.converged_perpendicular for point in found.points] == [True] * (len(expected) - 1) + [None]
    said = command(file, "--results", results.parent).output
    assert "did not converge (as last fitted, before newer work): 5 along the mean field, 0 across" in said
    paths.table(results, "mean_free_paths").write_text("some,other\n1,2\n")
    assert convergence(paths.table(results, "mean_free_paths")) is None


def test_damaged_shards_are_named(folder: Folder) -> None:
    file, results, selection = folder
    add_shards(results, selection.batches, 1.0)
    shard = paths.shard(results, selection.batches[0])
    aside = shard.with_name(f"{shard.name}.damaged")
    shard.rename(aside)
    found = status(folder)
    assert [(file.path, file.replaced) for file in found.damaged] == [(aside, False)]
    assert states(found, "particles")["ready"] == 1
    assert f"Damaged and set aside: {aside}; this computes it again" in command(
        file, "--results", results.parent
    ).output
    add_shards(results, selection.batches[:1], 1.0)
    assert [file.replaced for file in status(folder).damaged] == [True]
    shard.write_bytes(b"\0" * HEAD_BYTES)  # not set aside yet
    (failed,) = status(folder).jobs_that("failed")
    assert failed.name == job(selection.batches[0])
    assert "damaged" in failed.message


def test_jobs_that_nobody_asks_for_now_are_named(folder: Folder) -> None:
    file, results, _ = folder
    edit(file, turbulence={"mode_types": ["alfvenic"]})
    with own_note(paths.job_note(results, "particles_0123456789ab"), ranks=1):
        found = status(folder)
        said = command(file, "--results", results.parent).output
    assert [note.job for note in found.strangers] == ["particles_0123456789ab"]
    assert "Also running here, for what the campaign does not ask for now: particles_0123456789ab" in said


def test_a_campaign_without_moments_or_without_anything(tmp_path: Path) -> None:
    file = tmp_path / "grid.yaml"
    file.write_text(yaml.safe_dump(grid_campaign(2, 1) | {"outputs": ["trajectories"]}))
    found = status_of(load_campaign(file), tmp_path / "results" / "grid")
    assert list(stages(found)) == ["trajectories", "figure"]
    assert found.points == ()
    command(file, "--results", tmp_path / "results", "--html", tmp_path / "page.html")


def test_another_seed_is_refused(folder: Folder) -> None:
    edit(folder[0], seed=6)
    done = CliRunner().invoke(main, ["status", str(folder[0]), "--results", str(folder[1].parent)])
    assert done.exit_code == 2
    assert "seed 5" in done.stderr


def test_json_has_everything_under_names_that_stay(folder: Folder) -> None:
    file, results, selection = folder
    add_shards(results, selection.batches[:4], 3600.0)
    add_note(results, job(selection.batches[4]), "failed", message="lost", ranks=3)
    record = json.loads(command(file, "--results", results.parent, "--json").stdout)
    documented = (Path(__file__).resolve().parents[2] / "docs" / "status.md").read_text(encoding="utf-8")
    inner = [record["stages"][0], record["points"][0], record["jobs"][0]]
    for key in {*record, *(key for part in inner for key in part)}:
        assert f"`{key}`" in documented, key
    assert record["format"] == "fieldwalk status 1"
    assert (record["campaign"], record["folder"], record["begun"]) == ("grid", str(results), True)
    particles = record["stages"][0]
    assert (particles["stage"], particles["done"], particles["failed"]) == ("particles", 4, 1)
    assert particles["cpu_hours_used"] == pytest.approx(4.0)
    until = datetime.fromisoformat(particles["done_by"]) - datetime.fromisoformat(record["made"])
    assert until.total_seconds() == pytest.approx(particles["seconds_left"], abs=2)
    assert len(record["points"]) == 12
    (lost,) = [one for one in record["jobs"] if one["state"] == "failed"]
    assert (lost["message"], lost["ranks"]) == ("lost", 3)
    assert lost["log"] == str(paths.log(results, job(selection.batches[4])))


def test_nothing_is_written_into_the_results(folder: Folder, tmp_path: Path) -> None:
    file, results, selection = folder
    add_shards(results, selection.batches[:3], 1.0)
    add_products(selection.campaign, results)
    add_note(results, job(selection.batches[4]), "running")
    everything = [results, *results.rglob("*")]
    for path in everything:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = [(path, path.stat().st_mtime_ns, path.stat().st_ino) for path in everything]
    command(file, "--results", results.parent, "--html", tmp_path / "page.html")
    command(file, "--results", results.parent, "--json")
    assert [(path, path.stat().st_mtime_ns, path.stat().st_ino) for path in [results, *results.rglob("*")]] == before
    for path in everything:
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_heavy_libraries_are_not_loaded(folder: Folder) -> None:
    """A status that takes seconds to start is not looked at."""
    file, results, selection = folder
    add_shards(results, selection.batches, 1.0)
    add_products(selection.campaign, results)
    code = (
        "import sys; from fieldwalk.cli.main import main\n"
        f"main(['status', {str(file)!r}, '--results', {str(results.parent)!r}], standalone_mode=False)\n"
        "heavy = ('snakemake', 'xarray', 'matplotlib', 'mpi4py', 'pandas', 'astropy', 'jinja2')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Everything is done." in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def watching(folder: Folder, **options: Any) -> psutil.Popen:
    words = ("status", str(folder[0]), "--results", str(folder[1].parent), "--watch", "0.1")
    return start_command("fieldwalk", *words, stderr=subprocess.PIPE, text=True, **options)


def finish(folder: Folder) -> None:
    add_shards(folder[1], folder[2].batches, 1.0)
    add_products(folder[2].campaign, folder[1])


@pytest.mark.serial
def test_watching_through_a_pipe_ends_by_itself(folder: Folder) -> None:
    with watching(folder, stdout=subprocess.PIPE) as process:
        assert process.stdout
        rows = (line.split()[:2] for line in process.stdout if line.startswith("particles "))
        assert [next(rows), next(rows)] == [["particles", "0"]] * 2
        finish(folder)
        said = process.communicate(timeout=30)[0]
    assert process.returncode == 0
    assert "Everything is done." in said


@pytest.mark.serial
def test_watching_is_left_by_an_interrupt(folder: Folder) -> None:
    with watching(folder, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=30)
    assert (process.returncode, complaint) == (0, "")


@pytest.mark.serial
def test_watching_in_a_terminal_of_eighty_columns(folder: Folder) -> None:
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 80, 0, 0))
    plain = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    with watching(folder, stdout=follower, env=plain | {"TERM": "xterm"}) as process:
        os.close(follower)
        said = os.read(leader, 65536).decode()
        finish(folder)
        while process.poll() is None or "Everything is done." not in said:
            try:
                said += os.read(leader, 65536).decode(errors="replace")
            except OSError:  # the other end has closed
                break
    os.close(leader)
    assert process.returncode == 0
    assert "Everything is done." in said
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said).splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.split()[:2] == ["particles", str(len(folder[2].batches))] for line in lines)
    assert not any("…" in line for line in lines)


def test_options_that_make_no_sense_are_refused(folder: Folder) -> None:
    file = str(folder[0])
    for given, remedy in ((["--watch", file], "the campaign first"), ([file, "--watch", "--json"], "one of the two")):
        done = CliRunner().invoke(main, ["status", *given])
        assert done.exit_code == 2
        assert remedy in done.stderr


def test_the_page_holds_every_point_and_nothing_from_elsewhere(folder: Folder, tmp_path: Path) -> None:
    file, results, selection = folder
    add_note(results, job(selection.batches[0]), "failed", message="<script>alert(1)</script>")
    with own_note(paths.job_note(results, job(selection.batches[1])), ranks=2):
        command(file, "--results", results.parent, "--html", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert set(re.findall(r'data-point="([^"]+)"', page)) == {point.name for point in status(folder).points}
    assert re.findall(r'data-mode-type="(\w+)"', page) == list(selection.campaign.turbulence.mode_types)
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r"<script|<link|<iframe|@import|url\(|(?:src|href)=\"(?!#)", page)
    assert job(selection.batches[1]) in page


@pytest.mark.parametrize(("rigidities", "pieces"), [(1, [1]), (28, [28]), (29, [15, 14]), (100, [25] * 4)])
def test_a_long_axis_is_folded(tmp_path: Path, rigidities: int, pieces: list[int]) -> None:
    file = tmp_path / "grid.yaml"
    content = grid_campaign(max(2, rigidities), 3)
    content["particles"]["rigidities"] = content["particles"]["rigidities"][:rigidities][::-1]
    file.write_text(yaml.safe_dump(content))
    found = status_of(load_campaign(file), tmp_path / "results" / "grid")
    folded = dict(panels(found.points))
    assert list(folded) == content["turbulence"]["mode_types"]
    for strips in folded.values():
        assert [len(strip.rigidities) for strip in strips] == pieces
        assert [value for strip in strips for value in strip.rigidities] == content["particles"]["rigidities"][::-1]
        for strip in strips:
            assert [eta for eta, _ in strip.rows] == content["turbulence"]["etas"][::-1]
            assert sum(decade.columns for decade in strip.decades) == len(strip.rigidities)
            places = [(cell.status.point.eta, cell.status.point.rigidity) for _, cells in strip.rows for cell in cells]
            assert places == [(eta, rigidity) for eta, _ in strip.rows for rigidity in strip.rigidities]


def test_decades_begin_at_powers_of_ten(tmp_path: Path) -> None:
    file = tmp_path / "grid.yaml"
    content = grid_campaign(2, 2)
    content["particles"]["rigidities"] = [0.001, 0.00999, 0.01, 0.5, 1.0, 10.0]
    file.write_text(yaml.safe_dump(content))
    _, (strip,) = next(panels(status_of(load_campaign(file), tmp_path / "results" / "grid").points))
    decades = [(decade.exponent, decade.columns) for decade in strip.decades]
    assert decades == [(-3, 2), (-2, 1), (-1, 1), (0, 1), (1, 1)]


def test_words() -> None:
    assert [words.hours(value) for value in (None, 0.0, 1.0, 3600.0, 3.6e4, 3.6e5, 4.3e7)] == (
        ["-", "0", "<0.01", "1.00", "10.0", "100", "11,944"]
    )
    spans = [words.span(value) for value in (4.4, 125, 3599, 3600 * 9.5, 3600 * 36, 86400 * 5)]
    assert spans == ["4 s", "2 min 05 s", "60 min", "9 h 30 min", "36 h", "5 days"]
    assert max(map(len, spans)) <= 10
    later = [NOW + timedelta(hours=hours) for hours in (1, 20, 24 * 300)]
    assert [words.local_time(then, NOW) for then in later] == ["18:00", "21 Nov 13:00", "2027-09-16"]
    assert words.percent(0.99999) == 99
    assert [short_number(value) for value in (10.0, 0.00278, 0.000278, 1e-5)] == ["10", "0.00278", "2.8e-4", "1e-05"]
