"""The state of operations: pauses, living workers, throughput, late jobs and faults."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, Row, case, exists, func, literal, or_, select, union_all
from sqlalchemy import cast as sql_cast

from fiks.core import clock
from fiks.core.db import session
from fiks.core.queue.planned_jobs import PlanlagtJobb
from fiks.drift import lanes, reconciliation_mark
from fiks.drift.alive_processes import Arbeider, living_workers
from fiks.drift.rules import BANETALL, Banestand, Kall, call_seconds, workers_wanted
from fiks.print.models import Avvik, Leverandor, Pakke
from fiks.print.package_conditions import has_status_in
from fiks.print.states import Pakkestatus
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.models import (
    Banestatus,
    Forsendelse,
    Kanalavvik,
    Levering,
    Leveringsforsok,
    Signeringsoppdrag,
)
from fiks.svarut.rules import PAUSED_PREFIX, Bane, Kanal, Leveringsstatus, Signeringsstatus

LATELY = timedelta(minutes=5)
JOB_LATE = timedelta(minutes=5)
SIGNING_LATE = timedelta(hours=1)
NOT_HANDED_OVER = (Pakkestatus.KLAR, Pakkestatus.SENDER, Pakkestatus.VENTER)


@dataclass(frozen=True, slots=True)
class Pause:
    """A paused channel, register or print house, or the stop of all sending (`navn` is "alle").

    `apnes`: when it is tried next; `venter`: letters that wait for it to open.
    """

    navn: str
    grunn: str | None
    siden: datetime | None
    apnes: datetime | None
    venter: int = 0


@dataclass(frozen=True, slots=True)
class Ukjent:
    """Hand-overs on one channel with unknown outcome, and the age of the oldest in seconds."""

    kanal: str
    antall: int
    eldste: float


@dataclass(frozen=True, slots=True)
class Uenighet:
    """Number of references on which a channel's or print house's books differ from ours, by kind."""

    kanal: str
    art: str
    antall: int


@dataclass(frozen=True, slots=True)
class Driftstand:
    """The state of operations at one moment.

    `onskede`: workers wanted by lane. `per_minutt`: letters handed over per minute by channel, over the last
    five minutes. `eldste_kall`: age in seconds of the oldest call in progress. `sene_jobber`: planned jobs
    more than five minutes late. `sene_signeringer`: signing orders not given, and signed copies not fetched,
    for an hour. `gjenopprettet`: the database is a restored one, and letters sent after the backup have not
    been looked up. `eldste_sperret`: seconds for which the oldest letter to a protected person has waited for
    a person to act.
    """

    baner: Sequence[Banestand]
    onskede: dict[str, int]
    stanset: Pause | None
    gjenopprettet: bool
    pauser: Sequence[Pause]
    arbeidere: Sequence[Arbeider]
    ukjente: Sequence[Ukjent]
    kall: Sequence[Kall]
    per_minutt: dict[str, float]
    eldste_kall: float
    sene_jobber: Sequence[str]
    sene_signeringer: int
    uenigheter: Sequence[Uenighet]
    eldste_sperret: float


def state(houses: Collection[str] | None = None) -> Driftstand:
    """Read everything within a second or less; no transaction is left open.

    `houses`: codes of the print houses with an address in the settings; None when the caller does not know
    them.
    """
    frozen, pauses = frozen_and_paused()
    calls = recent_calls()
    stands = lanes.lanes(houses)
    seconds = call_seconds(calls)
    found = Driftstand(
        baner=stands,
        onskede={
            one.bane: workers_wanted(one, frozen=frozen is not None, measured=seconds)
            for one in stands
            if one.bane in BANETALL
        },
        stanset=frozen,
        gjenopprettet=reconciliation_mark.is_marked(),
        pauser=pauses,
        arbeidere=living_workers(),
        ukjente=unknown_outcomes(),
        kall=calls,
        per_minutt=handed_over_per_minute(),
        eldste_kall=_oldest_call(),
        sene_jobber=late_jobs(),
        sene_signeringer=late_signings(),
        uenigheter=disagreements(),
        eldste_sperret=oldest_restricted(),
    )
    session().rollback()
    return found


def frozen_and_paused() -> tuple[Pause | None, list[Pause]]:
    """Return (the stop of all sending, if any; everything else that is paused)."""
    waiting = (
        select(func.count())
        .where(
            Levering.status.in_([Leveringsstatus.VENTER]),
            Levering.feilkode == func.concat(PAUSED_PREFIX, Banestatus.navn),
        )
        .scalar_subquery()
    )
    rows = session().execute(
        select(Banestatus.navn, Banestatus.grunn, Banestatus.endret, Banestatus.apnes, waiting)
        .where(circuit_breaker.is_paused())
        .order_by(Banestatus.navn)
    )
    found = [Pause(*row) for row in rows]
    found += [Pause(kode, "SVARER_IKKE", None, until) for kode, until in _houses_away()]
    return (
        next((one for one in found if one.navn == circuit_breaker.ALL_SENDING), None),
        [one for one in found if one.navn != circuit_breaker.ALL_SENDING],
    )


def _houses_away() -> Sequence[Row[str, datetime | None]]:
    """Return print houses that have not answered since they were paused, and when each is tried next, None
    for now.

    A pause is short, and ends while the house is tried again; a house with nothing to hand over is not tried.
    """
    rests = Leverandor.pause_til > func.now()
    of_house = exists().where(Pakke.leverandor == Leverandor.kode)
    waits = [of_house.where(part) for part in has_status_in(*NOT_HANDED_OVER)]
    away = select(Leverandor.kode, case((rests, Leverandor.pause_til))).where(
        Leverandor.pause_til.is_not(None), or_(rests, *waits)
    )
    return session().execute(away.order_by(Leverandor.kode)).all()


def unknown_outcomes() -> list[Ukjent]:
    """Return unknown outcomes by channel; a package to a print house counts as one hand-over on PRINT."""
    letters = select(Levering.kanal.label("kanal"), Levering.uavklart_siden.label("siden")).where(
        Levering.status.in_([Leveringsstatus.UAVKLART])
    )
    packages = select(literal(str(Kanal.PRINT)), Pakke.uavklart_siden).where(
        Pakke.status.in_([Pakkestatus.UAVKLART])
    )
    unknown = union_all(letters, packages).subquery().c
    age = func.extract("epoch", func.now() - func.min(unknown.siden))
    rows = session().execute(
        select(unknown.kanal, func.count(), func.coalesce(age, 0))
        .group_by(unknown.kanal)
        .order_by(unknown.kanal)
    )
    return [Ukjent(str(kanal), antall, float(eldste)) for kanal, antall, eldste in rows]


def _oldest_call() -> float:
    """Return the age of the oldest call in progress: a letter to its channel, or a package to its print
    house.
    """
    letters = select(Levering.kall_startet.label("siden")).where(
        Levering.status.in_([Leveringsstatus.SENDER])
    )
    packages = select(Pakke.kall_startet).where(Pakke.status.in_([Pakkestatus.SENDER]))
    calls = union_all(letters, packages).subquery().c
    age = func.extract("epoch", func.now() - func.min(calls.siden))
    return float(session().execute(select(func.coalesce(age, 0))).scalar_one())


def recent_calls() -> list[Kall]:
    """Return the calls that ended within the last five minutes, by channel and outcome."""
    took = func.avg(func.extract("epoch", Leveringsforsok.avsluttet - Leveringsforsok.startet))
    rows = session().execute(
        select(Leveringsforsok.kanal, Leveringsforsok.utfall, func.count(), took)
        .where(
            Leveringsforsok.kanal.in_([str(kanal) for kanal in Kanal]),
            Leveringsforsok.avsluttet > func.now() - LATELY,
        )
        .group_by(Leveringsforsok.kanal, Leveringsforsok.utfall)
        .order_by(Leveringsforsok.kanal, Leveringsforsok.utfall)
    )
    return [
        Kall(kanal, utfall or "", antall, float(sekunder or 0)) for kanal, utfall, antall, sekunder in rows
    ]


def handed_over_per_minute() -> dict[str, float]:
    """Return letters handed over per minute by channel, over the last five minutes."""
    minutes = LATELY.total_seconds() / 60
    rows = session().execute(
        select(Forsendelse.kanal, func.count())
        .where(Forsendelse.overlevert > clock.now() - LATELY, Forsendelse.kanal.is_not(None))
        .group_by(Forsendelse.kanal)
    )
    return {str(kanal): antall / minutes for kanal, antall in rows}


def throughput(since: timedelta, step: timedelta) -> list[tuple[datetime, dict[str, int]]]:
    """Return letters handed over by channel in each `step` of the period from `since` ago until now, oldest
    first.

    The last step ends now.
    """
    now = clock.now()
    start, width = now - since, step.total_seconds()
    nr = sql_cast(
        func.floor(func.extract("epoch", Forsendelse.overlevert - literal(start)) / width), Integer
    ).label("nr")
    rows = session().execute(
        select(nr, Forsendelse.kanal, func.count())
        .where(Forsendelse.overlevert > start, Forsendelse.overlevert <= now, Forsendelse.kanal.is_not(None))
        .group_by(nr, Forsendelse.kanal)
    )
    steps = int(since / step)
    found: list[tuple[datetime, dict[str, int]]] = [(start + step * n, {}) for n in range(steps)]
    for place, kanal, antall in rows:
        counted = found[min(place, steps - 1)][1]
        counted[str(kanal)] = counted.get(str(kanal), 0) + antall
    session().rollback()
    return found


def late_jobs() -> list[str]:
    """Return planned jobs that are more than five minutes late."""
    late = PlanlagtJobb.neste < func.now() - JOB_LATE
    return list(session().scalars(select(PlanlagtJobb.navn).where(late).order_by(PlanlagtJobb.navn)))


def oldest_restricted() -> float:
    """Return how many seconds the oldest letter that must not go on paper has waited for a person; 0 for
    none.
    """
    age = func.extract("epoch", func.now() - func.min(Levering.opprettet))
    waiting = select(func.coalesce(age, 0)).where(
        Levering.status.in_([Leveringsstatus.TIL_BEHANDLING]), Levering.bane == Bane.SPERRET
    )
    return float(session().execute(waiting).scalar_one())


def late_signings() -> int:
    """Return how many signing orders have not been given to the service, or signed copies not fetched, for
    more than an hour.
    """
    row, since = Signeringsoppdrag, clock.now() - SIGNING_LATE
    waits = row.status == Signeringsstatus.VENTER_SIGNERING
    not_given = waits & row.referanse.is_(None) & row.signert.is_(None) & (Forsendelse.opprettet <= since)
    fetched_from = row.status.in_([str(Signeringsstatus.VENTER_SIGNERING), str(Signeringsstatus.UTLOPT)])
    not_fetched = fetched_from & (row.signert <= since)
    found = (
        select(func.count())
        .join_from(row, Forsendelse, Forsendelse.id == row.forsendelse_id)
        .where(not_given | not_fetched)
    )
    return session().execute(found).scalar_one()


def disagreements() -> list[Uenighet]:
    """Return the differences between the books that no person has handled yet."""
    channels = select(Kanalavvik.kanal, Kanalavvik.art, func.count()).group_by(
        Kanalavvik.kanal, Kanalavvik.art
    )
    houses = select(Avvik.leverandor, Avvik.art, func.count()).group_by(Avvik.leverandor, Avvik.art)
    return [Uenighet(*row) for query in (channels, houses) for row in session().execute(query)]
