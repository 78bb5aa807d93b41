"""Factories of what fagsystemer send: a letter with one PDF, changed where a test says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fiks.core.values.address import Adresse
from fiks.svarut.mottak import Dokumentfakta, Innsending
from fiks.svarut.rules import Opphav

PDF = b"%PDF-1.7 et brev"
FNR = "17912099997"
ORGNR = "310000000"
ADDRESS = Adresse("Testperson Fjelltur", "\u00d8vre Testveg 7", postnr="4262", poststed="AVALDSNES")
LETTER = Dokumentfakta("skatteseddel.pdf", "application/pdf")


def submission(*documents: Dokumentfakta, **changes: Any) -> Innsending:
    """A letter to a person by REST v2, without fault unless `changes` make one."""
    plain = Innsending(
        opphav=Opphav.V2,
        tittel="Eiendomsskatt 2026",
        navn="Testperson Fjelltur",
        digital_id=FNR,
        adresse=ADDRESS,
        dokumenter=documents or (LETTER,),
    )
    return replace(plain, **changes)


def document(
    filnavn: str = "vedlegg.pdf", mime_type: str = "application/pdf", **changes: Any
) -> Dokumentfakta:
    """What is said of one document."""
    return Dokumentfakta(filnavn, mime_type, **changes)
