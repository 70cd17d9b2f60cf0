"""When a job stops by itself: before its wall time, and when a signal asks for it."""

import os
import signal
import time

import pytest

from fieldwalk.parallel.stopping import SIGNALS, StopRequest, margin_seconds


@pytest.mark.parametrize(("minutes", "margin"), [(1, 30), (5, 60), (30, 90), (60, 180), (1440, 600)])
def test_the_margin_is_a_twentieth_within_bounds(minutes: float, margin: float) -> None:
    assert margin_seconds(minutes) == margin


def test_nothing_stops_a_job_without_a_wall_time() -> None:
    assert StopRequest().reason is None


def test_the_wall_time_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    stop = StopRequest(10)
    monkeypatch.setattr(time, "monotonic", lambda: now + 8.9 * 60)
    assert stop.reason is None
    monkeypatch.setattr(time, "monotonic", lambda: now + 9.1 * 60)
    assert stop.reason == "the wall time of 10 min is near"


def test_a_clock_that_jumps_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = StopRequest(10)
    for jump in (-1e6, 1e6):
        monkeypatch.setattr(time, "time", lambda jump=jump: jump)
        assert stop.reason is None


@pytest.mark.parametrize("number", SIGNALS)
def test_signals_ask_to_stop(number: signal.Signals) -> None:
    before = {each: signal.getsignal(each) for each in SIGNALS}
    try:
        stop = StopRequest()
        stop.listen()
        os.kill(os.getpid(), number)
        assert stop.reason == f"signal {number.name}"
        stop.ask("something else")
        assert stop.reason == f"signal {number.name}", "the first reason counts"
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
