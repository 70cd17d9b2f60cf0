"""When a job saves its work and stops: shortly before its wall time, or when a signal asks for it."""

import signal
import time
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)
"""Signals with which schedulers, launchers and users ask a job to stop."""

EXIT_STOPPED = 75
"""Exit status of a job that saved its work, stopped and should be run again (EX_TEMPFAIL of sysexits.h)."""


class Stopped(Exception):  # noqa: N818 (no error)
    """The work stopped before its end; everything done so far is in the checkpoints."""


def margin_seconds(minutes: float) -> float:
    """Seconds before its wall time at which a job stops.

    They are 5 % of the wall time, at least one and at most ten minutes, and never more than half of it.

    Parameters
    ----------
    minutes : float
        Wall time.

    Examples
    --------
    >>> margin_seconds(60.0), margin_seconds(1.0), margin_seconds(24 * 60.0)
    (180.0, 30.0, 600.0)
    """
    return min(max(0.05 * 60 * minutes, 60.0), 600.0, 30 * minutes)


class StopRequest:
    """Whether this process should stop, and why.

    Parameters
    ----------
    minutes : float
        Wall time that a scheduler enforces, counted from now by a monotonic clock; 0 when there is no limit.
    """

    def __init__(self, minutes: float = 0.0) -> None:
        self._deadline = time.monotonic() + 60 * minutes - margin_seconds(minutes) if minutes else float("inf")
        self._minutes = minutes
        self._reason: str | None = None

    def listen(self) -> None:
        """Handle the signals that ask to stop; only the main thread may call this."""
        for number in SIGNALS:
            signal.signal(number, self._on_signal)

    def ask(self, reason: str) -> None:
        """Ask to stop at the next opportunity; only the first reason is kept."""
        self._reason = self._reason or reason

    @property
    def reason(self) -> str | None:
        """Reason to stop; None while there is none."""
        if self._reason is None and time.monotonic() > self._deadline:
            self.ask(f"the wall time of {self._minutes:g} min is near")
        return self._reason

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.ask(f"signal {signal.Signals(number).name}")
