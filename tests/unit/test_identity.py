"""A point's identity: golden, blind to statistics, sensitive to every field of physics."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from fieldwalk.campaign import identity, values
from fieldwalk.campaign.identity import field_key, particle_key, point_id
from fieldwalk.campaign.keys import effects, keys
from fieldwalk.campaign.loading import campaign_from_mapping
from fieldwalk.campaign.model import campaign_model
from fieldwalk.campaign.plan.kinds import kinds
from fieldwalk.field_lines.points import LinePoint
from fieldwalk.particles.points import ParticlePoint

POINT = ParticlePoint(
    mode_type="isotropic",
    eta=0.5,
    rigidity=0.03,
    spectrum={"shape": "power_law", "spectral_index": 5 / 3},
    slab_fraction=None,
    scale_ratio=259.0,
    modes=310,
    step=0.0999,
    precision="mixed",
    duration=1000.0,
    tolerance=1e-3,
)
OTHER_PHYSICS: dict[str, Any] = {
    "mode_type": "alfvenic",
    "eta": 0.4,
    "rigidity": 0.03000001,
    "spectrum": {"shape": "power_law", "spectral_index": 1.5},
    "slab_fraction": 0.2,
    "scale_ratio": 260.0,
    "modes": 312,
    "step": 0.1,
    "precision": "float64",
    "tolerance": 1e-4,
}


def test_the_identity_of_one_point_never_changes() -> None:
    # Paths of results that stand depend on it: a change of this value orphans every result ever computed.
    assert point_id(POINT) == "isotropic_eta0.5_rg0.03_75ad4d2c42e0"
    assert field_key(POINT) == (958703421, 838525375, 2969965378, 2200060169)
    assert particle_key(POINT) == (1974291756, 1121980866, 2830858205, 2832744225)


def test_the_identity_of_lines_never_changes_either() -> None:
    # the rigidity 0 alone tells lines from particles in what is hashed, as before there were kinds of points
    lines = LinePoint(**(dataclasses.asdict(POINT) | {"rigidity": 0.0, "step": 0.0105}))
    assert point_id(lines) == "isotropic_eta0.5_lines_ae45f2c9de3c"
    assert field_key(lines) == field_key(POINT)


@pytest.mark.parametrize("name", OTHER_PHYSICS)
def test_every_field_of_physics_makes_a_new_point(name: str) -> None:
    other = dataclasses.replace(POINT, **{name: OTHER_PHYSICS[name]})
    assert point_id(other) != point_id(POINT)
    assert particle_key(other) != particle_key(POINT)
    shares_field = name not in ("mode_type", "spectrum", "slab_fraction")
    assert (field_key(other) == field_key(POINT)) == shares_field


def test_the_duration_and_the_order_of_keys_do_not() -> None:
    longer = dataclasses.replace(
        POINT, duration=1e4, spectrum={"spectral_index": 5 / 3, "shape": "power_law"}
    )
    assert point_id(longer) == point_id(POINT)


def test_every_field_of_a_point_is_physics_or_the_duration() -> None:
    assert {field.name for field in dataclasses.fields(POINT)} == {*POINT.physics, "duration"}
    assert set(OTHER_PHYSICS) == set(POINT.physics)


def test_a_new_version_of_the_physics_makes_new_points(monkeypatch: pytest.MonkeyPatch) -> None:
    before = point_id(POINT)
    monkeypatch.setattr(identity, "PHYSICS_VERSION", identity.PHYSICS_VERSION + 1)
    assert point_id(POINT) != before


def test_keys_seed_numpy() -> None:
    for key in (field_key(POINT), particle_key(POINT)):
        assert len(key) == 4
        assert all(0 <= word < 2**32 for word in key)
        np.random.SeedSequence(1, spawn_key=key)


def test_not_a_number_has_no_identity() -> None:
    with pytest.raises(ValueError, match="JSON"):
        point_id(dataclasses.replace(POINT, eta=float("nan")))


def test_every_key_of_the_campaign_file_carries_one_declared_effect() -> None:
    known = keys()
    every = {
        f"{section}.{key}" if section else key
        for section, its in known.items()
        for key in its
        if section or key not in known
    }
    assert set(effects()) == every
    assert set(effects().values()) == {values.PHYSICS, values.STATISTICS, values.DISPLAY}


@pytest.mark.parametrize("marks", [(), (values.DISPLAY, values.PHYSICS)], ids=["none", "two"])
def test_a_key_without_an_effect_or_with_two_is_found_out(
    monkeypatch: pytest.MonkeyPatch, marks: tuple[values.Effect, ...]
) -> None:
    monkeypatch.setattr(campaign_model().model_fields["author"], "metadata", list(marks))
    with pytest.raises(LookupError, match=f"author: carries {len(marks)} effects"):
        effects()


BASE: dict[str, Any] = {
    "name": "study",
    "seed": 7,
    "author": "A",
    "turbulence": {
        "mode_types": ["composite"],
        "etas": [0.5],
        "spectrum": "bend_over",
        "spectral_index": "5/3",
        "low_index": 3,
        "bend_over": 6,
        "slab_fraction": 0.2,
        "scale_ratio": 600,
        "modes": 400,
        "magnetic_field_microgauss": 4,
        "correlation_length_pc": 30,
    },
    "particles": {"rigidities": ["10 PV"], "step": 0.015, "duration": "auto", "max_duration": 100},
    "field_lines": {},
    "statistics": {"realisations": 64, "particles_per_realisation": 16},
    "resources": {"ranks": 2, "job_minutes": 30},
    "outputs": ["running"],
}
CHANGES: dict[str, Any] = {
    "name": "other",
    "seed": 8,
    "author": "B",
    "outputs": ["mean_free_paths"],
    "turbulence.mode_types": ["composite", "slab"],
    "turbulence.etas": [0.4],
    "turbulence.spectrum": "power_law",
    "turbulence.spectral_index": 1.5,
    "turbulence.low_index": 4,
    "turbulence.bend_over": 7,
    "turbulence.slab_fraction": 0.3,
    "turbulence.scale_ratio": 700,
    "turbulence.modes": 402,
    "turbulence.magnetic_field_microgauss": 3.9,
    "turbulence.correlation_length_pc": 29,
    "particles.rigidities": ["9 PV"],
    "particles.step": 0.014,
    "particles.tolerance": 1e-4,
    "particles.duration": 50,
    "particles.max_duration": 50,
    "particles.extended": {"composite_eta0.5_rg0.09": 500},
    "field_lines.scale_ratio": 900,
    "field_lines.modes": 400,
    "field_lines.step": 0.001,
    "field_lines.tolerance": 1e-4,
    "field_lines.length": 50,
    "field_lines.lines_per_realisation": 32,
    "statistics.realisations": 65,
    "statistics.particles_per_realisation": 32,
    "resources.ranks": 3,
    "resources.job_minutes": 10,
    "resources.checkpoint_minutes": 1,
}


def identities(change: str | None = None) -> list[str]:
    content = {key: dict(value) if isinstance(value, dict) else value for key, value in BASE.items()}
    if change:
        section, _, key = change.rpartition(".")
        (content[section] if section else content)[key] = CHANGES[change]
    if change == "turbulence.spectrum":
        del content["turbulence"]["low_index"], content["turbulence"]["bend_over"]
    campaign = campaign_from_mapping(content, "study.yaml")
    return [point_id(point) for kind in kinds() for point in kind.points(campaign)]


@pytest.mark.parametrize("change", CHANGES)
def test_the_declared_sets_are_what_happens(change: str) -> None:
    same = identities(change) == identities()
    assert same == (effects()[change] != values.PHYSICS)


def test_each_key_was_changed() -> None:
    assert set(CHANGES) == set(effects())


def test_an_added_point_leaves_the_others_alone() -> None:
    assert set(identities("turbulence.mode_types")) > set(identities())
