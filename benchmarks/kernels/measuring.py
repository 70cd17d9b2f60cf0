"""Timing many variants of the same work against each other."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Samples = dict[str, Floats]
"""Nanoseconds of every round, per unit of work, by name of the measurement."""
Times = dict[tuple[str, str], Samples]
"""Samples by code (ours, plain) and instruction set."""


@dataclass(frozen=True)
class Measurement:
    """A call, and how many units of work are in it."""

    call: Callable[[], object]
    units: int


def measure(variants: Mapping[tuple[str, str], Mapping[str, Measurement]], rounds: int) -> Times:
    """Run every measurement of every variant once per round, so that what else the machine does falls on all alike.

    Measurements of one name follow each other within a round, for a ratio needs the same clock on both sides.
    """
    times = {key: {name: np.empty(rounds) for name in value} for key, value in variants.items()}
    names = dict.fromkeys(name for value in variants.values() for name in value)
    for number in range(rounds):
        for name in names:
            for key, measurements in variants.items():
                if name in measurements:
                    begin = time.thread_time_ns()
                    measurements[name].call()
                    spent = time.thread_time_ns() - begin
                    times[key][name][number] = spent / measurements[name].units
    return times
