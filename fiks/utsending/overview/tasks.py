"""Tasks that wait for a person on given kontoer, one kind at a time; `dashboard` decides who sees which.

Of each kind the longest waiting are listed and the rest counted, so no kind hides another.
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
from fiks.utsending.approval import release_time
from fiks.utsending.approval.service import not_prepared_by
from fiks.utsending.letters.preview import IS_COUNTED
from fiks.utsending.models import Utsending, Utsendingshendelse, Utsendingsrad
from fiks.utsending.rules import EDITABLE, SENDABLE_NAMES, Utsendingstatus
from fiks.utsending.sending.retry import SENDING

U = Utsendingstatus
MAX_OF_A_KIND = 10
FOLLOWED_UP_WITHIN = timedelta(days=30)
CLOSABLE = [str(status) for status, following in OVERGANGER.items() if Status.MANUELT_HANDTERT in following]
"""Letter statuses that a person may close: the only thing to do with a letter of a stopped mailing."""


class Oppgaveslag(StrEnum):
    """Kinds of tasks, the most urgent first."""

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
    """One task. `id` and `tittel` are the mailing's.

    They are the konto's for FEIL_UTENOM, SPERRET_UTENOM and INGEN_SER_SPERRET. `antall`: letters (failed ones
    for FEIL, those in the restricted lane for SPERRET), never rows held out. `utelatt`: further tasks of the
    kind, on its last one. `for_sent`: letters to approve or release can no longer leave on their date.
    """

    slag: Oppgaveslag
    id: UUID
    tittel: str
    antall: int
    siden: datetime
    utelatt: int = 0
    for_sent: bool = False


def to_approve(person_id: UUID | None, kontoer: Set[UUID]) -> list[Oppgave]:
    """Mailings that wait for approval and that the person did not prepare."""
    waiting = _mailings(
        Oppgaveslag.GODKJENN,
        Utsending.konto_id.in_(kontoer),
        Utsending.status == U.TIL_GODKJENNING,
        not_prepared_by(person_id),
    )
    return _mark_late(waiting)


def to_release(kontoer: Set[UUID]) -> list[Oppgave]:
    """Approved mailings."""
    approved = _mailings(Oppgaveslag.FRIGI, Utsending.konto_id.in_(kontoer), Utsending.status == U.GODKJENT)
    return _mark_late(approved)


def _mark_late(found: list[Oppgave]) -> list[Oppgave]:
    """The same tasks with `for_sent` set where the letters can no longer leave on their date."""
    if not found:
        return found
    dated = select(Utsending.id, Utsending.brevdato, Konto.angrefrist_sekunder)
    of_them = dated.join(Konto, Konto.id == Utsending.konto_id).where(Utsending.id.in_(o.id for o in found))
    rows = session().execute(of_them).all()
    holds = {row.angrefrist_sekunder for row in rows}
    first = {own: release_time.first_sending_day(release_time.hold_or_default(own)) for own in holds}
    late = {row.id for row in rows if first[row.angrefrist_sekunder] > row.brevdato}
    return [replace(one, for_sent=one.id in late) for one in found]


def sent_back_mailings(person_id: UUID | None, kontoer: Set[UUID]) -> list[Oppgave]:
    """Mailings that the person prepared and an approver sent back."""
    return _mailings(
        Oppgaveslag.RETT,
        Utsending.konto_id.in_(kontoer),
        Utsending.status == U.UTKAST,
        Utsending.avvist_grunn.is_not(None),
        ~_production_failed(),
        _is_for_person(person_id),
    )


def production_failures(person_id: UUID | None, kontoer: Set[UUID]) -> list[Oppgave]:
    """Mailings that the person prepared and whose letters could not be made."""
    return _mailings(
        Oppgaveslag.IKKE_LAGET,
        Utsending.konto_id.in_(kontoer),
        Utsending.status.in_(EDITABLE),
        _production_failed(),
        _is_for_person(person_id),
    )


def stopped_for_changed_content(kontoer: Set[UUID]) -> list[Oppgave]:
    """Mailings stopped within a month because their content was not the approved one, not followed up yet.

    Followed up: a new mailing was made of the unsent rows, or has the same list. A resend by a different list
    cannot be recognised, so the task ends after a month.
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


def _is_for_person(person_id: UUID | None) -> ColumnElement[bool]:
    """SQL on a mailing: the person prepared it, or its preparer may no longer send from the konto."""
    may_send = persons_with(Utsending.konto_id, (P.SENDE,))
    return or_(Utsending.klargjort_av == person_id, Utsending.klargjort_av.not_in(may_send))


def _production_failed() -> ColumnElement[bool]:
    """SQL on a draft: its last event is a production that failed."""
    made = Utsendingshendelse.fra == U.PRODUSERES
    return _last_event(and_(made, Utsendingshendelse.detaljer.has_key("feil")))


def _last_event(is_so: ColumnElement[bool]) -> ColumnElement[bool]:
    """SQL: whether the mailing's last event meets the condition."""
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


def failed_letters(sends: Set[UUID], stops: Set[UUID]) -> list[Oppgave]:
    """Letters of mailings to retry (`sends`), or to close when the mailing is stopped (`stops`)."""
    return _letters(Oppgaveslag.FEIL, Levering.bane != Bane.SPERRET, _goes_on_or_closable(sends, stops))


def restricted_letters(kontoer: Set[UUID]) -> list[Oppgave]:
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
    """SQL on a mailing and its letter (joined): one to retry on kontoer `sent`, one to close on `stopped`."""
    return or_(
        and_(Utsending.konto_id.in_(sent), Utsending.status.in_(SENDING)),
        and_(
            Utsending.konto_id.in_(stopped),
            Utsending.status == U.STOPPET,
            Forsendelse.status.in_(CLOSABLE),
        ),
    )


def failed_single_letters(kontoer: Set[UUID]) -> list[Oppgave]:
    """Letters outside mailings that wait for a person, by konto."""
    return _single_letters(Oppgaveslag.FEIL_UTENOM, kontoer, Levering.bane != Bane.SPERRET)


def restricted_single_letters(kontoer: Set[UUID]) -> list[Oppgave]:
    """The same in the restricted lane."""
    return _single_letters(Oppgaveslag.SPERRET_UTENOM, kontoer, Levering.bane == Bane.SPERRET)


def _single_letters(slag: Oppgaveslag, kontoer: Set[UUID], which: ColumnElement[bool]) -> list[Oppgave]:
    return _by_konto(slag, _of_kontoer(kontoer, which, Levering.utsending_id.is_(None)))


def kontoer_without_restricted_viewer(kontoer: Set[UUID]) -> list[Oppgave]:
    """Kontoer with letters in the restricted lane that nobody may see and close; nothing else can be done."""
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
            IS_COUNTED,
            *conditions,
        )
    )


def _by_konto(slag: Oppgaveslag, letters: Select[*tuple[Any, ...]]) -> list[Oppgave]:
    by_konto = letters.group_by(Konto.id, Konto.visningsnavn)
    return _tasks(slag, by_konto.order_by(func.min(Levering.opprettet)))


def _tasks(slag: Oppgaveslag, waiting: Select[*tuple[Any, ...]]) -> list[Oppgave]:
    """Tasks from rows of (id, title, number, since, total number of such rows)."""
    rows = session().execute(waiting.limit(MAX_OF_A_KIND)).all()
    found = [Oppgave(slag, row[0], row[1], row[2], row[3]) for row in rows]
    if rows and rows[-1][4] > len(rows):
        found[-1] = replace(found[-1], utelatt=rows[-1][4] - len(rows))
    return found
