"""Rules of a mass mailing: its states, its steps, what a row may be, and the digests that tie approval to sending."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from fiks.core.calendar import OSLO, klagefrist


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

FACTS = (
    "tittel",
    "art",
    "brevdato",
    "kunngjoringsdato",
    "kun_digital",
    "sikkerhetsniva",
    "tosidig",
    "farger",
    "konteringskode",
)
"""The columns of what is said of a mailing in step 1."""

EDITABLE = (_U.UTKAST, _U.KONTROLLERT)
RELEASED = (_U.FRIGITT, _U.SENDES, _U.FULLFORT, _U.STOPPET)


class Art(StrEnum):
    """The four ways: one document to all, a template merged with each row, and two with letters made elsewhere."""

    SAMME_DOKUMENT = "SAMME_DOKUMENT"
    FLETTEBREV = "FLETTEBREV"
    ETT_DOKUMENT_PER_RAD = "ETT_DOKUMENT_PER_RAD"
    EN_STOR_PDF = "EN_STOR_PDF"


MADE_ELSEWHERE = (Art.ETT_DOKUMENT_PER_RAD, Art.EN_STOR_PDF)
"""Each row has finished documents of its own (ADR 0020)."""


class Radstatus(StrEnum):
    """OK and ADVARSEL can be sent; AUTO once its repair is accepted; FEIL cannot; PARKERT was left out by choice."""

    OK = "OK"
    ADVARSEL = "ADVARSEL"
    AUTO = "AUTO"
    FEIL = "FEIL"
    PARKERT = "PARKERT"


SENDABLE = (Radstatus.OK, Radstatus.ADVARSEL)
SENDABLE_NAMES = [str(status) for status in SENDABLE]
HELD_OUT_NAMES = [str(status) for status in Radstatus if status not in SENDABLE]


class Delart(StrEnum):
    """What a piece of background work does; each kind has a lane of its own."""

    LES = "LES"
    PAKK_UT = "PAKK_UT"
    FIL = "FIL"
    KUTT = "KUTT"
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
    Delart.PAKK_UT: "liste",
    Delart.FIL: "render",
    Delart.KUTT: "render",
    Delart.RENDER: "render",
    Delart.FORHANDSVISNING: "forhandsvisning",
    Delart.PROVEBREV: "forhandsvisning",
}

BOUNDED = (Delart.RENDER, Delart.FIL, Delart.KUTT)
"""Kinds of work of which a mailing has only a few in flight, so that none takes all workers."""

ON_FILES = (Delart.PAKK_UT, Delart.FIL, Delart.KUTT)
"""Kinds of work that must be over before a list is read, since its rows are tied to the files."""

FEED_PORTION = 1_000
RENDER_PORTION, STAMP_PORTION = 10, 500
"""Letters of a range, half a second's work or a little more: laid out one by one, and stamped."""
IN_FLIGHT = 4
MAX_PART_ATTEMPTS = 3
RESEND_WINDOW, REPEAT_WINDOW = timedelta(days=400), timedelta(days=300)
"""How far back a release is asked about: of the very same list, and of letters to the same receivers about the same
properties. The first is clearly more than a year, so that last year's list is known when it is sent in the same week or
somewhat later. The second is clearly less than a year: the tax notes of the year before, which every kommune has sent
to the same owners in the same week, are not these (eigedomsskattelova § 14)."""

LEAVES_WITHIN = timedelta(days=7)
"""How long after their own date letters may leave and still state a deadline that holds (ADR 0036)."""


def holds_until(kunngjort: date, brevdato: date) -> date:
    """The last day a letter may leave for the deadline it prints to be no shorter than eigedomsskattelova § 19 says."""
    return max(kunngjort, brevdato + LEAVES_WITHIN)


def printed_deadline(kunngjort: date, brevdato: date) -> date:
    """The last day to complain as letters dated `brevdato` print it: they may leave later than that day."""
    return klagefrist(kunngjort, holds_until(kunngjort, brevdato))


def reference(nr: int, made: datetime) -> str:
    """What people call a mailing: 2026-0147, of the year in Oslo."""
    return f"{made.astimezone(OSLO).year}-{nr:04}"


CHECKED_IN, CHECKED_PLANS_IN, CHECKED_FIRST = 1_000, 8, 3


def checked_by_drawing(digest: bytes, *, nr: int, first: bool, new_plan: bool) -> bool:
    """Whether a stamped letter is laid out as well and compared, before anybody can approve it.

    One in a thousand, by the row's `digest`; the `first` of each of the mailing's first ranges (`nr`); and of the
    letters for which a process made a plan, one in eight.
    """
    number = int.from_bytes(digest[:8], "big")
    if number % CHECKED_IN == 0 or (first and nr <= CHECKED_FIRST):
        return True
    return new_plan and number % CHECKED_PLANS_IN == 0


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
