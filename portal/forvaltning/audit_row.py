"""One audit entry in words, the same on the page and in the file: actor, object, details."""

from __future__ import annotations

from dataclasses import dataclass

from fiks.konfigurasjon.audit.names import HOLDER_DETAILS, Navn
from fiks.konfigurasjon.audit.queries import Auditrad
from portal.texts import detalj_tekst
from portal.texts.audit.audit_page import MOTTAKEREN, UTEN_NAVN


@dataclass(frozen=True, slots=True)
class Detalj:
    """One detail. `sok`: the search that finds everything done by and to the person it names; "" for other
    details.
    """

    tekst: str
    sok: str = ""


def hvem(row: Auditrad) -> str:
    """The actor's name. An integrasjon without a known name is not shown as the receiver."""
    return row.aktor_navn or (UTEN_NAVN if row.integrasjon_id else MOTTAKEREN)


def i_ord(navn: Navn) -> str:
    """A name, with the masked number to tell two persons of the same name apart."""
    called = navn.navn or UTEN_NAVN
    return f"{called} ({navn.fnr_maskert})" if navn.fnr_maskert else called


def detaljer(row: Auditrad) -> list[Detalj]:
    """The further details of the act, with names in place of ids."""
    found = []
    for navn, verdi in row.detaljer.items():
        if verdi in (None, []):
            continue
        known = row.navn.get(navn)
        sok = str(verdi) if known and navn in HOLDER_DETAILS else ""
        found.append(Detalj(detalj_tekst(navn, i_ord(known) if known else verdi), sok))
    return found
