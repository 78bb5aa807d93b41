"""A letter of «Post fra kommunen» as its reader sees it in the list: whom it is from, its date, and whether it goes on
paper.
"""

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
    """What the date of a letter is: when it left for its receiver; of what is written with eDialog that it came, since
    it says itself when it was sent; of what has not left, as far as anybody has said, that it was made."""

    SENDT = "SENDT"
    MOTTATT = "MOTTATT"
    LAGET = "LAGET"


@dataclass(frozen=True, slots=True)
class Innboksbrev:
    """A letter as the list shows it. `dato` is what `datert` says.

    `avsender` is who wrote it: with eDialog somebody else than the konto's organisation, or "" when that is not known.
    `egen`: it is to them, not only exposed to them. `papirfrist`: unread then, it goes on paper. `til_papir`: it is
    about to. `paa_papir`: it has.
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
    """A row of `inbox.letter_rows` as its reader sees it, to whom it is (`egen`) or is only exposed."""
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
    """When the letter goes on paper if it still is unread; None when it never will."""
    if letter.status not in UNREAD_ALTINN or letter.lesefrist_utlopt is not None:
        return None
    kind, digital = Mottakertype(letter.mottakertype), letter.kun_digital or letter.uten_adresse
    printed = goes_on_paper_after_deadline(kind, kun_digital=digital, ettersending=forwards)
    return letter.lesefrist if printed else None
