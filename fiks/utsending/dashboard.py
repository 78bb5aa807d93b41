"""The overview's numbers, counted from the rows themselves. Test letters are never counted.

Everything is about the kontoer of the chosen organisation that the actor may see, closed ones too.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from fiks.core import clock
from fiks.core.actor import Aktor
from fiks.core.calendar import OSLO
from fiks.core.db import session
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.konto_queries import kontoer_held
from fiks.konfigurasjon.rules import P
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import OVERGANGER, Bane, Kanal, Status
from fiks.utsending.four_eyes import not_prepared_by
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.on_the_way import failed_and_goes_on
from fiks.utsending.preview import COUNTED
from fiks.utsending.queries import visible_kontoer
from fiks.utsending.retry import SENDING
from fiks.utsending.rules import SENDABLE_NAMES, Utsendingstatus
from fiks.utsending.unfed import without_letter

U = Utsendingstatus
DAYS = 14
MAX_TASKS = 20
CLOSABLE = [str(status) for status, following in OVERGANGER.items() if Status.MANUELT_HANDTERT in following]
"""What a letter is that a person may close by hand: all that can be done with one of a mailing that is stopped."""
LOCAL_TIME = func.timezone("Europe/Oslo", Forsendelse.overlevert)


@dataclass(frozen=True, slots=True)
class Dag:
    """Letters handed over on one day (Oslo), by whether they are on paper."""

    dag: date
    digitalt: int
    papir: int


@dataclass(frozen=True, slots=True)
class Nokkeltall:
    """Key figures. `sendt` is the sum of `dager`; `gjenstar` are letters of running mailings not handed over yet."""

    tidspunkt: datetime
    dager: tuple[Dag, ...]
    pagaende: int
    gjenstar: int
    til_godkjenning: int
    eldste_til_godkjenning: datetime | None
    feil: int
    utsendinger_med_feil: int

    @property
    def sendt(self) -> int:
        return sum(d.digitalt + d.papir for d in self.dager)

    @property
    def andel_digitalt(self) -> float | None:
        """Between 0 and 1; None when nothing was sent."""
        return sum(d.digitalt for d in self.dager) / self.sendt if self.sendt else None


def key_figures(*, actor: Aktor) -> Nokkeltall:
    """The overview's numbers now, the last fourteen days with today as the last."""
    kontoer, now = visible_kontoer(actor), clock.now()
    running = Utsending.status.in_([U.FRIGITT, U.SENDES])
    pagaende = _count_mailings(kontoer, running)
    waiting = session().execute(
        select(func.count(), func.min(Utsending.endret)).where(
            Utsending.konto_id.in_(kontoer), Utsending.status == U.TIL_GODKJENNING
        )
    )
    til_godkjenning, oldest = waiting.one()
    feil, med_feil = (
        session()
        .execute(
            select(func.count(), func.count(Forsendelse.utsending_id.distinct()))
            .select_from(Levering)
            .join(Forsendelse, Forsendelse.id == Levering.forsendelse_id)
            .where(Levering.status == "TIL_BEHANDLING", Forsendelse.konto_id.in_(kontoer), COUNTED)
        )
        .one()
    )
    return Nokkeltall(
        now,
        _per_day(kontoer, now),
        pagaende,
        _remaining(kontoer),
        til_godkjenning,
        oldest,
        feil,
        med_feil,
    )


def _count_mailings(kontoer: list[UUID], condition: ColumnElement[bool]) -> int:
    return (
        session().execute(select(func.count()).where(Utsending.konto_id.in_(kontoer), condition)).scalar_one()
    )


def _remaining(kontoer: list[UUID]) -> int:
    """Rows of running mailings whose letter is not made, and letters of them that are not handed over nor settled, or
    that a channel failed with and none has taken since.

    Counted apart, each by its own index: joined, every row and letter of them would be read each time.
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
        .where(Levering.utsending_id.in_(running), failed_and_goes_on())
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
        .where(Forsendelse.konto_id.in_(kontoer), Forsendelse.overlevert >= since, COUNTED)
        .group_by(day)
    )
    found = {row[0]: Dag(row[0], row[1], row[2]) for row in counted}
    days = (first + timedelta(days=n) for n in range(DAYS))
    return tuple(found.get(d, Dag(d, 0, 0)) for d in days)


class Oppgaveslag(StrEnum):
    """What waits for a person."""

    GODKJENN = "GODKJENN"
    FRIGI = "FRIGI"
    RETT = "RETT"
    FEIL = "FEIL"
    SPERRET = "SPERRET"


@dataclass(frozen=True, slots=True)
class Oppgave:
    """One thing that waits: the mailing, since when, and how many letters it is about (the failed ones for FEIL, and
    for SPERRET those in the restricted lane).

    Rows that are held out become no letter and are not counted.
    """

    slag: Oppgaveslag
    utsending_id: UUID
    tittel: str
    antall: int
    siden: datetime


def waiting_for(*, actor: Aktor) -> list[Oppgave]:
    """What waits for the actor: to approve (never what one prepared), to release, sent back to oneself, failed letters.

    On a closed konto only the last: what is released there goes on, and nothing more can be. Failed letters wait for
    who may try them again, also when their mailing is done; when it is stopped, for who may close them by hand. Those
    in the restricted lane wait for who may see that, and of no others.
    """
    sends, approves = _active_kontoer(actor, P.SENDE), _active_kontoer(actor, P.GODKJENNE)
    return [
        *_to_approve(actor, approves),
        *_to_release(sends | approves),
        *_sent_back(actor, sends),
        *_failed(_kontoer(actor, P.SENDE), _kontoer(actor, P.STOPPE)),
        *_restricted(_kontoer(actor, P.SE_SPERRET) & set(visible_kontoer(actor))),
    ][:MAX_TASKS]


def _kontoer(actor: Aktor, privilege: P) -> set[UUID]:
    """Closed ones too."""
    return {konto.id for konto in kontoer_held(privilege, actor=actor)}


def _active_kontoer(actor: Aktor, privilege: P) -> set[UUID]:
    if actor.person_id is None or actor.organisasjon_id is None:
        return set()
    held = konfigurasjon.kontoer_with(actor.person_id, actor.organisasjon_id, privilege)
    return {konto.id for konto in held}


def _mailings(slag: Oppgaveslag, *conditions: ColumnElement[bool]) -> list[Oppgave]:
    letters = (
        select(func.count())
        .where(Utsendingsrad.utsending_id == Utsending.id, Utsendingsrad.status.in_(SENDABLE_NAMES))
        .scalar_subquery()
    )
    rows = session().execute(
        select(Utsending.id, Utsending.tittel, letters, Utsending.endret)
        .where(*conditions)
        .order_by(Utsending.endret)
        .limit(MAX_TASKS)
    )
    return [Oppgave(slag, row[0], row[1], row[2], row[3]) for row in rows]


def _to_approve(actor: Aktor, kontoer: Set[UUID]) -> list[Oppgave]:
    return _mailings(
        Oppgaveslag.GODKJENN,
        Utsending.konto_id.in_(kontoer),
        Utsending.status == U.TIL_GODKJENNING,
        not_prepared_by(actor.person_id),
    )


def _to_release(kontoer: Set[UUID]) -> list[Oppgave]:
    return _mailings(
        Oppgaveslag.FRIGI,
        Utsending.konto_id.in_(kontoer),
        Utsending.status == U.GODKJENT,
    )


def _sent_back(actor: Aktor, kontoer: Set[UUID]) -> list[Oppgave]:
    return _mailings(
        Oppgaveslag.RETT,
        Utsending.konto_id.in_(kontoer),
        Utsending.status == U.UTKAST,
        Utsending.avvist_grunn.is_not(None),
        Utsending.klargjort_av == actor.person_id,
    )


def _failed(sends: Set[UUID], stops: Set[UUID]) -> list[Oppgave]:
    return _waiting_letters(Oppgaveslag.FEIL, Levering.bane != Bane.SPERRET, sends, stops)


def _restricted(sees: Set[UUID]) -> list[Oppgave]:
    return _waiting_letters(Oppgaveslag.SPERRET, Levering.bane == Bane.SPERRET, sees, sees)


def _waiting_letters(
    slag: Oppgaveslag, which: ColumnElement[bool], sent: Set[UUID], stopped: Set[UUID]
) -> list[Oppgave]:
    """Letters that wait for a person, by mailing: on the kontoer `sent` of one that goes on, on `stopped` else."""
    count, since = func.count().label("antall"), func.min(Levering.opprettet)
    rows = session().execute(
        select(Utsending.id, Utsending.tittel, count, since)
        .join(Levering, Levering.utsending_id == Utsending.id)
        .join(Forsendelse, Forsendelse.id == Levering.forsendelse_id)
        .where(
            Levering.status == "TIL_BEHANDLING",
            which,
            or_(
                and_(Utsending.konto_id.in_(sent), Utsending.status.in_(SENDING)),
                and_(
                    Utsending.konto_id.in_(stopped),
                    Utsending.status == U.STOPPET,
                    Forsendelse.status.in_(CLOSABLE),
                ),
            ),
        )
        .group_by(Utsending.id, Utsending.tittel)
        .order_by(since)
        .limit(MAX_TASKS)
    )
    return [Oppgave(slag, row[0], row[1], row[2], row[3]) for row in rows]
