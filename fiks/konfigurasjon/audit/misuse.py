"""Signs of misuse in the audit log: an actor who looks up, exports or fails logins far more than work
requires.

The sweeper looks every hour, from where the last look ended, so no sign is missed between looks or after a
long pause. Findings go to operations as ids, in a log line and a gauge; a person decides what they mean.
Limits are data, well above a busy day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    extract,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.sql.elements import SQLCoreOperations

from fiks.core import audit, clock
from fiks.core.actor import system
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.queue import feed_markers

PERSON_LOOK_UPS = ("PERSONOPPSLAG", "KONTAKTOPPSLAG", "SMS_KRR_OPPSLAG")
LOOK_UPS = (*PERSON_LOOK_UPS, "VIRKSOMHETSOPPSLAG")
EXPORTS = ("DATA_EKSPORTERT",)
PROTECTED_ASKED = "STRENGT_FORTROLIG_OPPSLATT"
"""A person who is strengt fortrolig was looked up, or their number asked for; the row does not say who that
person is.
"""
MACHINE_REFUSED = (
    "INTEGRASJON_AUTENTISERING_FEILET",
    "KONTO_AUTENTISERING_FEILET",
    "MOTTAKERSYSTEM_AUTENTISERING_FEILET",
)
LOGIN_REFUSED = "INNLOGGING_FEILET"
KILDE = "MISBRUK"
HOUR, COMMIT_DELAY = timedelta(hours=1), timedelta(minutes=1)
"""How often to look, and how long after an act its transaction may still commit."""
DAY_BEGINS, DAY_ENDS = 6, 22
"""Ordinary working hours of the day in Oslo."""

_TRIES = func.coalesce(Audit.detaljer["antall"].as_integer(), 1)
"""Refused machines are audited at the 1st, 10th, 100th and 1 000th refusal of an hour, each row with the
number so far.
"""
_NOBODY = func.coalesce(Audit.detaljer["grunn"].as_string(), "") == "UKJENT"
_BY_HAND = and_(Audit.tjeneste == "REGISTER", Audit.aktor_type == "PERSON")
_IN_A_ROW = Audit.detaljer["i_rekke"].as_boolean().is_(True)
"""The number is adjacent to one the same actor looked up within the day before."""
_HOUR = extract("hour", func.timezone("Europe/Oslo", Audit.tid))


def note_protected_lookup(
    room: str, tjeneste: str, aktor: str, request_id: str | None, *, antall: int = 1, av: int = 1
) -> None:
    """Audit, in the present transaction, who asked about protected persons: `antall` among the `av` asked
    about.

    The row belongs to no organisation and names nobody looked up: a row that did would reveal what it
    protects.
    """
    house = replace(system(room), request_id=request_id)
    audit.record(house, PROTECTED_ASKED, "aktor", aktor, tjeneste=tjeneste, antall=antall, av=av)


@dataclass(frozen=True, slots=True)
class Tegn:
    """A sign of misuse: more than `grense` of these acts by one `hvem` within any window of length `vindu`.

    `bare`: condition on the acts that count; `vekt`: how many acts each row counts for.
    """

    navn: str
    handlinger: tuple[str, ...]
    grense: int
    vindu: timedelta
    hvem: SQLCoreOperations[str] = Audit.aktor
    bare: ColumnElement[bool] = true()
    vekt: ColumnElement[int] = literal_column("1", Integer())


TEGN: tuple[Tegn, ...] = (
    Tegn("MANGE_OPPSLAG", LOOK_UPS, 300, timedelta(hours=1)),
    Tegn(
        "OPPSLAG_OM_NATTEN",
        LOOK_UPS,
        20,
        timedelta(hours=9),  # the longest night, when the clock is put back; the next is far away
        bare=or_(_HOUR < DAY_BEGINS, _HOUR >= DAY_ENDS),
    ),
    Tegn("MANGE_REGISTEROPPSLAG", PERSON_LOOK_UPS, 60, timedelta(hours=1), bare=_BY_HAND),
    Tegn("OPPSLAG_I_REKKE", PERSON_LOOK_UPS, 5, timedelta(hours=24), bare=_IN_A_ROW),
    Tegn(
        "OPPSLAG_STRENGT_FORTROLIG",
        (PROTECTED_ASKED,),
        0,
        timedelta(hours=24),
        hvem=Audit.objekt_id,
        vekt=_TRIES,
    ),
    Tegn("MANGE_EKSPORTER", EXPORTS, 30, timedelta(hours=24)),
    Tegn(
        "INTEGRASJON_AVVIST_OFTE",
        MACHINE_REFUSED,
        99,
        timedelta(hours=1),
        hvem=Audit.objekt_id,
        bare=not_(_NOBODY),
        vekt=_TRIES,
    ),
    Tegn(
        "UKJENT_AVVIST_OFTE",
        MACHINE_REFUSED,
        99,
        timedelta(hours=1),
        hvem=Audit.objekt_type,
        bare=_NOBODY,
        vekt=_TRIES,
    ),
    Tegn("INNLOGGING_FEILER_OFTE", (LOGIN_REFUSED,), 100, timedelta(hours=1), hvem=Audit.objekt_id),
)
"""Unknown names and ids may be many and always new, so they are counted together, by type of login."""


@dataclass(frozen=True, slots=True)
class Mistanke:
    """A suspicion: the sign, the reference of the actor or thing, and the most acts in one window. `ny`: it
    began after the last look.
    """

    tegn: str
    hvem: str
    antall: int
    ny: bool = True


def find_new_signs() -> tuple[list[Mistanke], datetime]:
    """Return every sign since the last look (at least the last hour), and the time until which this look
    covers.

    The caller reports the signs and then calls `remember_look`.
    """
    until = clock.database_now() - COMMIT_DELAY
    last = feed_markers.load_marker(KILDE)
    found = suspicions(since=datetime.fromisoformat(last) if last else None, now=until)
    session().rollback()
    return found, until


def remember_look(until: datetime) -> None:
    """Store that all signs until then have been reported."""
    with transaction():
        feed_markers.save_marker(KILDE, until.isoformat())


def suspicions(
    *, since: datetime | None = None, now: datetime | None = None, limit: int = 100
) -> list[Mistanke]:
    """Return every sign seen from `since` to `now` (aware times; default the last hour by the database's
    clock), per sign the new ones first, then by most acts.
    """
    now = now or clock.database_now()
    since = since or now - HOUR
    return [
        Mistanke(tegn.navn, *row)
        for tegn in TEGN
        for row in session().execute(_windows_over_limit(tegn, since, now).limit(limit))
    ]


def _windows_over_limit(tegn: Tegn, since: datetime, now: datetime) -> Select[str, int, bool]:
    """Select the actors with more acts than the limit in a window that ends with one of their acts since the
    last look, or now.

    A suspicion is new unless the act before, if near enough, already ended such a window; therefore two
    windows back are read.
    """
    shown = min(since, now - HOUR)
    act = _acts(tegn, shown - 2 * tegn.vindu, now).subquery().c
    place = act.tid, act.id
    before = func.lag(act.antall).over(partition_by=act.hvem, order_by=place)
    at = func.lag(act.tid).over(partition_by=act.hvem, order_by=place)
    quiet = or_(at.is_(None), before <= tegn.grense, act.tid - at > tegn.vindu)
    begins = and_(act.antall > tegn.grense, quiet).label("begynner")
    step = select(act.hvem, act.tid, act.vekt, act.antall, begins).subquery().c
    most = func.greatest(
        func.max(step.antall).filter(step.tid > shown),
        func.sum(step.vekt).filter(step.tid > now - tegn.vindu),
    )
    begun = func.coalesce(func.bool_or(step.begynner).filter(step.tid > since), false())
    return (
        select(step.hvem, most, begun)
        .group_by(step.hvem)
        .having(most > tegn.grense)
        .order_by(begun.desc(), most.desc())
    )


def _acts(tegn: Tegn, after: datetime, now: datetime) -> Select[str, int, datetime, int, int]:
    """Select each act of the sign, with the number of acts in the window that ends with it."""
    in_window = func.sum(tegn.vekt).over(
        partition_by=tegn.hvem,
        order_by=extract("epoch", Audit.tid),
        range_=(-int(tegn.vindu.total_seconds()), 0),
    )
    return select(
        type_coerce(tegn.hvem, String()).label("hvem"),
        Audit.id,
        Audit.tid,
        tegn.vekt.label("vekt"),
        in_window.label("antall"),
    ).where(Audit.handling.in_(tegn.handlinger), Audit.tid > after, Audit.tid <= now, tegn.bare)
