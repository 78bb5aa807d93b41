"""«Post fra kommunen»: the letters a person may see on Min side, by whose mailbox and at which login level.

A letter is listed from its hand-over: before that it can still be stopped or refused, and a failed letter was
never the receiver's (svarut.md 2.2). A letter closed after its hand-over stays. Letters above the login's
level are in no list, filter or unread count; only their number is shown (konfigurasjon.md 7.4).

An organisation may have a hundred thousand letters: its own are read newest first by index, and counts and
filters are bounded. Newest is what came in last (ADR 0016); the date of a letter, and so its year, is when it
left, from which a deadline to complain runs (`lifecycle.posting_date`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, join, or_, select, true, tuple_, union

from fiks.core import clock
from fiks.core.db import session
from fiks.core.values.calendar import OSLO
from fiks.core.values.login_level import Sikkerhetsniva, is_strong_enough
from fiks.konfigurasjon.konto.models import Kontooppsett
from fiks.konfigurasjon.models import Konto, Organisasjon
from fiks.konfigurasjon.person.representation import CONFIDENTIAL, SVARUT
from fiks.konfigurasjon.rules import norwegian_order
from fiks.svarut.inbox.row import Innboksbrev, as_inbox_row, is_of_year, new_year
from fiks.svarut.lifecycle.posting_date import left_at
from fiks.svarut.lifecycle.print_order import READ_REMARKS
from fiks.svarut.models import Eksponering, Forsendelse, Hendelse
from fiks.svarut.rules import HANDED_OVER, Opphav, Status
from fiks.svarut.sealed_content import number_index

SHOWN = (*HANDED_OVER, Status.LEST)
RIGHTS = {SVARUT: False, CONFIDENTIAL: True}
"""Which letters to an organisation each right opens: the confidential ones (taushetsbelagt), or the others.
"""
PAGE = 20
MOST_COUNTED = 1_000
"""The counting limit: a higher number only says that there are more."""
MOST_YEARS = 50
SENDERS_OF = 2_000
"""The sender filter covers so many of the newest letters, as many of the chosen year, and the chosen sender.
"""

LETTERS = (
    join(Forsendelse, Organisasjon, Organisasjon.id == Forsendelse.organisasjon_id)
    .join(Konto, Konto.id == Forsendelse.konto_id)
    .outerjoin(Kontooppsett, Kontooppsett.konto_id == Forsendelse.konto_id)
)


@dataclass(frozen=True, slots=True, repr=False)
class Postboks:
    """The mailbox being viewed: fnr or orgnr, login level, and whether confidential post, other post or both.

    No repr: it may hold a personal number.
    """

    nummer: str
    acr: int
    taushetsbelagt: frozenset[bool]


def postboks_of_person(pid: str, acr: int) -> Postboks:
    """The mailbox of a person in their own name, with all kinds of letters."""
    return Postboks(pid, acr, frozenset({False, True}))


def postboks_of_organisation(orgnr: str, rights: frozenset[str], acr: int) -> Postboks:
    """The mailbox of an organisation, limited to the reader's `rights` for it (services of
    `konfigurasjon.parties`).
    """
    return Postboks(orgnr, acr, frozenset(RIGHTS[right] for right in rights))


@dataclass(frozen=True, slots=True)
class Utvalg:
    """The list's filter: letters of one year, from one organisation, only unread ones. None means all.

    Letters written with eDialog belong to no organisation that can be chosen.
    """

    aar: int | None = None
    avsender: UUID | None = None
    bare_uleste: bool = False


@dataclass(frozen=True, slots=True)
class Valgmuligheter:
    """The years and senders that the list can be filtered by."""

    aar: tuple[int, ...]
    avsendere: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, slots=True)
class Antall:
    """Unread letters the login may see, and letters, read or not, that need a higher level.

    Either is counted up to `mest` + 1, which only says that there are more than `mest`.
    """

    uleste: int
    hoyere: int
    mest: int = MOST_COUNTED


def count_letters(boks: Postboks) -> Antall:
    """Count the unread letters, and those that need a higher login level."""
    own, _ = _branches(boks)
    unread = _number(_newest([own], [*_readable_at_level(boks), ~is_read()], MOST_COUNTED + 1))
    if is_strong_enough(Sikkerhetsniva.HOYESTE, boks.acr):
        return Antall(unread, 0)
    highest = Forsendelse.sikkerhetsniva == Sikkerhetsniva.HOYESTE
    weak = _newest(_branches(boks), [*_in_postboks(boks), highest], MOST_COUNTED + 1)
    return Antall(unread, _number(weak))


def filter_choices(boks: Postboks, utvalg: Utvalg) -> Valgmuligheter:
    """The years (newest first) and senders (by name) that the list, now filtered by `utvalg`, can be narrowed
    to.
    """
    found = dict[UUID, str]()
    for wanted in ([], *filter(None, (_of_year(boks, utvalg.aar), _from(utvalg.avsender)))):
        ids = _newest(_branches(boks), [*_readable_at_level(boks), *wanted], SENDERS_OF)
        senders = (
            select(Organisasjon.id, Organisasjon.navn)
            .join(Forsendelse, Forsendelse.organisasjon_id == Organisasjon.id)
            .where(Forsendelse.id.in_(ids), Forsendelse.opphav != Opphav.EDIALOG)
        )
        found |= {row[0]: row[1] for row in session().execute(senders.distinct())}
    names = sorted(found.items(), key=lambda one: norwegian_order(one[1]))
    return Valgmuligheter(tuple(_years(boks)), tuple(names))


def _years(boks: Postboks) -> Iterator[int]:
    """The years that letters are dated, newest first.

    The year of the newest letter, of the newest before that year, and so on; and the year after each, if
    letters left then.
    """
    looked_at, earlier = clock.now().astimezone(OSLO).year + 1, list[ColumnElement[bool]]()
    for _ in range(MOST_YEARS):
        at = session().scalar(_opprettet(boks, earlier))
        if at is None:
            return
        made = at.astimezone(OSLO).year
        for year in range(min(made + 1, looked_at - 1), made - 1, -1):
            if session().scalar(_opprettet(boks, is_of_year(boks.nummer, year))) is not None:
                yield year
        looked_at, earlier = made, [Forsendelse.opprettet < new_year(made)]


def _opprettet(boks: Postboks, wanted: Iterable[ColumnElement[bool]]) -> Select[datetime]:
    """When the newest letter matching `wanted` was made."""
    newest = _newest(_branches(boks), [*_readable_at_level(boks), *wanted], 1)
    return select(Forsendelse.opprettet).where(Forsendelse.id.in_(newest))


def list_letters(
    boks: Postboks, utvalg: Utvalg, *, after: UUID | None = None, limit: int = PAGE
) -> list[Innboksbrev]:
    """A page of letters, newest first, after the letter `after`; from the beginning when that is not in the
    list.
    """
    page = page_query(boks, utvalg, _key(boks, after), limit)
    newest = Forsendelse.opprettet.desc(), Forsendelse.id.desc()
    rows = session().execute(letter_rows().where(Forsendelse.id.in_(page)).order_by(*newest))
    own = number_index(boks.nummer)
    return [as_inbox_row(*row, egen=row[0].mottaker_indeks == own) for row in rows]


def page_query(boks: Postboks, utvalg: Utvalg, key: tuple[datetime, UUID] | None, limit: int) -> Select[UUID]:
    """The ids of a page of the list, after the letter with this (opprettet, id)."""
    wanted = [*_readable_at_level(boks), *_of_year(boks, utvalg.aar), *_from(utvalg.avsender)]
    if utvalg.bare_uleste:
        wanted.append(~is_read())
    if key is not None:
        wanted.append(tuple_(Forsendelse.opprettet, Forsendelse.id) < tuple_(*key))
    own, exposed = _branches(boks)
    return _newest([own] if utvalg.bare_uleste else [own, exposed], wanted, limit)


def _branches(boks: Postboks) -> tuple[Select[UUID, datetime], Select[UUID, datetime]]:
    """Two queries: letters to the number, and letters exposed to it, before any other condition."""
    letter = select(Forsendelse.id, Forsendelse.opprettet)
    with_setup = letter.outerjoin(Kontooppsett, Kontooppsett.konto_id == Forsendelse.konto_id)
    own = with_setup.where(_is_own(boks))
    exposed = with_setup.join(Eksponering, Eksponering.forsendelse_id == Forsendelse.id).where(
        Eksponering.indeks == number_index(boks.nummer), Forsendelse.opphav != Opphav.EDIALOG
    )
    return own, exposed


def _newest(
    branches: Sequence[Select[UUID, datetime]], wanted: Iterable[ColumnElement[bool]], limit: int
) -> Select[UUID]:
    """The ids of the newest letters matching `wanted`: of each branch by itself, then of those."""
    found = []
    for branch in branches:
        ordered = branch.where(*wanted).order_by(Forsendelse.opprettet.desc(), Forsendelse.id.desc())
        newest = ordered.limit(limit).subquery()
        found.append(select(newest.c.id, newest.c.opprettet))
    merged = union(*found).subquery()
    return select(merged.c.id).order_by(merged.c.opprettet.desc(), merged.c.id.desc()).limit(limit)


def _number(letters: Select[UUID]) -> int:
    return session().execute(select(func.count()).select_from(letters.subquery())).scalar_one()


def letter_rows() -> Select[Forsendelse, str, bool, bool, datetime | None]:
    """Select letters with sender name, whether the konto prints organisations' unread letters, `is_read` and
    `left_at`.
    """
    columns = Forsendelse, Organisasjon.navn, Konto.ettersending_virksomheter, is_read(), left_at()
    return select(*columns).select_from(LETTERS).execution_options(populate_existing=True)


def is_theirs(boks: Postboks) -> tuple[ColumnElement[bool], ...]:
    """SQL: the letter is to the number or exposed to it, its kind is allowed, and its konto is shown on Min
    side.

    What a person sent with eDialog is exposed to that person, but is not their post.
    """
    exposed = select(Eksponering.forsendelse_id).where(
        Eksponering.forsendelse_id == Forsendelse.id, Eksponering.indeks == number_index(boks.nummer)
    )
    return (
        or_(_is_own(boks), and_(Forsendelse.opphav != Opphav.EDIALOG, exposed.exists())),
        *_open_to(boks),
    )


def is_in_inbox() -> ColumnElement[bool]:
    """SQL: the letter's status makes it visible to its receiver; a closed letter is if it was handed over
    before.
    """
    stays = and_(Forsendelse.status == Status.MANUELT_HANDTERT, Forsendelse.overlevert.is_not(None))
    return or_(Forsendelse.status.in_(SHOWN), stays)


def has_arrived(letter: Forsendelse) -> bool:
    """As `is_in_inbox`, for a letter already read from the database."""
    return letter.status in SHOWN or (
        letter.status == Status.MANUELT_HANDTERT and letter.overlevert is not None
    )


def is_read() -> ColumnElement[bool]:
    """SQL: the letter is read. A closed letter never becomes LEST; only its history tells."""
    told = select(Hendelse.lopenr).where(
        Hendelse.forsendelse_id == Forsendelse.id, Hendelse.art == "MERKNAD", Hendelse.kode.in_(READ_REMARKS)
    )
    # Not EXISTS: for many letters PostgreSQL would read the whole history of every letter first.
    first = told.limit(1).scalar_subquery()
    closed = and_(Forsendelse.status == Status.MANUELT_HANDTERT, first.is_not(None))
    return or_(Forsendelse.status == Status.LEST, closed)


def _open_to(boks: Postboks) -> tuple[ColumnElement[bool], ...]:
    return (
        Forsendelse.taushetsbelagt.in_(boks.taushetsbelagt),
        func.coalesce(Kontooppsett.vises_paa_minside, true()),
    )


def _in_postboks(boks: Postboks) -> tuple[ColumnElement[bool], ...]:
    """SQL: letters of a branch that are in the mailbox, whatever level they need."""
    return (*_open_to(boks), is_in_inbox())


def _readable_at_level(boks: Postboks) -> tuple[ColumnElement[bool], ...]:
    """SQL: letters of a branch that are in the mailbox and readable at the login's level."""
    if is_strong_enough(Sikkerhetsniva.HOYESTE, boks.acr):
        return _in_postboks(boks)
    return (*_in_postboks(boks), Forsendelse.sikkerhetsniva != Sikkerhetsniva.HOYESTE)


def _is_own(boks: Postboks) -> ColumnElement[bool]:
    return Forsendelse.mottaker_indeks == number_index(boks.nummer)


def _of_year(boks: Postboks, year: int | None) -> tuple[ColumnElement[bool], ...]:
    return () if year is None else is_of_year(boks.nummer, year)


def _from(organisasjon_id: UUID | None) -> list[ColumnElement[bool]]:
    if organisasjon_id is None:
        return []
    return [Forsendelse.organisasjon_id == organisasjon_id, Forsendelse.opphav != Opphav.EDIALOG]


def _key(boks: Postboks, after: UUID | None) -> tuple[datetime, UUID] | None:
    """The (opprettet, id) after which the list continues; None when the reader may not see that letter."""
    if after is None:
        return None
    found = select(Forsendelse.opprettet, Forsendelse.id).select_from(LETTERS)
    row = (
        session()
        .execute(found.where(Forsendelse.id == after, *is_theirs(boks), *_readable_at_level(boks)))
        .first()
    )
    return None if row is None else (row[0], row[1])
