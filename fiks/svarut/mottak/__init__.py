"""Taking letters in from fagsystemer: what they say, what is wrong with it, and the transaction that makes a letter.

Every door (REST v1, v2, v3 and SOAP) makes the same `Innsending` and goes through the same `Innlasting`;
what the house itself makes a letter of goes through the same `write_letter`.
"""

from fiks.svarut.content import Lenke
from fiks.svarut.mottak.faults import CATALOGUE, Feil, Funn, UgyldigForsendelse
from fiks.svarut.mottak.fingerprint import fingerprint
from fiks.svarut.mottak.innsending import (
    Dokumentfakta,
    Ekstrametadata,
    Innsending,
    Signatur,
    Signering,
    Svaradresse,
)
from fiks.svarut.mottak.intake import Innlasting
from fiks.svarut.mottak.rules import address_faults, check, faults
from fiks.svarut.mottak.sender import is_repeat, require_sender, reserve_id
from fiks.svarut.mottak.written import write_letter

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
    "address_faults",
    "check",
    "faults",
    "fingerprint",
    "is_repeat",
    "require_sender",
    "reserve_id",
    "write_letter",
]
