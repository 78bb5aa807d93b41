"""Key figures of the overview page, counted from the rows. Test letters are never counted.

They cover the kontoer of the chosen organisation that the actor may see, closed ones too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from fiks.core import clock
from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.konto.queries import kontoer_held
from fiks.konfigurasjon.rules import P
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import Bane, Kanal, Leveringsstatus, Status
from fiks.svarut.sender.log import READ_RIGHTS
from fiks.utsending.access import SEE
from fiks.utsending.letters.preview import IS_COUNTED
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.overview import tasks
from fiks.utsending.overview.mailings import visible_kontoer
from fiks.utsending.overview.tasks import Oppgave
from fiks.utsending.rules import Utsendingstatus
from fiks.utsending.sending.delivery_state import is_open_after_failure
from fiks.utsending.sending.feeder import without_letter

U = Utsendingstatus
DAYS = 14
LOCAL_TIME = func.timezone("Europe/Oslo", Forsendelse.overlevert)


@dataclass(frozen=True, slots=True)
class Dag:
    """Letters handed over on one day (Oslo), digitally and on paper."""

    dag: date
    digitalt: int
    papir: int


@dataclass(frozen=True, slots=True)
class Nokkeltall:
    """Key figures. `sendt` is the sum of `dager`; `gjenstar`: letters of running mailings not handed over.

    `feil`: letters that wait for a person; `feil_utenom`: those of them outside mailings.
    """

    tidspunkt: datetime
    dager: tuple[Dag, ...]
    pagaende: int
    gjenstar: int
    til_godkjenning: int
    eldste_til_godkjenning: datetime | None
    feil: int
    utsendinger_med_feil: int
    feil_utenom: int

    @property
    def sendt(self) -> int:
        return sum(d.digitalt + d.papir for d in self.dager)

    @property
    def andel_digitalt(self) -> float | None:
        """Between 0 and 1; None when nothing was sent."""
        return sum(d.digitalt for d in self.dager) / self.sendt if self.sendt else None


def key_figures(*, actor: Aktor) -> Nokkeltall:
    """The key figures now, for the last fourteen days including today."""
    kontoer, now = visible_kontoer(actor), clock.now()
    running = Utsending.status.in_([U.FRIGITT, U.SENDES])
    pagaende = _count_mailings(kontoer, running)
    waiting = session().execute(
        select(func.count(), func.min(Utsending.endret)).where(
            Utsending.konto_id.in_(kontoer), Utsending.status == U.TIL_GODKJENNING
        )
    )
    til_godkjenning, oldest = waiting.one()
    return Nokkeltall(
        now,
        _per_day(kontoer, now),
        pagaende,
        _remaining(kontoer),
        til_godkjenning,
        oldest,
        *_count_failed(kontoer, actor),
    )


def _count_failed(kontoer: list[UUID], actor: Aktor) -> tuple[int, int, int]:
    """(letters that wait for a person, mailings they are of, letters of no mailing).

    Single letters in the restricted lane count only for actors who may see it: the number would reveal them.
    """
    seen = or_(
        Levering.bane != Bane.SPERRET,
        Forsendelse.utsending_id.is_not(None),
        Forsendelse.konto_id.in_(_kontoer(actor, P.SE_SPERRET)),
    )
    outside = func.count().filter(Forsendelse.utsending_id.is_(None))
    waits = Levering.status == Leveringsstatus.TIL_BEHANDLING
    row = session().execute(
        select(func.count(), func.count(Forsendelse.utsending_id.distinct()), outside)
        .select_from(Levering)
        .join(Forsendelse, Forsendelse.id == Levering.forsendelse_id)
        .where(waits, Forsendelse.konto_id.in_(kontoer), IS_COUNTED, seen)
    )
    feil, med_feil, utenom = row.one()
    return feil, med_feil, utenom


def _count_mailings(kontoer: list[UUID], condition: ColumnElement[bool]) -> int:
    return (
        session().execute(select(func.count()).where(Utsending.konto_id.in_(kontoer), condition)).scalar_one()
    )


def _remaining(kontoer: list[UUID]) -> int:
    """Rows of running mailings without a letter, letters not handed over or settled, and failed letters that
    no channel has taken since.

    Each is counted by its own index; a join would read every row and letter.
    """
    running = select(Utsending.id).where(
        Utsending.konto_id.in_(kontoer), Utsending.status.in_([U.FRIGITT, U.SENDES])
    )
    unmade = (
        select(func.count())
        .select_from(Utsending)
        .join(Utsendingsrad, and_(*without_letter(Utsending.id)))
        .where(Utsending.id.in_(running))
        .scalar_subquery()
    )
    made = (
        select(func.count())
        .where(Forsendelse.utsending_id.in_(running), Forsendelse.status == Status.AKSEPTERT)
        .scalar_subquery()
    )
    failed = (
        select(func.count())
        .select_from(Levering)
        .join(Forsendelse, Forsendelse.id == Levering.forsendelse_id)
        .where(Levering.utsending_id.in_(running), is_open_after_failure())
        .scalar_subquery()
    )
    counted: int = session().execute(select(unmade + made + failed)).scalar_one()
    return counted


def _per_day(kontoer: list[UUID], now: datetime) -> tuple[Dag, ...]:
    last = now.astimezone(OSLO).date()
    first = last - timedelta(days=DAYS - 1)
    since = datetime.combine(first, time(), tzinfo=OSLO)
    day = func.date(LOCAL_TIME).label("dag")
    paper = func.count().filter(Forsendelse.kanal == Kanal.PRINT)
    counted = session().execute(
        select(day, func.count() - paper, paper)
        .where(Forsendelse.konto_id.in_(kontoer), Forsendelse.overlevert >= since, IS_COUNTED)
        .group_by(day)
    )
    found = {row[0]: Dag(row[0], row[1], row[2]) for row in counted}
    days = (first + timedelta(days=n) for n in range(DAYS))
    return tuple(found.get(d, Dag(d, 0, 0)) for d in days)


def tasks_for(*, actor: Aktor) -> list[Oppgave]:
    """The actor's tasks, most urgent kind first.

    Failed letters, then mailings to release, to approve (never one the actor prepared), whose letters could
    not be made, and sent back. A closed konto has only letters. Failed letters are for those who may retry
    them, also after the mailing is done, and for those who may close them when it is stopped. Letters in the
    restricted lane are only for those who may see it; while nobody may, an administrator is told. What was
    prepared by somebody who may no longer send falls to everybody who may.
    """
    person, sends, approves = actor.person_id, *(_active_kontoer(actor, p) for p in (P.SENDE, P.GODKJENNE))
    held = {p: _kontoer(actor, p) for p in (*SEE, P.SE_SPERRET, P.ADMIN)}
    may_send, may_stop, sees = held[P.SENDE], held[P.STOPPE], held[P.SE_SPERRET]
    return [
        *tasks.stopped_for_changed_content(sends),
        *tasks.failed_letters(may_send, may_stop),
        *tasks.restricted_letters(sees & set[UUID]().union(*(held[p] for p in SEE))),
        *tasks.failed_single_letters(may_send | may_stop),
        *tasks.restricted_single_letters(sees & set[UUID]().union(*(held[p] for p in READ_RIGHTS))),
        *tasks.kontoer_without_restricted_viewer(held[P.ADMIN]),
        *tasks.to_release(sends | approves),
        *tasks.to_approve(person, approves),
        *tasks.production_failures(person, sends),
        *tasks.sent_back_mailings(person, sends),
    ]


def _kontoer(actor: Aktor, privilege: P) -> set[UUID]:
    """The actor's kontoer with this privilege, closed ones too."""
    return {konto.id for konto in kontoer_held(privilege, actor=actor)}


def _active_kontoer(actor: Aktor, privilege: P) -> set[UUID]:
    if actor.person_id is None or actor.organisasjon_id is None:
        return set()
    held = konfigurasjon.kontoer_with(actor.person_id, actor.organisasjon_id, privilege)
    return {konto.id for konto in held}
