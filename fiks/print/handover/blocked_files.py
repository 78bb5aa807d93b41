"""Blocked files: a package some of whose files the store does not deliver, or whose key this process lacks.

This is no fault of the letters (ADR 0033), and its duration is unknown. So the other orders are repacked and
sent, and the blocked ones wait in a package of their own; they are never refused for it. When no file is
readable, all wait: the store is down.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, insert, select, update

from fiks.core.actor import PRINT
from fiks.core.db import ring, session, transaction
from fiks.core.errors import Utilgjengelig
from fiks.core.queue.delivery_attempts import ONE_MINUTE
from fiks.print.handover.contents import read_file
from fiks.print.models import Ordre, Pakke
from fiks.print.service import LANE
from fiks.print.states import Ordrestatus, Pakkestatus, package_id
from fiks.print.transitions import Pakkekrav, dissolve, has_id_in, is_still_claimed, move_claimed

log = logging.getLogger(__name__)
ROUNDS = 3
"""Number of futile waits before a package is split."""
LONGEST_LOOK = timedelta(minutes=1)
"""Time limit for testing files, since a hanging store would take as long for each; files not reached wait
with the rest.
"""
MAX_UNREADABLE = 20
"""When none of so many random files is readable, stop testing: the store is down."""


def split_off_unreadable(krav: Pakkekrav, kode: str) -> bool:
    """Split a blocked package: orders with readable files are repacked, the rest wait by themselves; return
    whether it was split.

    `kode`: why the package could not be read (so no call was made). Raises OrdreOdelagt.
    """
    if not _may_be_split(krav):
        return False
    return _split_off(krav, _readable_orders(krav), kode)


def split_off(krav: Pakkekrav, rest: Collection[UUID], kode: str) -> bool:
    """As `split_off_unreadable`, when the orders that cannot go (`rest`) are already known, without testing
    files.
    """
    if not _may_be_split(krav):
        return False
    inside = set(session().scalars(select(Ordre.id).where(Ordre.pakke_id == krav.id)))
    session().rollback()
    return _split_off(krav, inside.difference(rest), kode)


def _split_off(krav: Pakkekrav, ready: Collection[UUID], kode: str) -> bool:
    if not ready or not _split_package(krav, ready, kode):
        return False
    log.warning("package_held_up", extra={"pakke": str(krav.id), "kode": kode, "gar": len(ready)})
    return True


def _may_be_split(krav: Pakkekrav) -> bool:
    """Return whether the package has waited often enough, has other orders, and was certainly never at the
    house. A package the house may have is only handed over again under the same name.

    Clears the mark of a begun call: a process that dies while testing files leaves nothing in doubt.
    """
    with transaction() as tx:
        row = tx.execute(
            update(Pakke)
            .where(*is_still_claimed(krav))
            .values(kall_startet=None)
            .returning(Pakke.frie_forsok, Pakke.antall, Pakke.uavklart_siden)
            .execution_options(synchronize_session=False)
        ).first()
    return row is not None and row[0] >= ROUNDS and row[1] > 1 and row[2] is None


def _readable_orders(krav: Pakkekrav) -> set[UUID]:
    """Return the orders whose files are readable now, as far as time allows; empty when all are, or when a
    receipt has come for one (its file is then gone).

    In random order, so that a file that hangs is not always first.
    """
    rows = list(session().scalars(select(Ordre).where(Ordre.pakke_id == krav.id).order_by(func.random())))
    session().expunge_all()
    session().rollback()
    if any(row.status != Ordrestatus.MOTTATT for row in rows):
        return set()
    ready, until = set[UUID](), time.monotonic() + LONGEST_LOOK.total_seconds()
    for tried, row in enumerate(rows):
        if time.monotonic() >= until or (tried == MAX_UNREADABLE and not ready):
            break
        if _is_readable(row):
            ready.add(row.id)
    return ready if len(ready) < len(rows) else set()


def _is_readable(row: Ordre) -> bool:
    try:
        for _ in read_file(row):
            pass
    except Utilgjengelig:
        return False
    return True


def _split_package(krav: Pakkekrav, ready: Collection[UUID], kode: str) -> bool:
    """Dissolve the package and lay the blocked orders aside in one transaction, so that nobody can pack them
    meanwhile.
    """
    with transaction():
        rows = dissolve_claimed(krav, kode)
        if rows is None:
            return False
        _repack_waiting(krav.id, [(one, omgang + 1) for one, omgang in rows if one not in ready], kode)
    return True


def dissolve_claimed(krav: Pakkekrav, kode: str) -> Sequence[tuple[UUID, int]] | None:
    """Dissolve the claimed package, in the present transaction, and return its (order, round) pairs.

    Returns None and changes nothing when the claim is lost, or an order has since got a receipt or appeared
    on the house's list.
    """
    ours = session().execute(select(Pakke.id).where(*is_still_claimed(krav)).with_for_update()).first()
    inside = select(Ordre.id, Ordre.omgang, Ordre.status, Ordre.sett_hos_leverandor)
    held = inside.where(Ordre.pakke_id == krav.id).order_by(Ordre.id).with_for_update()
    rows = session().execute(held).all()
    if ours is None or any(row[2] != Ordrestatus.MOTTATT or row[3] is not None for row in rows):
        return None
    move_claimed(krav, Pakkestatus.OPPLOST, feilkode=kode)
    dissolve(krav.id, [], kode=kode, aktor=PRINT.ref)
    ring(LANE)
    return [(row[0], row[1]) for row in rows]


def _repack_waiting(taken_apart: UUID, rest: Sequence[tuple[UUID, int]], kode: str) -> None:
    """Put these (order, round) in a waiting package as old as the one they were in, in the present
    transaction.
    """
    like = session().execute(
        select(Pakke.leverandor, Pakke.klasse, Pakke.tosidig, Pakke.farger, Pakke.opprettet).where(
            Pakke.id == taken_apart
        )
    )
    facts = dict(like.mappings().one())
    pakke_id = package_id(str(facts["leverandor"]), rest)
    session().execute(
        insert(Pakke).values(
            id=pakke_id,
            antall=len(rest),
            status=Pakkestatus.VENTER,
            feilkode=kode,
            neste_forsok=func.now() + ONE_MINUTE,
            **facts,
        )
    )
    session().execute(
        update(Ordre)
        .where(has_id_in([ordre_id for ordre_id, _ in rest]))
        .values(pakke_id=pakke_id)
        .execution_options(synchronize_session=False)
    )
