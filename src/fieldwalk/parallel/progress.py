"""Progress of a batch, and an estimate of the time left."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence

logger = logging.getLogger(__name__)


class Progress:
    """Logs the share of the predicted cost that is done and an estimate of the time left.

    Parameters
    ----------
    costs : sequence of float
        Predicted core-seconds of every task.
    earlier : mapping
        Core-seconds done in earlier starts of the batch, by the number of the task.
    interval : float
        Smallest number of seconds between two lines.
    report : callable, optional
        Called with the share whenever a line is due.
    """

    def __init__(
        self,
        costs: Sequence[float],
        earlier: Mapping[int, float] | None = None,
        *,
        interval: float = 5.0,
        report: Callable[[float], None] | None = None,
    ) -> None:
        self._costs = costs
        self._total = sum(costs)
        self._partial = dict(earlier or {})
        self._earlier = sum(self._partial.values())
        self._finished = 0.0
        self._interval = interval
        self._report = report
        self._begin = self._last = time.monotonic()

    def finish(self, number: int) -> None:
        """Count a finished task."""
        self._partial.pop(number, None)
        self._finished += self._costs[number]

    def advance(self, number: int, done: float) -> None:
        """Record how many core-seconds of a task are done."""
        self._partial[number] = done

    @property
    def share(self) -> float:
        """Share of the predicted cost that is done."""
        done = self._finished + sum(self._partial.values())
        return min(1.0, done / self._total) if self._total > 0 else 1.0

    def tell(self) -> None:
        """Report the share now."""
        if self._report:
            self._report(self.share)

    def show(self) -> None:
        """Log a line and report the share, if the interval has passed."""
        now = time.monotonic()
        if now - self._last < self._interval:
            return
        self._last = now
        self.tell()
        new = self.share - (self._earlier / self._total if self._total > 0 else 0.0)
        if new > 0:
            left = (now - self._begin) * (1 - self.share) / new
            logger.info("%3.0f %% done, about %s left", 100 * self.share, readable_time(left))


def readable_time(seconds: float) -> str:
    """Format a duration as ``12 s``, ``3 min 05 s`` or ``2 h 10 min``.

    Examples
    --------
    >>> readable_time(12.4), readable_time(185), readable_time(7800)
    ('12 s', '3 min 05 s', '2 h 10 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
