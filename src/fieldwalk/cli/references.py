"""What Fieldwalk stands on, and which parts of a campaign use it; the works themselves are in ``references.bib``."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fieldwalk.campaign.model import Campaign

BIBLIOGRAPHY = Path(__file__).with_name("references.bib")

_ENTRY = re.compile(r"^@\w+\{(\w+),\n.*?^\}$", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^  (\w+) = \{(.*)\},$", re.MULTILINE)


@dataclass(frozen=True)
class Use:
    """What a work is cited for.

    Attributes
    ----------
    section : str
        Heading under which it stands.
    what : str
        The part of Fieldwalk that rests on it.
    used : callable
        Whether a campaign uses that part.
    """

    section: str
    what: str
    used: Callable[[Campaign], bool]


def _always(campaign: Campaign) -> bool:
    return True


def _averages(campaign: Campaign) -> bool:
    return campaign.computes_moments


def _plans(campaign: Campaign) -> bool:
    return "auto" in (campaign.turbulence.modes, campaign.particles.duration)


def _smooths(campaign: Campaign) -> bool:
    return "running" in campaign.outputs


def _models_perpendicular_transport(campaign: Campaign) -> bool:
    return "heuristic" in campaign.datasets


def _bends_over(campaign: Campaign) -> bool:
    return campaign.turbulence.spectrum == "bend_over"


def _isotropic_mean_free_paths(campaign: Campaign) -> bool:
    return "isotropic" in campaign.turbulence.mode_types and "mean_free_paths" in campaign.outputs


def _mode_types(*names: str) -> Callable[[Campaign], bool]:
    return lambda campaign: not set(names).isdisjoint(campaign.turbulence.mode_types)


_POLARISED = _mode_types("alfvenic", "magnetosonic")
_CRITICAL_BALANCE = _mode_types("goldreich_sridhar")

USES: dict[str, Use] = {
    "Giacalone1999": Use("Method", "turbulence as a sum of plane waves", _always),
    "Boris1970": Use("Method", "the particle push", _always),
    "Salmon2011": Use("Method", "Philox, the random numbers", _always),
    "Savitzky1964": Use("Method", "smoothing of running coefficients", _smooths),
    "Efron1979": Use("Method", "errors by bootstrap over realisations", _averages),
    "Kuhlen2022a": Use("Method", "heuristic: the model of perpendicular transport", _models_perpendicular_transport),
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
    "Dalcin2021": Use("Software", "mpi4py, many processes", _averages),
    "Harris2020": Use("Software", "NumPy", _always),
    "Virtanen2020": Use("Software", "SciPy", _always),
    "Hoyer2017": Use("Software", "xarray, the datasets", _always),
    "HDF5": Use("Software", "HDF5, the format of shards and datasets", _always),
    "Collette2013": Use("Software", "h5py", _always),
    "Hunter2007": Use("Software", "matplotlib, the figures", _always),
    "Astropy2022": Use("Software", "astropy, units and tables", _always),
}
"""By key, in the order in which they are named."""


def keys_used(campaign: Campaign | None) -> list[str]:
    """Works to cite for a campaign, all of them without one."""
    return [key for key, use in USES.items() if campaign is None or use.used(campaign)]


@cache
def entries() -> dict[str, str]:
    """Every BibTeX entry by its key."""
    return {found[1]: found[0] for found in _ENTRY.finditer(BIBLIOGRAPHY.read_text(encoding="utf-8"))}


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
