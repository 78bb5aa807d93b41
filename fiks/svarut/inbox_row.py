"""A row of «Post fra kommunen» as its reader sees it: sender, date, year, and whether it goes on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from fiks.svarut.billed import is_only_billed
from fiks.svarut.channel_choice import goes_on_paper_after_deadline
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import UNREAD_ALTINN, Mottakertype, Status
from fiks.svarut.writers import writer_if_opened


class Datert(StrEnum):
    """The meaning of a letter's date.

    When it left for its receiver; for eDialog when it came in, since the letter itself says when it was sent;
    for a letter not known to have left, when it was made.
    """

    SENDT = "SENDT"
    MOTTATT = "MOTTATT"
    LAGET = "LAGET"


@dataclass(frozen=True, slots=True)
class Innboksbrev:
    """A letter as listed. `datert` gives the meaning of `dato`.

    `avsender` is the writer: with eDialog not the konto's organisation, or "" when unknown. `egen`:
    addressed to the reader, not only exposed. `papirfrist`: when it goes on paper if unread.
    `til_papir`: it is about to. `paa_papir`: it has.
    """

    id: UUID
    tittel: str
    avsender: str
    datert: Datert
    dato: datetime
    lest: bool
    egen: bool
    papirfrist: datetime | None
    til_papir: bool
    paa_papir: bool


def as_shown(
    letter: Forsendelse, sender: str, forwards: bool, read: bool, left: datetime | None, *, egen: bool
) -> Innboksbrev:
    """A row of `inbox.queries.letter_rows` as shown to its reader, who is its receiver (`egen`) or a reader
    it is exposed to.
    """
    written = is_only_billed(letter.opphav)
    return Innboksbrev(
        id=letter.id,
        tittel=letter.tittel,
        avsender=writer_if_opened(letter) if written else sender,
        datert=Datert.LAGET if left is None else Datert.MOTTATT if written else Datert.SENDT,
        dato=letter.opprettet if left is None else max(left, letter.opprettet),
        lest=read,
        egen=egen,
        papirfrist=_paper_deadline(letter, forwards) if egen else None,
        til_papir=egen and letter.status == Status.SENDT_PRINT,
        paa_papir=egen and letter.status == Status.PRINTET,
    )


def _paper_deadline(letter: Forsendelse, forwards: bool) -> datetime | None:
    """When the letter goes on paper if still unread; None when it never will."""
    if letter.status not in UNREAD_ALTINN or letter.lesefrist_utlopt is not None:
        return None
    kind, digital = Mottakertype(letter.mottakertype), letter.kun_digital or letter.uten_adresse
    printed = goes_on_paper_after_deadline(kind, kun_digital=digital, ettersending=forwards)
    return letter.lesefrist if printed else None
