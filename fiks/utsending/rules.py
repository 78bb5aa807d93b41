"""Rules of a mass mailing: its states, its steps, what a row may be, and the digests that tie approval to sending."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum


class Utsendingstatus(StrEnum):
    UTKAST = "UTKAST"
    KONTROLLERT = "KONTROLLERT"
    PRODUSERES = "PRODUSERES"
    TIL_GODKJENNING = "TIL_GODKJENNING"
    GODKJENT = "GODKJENT"
    FRIGITT = "FRIGITT"
    SENDES = "SENDES"
    FULLFORT = "FULLFORT"
    STOPPET = "STOPPET"


_U = Utsendingstatus
OVERGANGER: dict[Utsendingstatus, frozenset[Utsendingstatus]] = {
    _U.UTKAST: frozenset({_U.KONTROLLERT, _U.STOPPET}),
    _U.KONTROLLERT: frozenset({_U.UTKAST, _U.PRODUSERES, _U.STOPPET}),
    _U.PRODUSERES: frozenset({_U.TIL_GODKJENNING, _U.KONTROLLERT, _U.UTKAST, _U.STOPPET}),
    _U.TIL_GODKJENNING: frozenset({_U.GODKJENT, _U.UTKAST, _U.PRODUSERES, _U.STOPPET}),
    _U.GODKJENT: frozenset({_U.FRIGITT, _U.UTKAST, _U.PRODUSERES, _U.STOPPET}),
    _U.FRIGITT: frozenset({_U.SENDES, _U.STOPPET}),
    _U.SENDES: frozenset({_U.FULLFORT, _U.STOPPET}),
    _U.FULLFORT: frozenset(),
    _U.STOPPET: frozenset(),
}
"""AVVIST of the architecture is the act of sending back: TIL_GODKJENNING -> UTKAST with the approver's reason."""

EDITABLE = (_U.UTKAST, _U.KONTROLLERT)
RELEASED = (_U.FRIGITT, _U.SENDES, _U.FULLFORT, _U.STOPPET)


class Art(StrEnum):
    """Same document to all, or a letter template merged with each row."""

    SAMME_DOKUMENT = "SAMME_DOKUMENT"
    FLETTEBREV = "FLETTEBREV"


HJEMLER: Mapping[str, str] = {
    "EIENDOMSSKATT": "eigedomsskattelova § 14",
    "FORHANDSVARSEL": "forvaltningsloven § 16",
    "VEDTAK": "forvaltningsloven § 27",
    "AVFALLSGEBYR": "forurensningsloven § 34",
    "NABOVARSEL": "plan- og bygningsloven § 21-3",
}
"""The legal bases on which SvarUt may look a receiver up, by code. Who looks up chooses one, and never writes it."""


class Radstatus(StrEnum):
    """OK and ADVARSEL can be sent; AUTO once its repair is accepted; FEIL cannot; PARKERT was left out by choice."""

    OK = "OK"
    ADVARSEL = "ADVARSEL"
    AUTO = "AUTO"
    FEIL = "FEIL"
    PARKERT = "PARKERT"


SENDABLE = (Radstatus.OK, Radstatus.ADVARSEL)
SENDABLE_NAMES = [str(status) for status in SENDABLE]


class Delart(StrEnum):
    """What a piece of background work does; each kind has a lane of its own."""

    LES = "LES"
    RENDER = "RENDER"
    FORHANDSVISNING = "FORHANDSVISNING"
    PROVEBREV = "PROVEBREV"


class Delstatus(StrEnum):
    KLAR = "KLAR"
    TATT = "TATT"
    FERDIG = "FERDIG"
    FEILET = "FEILET"


LANE = {
    Delart.LES: "liste",
    Delart.RENDER: "render",
    Delart.FORHANDSVISNING: "forhandsvisning",
    Delart.PROVEBREV: "forhandsvisning",
}

FEED_PORTION = 1_000
RENDER_PORTION = 25
RENDER_IN_FLIGHT = 4
MAX_PART_ATTEMPTS = 3
RESEND_WINDOW = timedelta(days=365)


def list_digest(row_hashes: Iterable[bytes]) -> bytes:
    """The digest of a list: SHA-256 over its rows' keyed hashes in row order."""
    digest = hashlib.sha256()
    for row_hash in row_hashes:
        digest.update(row_hash)
    return digest.digest()


def content_digest(*, rows: Iterable[tuple[int, bytes, bytes]], template: str, options: str) -> bytes:
    """What the second person approves: every row's hash and letter hash, the template version and the options.

    `rows` is (radnr, row hash, SHA-256 of the letter) in row order.
    """
    digest = hashlib.sha256(f"{template}\n{options}\n".encode())
    for radnr, row_hash, letter_hash in rows:
        digest.update(radnr.to_bytes(4, "big") + row_hash + letter_hash)
    return digest.digest()
