"""Signs of misuse in the audit log: somebody who looks up, exports or tries far more than the work asks for.

Looked for every hour by the sweeper. What is found is told to operations by ids, in a log line and a gauge; a person
decides what it means. Limits are data, well over what a busy day shows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, extract, func, not_, or_, select, true
from sqlalchemy.sql.elements import SQLCoreOperations

from fiks.core import audit, clock
from fiks.core.actor import system
from fiks.core.audit import Audit
from fiks.core.db import session

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
DAY_BEGINS, DAY_ENDS = 6, 22
"""Hours of the day in Oslo between which it is ordinary to work."""

_TRIES = func.sum(func.coalesce(Audit.detaljer["antall"].as_integer(), 1))
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
    """One sign: more than `grense` of these acts by one `hvem` within `vindu`. `bare`: the acts that count."""

    navn: str
    handlinger: tuple[str, ...]
    grense: int
    vindu: timedelta
    hvem: SQLCoreOperations[str] = Audit.aktor
    bare: ColumnElement[bool] = true()
    mengde: ColumnElement[int] = func.count()


TEGN: tuple[Tegn, ...] = (
    Tegn("MANGE_OPPSLAG", LOOK_UPS, 300, timedelta(hours=1)),
    Tegn(
        "OPPSLAG_OM_NATTEN",
        LOOK_UPS,
        20,
        timedelta(hours=8),
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
        mengde=_TRIES,
    ),
    Tegn("MANGE_EKSPORTER", EXPORTS, 30, timedelta(hours=24)),
    Tegn(
        "INTEGRASJON_AVVIST_OFTE",
        MACHINE_REFUSED,
        99,
        timedelta(hours=1),
        hvem=Audit.objekt_id,
        bare=not_(_NOBODY),
        mengde=_TRIES,
    ),
    Tegn(
        "UKJENT_AVVIST_OFTE",
        MACHINE_REFUSED,
        99,
        timedelta(hours=1),
        hvem=Audit.objekt_type,
        bare=_NOBODY,
        mengde=_TRIES,
    ),
    Tegn("INNLOGGING_FEILER_OFTE", (LOGIN_REFUSED,), 100, timedelta(hours=1), hvem=Audit.objekt_id),
)
"""Names and ids that nobody has may be many and new each time: they are counted together, by their door."""


@dataclass(frozen=True, slots=True)
class Mistanke:
    """A sign that was seen: who (or what) it is about by reference, and how many acts."""

    tegn: str
    hvem: str
    antall: int


def suspicions(*, now: datetime | None = None, limit: int = 100) -> list[Mistanke]:
    """Every sign seen at `now` (an aware moment; the database's own unless told), most acts first in each."""
    now = now or clock.database_now()
    return [
        Mistanke(tegn.navn, row[0], row[1])
        for tegn in TEGN
        for row in session().execute(_seen(tegn, now).limit(limit))
    ]


def _seen(tegn: Tegn, now: datetime) -> Select[str, int]:
    return (
        select(tegn.hvem, tegn.mengde)
        .where(Audit.handling.in_(tegn.handlinger), Audit.tid > now - tegn.vindu, Audit.tid <= now, tegn.bare)
        .group_by(tegn.hvem)
        .having(tegn.mengde > tegn.grense)
        .order_by(tegn.mengde.desc())
    )
