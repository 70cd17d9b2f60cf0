"""When to stop in good order: before the wall time by our own clock, and when a signal asks for it."""

import signal
import time
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)
"""What schedulers, launchers and people send to say that the end is near."""

EXIT_STOPPED = 75
"""Exit status of a job that stopped in good order and is to be run again (EX_TEMPFAIL of sysexits.h)."""


class Stopped(Exception):  # noqa: N818 (no error)
    """The work stopped in good order before its end; everything done so far is in the checkpoints."""


def margin_seconds(minutes: float) -> float:
    """How long before its wall time a job stops: 5 % of it, at least one and at most ten minutes, never over half."""
    return min(max(0.05 * 60 * minutes, 60.0), 600.0, 30 * minutes)


class StopRequest:
    """Whether this process should stop, and why.

    Parameters
    ----------
    minutes : float
        Wall time that a scheduler enforces, counted from now; 0 when none does. Counted by a clock that never jumps.
    """

    def __init__(self, minutes: float = 0.0) -> None:
        self._deadline = time.monotonic() + 60 * minutes - margin_seconds(minutes) if minutes else float("inf")
        self._minutes = minutes
        self._reason: str | None = None

    def listen(self) -> None:
        """Take the signals that ask to stop; only the main thread may."""
        for number in SIGNALS:
            signal.signal(number, self._on_signal)

    def ask(self, reason: str) -> None:
        """Stop at the next opportunity; the first reason counts."""
        self._reason = self._reason or reason

    @property
    def reason(self) -> str | None:
        """Why to stop, None while there is no reason."""
        if self._reason is None and time.monotonic() > self._deadline:
            self.ask(f"the wall time of {self._minutes:g} min is near")
        return self._reason

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.ask(f"signal {signal.Signals(number).name}")
