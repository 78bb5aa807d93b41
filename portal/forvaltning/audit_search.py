"""The search form of the audit log."""

from __future__ import annotations

from collections.abc import Mapping

from fiks.core.values.identifiers import mask_numbers
from fiks.konfigurasjon.audit.queries import Utvalg
from portal.texts import tekst
from portal.texts.audit.audit_page import AKTORTYPER, TJENESTER, UTFALL
from portal.texts.audit.events import HANDLINGER
from portal.ui.search_form import Sokeskjema, read_fields, read_period

LONGEST = 200
FIELDS = ("sok", "fra", "til", "handling", "tjeneste", "aktor_type", "utfall", "request_id")
CHOICES: Mapping[str, Mapping[str, str]] = {
    "handling": HANDLINGER,
    "tjeneste": TJENESTER,
    "aktor_type": AKTORTYPER,
    "utfall": UTFALL,
}


def read(args: Mapping[str, str]) -> Sokeskjema[Utvalg]:
    """Parse the query string. An unknown choice filters nothing; unusable text is a fault."""
    written = read_fields(args, FIELDS, LONGEST, CHOICES)
    feil: dict[str, str] = {}
    if mask_numbers(written["sok"]) != written["sok"]:
        written["sok"] = ""
        feil["sok"] = tekst("SOK_MED_FODSELSNUMMER")
    periode = read_period(written)
    if feil := feil | periode.feil:
        return Sokeskjema(written, None, feil)
    rest = {name: written[name] for name in FIELDS if name not in ("fra", "til")}
    return Sokeskjema(written, Utvalg(fra=periode.fra, til=periode.til, **rest))
