"""A row of «Post fra kommunen» as its reader sees it: sender, date, year, and whether it goes on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from fiks.core.values.calendar import OSLO
from fiks.svarut.lifecycle.channel_choice import goes_on_paper_after_deadline
from fiks.svarut.lifecycle.posting_date import left_at
from fiks.svarut.models import Forsendelse
from fiks.svarut.paid_by_konto import is_only_billed, writer_or_empty
from fiks.svarut.rules import UNREAD_ALTINN, Mottakertype, Status
from fiks.svarut.sealed_content import number_index


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


def as_inbox_row(
    letter: Forsendelse, sender: str, forwards: bool, read: bool, left: datetime | None, *, egen: bool
) -> Innboksbrev:
    """A row of `inbox.queries.letter_rows` as shown to its reader, who is its receiver (`egen`) or a reader
    it is exposed to.
    """
    written = is_only_billed(letter.opphav)
    return Innboksbrev(
        id=letter.id,
        tittel=letter.tittel,
        avsender=writer_or_empty(letter) if written else sender,
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


LONGEST_WAY = timedelta(days=365)
MOST_LATE = 5_000
"""Letters that left in a later year than they were made are searched for among so many of the receiver's
newest from before that year, none made more than LONGEST_WAY before it. Later ones are in the list of all
years only.
"""


def is_of_year(nummer: str, year: int) -> tuple[ColumnElement[bool], ...]:
    """SQL: a letter to the number, or exposed to it, is dated in this year, in Oslo."""
    begins, ends = new_year(year), new_year(year + 1)
    dated = func.greatest(left_at(), Forsendelse.opprettet)
    # The index knows only when it was made: unbounded, a year of few letters would be found by reading all before it.
    late = aliased(Forsendelse)
    before = select(late.opprettet).where(
        late.mottaker_indeks == number_index(nummer), late.opprettet < begins
    )
    oldest = before.order_by(late.opprettet.desc()).offset(MOST_LATE - 1).limit(1).scalar_subquery()
    made = Forsendelse.opprettet >= func.greatest(oldest, begins - LONGEST_WAY), Forsendelse.opprettet < ends
    return *made, dated >= begins, dated < ends


def new_year(year: int) -> datetime:
    """When the year begins in Oslo."""
    return datetime(year, 1, 1, tzinfo=OSLO)
