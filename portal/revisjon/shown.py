"""A row of the audit log in words, the same on the page and in the file: who acted, on what, and the details."""

from __future__ import annotations

from dataclasses import dataclass

from fiks.konfigurasjon.audit.names import HOLDER_DETAILS, Navn
from fiks.konfigurasjon.audit.queries import Auditrad
from portal.texts import detalj_tekst
from portal.texts.revisjon import MOTTAKEREN, UTEN_NAVN


@dataclass(frozen=True, slots=True)
class Detalj:
    """One detail. `sok` is what to search for to see all that is done by and to whom it names; "" of all else."""

    tekst: str
    sok: str = ""


def hvem(row: Auditrad) -> str:
    """Who acted. For whom a machine calls is no receiver, even when nobody has told us what they are called."""
    return row.aktor_navn or (UTEN_NAVN if row.integrasjon_id else MOTTAKEREN)


def i_ord(navn: Navn) -> str:
    """What somebody or something is called, with what tells two persons of one name apart."""
    called = navn.navn or UTEN_NAVN
    return f"{called} ({navn.fnr_maskert})" if navn.fnr_maskert else called


def detaljer(row: Auditrad) -> list[Detalj]:
    """Everything more that is told of the act, with names for ids."""
    found = []
    for navn, verdi in row.detaljer.items():
        if verdi in (None, []):
            continue
        known = row.navn.get(navn)
        sok = str(verdi) if known and navn in HOLDER_DETAILS else ""
        found.append(Detalj(detalj_tekst(navn, i_ord(known) if known else verdi), sok))
    return found
