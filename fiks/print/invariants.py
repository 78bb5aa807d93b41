"""Invariants of orders and packages, as queries: run every minute, and by every fault test.

Each finding is (rule of reliability.md 5, code, id), a few examples at most; empty when all hold.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, tuple_, values
from sqlalchemy import Text as SqlText
from sqlalchemy import column as sql_column
from sqlalchemy.orm import aliased

from fiks.core import clock
from fiks.core.db import session
from fiks.core.environment import current
from fiks.print.models import Leverandor, Ordre, Ordrehendelse, Pakke
from fiks.print.package_conditions import has_status_in, is_ready
from fiks.print.states import ORDREOVERGANGER, Ordrestatus, Pakkestatus

EXAMPLES = 20
RECENT_ORDERS = 5_000
GRACE = timedelta(minutes=10)
Funn = tuple[str, str, str]


def check(
    grace: timedelta = GRACE, kilde_ids: Select[Any] | None = None, *, frozen: bool = False
) -> list[Funn]:
    """Check I3, and I5 and I6 for the most recent orders, or for those with one of `kilde_ids`; and I2.

    `frozen`: all sending is stopped, so a ready package may wait.
    """
    orders = select(Ordre.id).order_by(Ordre.opprettet.desc()).limit(RECENT_ORDERS)
    scope = orders if kilde_ids is None else select(Ordre.id).where(Ordre.kilde_id.in_(kilde_ids))
    return [*_stuck(grace, frozen), *_history(scope), *_package_sizes()]


def history_is_complete(kilde_ids: Select[Any]) -> list[Funn]:
    """Check I5 and I6 for every order with one of `kilde_ids`."""
    return _history(select(Ordre.id).where(Ordre.kilde_id.in_(kilde_ids)))


def _found(regel: str, kode: str, ids: Select[Any]) -> list[Funn]:
    return [(regel, kode, str(one)) for one in session().scalars(ids.limit(EXAMPLES))]


def _stuck(grace: timedelta, frozen: bool) -> list[Funn]:
    """I3: no package is in a call or unknown for too long; no order that can be packed stays unpacked.

    A ready package may wait for a house that takes none: one out of use (FiksPrintHouseNotSetUp), or one that
    has not answered since it was paused (FiksChannelPaused), which is tried with one package at a time.
    """
    allowed = timedelta(seconds=current().karantene_sekunder) + grace if grace else grace
    packages = select(Pakke.id)
    not_sent = packages.join(Leverandor, Leverandor.kode == Pakke.leverandor).where(
        is_ready(None), Pakke.neste_forsok <= func.now() - grace, Leverandor.pause_til.is_(None)
    )
    wait = Leverandor.ventetid_sekunder * func.make_interval(0, 0, 0, 0, 0, 0, 1)
    unpacked = (
        select(Ordre.id)
        .join(Leverandor, Leverandor.kode == Ordre.leverandor)
        .where(
            Ordre.status == Ordrestatus.MOTTATT,
            Ordre.pakke_id.is_(None),
            Leverandor.aktiv,
            ~Leverandor.manuell,
            Ordre.opprettet <= clock.now_sql() - wait - grace,
        )
    )
    called = packages.where(Pakke.status == Pakkestatus.SENDER, Pakke.kall_startet <= func.now() - allowed)
    return [
        *_found("I3", "PAKKE_SENDES_FOR_LENGE", called),
        *_found(
            "I3",
            "PAKKE_UAVKLART_FOR_LENGE",
            packages.where(
                Pakke.status == Pakkestatus.UAVKLART, Pakke.uavklart_siden <= func.now() - allowed
            ),
        ),
        *_found(
            "I3",
            "PAKKE_VENTER_FOR_LENGE",
            packages.where(Pakke.status == Pakkestatus.VENTER, Pakke.neste_forsok <= func.now() - grace),
        ),
        *([] if frozen else _found("I3", "PAKKE_IKKE_SENDT", not_sent)),
        *_found("I3", "ORDRE_IKKE_PAKKET", unpacked),
    ]


def _history(scope: Select[Any]) -> list[Funn]:
    """I5 and I6: each order's history has no gaps, ends at its status, and has only legal steps."""
    told, before = aliased(Ordrehendelse), aliased(Ordrehendelse)
    count = select(func.count()).where(Ordrehendelse.ordre_id == Ordre.id).correlate(Ordre).scalar_subquery()
    last = (
        select(Ordrehendelse.til)
        .where(Ordrehendelse.ordre_id == Ordre.id, Ordrehendelse.lopenr == Ordre.siste_lopenr)
        .correlate(Ordre)
        .scalar_subquery()
    )
    incomplete = select(Ordre.id).where(
        Ordre.id.in_(scope), or_(count != Ordre.siste_lopenr, last.is_distinct_from(Ordre.status))
    )
    step = and_(before.ordre_id == told.ordre_id, before.lopenr == told.lopenr - 1)
    broken = (
        select(told.ordre_id)
        .join(before, step)
        .where(told.ordre_id.in_(scope), told.fra.is_distinct_from(before.til))
    )
    legal = values(sql_column("fra", SqlText()), sql_column("til", SqlText()), name="lovlig").data(
        [(str(fra), str(til)) for fra, tils in ORDREOVERGANGER.items() for til in tils]
    )
    illegal = select(told.ordre_id).where(
        told.ordre_id.in_(scope),
        told.fra.is_not(None),
        tuple_(told.fra, told.til).not_in(select(legal.c.fra, legal.c.til)),
    )
    return [
        *_found("I5", "ORDREHISTORIE_IKKE_HEL", incomplete),
        *_found("I5", "ORDREHISTORIE_BRUTT", broken),
        *_found("I6", "ULOVLIG_ORDREOVERGANG", illegal),
    ]


def _package_sizes() -> list[Funn]:
    """I2: a package holds as many orders as it was made of, unless it was dissolved or an order was moved
    away.
    """
    inside = select(func.count()).where(Ordre.pakke_id == Pakke.id).correlate(Pakke).scalar_subquery()
    open_ones = has_status_in(Pakkestatus.KLAR, Pakkestatus.SENDER, Pakkestatus.VENTER, Pakkestatus.UAVKLART)
    lost = select(Pakke.id).where(inside != Pakke.antall)
    return [found for part in open_ones for found in _found("I2", "PAKKE_MANGLER_ORDRER", lost.where(part))]
