"""Alarms: overdue orders, blocked packages, and print houses that lack a certificate, an address or an
agreement.

Reads only; changes nothing.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from prometheus_client import Gauge
from sqlalchemy import func, select, union_all

from fiks.core import clock
from fiks.core.crypto.cms_writer import load_certificate
from fiks.core.db import session
from fiks.core.environment import current
from fiks.core.key_rotation.certificate_expiry import expires_soon
from fiks.print.models import Leverandor, Ordre, Pakke
from fiks.print.package_conditions import has_status_in
from fiks.print.states import Ordrestatus, Pakkestatus

log = logging.getLogger(__name__)
PRINT_OVERDUE = timedelta(days=4)
HELD_LONG = timedelta(hours=1)
MANUAL_OVERDUE = timedelta(days=2)
OVERDUE = Gauge("fiks_print_overdue", "Orders of four days ago that the print house has not confirmed")
HELD = Gauge("fiks_packages_held", "Packages of an hour ago that wait for something else than themselves")
MANUAL = Gauge("fiks_manual_print_waiting", "Orders that wait for their sender to print them")
MANUAL_OLDEST = Gauge(
    "fiks_manual_print_oldest_seconds", "For how long the oldest order has waited for its sender to print it"
)


def count_print_overdue() -> int:
    """Alarm: orders that no print house has confirmed within four days, handed over or not; return how many.

    If their package is what blocks them, `count_held_packages` reports it sooner.
    """
    old = (
        select(Ordre.id)
        .join(Leverandor, Leverandor.kode == Ordre.leverandor)
        .where(
            func.coalesce(Ordre.overlevert, Ordre.opprettet) <= clock.now() - PRINT_OVERDUE,
            ~Leverandor.manuell,
        )
    )
    unconfirmed = [Ordrestatus.MOTTATT, Ordrestatus.PRODUSERT]  # each has an index of its own
    waiting = union_all(*(old.where(Ordre.status == status) for status in unconfirmed)).subquery()
    count = session().execute(select(func.count()).select_from(waiting)).scalar_one()
    OVERDUE.set(count)
    if count:
        log.warning("print_overdue", extra={"antall": count})
    return count


def count_held_packages() -> int:
    """Alarm: packages at least an hour old, not handed over, blocked by an external cause; return how many.

    The causes are a file the store does not deliver, a key, a child process, disk space, or a paused print
    house. No retry limit ends such waits. A package that is ready again, or being tried just now, still
    counts.
    """
    held = select(Pakke.feilkode, Pakke.antall).where(
        Pakke.opprettet <= func.now() - HELD_LONG, Pakke.frie_forsok > 0
    )
    open_ones = has_status_in(Pakkestatus.KLAR, Pakkestatus.SENDER, Pakkestatus.VENTER)
    of = union_all(*(held.where(part) for part in open_ones)).subquery().c
    waiting = (
        select(of.feilkode, func.count(), func.sum(of.antall)).group_by(of.feilkode).order_by(of.feilkode)
    )
    found = session().execute(waiting).all()
    for kode, antall, brev in found:
        log.warning("packages_wait_long", extra={"kode": kode, "antall": antall, "brev": brev})
    count: int = sum(antall for _, antall, _ in found)
    HELD.set(count)
    return count


def count_manual_print() -> int:
    """Alarm: orders that wait for their sender to print them, and the age of the oldest; return how many."""
    since = func.extract("epoch", clock.now_sql() - func.min(Ordre.opprettet))
    waiting = (
        select(func.count(), since)
        .join_from(Ordre, Leverandor, Leverandor.kode == Ordre.leverandor)
        .where(Ordre.status == Ordrestatus.MOTTATT, Leverandor.manuell)
    )
    count, seconds = session().execute(waiting).one()
    MANUAL.set(count)
    MANUAL_OLDEST.set(float(seconds or 0))
    if float(seconds or 0) >= MANUAL_OVERDUE.total_seconds():
        log.warning("manual_print_waits", extra={"antall": count, "sekunder": int(seconds)})
    return int(count)


def count_expiring_certificates() -> int:
    """Alarm: print houses in use whose certificate has expired or soon will; return how many.

    The certificate in force is the agreement's, or else the one in the settings.
    """
    houses = select(Leverandor.kode, Leverandor.sertifikat).where(Leverandor.aktiv).order_by(Leverandor.kode)
    found = 0
    for kode, agreed in session().execute(houses).all():
        pem = agreed.encode() if agreed else _in_settings(kode)
        if pem is not None and expires_soon(until := load_certificate(pem).not_valid_after_utc):
            found += 1
            log.warning("print_certificate_expires", extra={"leverandor": kode, "utloper": until.isoformat()})
    return found


def _in_settings(kode: str) -> bytes | None:
    path = current().print_certificates.get(kode)
    return path.read_bytes() if path else None


def count_unreachable_houses() -> int:
    """Alarm: print houses with waiting orders that have no address in the settings or are out of use, and
    addresses in the settings without an agreement; return how many.
    """
    known = current().print_houses
    agreed = set(session().scalars(select(Leverandor.kode).where(~Leverandor.manuell)))
    waiting = (
        select(Leverandor.kode, func.count())
        .join_from(Ordre, Leverandor, Leverandor.kode == Ordre.leverandor)
        .where(
            Ordre.status == Ordrestatus.MOTTATT,
            ~Leverandor.manuell,
            Leverandor.kode.not_in(known) | ~Leverandor.aktiv,
        )
        .group_by(Leverandor.kode)
        .order_by(Leverandor.kode)
    )
    found = session().execute(waiting).all()
    for kode, count in found:
        told = {"leverandor": kode, "antall": count}
        if kode in known:
            log.error("print_house_not_in_use", extra=told)
        else:
            log.error("print_house_without_address", extra=told)
    strangers = sorted(known - agreed)
    for kode in strangers:
        log.warning("print_house_without_agreement", extra={"leverandor": kode})
    return len(found) + len(strangers)
