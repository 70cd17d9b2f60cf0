"""Second-order statistics of drawn fields, together with their closed forms."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import integrate

from fieldwalk.campaign.points import FieldPoint
from fieldwalk.drawn_fields.table import TURBULENCE
from fieldwalk.io import schema
from fieldwalk.jobs.drawing import START_VOLUME, draw_field
from fieldwalk.parallel.streams import stream
from fieldwalk.turbulence import Realisation, spectrum_from_mapping, theory, wavenumber_range

Floats = NDArray[np.float64]

BASES_PER_REALISATION = 64
"""Pairs of points at each separation. The correlation of one realisation scatters by about ten per cent, whatever the
number of pairs.
"""

BINS_PER_DECADE = 8

LARGEST_SEPARATION = 5.0
"""Largest separation in L_c: about the longest wavelength of a power law."""

_PAIRS = 3
"""First number of the key of the random streams of point pairs."""


def field_statistics(points: Sequence[FieldPoint], seed: int, realisations: int) -> xr.Dataset:
    """Energy spectrum and two-point function of the drawn fields of some points, with errors from realisations.

    Parameters
    ----------
    points : sequence of FieldPoint
        One per mode type, all with the same spectrum and scale ratio, and with eta > 0.
    seed : int
        The campaign's seed.
    realisations : int
        Number of fields to draw for each point.

    Returns
    -------
    xarray.Dataset
        Content of ``turbulence.nc``, see :mod:`fieldwalk.drawn_fields.table`.
    """
    point = points[0]
    spectrum = spectrum_from_mapping(point.spectrum)
    k_min, k_max = wavenumber_range(spectrum, point.scale_ratio)
    edges = np.geomspace(k_min, k_max, int(np.ceil(BINS_PER_DECADE * np.log10(point.scale_ratio))) + 1)
    wavenumber = np.sqrt(edges[1:] * edges[:-1])
    bin_average = spectrum.power(edges[:-1] / k_min, edges[1:] / k_min) / spectrum.power(1.0, point.scale_ratio)
    separation = np.concatenate([[0.0], np.geomspace(0.3 / k_max, LARGEST_SEPARATION, 63)])
    dataset = schema.empty(
        TURBULENCE,
        {"mode_type": [point.mode_type for point in points], "wavenumber": wavenumber, "separation": separation},
    )
    for point in points:
        here = {"mode_type": point.mode_type}
        fields = [draw_field(point, seed, number) for number in range(realisations)]
        spectra = np.array([_mode_spectrum(field.waves, edges, point) for field in fields])
        pairs = np.array([_two_point(point, field, separation, seed, number) for number, field in enumerate(fields)])
        lengths = 2 * integrate.trapezoid(pairs, separation, axis=1)
        slab_fraction = point.slab_fraction or 0.0
        closed = theory.correlation(point.mode_type, spectrum, point.scale_ratio, separation, slab_fraction)
        for name, values in (("energy_spectrum", spectra), ("correlation", pairs), ("measured_length", lengths)):
            dataset[name].loc[here] = values.mean(axis=0)
            dataset[f"{name}_error"].loc[here] = values.std(axis=0, ddof=1) / np.sqrt(realisations)
        dataset["energy_spectrum_theory"].loc[here] = bin_average / np.diff(edges)
        dataset["correlation_theory"].loc[here] = closed
        dataset["theory_length"].loc[here] = 2 * integrate.trapezoid(closed, separation)
    dataset["direction"] = (
        "mode_type",
        [theory.ALONG[point.mode_type] for point in points],
        TURBULENCE.described("direction"),
    )
    return dataset.assign_attrs(scale_ratio=point.scale_ratio, modes=point.modes, realisations=realisations)


def _mode_spectrum(waves: Floats, edges: Floats, point: FieldPoint) -> Floats:
    """G(k)/dB^2 from the powers A^2/2 of the modes, with k_perp as k for critically balanced modes."""
    columns = slice(0, 2) if point.mode_type == "goldreich_sridhar" else slice(0, 3)
    wavenumber = 2 * np.pi * np.linalg.norm(waves[:, columns], axis=1)
    power = 0.5 * np.sum(waves[:, 4:] ** 2, axis=1) / point.eta
    # modes lie outside the sharp ends of the spectrum only by rounding
    inside = np.clip(wavenumber, edges[0], edges[-1])
    return np.asarray(np.histogram(inside, edges, weights=power)[0] / np.diff(edges))


def _two_point(point: FieldPoint, field: Realisation, separation: Floats, seed: int, number: int) -> Floats:
    """<dB(r).dB(r + s)>/dB^2 of one field, averaged over random pairs along the line given for the mode type."""
    uniform = stream(seed, (_PAIRS, number)).random((5, BASES_PER_REALISATION))
    base = START_VOLUME * uniform[:3]
    cosine, azimuth = 2 * uniform[3] - 1, 2 * np.pi * uniform[4]
    if theory.ALONG[point.mode_type] == "along the mean field":
        cosine = np.ones_like(cosine)
    elif theory.ALONG[point.mode_type] == "across the mean field":
        cosine = np.zeros_like(cosine)
    sine = np.sqrt(1 - cosine**2)
    along = np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine])
    places = base[:, :, None] + along[:, :, None] * separation
    values = field.fluctuation(places.reshape(3, -1)).reshape(places.shape)
    return np.asarray(np.mean(np.sum(values[:, :, :1] * values, axis=0), axis=0) / point.eta)
