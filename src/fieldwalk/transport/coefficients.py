"""kappa_parallel and kappa_perpendicular at points that were not simulated, from the fits in heuristic.nc."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from fieldwalk.campaign.estimates import NEVER_PERPENDICULAR
from fieldwalk.errors import DataError, OutsideFitError
from fieldwalk.io.datasets import read_dataset
from fieldwalk.transport.coefficient_fit import CoefficientFit, uncertainty
from fieldwalk.transport.coefficient_law import TERMS, ln_value

EDGE = 1e-9
"""Distance in ln eta or ln x within which a value counts as at the edge of a range."""


@dataclass(frozen=True)
class Coefficient:
    """A diffusion coefficient per axis.

    Attributes
    ----------
    kappa : float
        In c L_c; NaN where it does not exist.
    statistical : float
        Its standard error from the covariance of the fit.
    intrinsic : float
        What the fitted law does not know: the scatter of the simulated points about it beyond their errors.
    reason : str
        Why there is none, empty when there is one.
    """

    kappa: float
    statistical: float
    intrinsic: float
    reason: str = ""

    @property
    def error(self) -> float:
        """Both errors in quadrature."""
        return float(np.hypot(self.statistical, self.intrinsic))


def coefficients(
    source: Path | str | xr.Dataset, mode_type: str, eta: float, rigidity: float, *, extrapolate: bool = False
) -> tuple[Coefficient, Coefficient]:
    """kappa_parallel and kappa_perpendicular of a kind of turbulence.

    Parameters
    ----------
    source : Path or xarray.Dataset
        ``heuristic.nc`` of a campaign.
    mode_type : str
        One that the campaign simulated.
    eta : float
        dB^2/(B0^2 + dB^2).
    rigidity : float
        r_g/L_c.
    extrapolate : bool
        Follow the fitted law beyond the eta and rigidities that were simulated. Its errors then say too little.

    Returns
    -------
    parallel, perpendicular : Coefficient
        In c L_c; lambda = 3 kappa/c. Slab and two_dimensional turbulence have no perpendicular one, and its reason says
        so.

    Raises
    ------
    OutsideFitError
        For a mode type, eta or rigidity outside what was simulated.
    DataError
        When the dataset is not one of :data:`fieldwalk.io.schema.DATASETS`'s ``heuristic``.
    """
    if not isinstance(source, xr.Dataset):
        source = read_dataset(Path(source))
    if "coefficient_numbers" not in source:
        raise DataError("the dataset holds no fitted coefficients; give heuristic.nc of a campaign")
    known = [str(one) for one in source["mode_type"].values]
    if mode_type not in known:
        raise OutsideFitError(
            f"mode_type = {mode_type!r} was not simulated, only {', '.join(known)} were; choose one of these, or add it"
            " to the campaign and run it"
        )
    if not (0 < eta < 1 and rigidity > 0):
        raise OutsideFitError(
            f"eta = {eta:g}, rigidity = {rigidity:g}: there are two coefficients only for 0 < eta < 1 and rigidity > 0;"
            " without a mean field take lambda_parallel of mean_free_paths.nc"
        )
    parallel, perpendicular = (
        _one(source, direction, mode_type, eta, rigidity, extrapolate) for direction in ("parallel", "perpendicular")
    )
    return parallel, perpendicular


def _one(
    source: xr.Dataset, direction: str, mode_type: str, eta: float, rigidity: float, extrapolate: bool
) -> Coefficient:
    if direction == "perpendicular" and mode_type in NEVER_PERPENDICULAR:
        return Coefficient(np.nan, np.nan, np.nan, f"{mode_type} turbulence has no perpendicular diffusion coefficient")
    row = source.sel(mode_type=mode_type, coefficient=direction)
    if reason := str(row["reason_coefficient"].item()):
        return Coefficient(np.nan, np.nan, np.nan, reason)
    if not extrapolate:
        levels = float(row["lowest_eta"]), float(row["highest_eta"])
        _require_within("eta", eta, levels, direction, mode_type)
        _require_within("rigidity", rigidity, _rigidities(row, eta), direction, mode_type)
    numbers = np.asarray(row["coefficient_numbers"].values, dtype=np.float64)
    there = np.isfinite(numbers)
    covariance = np.asarray(row["coefficient_covariance"].values, dtype=np.float64)[np.ix_(there, there)]
    assert numbers.size == len(TERMS)
    fit = CoefficientFit(numbers[there], covariance, float(row["coefficient_scatter"]))
    at = np.array([rigidity]), np.array([eta])
    kappa = float(np.exp(ln_value(fit.numbers, *at)[0])) / 3
    return Coefficient(kappa, kappa * float(uncertainty(fit, *at)[0]), kappa * fit.scatter)


def _rigidities(row: xr.Dataset, eta: float) -> tuple[float, float]:
    """Rigidities that were simulated at the levels on both sides of an eta: a hole in the grid is no knowledge."""
    row = row.sortby("eta").dropna("eta", subset=["lowest_rigidity"])
    levels = np.log(np.asarray(row["eta"].values, dtype=np.float64))
    below = int(np.searchsorted(levels, np.log(eta) + EDGE, side="right")) - 1
    above = int(np.searchsorted(levels, np.log(eta) - EDGE, side="left"))
    low, high = (row[f"{which}_rigidity"].values[[below, above]] for which in ("lowest", "highest"))
    return float(low.max()), float(high.min())


def _require_within(name: str, value: float, limits: tuple[float, float], direction: str, mode_type: str) -> None:
    if max(np.log(limits[0] / value), np.log(value / limits[1])) > EDGE:
        raise OutsideFitError(
            f"{name} = {value:g} lies outside what was simulated of {mode_type} turbulence for kappa_{direction},"
            f" {limits[0]:g} to {limits[1]:g}; simulate it, or take extrapolate=True and no error for granted"
        )
