"""Tables and verdicts of the fast field.

The published figures that it is compared with belong to a Zen 4 core at 3.67 GHz, on which the plain AVX-512 loop takes
1.1 ns per (evaluation x mode). They are therefore stated, and judged, as shares of what the plain loop takes here.
"""

import numpy as np
from fast_field import COMPARED, DIRECT, GROWING
from measuring import Floats, Times
from reporting import spread, verdict
from rich.table import Table

PLAIN_ZEN4_NS = 1.1
"""The plain vectorised loop on the core of the published figures, per (evaluation x mode)."""
TARGET_SINGLE = 0.30 / PLAIN_ZEN4_NS
GROWTH_ALLOWED = 1.2

Errors = dict[str, dict[str, float]]
"""Rms error of the field over dB by instruction set and case."""


def per_wave(times: Times, instruction_set: str) -> Floats:
    """Time of one wave in single precision, from the difference of two pushes that sum all at every step."""
    few, many = (times["ours", instruction_set][f"fast, {case.name}"] for case in DIRECT)
    return (many - few) / (DIRECT[1].modes - DIRECT[0].modes)


def growth(times: Times, instruction_set: str) -> Floats:
    """Cost of a particle-step at the lowest rigidity over that at the highest."""
    own = times["ours", instruction_set]
    return own[f"fast, {GROWING[-1].name}"] / own[f"fast, {GROWING[0].name}"]


def compared_table(times: Times, measured: Errors) -> Table:
    """A particle-step of the fast field, of the exact one, and of the plain loop on the same instruction set."""
    table = Table(
        title="One step of one particle in the fast field, tolerance 0.001: ns, median (quartiles)",
        caption=f"exact: every wave in double precision. Fields: {'; '.join(case.words for case in COMPARED)}.",
    )
    table.add_column("instruction set")
    table.add_column("modes", justify="right")
    for heading in ("fast", "exact", "fast / exact", "fast / plain", "rms error / dB"):
        table.add_column(heading, justify="right")
    for name in measured:
        for case in COMPARED:
            fast, exact = (times["ours", name][f"{kind}, {case.name}"] for kind in ("fast", "sum"))
            loop = times.get(("plain", name), {}).get(f"sum, {case.name}")
            table.add_row(
                name,
                f"{case.modes}",
                *(spread(fast, 1), spread(exact, 1), spread(fast / exact, 3)),
                *(spread(None if loop is None else fast / loop, 3), f"{measured[name][case.name]:.1e}"),
            )
    return table


def growth_table(times: Times, measured: Errors) -> Table:
    """Particle-steps by rigidity, and single waves."""
    table = Table(
        title="The fast field by rigidity: ns for one step of one particle, and for one wave at one position",
        caption="k_max r_g = 10, 128 waves per decade; growth: last rigidity over first; one wave: none expanded.",
    )
    table.add_column("instruction set")
    for case in GROWING:
        table.add_column(case.name, justify="right")
    for heading in ("growth", "rms error / dB", "one wave", "rms error / dB"):
        table.add_column(heading, justify="right")
    for name, error in measured.items():
        table.add_row(
            name,
            *(f"{np.median(times['ours', name][f'fast, {case.name}']):.1f}" for case in GROWING),
            spread(growth(times, name), 2),
            f"{max(error[case.name] for case in GROWING):.1e}",
            spread(per_wave(times, name), 3),
            f"{max(error[case.name] for case in DIRECT):.1e}",
        )
    return table


def verdicts(times: Times, measured: Errors, loop_per_wave: Floats) -> list[str]:
    """The targets on AVX-512, met or missed."""
    error = measured["avx512"]
    lines = [
        verdict("single precision / plain, avx512", per_wave(times, "avx512") / loop_per_wave, TARGET_SINGLE),
        verdict("  its field error / 1e-6", np.array([1e6 * max(error[case.name] for case in DIRECT)]), 2.0),
    ]
    for case in COMPARED:
        loop = times["plain", "avx512"][f"sum, {case.name}"]
        share = times["ours", "avx512"][f"fast, {case.name}"] / loop
        unit = case.modes * PLAIN_ZEN4_NS
        what = f"particle-step, {case.words} / plain"
        lines.append(f"{verdict(what, share, case.target_ns / unit)}; best public code {case.public_ns / unit:.3f}")
        lines.append(verdict("  its field error / 1e-3", np.array([1e3 * error[case.name]]), 1.0))
    name = f"growth of a particle-step from {GROWING[0].name} to {GROWING[-1].name}"
    lines.append(verdict(name, growth(times, "avx512"), GROWTH_ALLOWED))
    worst = 1e3 * max(error[case.name] for case in GROWING)
    return [*lines, verdict("  its field error / 1e-3", np.array([worst]), 1.0)]
