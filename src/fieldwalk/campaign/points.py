"""What a task is about: points, every ``auto`` resolved, as plain values."""

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

EXACT, MIXED = "float64", "mixed"
"""Precisions: every wave in double precision, or the fast field of single-precision sums and expansions."""


@dataclass(frozen=True)
class Point(ABC):
    """One point of a grid. Each kind of paths has a class of its own, with fields that JSON can hold."""

    kind: ClassVar[str]
    """Name of the kind of paths, a key of :data:`fieldwalk.campaign.stage_table.KINDS`."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Name for people and for the readable part of the identity: letters, digits, dots and underscores."""

    @property
    def physics(self) -> dict[str, Any]:
        """Everything that makes another point of it when it changes; the identity hashes this."""
        return {"kind": self.kind, **asdict(self)}

    @property
    def labels(self) -> dict[str, str]:
        """Coordinates and numerics as tables show them, by heading."""
        return {"point": self.name}

    @property
    def coordinates(self) -> dict[str, str | float]:
        """Coordinates by the names of the datasets' dimensions."""
        return {}


@dataclass(frozen=True)
class FieldPoint(Point):
    """Paths in a drawn field: one (mode type, η, rigidity) with its numerics.

    Parameters
    ----------
    mode_type : str
        One of ``fieldwalk.turbulence.mode_types.MODE_TYPES``.
    eta : float
        δB²/(B0² + δB²).
    rigidity : float
        r_g/L_c; 0 for field lines, which are the paths of particles without gyroradius.
    spectrum : dict
        ``shape`` and its parameters, as ``turbulence.spectrum_from_mapping`` reads them.
    slab_fraction : float or None
        Share of the power in slab waves; None unless the type is composite.
    scale_ratio : float
        L_max/L_min.
    modes : int
        Plane waves per realisation.
    step : float
        Ωh; of field lines that of τ, in L_c/B_tot.
    precision : str
        :data:`EXACT` or :data:`MIXED`, as the tolerance says.
    duration : float
        Ωt, or τ, a time of the grid 10**(j/16). No part of the identity: a longer run continues from where a shorter
        one ended.
    tolerance : float
        Largest rms error of the field relative to δB; 0 for double precision.
    """

    mode_type: str
    eta: float
    rigidity: float
    spectrum: dict[str, float | str]
    slab_fraction: float | None
    scale_ratio: float
    modes: int
    step: float
    precision: str
    duration: float
    tolerance: float = 0.0

    @property
    def name(self) -> str:
        """Such as ``isotropic_eta0.5_rg0.03``; rounded, so that close points may share it."""
        return f"{self.mode_type}_eta{self.eta:.4g}_{self.place}"

    @property
    def place(self) -> str:
        """Last part of the name: the rigidity, or what takes its place."""
        return f"rg{self.rigidity:.4g}"

    @property
    def physics(self) -> dict[str, Any]:
        """Everything but the duration. The rigidity says what kind it is, so that names are those of before kinds."""
        return {name: value for name, value in asdict(self).items() if name != "duration"}

    @property
    def size(self) -> str:
        """The rigidity for a table, or what takes its place."""
        return f"{self.rigidity:.4g}"

    @property
    def coordinates(self) -> dict[str, str | float]:
        """Mode type, eta and rigidity."""
        return {"mode_type": self.mode_type, "eta": self.eta, "rigidity": self.rigidity}

    @property
    def labels(self) -> dict[str, str]:
        """Coordinates and numerics as tables show them, by heading."""
        return {
            "mode_type": self.mode_type,
            "eta": f"{self.eta:.4g}",
            "r_g/L_c": self.size,
            "scale_ratio": f"{self.scale_ratio:.4g}",
            "modes": str(self.modes),
            "step": f"{self.step:.4g}",
            "duration": f"{self.duration:.4g}",
        }
