"""The plain C loop of plain_loop.c: compiled for each instruction set, and called through ctypes."""

import ctypes
import os
import shlex
import shutil
import subprocess
import sysconfig
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SOURCE = Path(__file__).with_name("plain_loop.c")
COMMON_FLAGS = ["-std=gnu11", "-shared", "-fPIC", "-O3"]

VECTOR_FLAGS = {
    "baseline": [],
    "avx2": ["-mavx2", "-mfma"],
    "avx512": ["-mavx512f", "-mavx512dq", "-mavx512vl", "-mfma"],
}
"""The flags with which setup.py compiles the kernels for each instruction set."""

LIBMVEC_COSINE = {"baseline": b"_ZGVbN2v_cos", "avx2": b"_ZGVdN4v_cos", "avx512": b"_ZGVeN8v_cos"}
"""Names by which a compiled plain loop asks for the vector cosine of its width."""

Floats = NDArray[np.float64]


class _Waves(ctypes.Structure):
    """The struct of plain_loop.c."""

    _fields_ = [("n", ctypes.c_long)] + [
        (name, ctypes.c_void_p) for name in ("kx", "ky", "kz", "phase", "ax", "ay", "az")
    ]


class PlainWaves:
    """A table of waves in the layout that suits the plain loop: column by column, in radians."""

    def __init__(self, waves: Floats) -> None:
        in_radians = waves * np.array([2 * np.pi] * 4 + [1.0] * 3)
        self._columns = np.ascontiguousarray(in_radians.T)
        self.struct = _Waves(waves.shape[0], *(_address(column) for column in self._columns))


def field(
    library: ctypes.CDLL, function: str, waves: PlainWaves, mean_field: float, position: Floats, out: Floats
) -> None:
    """Fill ``out`` (3, n) with the field at ``position`` (3, n), n a multiple of 16."""
    getattr(library, function)(
        ctypes.byref(waves.struct),
        ctypes.c_double(mean_field),
        ctypes.c_long(position.shape[1]),
        _address(position),
        _address(out),
    )


def push(
    library: ctypes.CDLL,
    waves: PlainWaves,
    mean_field: float,
    rigidity: float,
    step: float,
    n_steps: int,
    position: Floats,
    velocity: Floats,
) -> None:
    """Push ``position`` and ``velocity`` (3, n) in place, n a multiple of 16."""
    library.push(
        ctypes.byref(waves.struct),
        *(ctypes.c_double(number) for number in (mean_field, rigidity, step)),
        ctypes.c_long(n_steps),
        ctypes.c_long(position.shape[1]),
        _address(position),
        _address(velocity),
    )


def compiled(folder: Path, names: Iterable[str], say: Callable[[str], None]) -> Mapping[str, ctypes.CDLL]:
    """Compile the loop for each instruction set, vectorised, and once without vectors as ``scalar``.

    Parameters
    ----------
    folder : Path
        For the libraries.
    names : iterable of str
        Instruction sets that this processor can run.
    say : callable
        Told which compiler is used, and in words whatever is missing.
    """
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    if shutil.which(compiler[0]) is None:
        say(f"missing: no C compiler {compiler[0]!r}, so no plain loop and no ratio; install gcc or set CC")
        return {}
    version = subprocess.run([compiler[0], "--version"], capture_output=True, text=True, check=False)
    say(f"compiler {version.stdout.splitlines()[0] if version.stdout else compiler[0]}")
    wanted = {name: ["-ffast-math", *VECTOR_FLAGS[name]] for name in names}
    libraries = {}
    for name, flags in {**wanted, "scalar": []}.items():
        compiled, target = folder / f"{name}.o", folder / f"{name}.so"
        # linked without -ffast-math: with it, the library would round subnormal numbers of the whole process to zero
        for step in ([*flags, "-c", str(SOURCE), "-o", str(compiled)], [str(compiled), "-o", str(target), "-lm"]):
            command = [*compiler, *COMMON_FLAGS, *step]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                break
        if done.returncode:
            complaint = (done.stderr.strip().splitlines() or ["it says nothing"])[0]
            say(f"missing: plain loop, {name}: {compiler[0]} cannot compile it ({complaint})")
        elif name in LIBMVEC_COSINE and LIBMVEC_COSINE[name] not in target.read_bytes():
            say(f"missing: plain loop, {name}: not vectorised (that takes gcc and glibc's libmvec)")
        else:
            libraries[name] = ctypes.CDLL(str(target))
    return libraries


def _address(array: Floats) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
