"""What waits for a person on the kontoer one holds a right on, a kind at a time; whose it is, `dashboard` decides.

A few of each kind, the longest waiting first, and how many more there are: one kind never hides another.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from fiks.core.db import session
from fiks.konfigurasjon.konto.queries import persons_with
from fiks.konfigurasjon.models import Konto
from fiks.konfigurasjon.rules import P
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import OVERGANGER, Bane, Leveringsstatus, Status
from fiks.utsending import leaving
from fiks.utsending.four_eyes import not_prepared_by
from fiks.utsending.models import Utsending, Utsendingshendelse, Utsendingsrad
from fiks.utsending.preview import COUNTED
from fiks.utsending.retry import SENDING
from fiks.utsending.rules import EDITABLE, SENDABLE_NAMES, Utsendingstatus

U = Utsendingstatus
MOST_OF_A_KIND = 10
FOLLOWED_UP_WITHIN = timedelta(days=30)
CLOSABLE = [str(status) for status, following in OVERGANGER.items() if Status.MANUELT_HANDTERT in following]
"""What a letter is that a person may close by hand: all that can be done with one of a mailing that is stopped."""


class Oppgaveslag(StrEnum):
    """What waits for a person, the most urgent first."""

    INNHOLD_ENDRET = "INNHOLD_ENDRET"
    FEIL = "FEIL"
    SPERRET = "SPERRET"
    FEIL_UTENOM = "FEIL_UTENOM"
    SPERRET_UTENOM = "SPERRET_UTENOM"
    INGEN_SER_SPERRET = "INGEN_SER_SPERRET"
    FRIGI = "FRIGI"
    GODKJENN = "GODKJENN"
    IKKE_LAGET = "IKKE_LAGET"
    RETT = "RETT"


@dataclass(frozen=True, slots=True)
class Oppgave:
    """One thing that waits: `id` and `tittel` are the mailing's, and for FEIL_UTENOM, SPERRET_UTENOM and
    INGEN_SER_SPERRET the konto's; since when, and how many letters it is about (the failed ones for FEIL, and for
    SPERRET those in the restricted lane).

    Rows that are held out become no letter and are not counted. `utelatt`: how many more there are of the kind, told by
    the last of it. `for_sent`: the letters of one to release or approve cannot leave on their date any more.
    """

    slag: Oppgaveslag
    id: UUID
    tittel: str
    antall: int
    siden: datetime
    utelatt: int = 0
    for_sent: bool = False


def to_approve(person_id: UUID | None, kontoer: Set[UUID]) -> list[Oppgave]:
    """Mailings that wait for another than who prepared them."""
    waiting = _mailings(
        Oppgaveslag.GODKJENN,
        Utsending.konto_id.in_(kontoer),
        Utsending.status == U.TIL_GODKJENNING,
        not_prepared_by(person_id),
    )
    return _too_late(waiting)


def to_release(kontoer: Set[UUID]) -> list[Oppgave]:
    """Mailings that are approved."""
    approved = _mailings(Oppgaveslag.FRIGI, Utsending.konto_id.in_(kontoer), Utsending.status == U.GODKJENT)
    return _too_late(approved)


def _too_late(found: list[Oppgave]) -> list[Oppgave]:
    """The same, each with whether its letters are `for_sent`."""
    if not found:
        return found
    dated = select(Utsending.id, Utsending.brevdato, Konto.angrefrist_sekunder)
    of_them = dated.join(Konto, Konto.id == Utsending.konto_id).where(Utsending.id.in_(o.id for o in found))
    rows = session().execute(of_them).all()
    holds = {row.angrefrist_sekunder for row in rows}
    first = {own: leaving.first_day(leaving.hold_of(own)) for own in holds}
    late = {row.id for row in rows if first[row.angrefrist_sekunder] > row.brevdato}
    return [replace(one, for_sent=one.id in late) for one in found]


def sent_back(person_id: UUID | None, kontoer: Set[UUID]) -> list[Oppgave]:
    """Mailings that the person prepared and the approver sent back."""
    return _mailings(
        Oppgaveslag.RETT,
        Utsending.konto_id.in_(kontoer),
        Utsending.status == U.UTKAST,
        Utsending.avvist_grunn.is_not(None),
        ~_came_to_nothing(),
        _falls_to(person_id),
    )


def not_made(person_id: UUID | None, kontoer: Set[UUID]) -> list[Oppgave]:
    """Mailings that the person prepared, and whose letters could not be made."""
    return _mailings(
        Oppgaveslag.IKKE_LAGET,
        Utsending.konto_id.in_(kontoer),
        Utsending.status.in_(EDITABLE),
        _came_to_nothing(),
        _falls_to(person_id),
    )


def stopped_by_the_house(kontoer: Set[UUID]) -> list[Oppgave]:
    """Mailings that were lately stopped since their content was not what was approved, and that nobody has followed up:
    made a new one of what was not sent, or of the same list.

    That the receivers have the letter by another list nobody can know here: after a month it is told no more.
    """
    later = aliased(Utsending)
    followed_up = select(later.id).where(
        later.konto_id == Utsending.konto_id,
        or_(
            later.forrige_id == Utsending.id,
            and_(later.liste_digest == Utsending.liste_digest, later.nr > Utsending.nr),
        ),
    )
    why = _last_event(Utsendingshendelse.detaljer["grunn"].astext == "INNHOLD_ENDRET")
    return _mailings(
        Oppgaveslag.INNHOLD_ENDRET,
        Utsending.konto_id.in_(kontoer),
        Utsending.status == U.STOPPET,
        Utsending.stoppet_av.is_(None),
        Utsending.innhold_slettet.is_(None),
        Utsending.endret >= func.now() - FOLLOWED_UP_WITHIN,
        why,
        ~followed_up.correlate(Utsending).exists(),
    )


def _falls_to(person_id: UUID | None) -> ColumnElement[bool]:
    """Of a mailing: whether the person prepared it, or who did may send from its konto no more."""
    may_send = persons_with(Utsending.konto_id, (P.SENDE,))
    return or_(Utsending.klargjort_av == person_id, Utsending.klargjort_av.not_in(may_send))


def _came_to_nothing() -> ColumnElement[bool]:
    """Of a draft: whether the last that happened to it is that its letters could not be made."""
    made = Utsendingshendelse.fra == U.PRODUSERES
    return _last_event(and_(made, Utsendingshendelse.detaljer.has_key("feil")))


def _last_event(is_so: ColumnElement[bool]) -> ColumnElement[bool]:
    last = select(is_so).where(Utsendingshendelse.utsending_id == Utsending.id)
    newest = last.order_by(Utsendingshendelse.lopenr.desc()).limit(1)
    return func.coalesce(newest.correlate(Utsending).scalar_subquery(), False)


def _mailings(slag: Oppgaveslag, *conditions: ColumnElement[bool]) -> list[Oppgave]:
    letters = (
        select(func.count())
        .where(Utsendingsrad.utsending_id == Utsending.id, Utsendingsrad.status.in_(SENDABLE_NAMES))
        .scalar_subquery()
    )
    waiting = select(Utsending.id, Utsending.tittel, letters, Utsending.endret, func.count().over())
    return _tasks(slag, waiting.where(*conditions).order_by(Utsending.endret))


def failed(sends: Set[UUID], stops: Set[UUID]) -> list[Oppgave]:
    """Letters of mailings that wait for who may try them again; of one that is stopped, for who may close them."""
    return _letters(Oppgaveslag.FEIL, Levering.bane != Bane.SPERRET, _goes_on_or_closable(sends, stops))


def restricted(kontoer: Set[UUID]) -> list[Oppgave]:
    """The same in the restricted lane."""
    return _letters(
        Oppgaveslag.SPERRET, Levering.bane == Bane.SPERRET, _goes_on_or_closable(kontoer, kontoer)
    )


def _letters(slag: Oppgaveslag, *conditions: ColumnElement[bool]) -> list[Oppgave]:
    """Letters that wait for a person, by mailing."""
    count, since = func.count().label("antall"), func.min(Levering.opprettet)
    waiting = (
        select(Utsending.id, Utsending.tittel, count, since, func.count().over())
        .join(Levering, Levering.utsending_id == Utsending.id)
        .join(Forsendelse, Forsendelse.id == Levering.forsendelse_id)
        .where(Levering.status == Leveringsstatus.TIL_BEHANDLING, *conditions)
        .group_by(Utsending.id, Utsending.tittel)
    )
    return _tasks(slag, waiting.order_by(since))


def _goes_on_or_closable(sent: Set[UUID], stopped: Set[UUID]) -> ColumnElement[bool]:
    """Of a mailing and its letter (joined): on the kontoer `sent` one that goes on, on `stopped` one to close."""
    return or_(
        and_(Utsending.konto_id.in_(sent), Utsending.status.in_(SENDING)),
        and_(
            Utsending.konto_id.in_(stopped),
            Utsending.status == U.STOPPET,
            Forsendelse.status.in_(CLOSABLE),
        ),
    )


def failed_outside(kontoer: Set[UUID]) -> list[Oppgave]:
    """Letters outside mailings that wait for a person, by konto."""
    return _outside(Oppgaveslag.FEIL_UTENOM, kontoer, Levering.bane != Bane.SPERRET)


def restricted_outside(kontoer: Set[UUID]) -> list[Oppgave]:
    """The same in the restricted lane."""
    return _outside(Oppgaveslag.SPERRET_UTENOM, kontoer, Levering.bane == Bane.SPERRET)


def _outside(slag: Oppgaveslag, kontoer: Set[UUID], which: ColumnElement[bool]) -> list[Oppgave]:
    return _by_konto(slag, _of_kontoer(kontoer, which, Levering.utsending_id.is_(None)))


def seen_by_nobody(kontoer: Set[UUID]) -> list[Oppgave]:
    """Kontoer with letters in the restricted lane that nobody may see, and close, now: there is nothing else to do."""
    unseen = ~persons_with(Konto.id, (P.SE_SPERRET,), (P.STOPPE,)).correlate(Konto).exists()
    waits = or_(Levering.utsending_id.is_(None), _goes_on_or_closable(kontoer, kontoer))
    which = _of_kontoer(kontoer, Levering.bane == Bane.SPERRET, waits, unseen)
    return _by_konto(
        Oppgaveslag.INGEN_SER_SPERRET, which.outerjoin(Utsending, Utsending.id == Levering.utsending_id)
    )


def _of_kontoer(kontoer: Set[UUID], *conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(Konto.id, Konto.visningsnavn, func.count(), func.min(Levering.opprettet), func.count().over())
        .select_from(Levering)
        .join(Forsendelse, Forsendelse.id == Levering.forsendelse_id)
        .join(Konto, Konto.id == Forsendelse.konto_id)
        .where(
            Levering.status == Leveringsstatus.TIL_BEHANDLING,
            Forsendelse.konto_id.in_(kontoer),
            COUNTED,
            *conditions,
        )
    )


def _by_konto(slag: Oppgaveslag, letters: Select[*tuple[Any, ...]]) -> list[Oppgave]:
    by_konto = letters.group_by(Konto.id, Konto.visningsnavn)
    return _tasks(slag, by_konto.order_by(func.min(Levering.opprettet)))


def _tasks(slag: Oppgaveslag, waiting: Select[*tuple[Any, ...]]) -> list[Oppgave]:
    """The first of (id, title, number, since, how many such there are)."""
    rows = session().execute(waiting.limit(MOST_OF_A_KIND)).all()
    found = [Oppgave(slag, row[0], row[1], row[2], row[3]) for row in rows]
    if rows and rows[-1][4] > len(rows):
        found[-1] = replace(found[-1], utelatt=rows[-1][4] - len(rows))
    return found
