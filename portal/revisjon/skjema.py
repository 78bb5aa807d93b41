"""The search form of the audit log: what was written, as text to show again and as a selection to use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fiks.core.identifiers import mask_numbers
from fiks.konfigurasjon.audit_queries import Utvalg
from portal.texts import tekst
from portal.texts.hendelser import HANDLINGER
from portal.texts.revisjon import AKTORTYPER, TJENESTER, UTFALL
from portal.utsending.forms import read_date

LONGEST = 200
FIELDS = ("sok", "fra", "til", "handling", "tjeneste", "aktor_type", "utfall", "request_id")
CHOICES: Mapping[str, Mapping[str, str]] = {
    "handling": HANDLINGER,
    "tjeneste": TJENESTER,
    "aktor_type": AKTORTYPER,
    "utfall": UTFALL,
}


@dataclass(frozen=True, slots=True)
class Sokeskjema:
    """The form as it stands; `utvalg` is None when `feil` (field to sentence) says that it cannot be used."""

    verdier: Mapping[str, str]
    utvalg: Utvalg | None
    feil: Mapping[str, str] = field(default_factory=dict)

    @property
    def i_bruk(self) -> dict[str, str]:
        """The fields that are filled in, for links that keep the search."""
        return {name: value for name, value in self.verdier.items() if value}


def read(args: Mapping[str, str]) -> Sokeskjema:
    """Read the query. A choice that is none leaves nothing out; what is written and cannot be used is a fault."""
    written = {name: args.get(name, "").strip()[:LONGEST] for name in FIELDS}
    for name, known in CHOICES.items():
        written[name] = written[name] if written[name] in known else ""
    feil: dict[str, str] = {}
    if mask_numbers(written["sok"]) != written["sok"]:
        written["sok"] = ""
        feil["sok"] = tekst("SOK_MED_FODSELSNUMMER")
    fra, til = (read_date(written[name]) for name in ("fra", "til"))
    feil |= {
        name: tekst("DATO_FORM")
        for name, day in (("fra", fra), ("til", til))
        if written[name] and day is None
    }
    if fra and til and til < fra:
        feil["til"] = tekst("PERIODE_BAKVENDT")
    if feil:
        return Sokeskjema(written, None, feil)
    rest = {name: written[name] for name in FIELDS if name not in ("fra", "til")}
    return Sokeskjema(written, Utvalg(fra=fra, til=til, **rest))
