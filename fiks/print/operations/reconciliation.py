"""Nightly reconciliation: each print house's list is compared with our orders; a person must look into every
difference.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import Row, Text, Uuid, any_, cast, delete, func, or_, select, update

from fiks.core import clock
from fiks.core.db import session, transaction, uuid_array
from fiks.core.errors import KanalFeil
from fiks.core.telemetry.counters import start_at_zero
from fiks.print.handover.deliver import Hus, Husene
from fiks.print.handover.receipts import note_disagreement
from fiks.print.models import Avvik, Leverandor, Ordre, Ordrehendelse, Pakke
from fiks.print.rules import Overtatt
from fiks.print.states import Avviksart, Ordrestatus
from fiks.print.transitions import has_id_in

log = logging.getLogger(__name__)
COMPARE_EVERY, RETRY_AFTER = timedelta(hours=24), timedelta(minutes=30)
"""Interval between comparisons, and the delay after one that failed, whoever interrupted it."""
TAKEN_OVER_WITHIN = timedelta(hours=24)
"""How long a print house may leave a package untouched before its orders count as missing from the list."""
PORTION = 1_000
"""Missing orders noted in one transaction."""
NOT_COMPARED = Counter(
    "fiks_print_lists_not_compared_total",
    "Comparisons with a print house that did not come to their end",
    ["kanal"],
)


def compare_due(houses: Husene) -> int:
    """Compare with every print house that is due, once a day; return how many disagreements there are.

    A house whose list cannot be read is counted and soon retried. An unforeseen error is raised after the
    other houses have been compared.
    """
    start_at_zero(NOT_COMPARED, houses)
    broken = list[Exception]()
    found = sum(
        _compare_or_count(kode, house, broken) for kode, house in houses.items() if _claim_comparison(kode)
    )
    if broken:
        raise broken[-1]
    return found


def _claim_comparison(kode: str) -> bool:
    """Claim the comparison with this house; it becomes due again after RETRY_AFTER unless marked as done."""
    due = or_(Leverandor.sammenlignet.is_(None), Leverandor.sammenlignet <= func.now() - COMPARE_EVERY)
    with transaction() as tx:
        taken = update(Leverandor).where(Leverandor.kode == kode, due)
        taken = taken.values(sammenlignet=func.now() - COMPARE_EVERY + RETRY_AFTER)
        return tx.execute(taken.returning(Leverandor.kode)).first() is not None


def _mark_compared(kode: str) -> None:
    with transaction() as tx:
        tx.execute(update(Leverandor).where(Leverandor.kode == kode).values(sammenlignet=func.now()))


def _compare_or_count(kode: str, house: Hus, broken: list[Exception]) -> int:
    try:
        found = compare(kode, house)
        _mark_compared(kode)
        return found
    except KanalFeil as error:
        log.warning("lists_not_compared", extra={"leverandor": kode, "kode": error.kode})
    except Exception as error:
        log.exception("lists_not_compared", extra={"leverandor": kode, "kode": type(error).__name__})
        session().rollback()
        broken.append(error)
    NOT_COMPARED.labels(kode).inc()
    return 0


def compare(kode: str, house: Hus) -> int:
    """Read the house's list and return how many disagreements there are. Raises KanalFeil."""
    house.taken_over(partial(record_listed, kode))
    return _note_missed(kode)


def record_listed(kode: str, lines: Sequence[Overtatt]) -> None:
    """Process a portion of the house's list: mark our orders as listed, and note references that should not
    be there.

    A reference noted as unknown that is now an order of this house (`restore.adopt_order`) is deleted from
    the disagreements. An order the house reported as FEILET may have been moved elsewhere and remains on its
    list. A package the house could not open is listed under its own name, for all its orders.
    """
    ids = {line.referanse: parse_id(line.referanse) for line in lines}
    asked = any_(uuid_array([one for one in ids.values() if one is not None]))
    with transaction() as tx:
        placed = select(Ordre.id, Ordre.leverandor, Ordre.pakke_id, Ordre.sett_hos_leverandor)
        orders = {row.id: row for row in tx.execute(placed.where(Ordre.id == asked))}
        unseen = [
            (row, parse_id(line.pakke or ""))
            for line in lines
            if (row := orders.get(ids[line.referanse])) is not None
            and row.leverandor == kode
            and row.sett_hos_leverandor is None
        ]
        if unseen:
            _mark_seen(kode, unseen)
        unopened = _mark_unopened(
            kode, [one for one in ids.values() if one is not None and one not in orders]
        )
        for referanse, one in ids.items():
            if one not in orders and one not in unopened:
                note_disagreement(kode, referanse, Avviksart.UKJENT_HOS_OSS, "LISTE")
        tx.execute(
            delete(Avvik)
            .where(
                Avvik.leverandor == kode,
                Avvik.referanse.in_(
                    [str(one) for one, row in orders.items() if row.leverandor == kode]
                    + [str(one) for one in unopened]
                ),
                Avvik.art == Avviksart.UKJENT_HOS_OSS,
            )
            .execution_options(synchronize_session=False)
        )
        failed = select(Ordrehendelse.ordre_id).where(
            Ordrehendelse.ordre_id == Ordre.id, Ordrehendelse.til == Ordrestatus.FEILET
        )
        elsewhere = select(Ordre.id).where(Ordre.id == asked, Ordre.leverandor != kode, ~failed.exists())
        for ordre_id in tx.scalars(elsewhere):
            note_disagreement(kode, str(ordre_id), Avviksart.ANNET_HUS, "LISTE")


def _mark_seen(
    kode: str, unseen: Sequence[tuple[Row[UUID, str, UUID | None, datetime | None], UUID | None]]
) -> None:
    """Mark these orders of the house as listed, with the package each line names, in the present transaction.

    A line that names another package of ours than the order's present one is from an earlier round: the order
    was moved away and came back. A line that names an unknown package is from one that a restored database
    has forgotten.
    """
    others = [pakke for row, pakke in unseen if pakke is not None and pakke != row.pakke_id]
    ours = set(session().scalars(select(Pakke.id).where(Pakke.id == any_(uuid_array(others)))))
    _set_listed(kode, [row.id for row, pakke in unseen if pakke == row.pakke_id or pakke not in ours])


def _mark_unopened(kode: str, strange: Sequence[UUID]) -> set[UUID]:
    """Return which of these ids, none of them orders, are packages of the house, and mark their orders as
    listed, in the present transaction.
    """
    if not strange:
        return set()
    named = select(Pakke.id).where(Pakke.id == any_(uuid_array(strange)), Pakke.leverandor == kode)
    packages = set(session().scalars(named))
    if packages:
        inside = select(Ordre.id).where(Ordre.pakke_id == any_(uuid_array(packages)))
        _set_listed(kode, session().scalars(inside).all())
    return packages


def _set_listed(kode: str, there: Sequence[UUID]) -> None:
    held = select(Ordre.id).where(has_id_in(there)).order_by(Ordre.id).with_for_update()
    session().execute(held)
    session().execute(
        update(Ordre)
        .where(has_id_in(there), Ordre.leverandor == kode, Ordre.sett_hos_leverandor.is_(None))
        .values(sett_hos_leverandor=func.now())
        .execution_options(synchronize_session=False)
    )


def _note_missed(kode: str) -> int:
    """Note orders handed over a day ago that are not on the list, delete notes for those that are now; return
    all disagreements.
    """
    while _note_missed_portion(kode):
        pass
    listed = (
        select(Ordre.id)
        .where(Ordre.id == cast(Avvik.referanse, Uuid()), Ordre.sett_hos_leverandor.is_not(None))
        .exists()
    )
    with transaction() as tx:
        tx.execute(
            delete(Avvik)
            .where(Avvik.leverandor == kode, Avvik.art == Avviksart.UKJENT_HOS_DEM, listed)
            .execution_options(synchronize_session=False)
        )
        left = select(func.count()).select_from(Avvik).where(Avvik.leverandor == kode)
        return tx.execute(left).scalar_one()


def _note_missed_portion(kode: str) -> int:
    """Note one portion of missing orders. Already noted ones are skipped, or they would come first every
    night.
    """
    noted = (
        select(Avvik.referanse)
        .where(
            Avvik.leverandor == kode,
            Avvik.referanse == cast(Ordre.id, Text()),
            Avvik.art == Avviksart.UKJENT_HOS_DEM,
        )
        .exists()
    )
    with transaction() as tx:
        missed = tx.scalars(
            select(Ordre.id)
            .where(
                Ordre.leverandor == kode,
                Ordre.overlevert <= clock.now() - TAKEN_OVER_WITHIN,
                Ordre.sett_hos_leverandor.is_(None),
                Ordre.siste_lopenr > 1,
                ~noted,
            )
            .order_by(Ordre.overlevert, Ordre.id)
            .limit(PORTION)
        ).all()
        for ordre_id in missed:
            note_disagreement(kode, str(ordre_id), Avviksart.UKJENT_HOS_DEM, "LISTE")
        return len(missed)


def parse_id(referanse: str) -> UUID | None:
    """Parse a reference or package name as a UUID; None if it is not one of ours."""
    try:
        return UUID(referanse)
    except ValueError:
        return None
