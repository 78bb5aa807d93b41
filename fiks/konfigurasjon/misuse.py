"""Signs of misuse in the audit log: somebody who looks up, exports or tries far more than the work asks for.

Looked for every hour by the sweeper, from where the last look ended: a sign is seen wherever its acts lie between the
looks, and however long ago the last was. What is found is told to operations by ids, in a log line and a gauge; a
person decides what it means. Limits are data, well over what a busy day shows.
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

from fiks.core import audit, clock, feeds
from fiks.core.actor import system
from fiks.core.audit import Audit
from fiks.core.db import session, transaction

PERSON_LOOK_UPS = ("PERSONOPPSLAG", "KONTAKTOPPSLAG", "SMS_KRR_OPPSLAG")
LOOK_UPS = (*PERSON_LOOK_UPS, "VIRKSOMHETSOPPSLAG")
EXPORTS = ("DATA_EKSPORTERT",)
PROTECTED_ASKED = "STRENGT_FORTROLIG_OPPSLATT"
"""Somebody looked a person up who is strengt fortrolig, or asked for their number; the row does not say whom."""
MACHINE_REFUSED = (
    "INTEGRASJON_AUTENTISERING_FEILET",
    "KONTO_AUTENTISERING_FEILET",
    "MOTTAKERSYSTEM_AUTENTISERING_FEILET",
)
LOGIN_REFUSED = "INNLOGGING_FEILET"
KILDE = "MISBRUK"
HOUR, LATE = timedelta(hours=1), timedelta(minutes=1)
"""How often it is looked for; and for how long an act may have its time before its transaction commits."""
DAY_BEGINS, DAY_ENDS = 6, 22
"""Hours of the day in Oslo between which it is ordinary to work."""

_TRIES = func.coalesce(Audit.detaljer["antall"].as_integer(), 1)
"""Refused machines are written down the 1st, 10th, 100th and 1 000th time an hour, each row with the number so far."""
_NOBODY = func.coalesce(Audit.detaljer["grunn"].as_string(), "") == "UKJENT"
_BY_HAND = and_(Audit.tjeneste == "REGISTER", Audit.aktor_type == "PERSON")
_IN_A_ROW = Audit.detaljer["i_rekke"].as_boolean().is_(True)
"""The number lies next to one that the same actor looked up within the day before."""
_HOUR = extract("hour", func.timezone("Europe/Oslo", Audit.tid))


def note_protected(
    room: str, tjeneste: str, aktor: str, request_id: str | None, *, antall: int = 1, av: int = 1
) -> None:
    """Write down, in the present transaction, who asked about protected persons: `antall` among the `av` asked about.

    Where no organisation sees it, and not about whom: a row that said so would tell what it is there to keep.
    """
    house = replace(system(room), request_id=request_id)
    audit.record(house, PROTECTED_ASKED, "aktor", aktor, tjeneste=tjeneste, antall=antall, av=av)


@dataclass(frozen=True, slots=True)
class Tegn:
    """One sign: more than `grense` of these acts by one `hvem` within `vindu`, whenever that begins. `bare`: the acts
    that count; `vekt`: for how many each does.
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
"""Names and ids that nobody has may be many and new each time: they are counted together, by their door."""


@dataclass(frozen=True, slots=True)
class Mistanke:
    """A sign that was seen: who (or what) it is about by reference, and the most acts in one window. `ny`: it has begun
    since the last look.
    """

    tegn: str
    hvem: str
    antall: int
    ny: bool = True


def look() -> tuple[list[Mistanke], datetime]:
    """Every sign seen since the last look, an hour ago at least, and until when this one looked.

    It is for who has told of them to `remember` that.
    """
    until = clock.database_now() - LATE
    last = feeds.marker_of(KILDE)
    found = suspicions(since=datetime.fromisoformat(last) if last else None, now=until)
    session().rollback()
    return found, until


def remember(until: datetime) -> None:
    """All signs are told of that were seen until then."""
    with transaction():
        feeds.remember(KILDE, until.isoformat())


def suspicions(
    *, since: datetime | None = None, now: datetime | None = None, limit: int = 100
) -> list[Mistanke]:
    """Every sign seen from `since` to `now` (aware moments; the hour until the database's own unless told), those that
    are new first in each, and most acts first.
    """
    now = now or clock.database_now()
    since = since or now - HOUR
    return [
        Mistanke(tegn.navn, *row)
        for tegn in TEGN
        for row in session().execute(_seen(tegn, since, now).limit(limit))
    ]


def _seen(tegn: Tegn, since: datetime, now: datetime) -> Select[str, int, bool]:
    """Whose acts, in the window that ends with any of them since the last look, or now, are more than the limit.

    It is new when the act before, if it is so near, did not end such a window: so two windows back are read.
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
    """Each of the sign's acts, with how many there are in the window that ends with it."""
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
