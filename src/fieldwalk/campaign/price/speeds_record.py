"""The record of how fast a machine was found to be, and the choice among several records."""

import json
import platform
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from fieldwalk.campaign.plan.task_cost import REFERENCE, Speeds
from fieldwalk.errors import DataError
from fieldwalk.io.datasets import write_text

FORMAT = "fieldwalk calibration 1"


@dataclass(frozen=True)
class Calibration:
    """What was measured on one machine.

    Attributes
    ----------
    host, processor, instruction_set : str
        The machine, its processor as the system names it, and the kernels' instruction set.
    cores, processes : int
        Cores that could be used, and processes that computed at once.
    date, version : str
        When (UTC), and by which Fieldwalk.
    speeds, fastest, slowest : Speeds
        Medians, and the quartiles of the rounds.
    largest_deviation : float
        Of a measured task from what the speeds predict, relative.
    waiting : float
        Share of the wall time in which the processes did not get their cores.
    """

    host: str
    processor: str
    instruction_set: str
    cores: int
    processes: int
    date: str
    version: str
    speeds: Speeds
    fastest: Speeds
    slowest: Speeds
    largest_deviation: float
    waiting: float
    format: str = FORMAT


@dataclass(frozen=True)
class Basis:
    """The speeds that a prediction rests on, and in words where they come from."""

    speeds: Speeds
    words: str
    calibration: Calibration | None = None


def calibration_file(results: Path, host: str) -> Path:
    """File of the calibration of a host, which serves all campaigns of a results folder."""
    return results / "calibration" / f"{re.sub(r'[^A-Za-z0-9.-]', '_', host)}.json"


def write_calibration(calibration: Calibration, results: Path) -> Path:
    """Store a calibration in place of the host's earlier one; raises DataError when it cannot be written."""
    path = calibration_file(results, calibration.host)
    write_text(json.dumps(asdict(calibration), indent=1) + "\n", path)
    return path


def find_basis(results: Path, host: str | None = None) -> Basis:
    """Speeds to predict with: this host's calibration, else the most recent one, else the reference.

    Raises
    ------
    DataError
        When a calibration cannot be read.
    """
    host = host or platform.node()
    known = [_read(path) for path in sorted(calibration_file(results, host).parent.glob("*.json"))]
    here = next((calibration for calibration in known if calibration.host == host), None)
    if chosen := here or max(known, key=lambda calibration: calibration.date, default=None):
        origin = "this host's calibration" if here else f"{host} has none, so the most recent calibration"
        return Basis(chosen.speeds, f"{origin}: {_words(chosen)}", chosen)
    return Basis(
        REFERENCE,
        f"the reference numbers of another machine, since {calibration_file(results, host).parent} holds no"
        " calibration; `--calibrate` measures this machine",
    )


def _words(calibration: Calibration) -> str:
    return (
        f"{calibration.host}, {calibration.processor}, {calibration.instruction_set}, {calibration.processes}"
        f" process(es) on {calibration.cores} core(s), {calibration.date}"
    )


def _read(path: Path) -> Calibration:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']!r}, this version reads {FORMAT!r}")
        calibration: Calibration = TypeAdapter(Calibration).validate_python(content)
        numbers = [*asdict(calibration.speeds).values()]
        if not all(0 <= number < float("inf") for number in numbers):
            raise ValueError("speeds must be finite and not negative")
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{path}: no calibration that can be read ({reason}); delete it, or calibrate again") from error
    return calibration
