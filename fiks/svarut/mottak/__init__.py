"""Taking letters in from fagsystemer: what they say, what is wrong with it, and the transaction that makes a letter.

Every door (REST v1, v2, v3 and SOAP) makes the same `Innsending` and goes through the same `Innlasting`.
"""

from fiks.svarut.mottak.faults import CATALOGUE, Feil, Funn, UgyldigForsendelse
from fiks.svarut.mottak.innsending import (
    Dokumentfakta,
    Ekstrametadata,
    Innsending,
    Lenke,
    Signatur,
    Signering,
    Svaradresse,
)
from fiks.svarut.mottak.intake import Innlasting, require_sender, reserve_id
from fiks.svarut.mottak.rules import check, faults

__all__ = [
    "CATALOGUE",
    "Dokumentfakta",
    "Ekstrametadata",
    "Feil",
    "Funn",
    "Innlasting",
    "Innsending",
    "Lenke",
    "Signatur",
    "Signering",
    "Svaradresse",
    "UgyldigForsendelse",
    "check",
    "faults",
    "require_sender",
    "reserve_id",
]
