"""Signs of misuse in the audit log: somebody who looks up, exports or tries far more than the work asks for.

Looked for every hour by the sweeper. What is found is told to operations by ids, in a log line and a gauge; a person
decides what it means. Limits are data, well over what a busy day shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, extract, func, or_, select

from fiks.core import clock
from fiks.core.audit import Audit
from fiks.core.db import session

LOOK_UPS = ("PERSONOPPSLAG", "VIRKSOMHETSOPPSLAG")
EXPORTS = ("DATA_EKSPORTERT",)
MACHINE_REFUSED = ("INTEGRASJON_AUTENTISERING_FEILET", "KONTO_AUTENTISERING_FEILET")
LOGIN_REFUSED = "INNLOGGING_FEILET"
DAY_BEGINS, DAY_ENDS = 6, 22
"""Hours of the day in Oslo between which it is ordinary to work."""


@dataclass(frozen=True, slots=True)
class Tegn:
    """One sign: more than `grense` of these acts by one (or on one thing, when nobody is known) within `vindu`."""

    navn: str
    handlinger: tuple[str, ...]
    grense: int
    vindu: timedelta
    om_natten: bool = False
    paa_objekt: bool = False


TEGN: tuple[Tegn, ...] = (
    Tegn("MANGE_OPPSLAG", LOOK_UPS, 300, timedelta(hours=1)),
    Tegn("OPPSLAG_OM_NATTEN", LOOK_UPS, 20, timedelta(hours=8), om_natten=True),
    Tegn("MANGE_EKSPORTER", EXPORTS, 30, timedelta(hours=24)),
    Tegn("INTEGRASJON_AVVIST_OFTE", MACHINE_REFUSED, 3, timedelta(hours=1), paa_objekt=True),
    Tegn("INNLOGGING_FEILER_OFTE", (LOGIN_REFUSED,), 100, timedelta(hours=1), paa_objekt=True),
)
"""Refused machines are written down the 1st, 10th, 100th and 1 000th time an hour: three rows are a hundred tries."""


@dataclass(frozen=True, slots=True)
class Mistanke:
    """A sign that was seen: who (or what) it is about by reference, and how many acts."""

    tegn: str
    hvem: str
    antall: int


def suspicions(limit: int = 100) -> list[Mistanke]:
    """Every sign seen now, most acts first in each."""
    now = clock.database_now()
    return [
        Mistanke(tegn.navn, row[0], row[1])
        for tegn in TEGN
        for row in session().execute(_seen(tegn, now).limit(limit))
    ]


def _seen(tegn: Tegn, now: datetime) -> Select[str, int]:
    who = Audit.objekt_id if tegn.paa_objekt else Audit.aktor
    conditions: list[ColumnElement[bool]] = [
        Audit.handling.in_(tegn.handlinger),
        Audit.tid > now - tegn.vindu,
    ]
    if tegn.om_natten:
        hour = extract("hour", func.timezone("Europe/Oslo", Audit.tid))
        conditions.append(or_(hour < DAY_BEGINS, hour >= DAY_ENDS))
    acts = func.count()
    return (
        select(who, acts)
        .where(and_(*conditions))
        .group_by(who)
        .having(acts > tegn.grense)
        .order_by(acts.desc())
    )
