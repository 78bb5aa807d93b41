"""Intake of letters from fagsystemer: what they send, its validation, and the transaction that writes a
letter.

Every door (REST v1, v2, v3 and SOAP) builds the same `Innsending` and uses the same `Innlasting`; letters of
the house itself are written by the same `write_letter`.
"""

from fiks.svarut.mottak.duplicates import fingerprint
from fiks.svarut.mottak.errors import CATALOGUE, Feil, Funn, UgyldigForsendelse
from fiks.svarut.mottak.innsending import (
    Dokumentfakta,
    Ekstrametadata,
    Innsending,
    Signatur,
    Signering,
    Svaradresse,
)
from fiks.svarut.mottak.intake import Innlasting
from fiks.svarut.mottak.letter_writer import write_letter
from fiks.svarut.mottak.rules import address_faults, check, faults
from fiks.svarut.mottak.sender import is_repeat, require_sender, reserve_id
from fiks.svarut.sealed_content import Lenke

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
