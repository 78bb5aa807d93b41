"""Rules of a mass mailing: statuses, transitions, kinds of rows, and the digests that approval binds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from fiks.core.values.calendar import OSLO, klagefrist


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
"""Legal transitions. The architecture's AVVIST is the act of sending back: TIL_GODKJENNING -> UTKAST."""

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
"""Columns that step 1 asks about."""

EDITABLE = (_U.UTKAST, _U.KONTROLLERT)
RELEASED = (_U.FRIGITT, _U.SENDES, _U.FULLFORT, _U.STOPPET)


class Art(StrEnum):
    """The four ways of sending: one document to all, mail merge, and two with letters made elsewhere."""

    SAMME_DOKUMENT = "SAMME_DOKUMENT"
    FLETTEBREV = "FLETTEBREV"
    ETT_DOKUMENT_PER_RAD = "ETT_DOKUMENT_PER_RAD"
    EN_STOR_PDF = "EN_STOR_PDF"


MADE_ELSEWHERE = (Art.ETT_DOKUMENT_PER_RAD, Art.EN_STOR_PDF)
"""The ways in which each row has finished documents of its own (ADR 0020)."""


class Radstatus(StrEnum):
    """OK and ADVARSEL can be sent; AUTO once its repair is accepted; FEIL cannot; PARKERT is held out."""

    OK = "OK"
    ADVARSEL = "ADVARSEL"
    AUTO = "AUTO"
    FEIL = "FEIL"
    PARKERT = "PARKERT"


SENDABLE = (Radstatus.OK, Radstatus.ADVARSEL)
SENDABLE_NAMES = [str(status) for status in SENDABLE]
HELD_OUT_NAMES = [str(status) for status in Radstatus if status not in SENDABLE]


class Delart(StrEnum):
    """Kinds of background work; each kind has a lane of its own."""

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
"""Kinds of work that a mailing may have only IN_FLIGHT of at a time, so that none takes all workers."""

ON_FILES = (Delart.PAKK_UT, Delart.FIL, Delart.KUTT)
"""Kinds of work that must end before a list is read, since its rows are linked to the files."""

FEED_PORTION = 1_000
RENDER_PORTION, STAMP_PORTION = 10, 500
"""Letters per range, about half a second's work: laid out one by one; the other number is for stamping."""
IN_FLIGHT = 4
MAX_PART_ATTEMPTS = 3
RESEND_WINDOW, REPEAT_WINDOW = timedelta(days=400), timedelta(days=300)
"""How far back a release looks for the same list; REPEAT_WINDOW for the same receivers and properties.

RESEND_WINDOW is clearly more than a year, so that last year's list is recognised when it is sent in the same
week or somewhat later. REPEAT_WINDOW is clearly less: last year's tax notes, which every kommune sent to the
same owners in the same week, are no repeat (eigedomsskattelova § 14).
"""

LEAVES_WITHIN = timedelta(days=7)
"""How long after their date letters may leave and still state a valid deadline (ADR 0036)."""


def holds_until(kunngjort: date, brevdato: date) -> date:
    """The last day letters may leave without making their printed deadline too short.

    The minimum is that of eigedomsskattelova § 19.
    """
    return max(kunngjort, brevdato + LEAVES_WITHIN)


def printed_deadline(kunngjort: date, brevdato: date) -> date:
    """The last day to complain as letters dated `brevdato` print it; they may leave later than that date."""
    return klagefrist(kunngjort, holds_until(kunngjort, brevdato))


def reference(nr: int, made: datetime) -> str:
    """The mailing's public reference, such as 2026-0147; the year is Oslo's."""
    return f"{made.astimezone(OSLO).year}-{nr:04}"


CHECKED_IN, CHECKED_PLANS_IN, CHECKED_FIRST = 1_000, 8, 3


def checked_by_drawing(digest: bytes, *, nr: int, first: bool, new_plan: bool) -> bool:
    """Whether a stamped letter is also laid out by WeasyPrint and compared, before approval is possible.

    Yes for one letter in a thousand, by the row's `digest`; for the `first` of each of the mailing's first
    ranges (`nr`); and for one in eight of the letters for which a process made a new plan.
    """
    number = int.from_bytes(digest[:8], "big")
    if number % CHECKED_IN == 0 or (first and nr <= CHECKED_FIRST):
        return True
    return new_plan and number % CHECKED_PLANS_IN == 0


def list_digest(row_hashes: Iterable[bytes]) -> bytes:
    """Digest of a list: SHA-256 over its rows' keyed hashes in row order."""
    digest = hashlib.sha256()
    for row_hash in row_hashes:
        digest.update(row_hash)
    return digest.digest()


def content_digest(*, rows: Iterable[tuple[int, bytes, bytes]], template: str, options: str) -> bytes:
    """Digest of what the approver approves: all row and letter hashes, the template version, the options.

    `rows` is (radnr, row hash, SHA-256 of the letter) in row order.
    """
    digest = hashlib.sha256(f"{template}\n{options}\n".encode())
    for radnr, row_hash, letter_hash in rows:
        digest.update(radnr.to_bytes(4, "big") + row_hash + letter_hash)
    return digest.digest()
