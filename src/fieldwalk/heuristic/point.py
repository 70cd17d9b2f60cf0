"""The heuristic model at one point: its fit, its comparison with the simulation, and its errors from all sources."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fieldwalk.heuristic.decorrelation import fit_reach
from fieldwalk.heuristic.model import (
    Leaving,
    at_place,
    bare_coefficient,
    decorrelation_place,
    leave_at_once,
    leave_gradually,
    limit,
    mean_square,
    model_times,
    places_of,
)
from fieldwalk.heuristic.subdiffusion import exponent, subdiffusive_window
from fieldwalk.statistics import broken_power_law
from fieldwalk.statistics.bootstrap import NO_NUMBER, Number, half_width, number
from fieldwalk.statistics.curve_fit import FLOOR, CurveFit, fit_curve

Floats = NDArray[np.float64]
Arrays = dict[str, Floats]

VARIANTS: dict[str, Leaving] = {"published": leave_at_once, "compound": leave_gradually}
"""Variants of the model: the curve of the lines that each uses (:mod:`fieldwalk.field_lines.curves`), and how particles
leave their lines."""

MODELLED_SAMPLES = 200
"""Number of bootstrap samples that are modelled, with which an error is known to 5 per cent."""

GYRATION_OVER = 10.0
"""Omega t from which particles follow their field line and no longer their first gyration."""

COMPARED_FROM = 20.0
"""Omega t from which d_perpendicular is compared; the gyration is over, and grid times are a third of a turn apart."""

LARGEST_RIGIDITY = 1.0
"""r_g in L_c from which the gyroradius exceeds the scale on which field lines bend."""

MISSES = 0.1
"""Root mean square residual beyond the noise from which a broken power law does not represent its curve."""

MISSES_SIMULATION = 0.25
"""Root mean square residual beyond the noise of the simulation from which the model does not describe it."""

NO_PLATEAU = 0.25
"""Absolute slope of a law at the end of the data above which it has no plateau; the model then relies on extrapolation.
"""

FEWEST = 8
"""Smallest number of grid times for a comparison."""

HARDLY_CONSTRAINED = 0.5
"""Relative error of the reach above which it is hardly constrained."""

OFTEN = 0.16
"""Share of samples at an edge above which a reach is a limit: one standard deviation to one side."""


@dataclass(frozen=True)
class PointModel:
    """Results of the model at one point.

    Attributes
    ----------
    modelled, modelled_error : array, shape (n_times,)
        d_perpendicular at the simulation's times, in c L_c.
    residual : array, shape (n_times,)
        simulation/model - 1 in the window of comparison, NaN elsewhere.
    noise : float
        Root mean square of the error of the simulation divided by the model in that window. The residual of a perfect
        model would be about as large; it would be smaller because the reach is fitted to the same curve and d_parallel
        is that of the same particles.
    reach : (float, float)
        a in L_c, and its error; the same for the following.
    kappa : (float, float)
        kappa_perpendicular in c L_c.
    decorrelation_time : (float, float)
        Omega t_dec.
    exponent_simulation, exponent_model : (float, float)
        Exponent alpha of <dr_perpendicular^2> ~ t^alpha in the subdiffusive window.
    window : (float, float)
        First and last Omega t of that window.
    reason : str
        Why the model is not reliable, empty when it is.
    reason_exponent : str
        Why there is no exponent, empty when there is one.
    """

    modelled: Floats
    modelled_error: Floats
    residual: Floats
    noise: float = np.nan
    reach: Number = NO_NUMBER
    kappa: Number = NO_NUMBER
    decorrelation_time: Number = NO_NUMBER
    exponent_simulation: Number = NO_NUMBER
    exponent_model: Number = NO_NUMBER
    window: Number = NO_NUMBER
    reason: str = ""
    reason_exponent: str = "no model"

    @property
    def rms(self) -> float:
        """Root mean square residual."""
        return float(np.sqrt(np.nanmean(self.residual**2))) if np.isfinite(self.residual).any() else np.nan

    @property
    def largest(self) -> float:
        """Largest absolute residual."""
        return float(np.nanmax(np.abs(self.residual))) if np.isfinite(self.residual).any() else np.nan


def fit_parallel(time: Floats, rigidity: float, best: Floats, samples: Floats) -> CurveFit:
    """Fit d_parallel from the end of the gyration on, or from the start if the ballistic part ends before that.

    Parameters are those of :func:`model_point`; the law is a function of t in L_c/c.
    """
    end = best[np.isfinite(best)][-max(3, best.size // 5) :]
    plateau = float(np.median(end)) if end.size else np.nan
    # Omega t at which t/3 meets the plateau; only a ballistic part that lasts longer than the gyration is seen after it
    begins = GYRATION_OVER if 3 * plateau / rigidity > 2 * GYRATION_OVER else 0.0
    here = time >= begins
    return fit_curve(time[here] * rigidity, best[here], samples[:, here])


def model_point(
    time: Floats, rigidity: float, best: Arrays, samples: Arrays, parallel: CurveFit, lines: CurveFit, leaving: Leaving
) -> PointModel:
    """Predict d_perpendicular, and fit the reach a to it.

    Parameters
    ----------
    time : array, shape (n_times,)
        Omega t.
    rigidity : float
        r_g in L_c.
    best, samples : dict of array, shape (n_times,) and (n_samples, n_times)
        From :func:`fieldwalk.particles.curves.quiet_curves`.
    parallel : CurveFit
        From :func:`fit_parallel`.
    lines : CurveFit
        Fit of d_line in L_c against the distance zeta along the mean field in L_c.
    leaving : callable
        One of :data:`VARIANTS`.

    Returns
    -------
    PointModel
        No data raise an error: ``reason`` says what is wrong.
    """
    nothing = np.full(time.size, np.nan)
    compared = np.flatnonzero((time >= COMPARED_FROM) & np.isfinite(best["d_perpendicular"]))
    for name, fit in laws_of(parallel, lines):
        if not fit.usable:
            return PointModel(nothing, nothing, nothing, reason=f"{name}: {fit.reason}")
    if compared.size < FEWEST:
        return PointModel(nothing, nothing, nothing, reason="too short a run to compare: raise duration")
    error = np.std(samples["d_perpendicular"], axis=0)[compared]
    # the first row is the best fit; each other row is one bootstrap sample of all inputs
    measured = np.vstack([best["d_perpendicular"], samples["d_perpendicular"][:MODELLED_SAMPLES]])[:, compared]
    laws = np.vstack([parallel.law, parallel.samples[:MODELLED_SAMPLES]])
    line_laws = np.vstack([lines.law, lines.samples[np.arange(len(laws) - 1) % len(lines.samples)]])
    weight = np.hypot(error, FLOOR * np.abs(measured[0])) ** -2
    seconds = model_times(time[0] * rigidity, time[-1] * rigidity)
    places = places_of(time * rigidity, seconds)
    bare = bare_coefficient(
        seconds, broken_power_law.value(seconds, laws), lambda zeta: broken_power_law.value(zeta, line_laws)
    )
    spread = 2 * mean_square(seconds, bare)
    reach, edge = fit_reach(bare, spread, leaving, places[compared], measured, weight)
    coefficient = leaving(bare, spread, reach)
    moment = np.exp(at_place(np.log(seconds), decorrelation_place(spread, reach)))
    modelled = coefficient[:, places]
    residual = nothing.copy()
    residual[compared] = measured[0] / modelled[0, compared] - 1
    window, why = subdiffusive_window(seconds, coefficient[0])
    inside = (time * rigidity >= window[0]) & (time * rigidity <= window[1])
    if not why and inside.sum() < 3:
        why = "the subdiffusive window holds fewer than three grid times"
    exponents = NO_NUMBER, NO_NUMBER
    if not why:
        square = np.vstack([best["mean_square_perpendicular"], samples["mean_square_perpendicular"][:MODELLED_SAMPLES]])
        model_square = mean_square(seconds, coefficient)[:, places]
        exponents = exponent(time[inside], square[:, inside]), exponent(time[inside], model_square[:, inside])
    doubts = [doubt for name, law in laws_of(parallel, lines) for doubt in doubts_of(name, law)]
    distance = number(reach)
    doubts += doubts_of_reach(edge, distance)
    noise = float(np.sqrt(np.mean((error / modelled[0, compared]) ** 2)))
    beyond = float(np.sqrt(max(0.0, np.mean(residual[compared] ** 2) - noise**2)))
    doubts += [f"misses the simulation by {100 * beyond:.0f} % rms beyond noise"] if beyond > MISSES_SIMULATION else []
    if rigidity >= LARGEST_RIGIDITY:
        doubts.insert(0, "particles with r_g >= L_c do not follow field lines")
    return PointModel(
        modelled[0],
        half_width(modelled[1:]),
        residual,
        noise,
        distance,
        number(limit(coefficient, spread, reach)),
        number(moment / rigidity),
        *exponents,
        (window[0] / rigidity, window[1] / rigidity),
        "; ".join(doubts),
        why,
    )


def laws_of(parallel: CurveFit, lines: CurveFit) -> tuple[tuple[str, CurveFit], ...]:
    """The two laws of the model with their names."""
    return ("d_parallel", parallel), ("d_line", lines)


def doubts_of(name: str, law: CurveFit) -> list[str]:
    """Why a law is not reliable as a part of the model; this does not concern the meaning of its parameters."""
    doubts = []
    if law.beyond_noise > MISSES:
        doubts.append(f"the law of {name} misses its curve by {100 * law.beyond_noise:.0f} % rms beyond noise")
    if abs(law.last_slope) > NO_PLATEAU:
        remedy = "duration" if name == "d_parallel" else "field_lines.length"
        doubts.append(f"the plateau of {name} lies outside the data: raise {remedy}")
    return doubts


def doubts_of_reach(edge: NDArray[np.int64], reach: Number) -> list[str]:
    """Why the reach a is not reliable: many samples are at an edge of the measurements, or its error is large."""
    if np.mean(edge != 0) > OFTEN:
        if np.mean(edge < 0) > np.mean(edge > 0):
            return ["d_perpendicular hardly falls: a is an upper limit"]
        return ["particles do not leave their field lines within the run: a is a lower limit; raise duration"]
    relative = reach[1] / reach[0]
    return [f"a is known to {100 * relative:.0f} % only"] if relative > HARDLY_CONSTRAINED else []
