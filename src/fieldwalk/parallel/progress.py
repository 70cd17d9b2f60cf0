"""How far a batch has come, and how long it will take."""

import logging
import time

logger = logging.getLogger(__name__)


class Progress:
    """Log lines with the share of predicted cost done and an estimate of the time left.

    Parameters
    ----------
    total : float
        Predicted core-seconds of all tasks.
    interval : float
        Least number of seconds between two lines.
    """

    def __init__(self, total: float, interval: float = 5.0) -> None:
        self.total = total
        self.interval = interval
        self._done = 0.0
        self._begin = self._last = time.monotonic()

    def add(self, cost: float) -> None:
        """Count a finished task."""
        self._done += cost
        self.show()

    def show(self, underway: float = 0.0) -> None:
        """Log a line when the interval has passed; ``underway`` counts work that is not finished yet."""
        now = time.monotonic()
        share = min(1.0, (self._done + underway) / self.total) if self.total > 0 else 1.0
        if now - self._last < self.interval or share <= 0:
            return
        self._last = now
        left = (now - self._begin) * (1 - share) / share
        logger.info("%3.0f %% done, about %s left", 100 * share, readable_time(left))


def readable_time(seconds: float) -> str:
    """Seconds as ``12 s``, ``3 min 05 s`` or ``2 h 10 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
