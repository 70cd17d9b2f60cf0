"""Logs that say which rank speaks."""

import logging
import sys
from pathlib import Path


def start_logging(path: Path | None, rank: int = 0) -> None:
    """Send log lines of this process to stderr and, when given, to a file of the job.

    Only rank 0 reports progress; other ranks speak when something is wrong. Debug lines go to the file alone.
    """
    name = f"rank {rank}" if rank else ""
    formatter = logging.Formatter(f"%(asctime)s {name}{' ' if name else ''}%(message)s", datefmt="%H:%M:%S")
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(logging.INFO)
    handlers: list[logging.Handler] = [terminal]
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(logging.FileHandler(path, mode="a", encoding="utf-8"))
    for handler in handlers:
        handler.setFormatter(formatter)
    root = logging.getLogger("fieldwalk")
    root.handlers[:] = handlers
    root.setLevel(logging.DEBUG if rank == 0 else logging.WARNING)
    root.propagate = False
