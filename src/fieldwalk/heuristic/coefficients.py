"""Diffusion coefficients kappa at points that were not simulated, from the fits in ``heuristic.nc``."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr
from numpy.typing import NDArray

from fieldwalk.errors import DataError, OutsideFitError
from fieldwalk.heuristic.coefficient_fit import CoefficientFit, uncertainty
from fieldwalk.heuristic.coefficient_law import TERMS, ln_value
from fieldwalk.io.datasets import read_dataset

Floats = NDArray[np.float64]

EDGE = 1e-6
"""Distance in ln eta or ln x within which a value is at the edge of a range; it allows for single precision."""


FEWEST_LEVELS = 3
"""Smallest number of levels between which the law can be evaluated, because it depends on both dB^2 and B0^2."""


@dataclass(frozen=True)
class Coefficient:
    """A diffusion coefficient per axis, at one point or at an array of points.

    Attributes
    ----------
    kappa : float or array
        In c L_c; NaN where it does not exist.
    statistical : float or array
        Its standard error from the covariance of the fit.
    intrinsic : float or array
        Error of the fitted law itself: the scatter of the simulated points about it beyond their errors.
    reason : str
        Why there is no coefficient, empty when there is one.
    """

    kappa: float | Floats
    statistical: float | Floats
    intrinsic: float | Floats
    reason: str = ""

    @property
    def error(self) -> float | Floats:
        """Both errors in quadrature."""
        return np.hypot(self.statistical, self.intrinsic)


def coefficients(
    source: Path | str | xr.Dataset,
    mode_type: str,
    eta: npt.ArrayLike,
    rigidity: npt.ArrayLike,
    *,
    extrapolate: bool = False,
) -> tuple[Coefficient, Coefficient]:
    """kappa_parallel and kappa_perpendicular of a mode type, from the law fitted to the simulations of a campaign.

    The law is that of :mod:`fieldwalk.heuristic.coefficient_law`.

    Parameters
    ----------
    source : Path or xarray.Dataset
        ``heuristic.nc`` of a campaign.
    mode_type : str
        One that the campaign simulated.
    eta : float or array_like
        dB^2/(B0^2 + dB^2).
    rigidity : float or array_like
        r_g/L_c; its shape must broadcast with that of eta.
    extrapolate : bool
        Whether to use the fitted law beyond the simulated eta and rigidities, where its errors are too small.

    Returns
    -------
    parallel, perpendicular : Coefficient
        In c L_c, of the common shape; lambda = 3 kappa/c. NaN with a reason where the campaign has no fit: slab and
        two_dimensional turbulence have no perpendicular coefficient, and a fit needs about ten converged points.

    Raises
    ------
    OutsideFitError
        For an invalid mode type, eta or rigidity, or one that was not simulated; the message gives what was simulated.
    DataError
        When the dataset holds no fitted coefficients; give ``heuristic.nc`` of a campaign.

    Examples
    --------
    >>> from fieldwalk.heuristic.dataset import empty_dataset
    >>> dataset = empty_dataset({"mode_type": ["isotropic"], "eta": [0.5], "rigidity": [0.1]}, 10.0)
    >>> law = [np.log(3.0), 0.0, 0.0, 0.0, 0.0, np.nan, np.nan, np.nan]  # lambda = 3 L_c, with a scatter of 10 per cent
    >>> dataset["coefficient_numbers"].values[...] = law + 6 * [0.0]
    >>> dataset["coefficient_covariance"].values[...] = 0.0
    >>> dataset["coefficient_scatter"].values[...] = 0.1
    >>> parallel, perpendicular = coefficients(dataset, "isotropic", 0.5, 0.1, extrapolate=True)
    >>> round(float(parallel.kappa), 6), round(float(parallel.error), 6)
    (1.0, 0.1)
    """
    dataset = source if isinstance(source, xr.Dataset) else _read(Path(source))
    if "coefficient_numbers" not in dataset:
        where = "the dataset" if isinstance(source, xr.Dataset) else str(source)
        raise DataError(f"{where}: holds no fitted coefficients; give heuristic.nc of a campaign")
    known = [str(one) for one in dataset["mode_type"].values]
    if mode_type not in known:
        raise OutsideFitError(
            f"mode_type = {mode_type!r} was not simulated, only {', '.join(known)} were; choose one of these, or add it"
            " to the campaign and run it"
        )
    points = _points(eta, rigidity)
    parallel, perpendicular = (
        _one(dataset, direction, mode_type, *points, extrapolate) for direction in ("parallel", "perpendicular")
    )
    return parallel, perpendicular


def covered_rigidities(dataset: xr.Dataset, mode_type: str, eta: float) -> tuple[float, float]:
    """Lowest and highest r_g/L_c that :func:`coefficients` accepts without extrapolation; NaN if there is no fit.

    Raises
    ------
    OutsideFitError
        For an eta that is outside the simulated levels.

    Examples
    --------
    >>> from fieldwalk.heuristic.dataset import empty_dataset
    >>> dataset = empty_dataset({"mode_type": ["isotropic"], "eta": [0.5], "rigidity": [0.1]}, 10.0)
    >>> dataset["reason_coefficient"].values[...] = "no fit"
    >>> [float(one) for one in covered_rigidities(dataset, "isotropic", 0.5)]
    [nan, nan]
    """
    lows: list[float] = []
    highs: list[float] = []
    for direction in ("parallel", "perpendicular"):
        row = dataset.sel(mode_type=mode_type, coefficient=direction)
        if not str(row["reason_coefficient"].item()):
            _require_level(row, np.asarray(eta), _of_what(mode_type, direction))
            low, high = _rigidities(row, eta)
            lows, highs = [*lows, low], [*highs, high]
    return max(lows, default=np.nan), min(highs, default=np.nan)


def _of_what(mode_type: str, direction: str) -> str:
    return f"of {mode_type} turbulence for kappa_{direction}"


def _read(path: Path) -> xr.Dataset:
    if path.is_dir():
        raise DataError(f"{path}: is a folder; give the file heuristic.nc in it")
    if not path.exists():
        raise DataError(
            f"{path}: no such dataset; a campaign with the sections particles and field_lines makes heuristic.nc: add"
            " `field_lines: {}` to one that has run and run it again"
        )
    return read_dataset(path)


def _points(eta: npt.ArrayLike, rigidity: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Eta and rigidity as arrays of one shape; raises OutsideFitError for impossible values or shapes."""
    levels, rigidities = _numbers("eta", eta), _numbers("rigidity", rigidity)
    if (levels == 1).any():
        raise OutsideFitError(
            "eta = 1: without a mean field there is one coefficient only; take lambda_parallel of mean_free_paths.nc"
        )
    for name, values, wrong, remedy in (
        ("eta", levels, ~((levels > 0) & (levels < 1)), "dB^2/(B0^2 + dB^2) is between 0 and 1"),
        ("rigidity", rigidities, ~((rigidities > 0) & np.isfinite(rigidities)), "r_g/L_c is positive and finite"),
    ):
        if wrong.any():
            raise OutsideFitError(f"{name} = {values[wrong].flat[0]:g}: {remedy}; give such a number")
    try:
        levels, rigidities = np.broadcast_arrays(levels, rigidities)
    except ValueError:
        raise OutsideFitError(
            f"eta of shape {levels.shape} and rigidity of shape {rigidities.shape} do not go together; give equal"
            " shapes, or one number for either"
        ) from None
    return levels, rigidities


def _numbers(name: str, value: npt.ArrayLike) -> Floats:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise OutsideFitError(f"{name} = {value!r}: is no number and no array of numbers; give one") from None


def _one(
    source: xr.Dataset, direction: str, mode_type: str, eta: Floats, rigidity: Floats, extrapolate: bool
) -> Coefficient:
    row = source.sel(mode_type=mode_type, coefficient=direction)
    if reason := str(row["reason_coefficient"].item()):
        nothing = np.full(eta.shape, np.nan)[()]
        return Coefficient(nothing, nothing, nothing, reason)
    if not extrapolate:
        of_what = _of_what(mode_type, direction)
        _require_level(row, eta, of_what)
        for level in np.unique(eta):
            here = f"{of_what} at eta = {level:g}"
            _require_within("rigidity", rigidity[eta == level], _rigidities(row, level), here)
    numbers = np.asarray(row["coefficient_numbers"].values, dtype=np.float64)
    there = np.isfinite(numbers)
    covariance = np.asarray(row["coefficient_covariance"].values, dtype=np.float64)[np.ix_(there, there)]
    assert numbers.size == len(TERMS)
    fit = CoefficientFit(numbers[there], covariance, float(row["coefficient_scatter"]))
    at = rigidity.ravel(), eta.ravel()
    kappa = (np.exp(ln_value(fit.numbers, *at)) / 3).reshape(eta.shape)[()]  # [()]: one point gives a number, no array
    return Coefficient(kappa, kappa * uncertainty(fit, *at).reshape(eta.shape)[()], kappa * fit.scatter)


def _require_level(row: xr.Dataset, eta: Floats, of_what: str) -> None:
    _require_within("eta", eta, (float(row["lowest_eta"]), float(row["highest_eta"])), of_what)
    levels = np.asarray(_levels(row)["eta"].values, dtype=np.float64)
    between = (np.abs(np.log(eta[..., None] / levels)) > EDGE).all(axis=-1)
    if levels.size < FEWEST_LEVELS and between.any():
        raise OutsideFitError(
            f"eta = {np.atleast_1d(eta[between]).flat[0]:g} lies between the levels simulated {of_what},"
            f" {', '.join(f'{one:g}' for one in levels)}, and two do not tell how it depends on eta; ask at one of"
            " these, simulate a third, or pass extrapolate=True"
        )


def _levels(row: xr.Dataset) -> xr.Dataset:
    """Levels with converged points, increasing."""
    return row.sortby("eta").dropna("eta", subset=["lowest_rigidity"])


def _rigidities(row: xr.Dataset, eta: float) -> tuple[float, float]:
    """Range of rigidities that were simulated at the levels on both sides of an eta."""
    row = _levels(row)
    levels = np.log(np.asarray(row["eta"].values, dtype=np.float64))
    below = int(np.searchsorted(levels, np.log(eta) + EDGE, side="right")) - 1
    above = int(np.searchsorted(levels, np.log(eta) - EDGE, side="left"))
    low, high = (row[f"{which}_rigidity"].values[[below, above]] for which in ("lowest", "highest"))
    return float(low.max()), float(high.min())


def _require_within(name: str, values: Floats, limits: tuple[float, float], of_what: str) -> None:
    outside = np.fmax(np.log(limits[0] / values), np.log(values / limits[1])) > EDGE
    if outside.any():
        raise OutsideFitError(
            f"{name} = {values[outside].flat[0]:g} lies outside what was simulated {of_what}, {limits[0]:g} to"
            f" {limits[1]:g}; simulate it, or pass extrapolate=True: the errors then say too little"
        )
