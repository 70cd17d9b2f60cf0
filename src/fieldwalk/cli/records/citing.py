"""What Fieldwalk is built on, and which parts of a campaign use it; the works themselves are in ``references.bib``."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import fieldwalk
from fieldwalk.campaign.model import Campaign
from fieldwalk.campaign.stage_table import STAGES, WINGS
from fieldwalk.particles.section import Particles

BIBLIOGRAPHY = Path(__file__).with_name("references.bib")

_ENTRY = re.compile(r"^@\w+\{(\w+),\n.*?^\}$", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^  (\w+) = \{(.*)\},$", re.MULTILINE)


@dataclass(frozen=True)
class Use:
    """What a work is cited for.

    Attributes
    ----------
    heading : str
        Under which it is listed.
    what : str
        The part of Fieldwalk that rests on it.
    used : callable
        Whether a campaign uses that part.
    """

    heading: str
    what: str
    used: Callable[[Campaign], bool]


def _always(campaign: Campaign) -> bool:
    return True


def _farms(campaign: Campaign) -> bool:
    return bool(campaign.kinds)


def _follows_paths(campaign: Campaign) -> bool:
    return campaign.has("turbulence")


def _plans(campaign: Campaign) -> bool:
    particles = campaign.section(Particles)
    return particles is not None and "auto" in (campaign.turbulence.modes, particles.duration)


def _bends_over(campaign: Campaign) -> bool:
    return campaign.has("turbulence") and campaign.turbulence.spectrum == "bend_over"


def _isotropic_mean_free_paths(campaign: Campaign) -> bool:
    return "isotropic" in campaign.turbulence.mode_types and "mean_free_paths" in campaign.datasets


def _mode_types(*names: str) -> Callable[[Campaign], bool]:
    return lambda campaign: not set(names).isdisjoint(campaign.turbulence.mode_types)


_POLARISED = _mode_types("alfvenic", "magnetosonic")
_CRITICAL_BALANCE = _mode_types("goldreich_sridhar")

_HEADINGS = ("Method", "Turbulence", "To compare with", "Software")

_OF_ALL: dict[str, Use] = {
    "Giacalone1999": Use("Method", "turbulence as a sum of plane waves", _follows_paths),
    "Boris1970": Use("Method", "the particle push", lambda campaign: campaign.section(Particles) is not None),
    "Salmon2011": Use("Method", "Philox, the random numbers", _always),
    "Harari2014": Use("Method", "mean free paths for planning, behind `auto`", _plans),
    "Bouchet2026": Use("Turbulence", "alfvenic, magnetosonic: polarised modes", _POLARISED),
    "Bieber1996": Use("Turbulence", "composite: shares of slab and two-dimensional modes", _mode_types("composite")),
    "Goldreich1995": Use("Turbulence", "goldreich_sridhar: critical balance", _CRITICAL_BALANCE),
    "Cho2002": Use("Turbulence", "goldreich_sridhar: the anisotropic power", _CRITICAL_BALANCE),
    "Yan2004": Use("Turbulence", "goldreich_sridhar: the anisotropic power, for cosmic rays", _CRITICAL_BALANCE),
    "Sonsrettee2016": Use("Turbulence", "bend_over: the spectrum", _bends_over),
    "Kuhlen2022": Use(
        "To compare with", "isotropic: mean free paths down to low rigidities", _isotropic_mean_free_paths
    ),
    "Moelder2021": Use("Software", "Snakemake, the workflow", _always),
    "Dalcin2021": Use("Software", "mpi4py, many processes", _farms),
    "Harris2020": Use("Software", "NumPy", _always),
    "Virtanen2020": Use("Software", "SciPy", _always),
    "Hoyer2017": Use("Software", "xarray, the datasets", _always),
    "HDF5": Use("Software", "HDF5, the format of shards and datasets", _always),
    "Collette2013": Use("Software", "h5py", _always),
    "Hunter2007": Use("Software", "matplotlib, the figures", _always),
    "Astropy2022": Use("Software", "astropy, units and tables", _always),
}
"""By key; what no single stage rests on."""


def _uses() -> dict[str, Use]:
    """Every work by key, those that the stages name among them, heading by heading."""
    found = dict(_OF_ALL)
    cited = {cite.key: cite for stage in STAGES.values() for cite in stage.cites}
    for key, cite in cited.items():
        makers = {name for name, stage in STAGES.items() if any(one.key == key for one in stage.cites)}
        if common := found.get(key):
            found[key] = Use(common.heading, common.what, partial(_either, common.used, partial(_makes, makers)))
        else:
            found[key] = Use(cite.heading, cite.what, partial(_makes, makers))
    headings = [*_HEADINGS, *dict.fromkeys(use.heading for use in found.values() if use.heading not in _HEADINGS)]
    return dict(sorted(found.items(), key=lambda entry: headings.index(entry[1].heading)))


def _either(one: Callable[[Campaign], bool], other: Callable[[Campaign], bool], campaign: Campaign) -> bool:
    return one(campaign) or other(campaign)


def _makes(stages: set[str], campaign: Campaign) -> bool:
    return any(stage.name in stages for stage in campaign.stages)


USES: dict[str, Use] = _uses()
"""By key, in the order in which they are named."""


def keys_used(campaign: Campaign | None) -> list[str]:
    """Works to cite for a campaign, all of them without one."""
    return [key for key, use in USES.items() if campaign is None or use.used(campaign)]


def bibliographies() -> list[Path]:
    """The common bibliography, and that of each wing which has its own."""
    wings = [Path(fieldwalk.__file__).with_name(name) / "references.bib" for name in WINGS]
    return [BIBLIOGRAPHY, *(path for path in wings if path.is_file())]


@cache
def entries() -> dict[str, str]:
    """Every BibTeX entry by its key."""
    texts = [path.read_text(encoding="utf-8") for path in bibliographies()]
    return {found[1]: found[0] for text in texts for found in _ENTRY.finditer(text)}


def in_words(entry: str) -> str:
    """A BibTeX entry as one line of plain text."""
    fields = {name: _plain(value) for name, value in _FIELD.findall(entry)}
    place = fields.get("journal") or fields.get("booktitle") or fields.get("publisher") or ""
    numbers = ", ".join(fields[name] for name in ("volume", "pages") if name in fields)
    parts = [
        _names(fields["author"]) + (f" ({fields['year']})" if "year" in fields else ""),
        fields.get("title", ""),
        f"{place} {numbers}".strip(),
        f"arXiv:{fields['eprint']}" if "eprint" in fields else "",
        f"doi:{fields['doi']}" if "doi" in fields else fields.get("url", ""),
    ]
    return ". ".join(part.rstrip(".") for part in parts if part)


def _names(authors: str) -> str:
    names = authors.split(" and ")
    if names[-1] == "others" or len(names) > 5:
        return f"{names[0]} et al."
    return " & ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _plain(text: str) -> str:
    return re.sub(r"[{}]", "", text).replace(r"\&", "&").replace("---", "\N{EM DASH}").replace("--", "\N{EN DASH}")
