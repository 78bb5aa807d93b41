"""«Post fra kommunen»: the letters somebody may see on Min side, in whose name and after which login.

A letter is there from its hand-over on: before that it can still be stopped or refused, and a letter that came to
nothing never was the receiver's (svarut.md 2.2). What demands a higher level than the login is in no list, choice or
count of unread letters; only how many there are is told (konfigurasjon.md 7.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, extract, func, join, select, true, tuple_

from fiks.core.db import session
from fiks.konfigurasjon.konto_models import Kontooppsett
from fiks.konfigurasjon.models import Konto, Organisasjon
from fiks.konfigurasjon.parties import CONFIDENTIAL, SVARUT
from fiks.svarut.indexes import number_index
from fiks.svarut.models import Eksponering, Forsendelse
from fiks.svarut.reading import READABLE
from fiks.svarut.rules import UNREAD_ALTINN, Mottakertype, Opphav, Status, goes_on_paper_after_deadline

SHOWN = (*READABLE, Status.LEST)
ON_PAPER = (Status.SENDT_PRINT, Status.PRINTET)
HIGHEST = "HOYESTE"
RIGHTS = {SVARUT: False, CONFIDENTIAL: True}
"""Which letters to an organisation each right opens: those that are taushetsbelagt, or the others."""
PAGE = 20
MAX_CHOICES = 200

LETTERS = (
    join(Forsendelse, Organisasjon, Organisasjon.id == Forsendelse.organisasjon_id)
    .join(Konto, Konto.id == Forsendelse.konto_id)
    .outerjoin(Kontooppsett, Kontooppsett.konto_id == Forsendelse.konto_id)
)


@dataclass(frozen=True, slots=True, repr=False)
class Postboks:
    """Whose post is looked at: fnr or orgnr, the level of the login, and whether confidential post, other post or both.

    No repr: it may hold a personal number.
    """

    nummer: str
    acr: int
    taushetsbelagt: frozenset[bool]


def of_person(pid: str, acr: int) -> Postboks:
    """All that is to the person in their own name."""
    return Postboks(pid, acr, frozenset({False, True}))


def of_organisation(orgnr: str, rights: frozenset[str], acr: int) -> Postboks:
    """What is to the organisation, as far as the reader's `rights` for it go (services of `konfigurasjon.parties`)."""
    return Postboks(orgnr, acr, frozenset(RIGHTS[right] for right in rights))


@dataclass(frozen=True, slots=True)
class Utvalg:
    """What is asked for: letters of one year, from one organisation, only unread ones. None is all."""

    aar: int | None = None
    avsender: UUID | None = None
    bare_uleste: bool = False


@dataclass(frozen=True, slots=True)
class Valgmuligheter:
    """The years and senders there are letters from."""

    aar: tuple[int, ...]
    avsendere: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, slots=True)
class Antall:
    """Unread letters the login may see, and letters, read or not, that demand a higher level."""

    uleste: int
    hoyere: int


@dataclass(frozen=True, slots=True)
class Innboksbrev:
    """A letter as the list shows it.

    `egen`: it is to them, not only exposed to them. `papirfrist`: unread then, it goes on paper. `paa_papir`: it has.
    """

    id: UUID
    tittel: str
    avsender: str
    sendt: datetime
    lest: bool
    egen: bool
    papirfrist: datetime | None
    paa_papir: bool


def count(boks: Postboks) -> Antall:
    """How many unread letters there are, and how many that the login is too weak for."""
    weak = Forsendelse.sikkerhetsniva == HIGHEST if boks.acr < 4 else ~true()
    unread = func.count().filter(~weak, Forsendelse.status != Status.LEST, _is_own(boks))
    both = select(unread, func.count().filter(weak)).select_from(LETTERS).where(*_shown(boks))
    row = session().execute(both).one()
    return Antall(row[0], row[1])


def choices(boks: Postboks) -> Valgmuligheter:
    """What the list can be narrowed to, newest year and names in order."""
    found = select(Organisasjon.id, Organisasjon.navn, _year()).select_from(LETTERS).where(*_listed(boks))
    rows = session().execute(found.distinct().limit(MAX_CHOICES)).all()
    senders = {row[0]: row[1] for row in rows}
    years = {int(row[2]) for row in rows}
    return Valgmuligheter(
        tuple(sorted(years, reverse=True)), tuple(sorted(senders.items(), key=lambda one: one[1]))
    )


def letters(
    boks: Postboks, utvalg: Utvalg, *, after: UUID | None = None, limit: int = PAGE
) -> list[Innboksbrev]:
    """The letters, newest first, following the letter `after`; one that is not in the list is the list's beginning."""
    wanted = [*_listed(boks)]
    if utvalg.aar is not None:
        wanted.append(_year() == utvalg.aar)
    if utvalg.avsender is not None:
        wanted.append(Forsendelse.organisasjon_id == utvalg.avsender)
    if utvalg.bare_uleste:
        wanted += [Forsendelse.status != Status.LEST, _is_own(boks)]
    if (key := _key(boks, after)) is not None:
        wanted.append(tuple_(Forsendelse.opprettet, Forsendelse.id) < tuple_(*key))
    newest = Forsendelse.opprettet.desc(), Forsendelse.id.desc()
    rows = session().execute(letter_rows().where(*wanted).order_by(*newest).limit(limit))
    return [as_shown(*row, boks) for row in rows]


def letter_rows() -> Select[Forsendelse, str, bool]:
    """Each letter with its sender's name, and whether its konto prints what organisations leave unread."""
    rows = select(Forsendelse, Organisasjon.navn, Konto.ettersending_virksomheter).select_from(LETTERS)
    return rows.execution_options(populate_existing=True)


def theirs(boks: Postboks) -> tuple[ColumnElement[bool], ...]:
    """Letters to the number or exposed to it, with a right for their kind, from a konto that is shown on Min side.

    What one has sent oneself with eDialog is exposed to one, but it is no post to one.
    """
    index = number_index(boks.nummer)
    own = select(Forsendelse.id).where(Forsendelse.mottaker_indeks == index)
    exposed = (
        select(Eksponering.forsendelse_id)
        .join(Forsendelse, Forsendelse.id == Eksponering.forsendelse_id)
        .where(Eksponering.indeks == index, Forsendelse.opphav != Opphav.EDIALOG)
    )
    return (
        Forsendelse.id.in_(own.union(exposed)),
        Forsendelse.taushetsbelagt.in_(boks.taushetsbelagt),
        func.coalesce(Kontooppsett.vises_paa_minside, true()),
    )


def _shown(boks: Postboks) -> tuple[ColumnElement[bool], ...]:
    return (*theirs(boks), Forsendelse.status.in_(SHOWN))


def _listed(boks: Postboks) -> tuple[ColumnElement[bool], ...]:
    level = Forsendelse.sikkerhetsniva != HIGHEST if boks.acr < 4 else true()
    return (*_shown(boks), level)


def _is_own(boks: Postboks) -> ColumnElement[bool]:
    return func.coalesce(Forsendelse.mottaker_indeks == number_index(boks.nummer), ~true())


def _year() -> ColumnElement[int]:
    return extract("year", func.timezone("Europe/Oslo", Forsendelse.opprettet))


def _key(boks: Postboks, after: UUID | None) -> tuple[datetime, UUID] | None:
    """Where the list goes on. A letter the reader may not see takes one nowhere."""
    if after is None:
        return None
    found = select(Forsendelse.opprettet, Forsendelse.id).select_from(LETTERS)
    row = session().execute(found.where(Forsendelse.id == after, *_listed(boks))).first()
    return None if row is None else (row[0], row[1])


def as_shown(letter: Forsendelse, sender: str, forwards: bool, boks: Postboks) -> Innboksbrev:
    """A row of `letter_rows` as its reader sees it."""
    own = letter.mottaker_indeks == number_index(boks.nummer)
    return Innboksbrev(
        id=letter.id,
        tittel=letter.tittel,
        avsender=sender,
        sendt=letter.opprettet,
        lest=letter.status == Status.LEST,
        egen=own,
        papirfrist=_paper_deadline(letter, forwards) if own else None,
        paa_papir=own and letter.status in ON_PAPER,
    )


def _paper_deadline(letter: Forsendelse, forwards: bool) -> datetime | None:
    """When the letter goes on paper if it still is unread; None when it never will."""
    if letter.status not in UNREAD_ALTINN or letter.lesefrist_utlopt is not None:
        return None
    kind, digital = Mottakertype(letter.mottakertype), letter.kun_digital or letter.uten_adresse
    printed = goes_on_paper_after_deadline(kind, kun_digital=digital, ettersending=forwards)
    return letter.lesefrist if printed else None
