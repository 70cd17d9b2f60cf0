"""The turbulence dataset of a small campaign: measured against closed forms, and its errors against the arithmetic."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import xarray as xr
from scipy import integrate, special

from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.points import Point
from fieldwalk.drawn_fields.statistics import LARGEST_SEPARATION, field_statistics
from fieldwalk.particles.points import points
from fieldwalk.turbulence import MODE_TYPES, PowerLaw, wavenumber_range

pytestmark = pytest.mark.xdist_group("field statistics")

MakeCampaign = Callable[..., Campaign]

SEED, RATIO = 7, 10.0
SLAB_FRACTION = 0.3
QUANTITIES = ("energy_spectrum", "correlation", "measured_length")


@pytest.fixture(scope="module")
def measured(make_campaign: MakeCampaign) -> Callable[[int, int], xr.Dataset]:
    """A function: the dataset of every mode type, with a number of modes and of realisations."""

    @cache
    def of(modes: int, realisations: int) -> xr.Dataset:
        every: list[Point] = points(
            make_campaign(mode_types=list(MODE_TYPES), modes=modes, slab_fraction=SLAB_FRACTION)
        )
        return field_statistics(every, SEED, realisations)

    return of


def test_the_dataset_says_what_it_holds(measured: Callable[[int, int], xr.Dataset]) -> None:
    dataset = measured(60, 64)
    assert list(dataset["mode_type"].values) == list(MODE_TYPES)
    assert (dataset.attrs["scale_ratio"], dataset.attrs["modes"], dataset.attrs["realisations"]) == (RATIO, 60, 64)
    k_min, k_max = wavenumber_range(PowerLaw(), RATIO)
    np.testing.assert_allclose(dataset["wavenumber"], k_min * RATIO ** ((np.arange(8) + 0.5) / 8), rtol=1e-12)
    assert dataset["separation"].values[0] == 0
    assert dataset["separation"].values[-1] == pytest.approx(LARGEST_SEPARATION)
    assert dataset["separation"].values[1] * k_max < 0.5
    for name in QUANTITIES:
        assert np.isfinite(dataset[name]).all() and np.isfinite(dataset[f"{name}_error"]).all()


@pytest.mark.parametrize("modes", [48, 60])
def test_the_energy_spectrum_integrates_to_one(measured: Callable[[int, int], xr.Dataset], modes: int) -> None:
    dataset = measured(modes, 64)
    k_min, _ = wavenumber_range(PowerLaw(), RATIO)
    widths = np.diff(k_min * RATIO ** (np.arange(9) / 8))
    for name in ("energy_spectrum", "energy_spectrum_theory"):
        np.testing.assert_allclose(dataset[name].transpose("mode_type", "wavenumber").values @ widths, 1, rtol=1e-12)


def test_modes_that_fill_the_bins_have_their_power_exactly(measured: Callable[[int, int], xr.Dataset]) -> None:
    # 48 modes, or two components of 24, in eight bins: each bin holds its own modes in every realisation
    dataset = measured(48, 64)
    np.testing.assert_allclose(dataset["energy_spectrum"], dataset["energy_spectrum_theory"], rtol=1e-12)
    np.testing.assert_allclose(dataset["energy_spectrum_error"], 0, atol=1e-14)


@pytest.mark.parametrize("mode_type", MODE_TYPES)
def test_the_length_and_the_correlation_are_those_of_theory(
    measured: Callable[[int, int], xr.Dataset], mode_type: str
) -> None:
    # Student's t of 63 degrees of freedom lies beyond 4 once in 5900 seeds: for seven lengths a false alarm in 840.
    # Of the 7 x 64 correlations, at 5 standard errors, one strays once in 450 seeds. The seed is fixed.
    dataset = measured(60, 64).sel(mode_type=mode_type)
    length, error = float(dataset["measured_length"]), float(dataset["measured_length_error"])
    closed = float(dataset["theory_length"])
    assert abs(length - closed) < 4 * error
    assert 0 < error < 0.08
    off = np.abs(dataset["correlation"] - dataset["correlation_theory"])
    assert (off < 5 * dataset["correlation_error"]).all()
    assert float(dataset["correlation_theory"][0]) == pytest.approx(1, abs=1e-9)


LENGTHS = {
    # 2 int_0^S of sin(ks)/(ks), J0(ks) and one ds
    "isotropic": lambda k: 2 * special.sici(k * LARGEST_SEPARATION)[0] / k,
    "two_dimensional": lambda k: 2 * special.itj0y0(k * LARGEST_SEPARATION)[0] / k,
}
LENGTHS["alfvenic"] = LENGTHS["magnetosonic"] = LENGTHS["isotropic"]
LENGTHS["goldreich_sridhar"] = LENGTHS["two_dimensional"]
LENGTHS["composite"] = lambda k: (
    2 * SLAB_FRACTION * LARGEST_SEPARATION + (1 - SLAB_FRACTION) * LENGTHS["two_dimensional"](k)
)


@pytest.mark.parametrize("mode_type", LENGTHS)
def test_the_length_of_theory_is_two_sided(measured: Callable[[int, int], xr.Dataset], mode_type: str) -> None:
    # The integral over the separations first, in closed form, then over G; the trapezoidal rule is off by 0.1 %.
    # (Slab is left out: the integral of cos(ks) to a finite separation is next to nothing, and all rule.)
    k_min, k_max = wavenumber_range(PowerLaw(), RATIO)
    norm, _ = integrate.quad(lambda k: k ** (-5 / 3), k_min, k_max, epsrel=1e-10)
    weighted, _ = integrate.quad(lambda k: k ** (-5 / 3) * LENGTHS[mode_type](k), k_min, k_max, epsrel=1e-8, limit=200)
    found = float(measured(60, 64)["theory_length"].sel(mode_type=mode_type))
    assert found == pytest.approx(weighted / norm, rel=0.01)


@pytest.mark.parametrize("name", QUANTITIES)
@pytest.mark.parametrize("realisations", [3, 8])
def test_one_realisation_more_changes_the_error_as_it_must(
    measured: Callable[[int, int], xr.Dataset], name: str, realisations: int
) -> None:
    # Realisations are drawn by their number, so that two means give the value of the last one, x = n M' - (n-1) M, and
    # Welford's update of the sum of squares n (n-1) error^2 must hold to rounding: no other scale of the errors fits.
    n = realisations
    fewer, more = measured(60, n - 1), measured(60, n)
    last = n * more[name] - (n - 1) * fewer[name]
    squares = [m * (m - 1) * data[f"{name}_error"] ** 2 for m, data in ((n - 1, fewer), (n, more))]
    added = (n - 1) / n * (last - fewer[name]) ** 2
    np.testing.assert_allclose(squares[1], squares[0] + added, rtol=1e-9, atol=1e-24)
    assert float(added.max()) > 1e-6
