"""Builds the compiled kernels; everything else about the package stands in pyproject.toml."""

import platform
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

KERNELS = Path("cython_ext/fieldwalk/kernels")
HEADERS = [str(path) for path in sorted(KERNELS.glob("*.h"))]
FLAGS = ["-O3", "-std=gnu11", "-ffp-contract=fast", "-fno-math-errno"]

# One source compiled once per instruction set and chosen among at run time, so that one binary runs on unlike nodes.
INSTRUCTION_SETS = {"BASELINE": []}
if platform.machine() in ("x86_64", "AMD64"):
    INSTRUCTION_SETS["AVX2"] = ["-mavx2", "-mfma"]
    INSTRUCTION_SETS["AVX512"] = ["-mavx512f", "-mavx512dq", "-mavx512vl", "-mfma"]


class BuildKernels(build_ext):
    """Compile ``plane_waves.c`` for each instruction set and link the objects into the extension."""

    def build_extension(self, ext):
        for name, flags in INSTRUCTION_SETS.items():
            ext.extra_objects += self.compiler.compile(
                [str(KERNELS / "plane_waves.c")],
                output_dir=str(Path(self.build_temp) / name.lower()),
                macros=[(f"KERNELS_{name}", "1")],
                extra_postargs=FLAGS + flags,
                depends=HEADERS,
            )
        super().build_extension(ext)


extension = Extension(
    "fieldwalk.kernels._plane_waves",
    sources=[str(KERNELS / "_plane_waves.pyx"), str(KERNELS / "dispatch.c")],
    include_dirs=[str(KERNELS)],
    depends=[*HEADERS, str(KERNELS / "plane_waves.c")],
    extra_compile_args=["-O2"],
)

setup(
    ext_modules=cythonize([extension], build_dir="build/cython"),
    cmdclass={"build_ext": BuildKernels},
)
