"""What the benchmarks print alike: the processor, and a median with its quartiles."""

import platform
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def processor() -> str:
    """Model of the processor as lscpu gives it."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    known = {key.strip(): value.strip() for key, value in pairs}
    return known.get("model name") or platform.processor() or platform.machine()


def spread(samples: NDArray[np.float64] | None, digits: int) -> str:
    """Median and quartiles as text."""
    if samples is None:
        return "-"
    low, middle, high = np.percentile(samples, [25, 50, 75])
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def verdict(what: str, samples: NDArray[np.float64], target: float, digits: int = 3, unit: str = "") -> str:
    """One line: what was measured, the target, and whether the median meets it."""
    word = "met" if np.median(samples) <= target else "MISSED"
    measured = spread(samples, digits) if samples.size > 1 else f"{samples[0]:.{digits}f}"
    return f"{what}: {measured}{unit}, target at most {target:.{digits}f}{unit}: {word}"
