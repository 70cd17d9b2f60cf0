"""The heuristic model at one point: fitted, compared with the simulation, with errors from every source."""

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
"""Variants of the model: which curve of the lines they read (:mod:`fieldwalk.field_lines.curves`), and how particles
leave their lines."""

MODELLED_SAMPLES = 200
"""Bootstrap samples that are modelled: an error is then known to 5 per cent."""

GYRATION_OVER = 10.0
"""Omega t from which particles follow their field line and no longer their first circle."""

COMPARED_FROM = 20.0
"""Omega t from which d_perpendicular is compared: the last of the gyration is gone, a third of a turn between grid
times."""

LARGEST_RIGIDITY = 1.0
"""r_g in L_c from which a gyration is wider than what bends the field lines."""

MISSES = 0.1
"""Root mean square residual beyond the noise from which a broken power law is no stand-in for its curve."""

MISSES_SIMULATION = 0.25
"""Root mean square residual beyond the noise of the simulation from which the model does not describe it."""

NO_PLATEAU = 0.25
"""Slope of a law at the end of the data, either way, that is no plateau: the model then rests on what follows."""

FEWEST = 8
"""Grid times that a comparison needs."""

HARDLY_CONSTRAINED = 0.5
"""Relative error of the reach from which it says little."""

OFTEN = 0.16
"""Share of samples at an edge from which a reach is a limit: one standard deviation to one side."""


@dataclass(frozen=True)
class PointModel:
    """What the model says of a point.

    Attributes
    ----------
    modelled, modelled_error : array, shape (n_times,)
        d_perpendicular at the simulation's times, in c L_c.
    residual : array, shape (n_times,)
        simulation/model - 1 in the window of comparison, NaN elsewhere.
    noise : float
        Root mean square error of the simulation over the model there: about what the residual of a true model would
        be. The reach is fitted to the same curve and d_parallel comes from the same particles, which makes it smaller.
    reach : (float, float)
        a in L_c, and its error; for the following likewise.
    kappa : (float, float)
        kappa_perpendicular in c L_c.
    decorrelation_time : (float, float)
        Omega t_dec.
    exponent_simulation, exponent_model : (float, float)
        Of <dr_perpendicular^2> ~ t^alpha in the subdiffusive window.
    window : (float, float)
        First and last Omega t of that window.
    reason : str
        Why the model does not stand, empty when it does.
    reason_exponent : str
        Why there is no exponent.
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
    """Fit d_parallel, from where gyration is over, or from the start if the ballistic part does not outlast it.

    Parameters are those of :func:`model_point`; the law is one of t in L_c/c.
    """
    end = best[np.isfinite(best)][-max(3, best.size // 5) :]
    plateau = float(np.median(end)) if end.size else np.nan
    # Omega t at which t/3 meets the plateau: the ballistic part must outlast the gyration to be seen after it
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
        Of a curve of the field lines against distance along the mean field.
    leaving : callable
        One of :data:`VARIANTS`.

    Returns
    -------
    PointModel
        Never raises for what the data are like.
    """
    nothing = np.full(time.size, np.nan)
    compared = np.flatnonzero((time >= COMPARED_FROM) & np.isfinite(best["d_perpendicular"]))
    for name, fit in laws_of(parallel, lines):
        if not fit.usable:
            return PointModel(nothing, nothing, nothing, reason=f"{name}: {fit.reason}")
    if compared.size < FEWEST:
        return PointModel(nothing, nothing, nothing, reason="too short a run to compare: raise duration")
    error = np.std(samples["d_perpendicular"], axis=0)[compared]
    # first row: the best fit; all others: one bootstrap sample of everything
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
    """Both laws of the model with their names."""
    return ("d_parallel", parallel), ("d_line", lines)


def doubts_of(name: str, law: CurveFit) -> list[str]:
    """What is wrong with a law as a part of the model; what its parameters mean is another matter."""
    doubts = []
    if law.beyond_noise > MISSES:
        doubts.append(f"the law of {name} misses its curve by {100 * law.beyond_noise:.0f} % rms beyond noise")
    if abs(law.last_slope) > NO_PLATEAU:
        remedy = "duration" if name == "d_parallel" else "field_lines.length"
        doubts.append(f"the plateau of {name} lies outside the data: raise {remedy}")
    return doubts


def doubts_of_reach(edge: NDArray[np.int64], reach: Number) -> list[str]:
    """Why the reach a says little: many samples have their best moment at the first or the last measurement, or it is
    known badly.
    """
    if np.mean(edge != 0) > OFTEN:
        if np.mean(edge < 0) > np.mean(edge > 0):
            return ["d_perpendicular hardly falls: a is an upper limit"]
        return ["particles do not leave their field lines within the run: a is a lower limit; raise duration"]
    relative = reach[1] / reach[0]
    return [f"a is known to {100 * relative:.0f} % only"] if relative > HARDLY_CONSTRAINED else []
