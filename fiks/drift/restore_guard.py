"""Restore guard: a database restored from a backup has forgotten letters and would send them again, so it
starts stopped.

The sweeper increments an *epoch* in the database and then notes it in the object store. A database whose
epoch is lower than the store's is an older one. A moved database may be one too: a dump loaded into another
server or database has another identity, however new it is. In both cases all sending stops, and does not
start before sent letters have been looked up (`unreconciled`, docs/drift/gjenoppretting.md).

A store without an epoch, although the database has counted for hours, is not the house's store: an unmounted
folder, or another bucket. Every document would be missing: no work is done, and the portal stores nothing
there.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from prometheus_client import Gauge
from sqlalchemy import func, select, text

from fiks.core import audit
from fiks.core.actor import Aktor, system
from fiks.core.db import db, session, transaction
from fiks.core.environment import current
from fiks.core.queue.feed_markers import Kvitteringsmarkor, save_marker
from fiks.core.storage.store import LagerUtilgjengelig
from fiks.drift import reconciliation_mark, service
from fiks.svarut.delivery import circuit_breaker

log = logging.getLogger(__name__)
STORE_AWAY = Gauge(
    "fiks_store_away",
    "1 while the object store does not answer the sweeper, refuses it, or is not the house's",
)
KILDE = "EPOKE"
NOTE = "epoke"
LOCK = 7_340_004
FIRST_HOURS = 1_000
"""The epoch of a house some hours old (it grows every fifteen seconds): until then its store may be
exchanged.
"""
REASON = "GJENOPPRETTET"
GUARD = system("epokevakt")
DECLARED = "OPPGITT"
"""Stands in place of the epoch when a person has declared the database restored."""
_STORED = select(Kvitteringsmarkor.markor).where(Kvitteringsmarkor.kilde == KILDE)
_IDENTITY = text(
    "SELECT system_identifier || '/' || (SELECT oid FROM pg_database WHERE datname = current_database())"
    " FROM pg_control_system()"
)


@dataclass(frozen=True, slots=True)
class Epoke:
    """The house's epoch, and the identity of its database: server and database as PostgreSQL numbers them."""

    nr: int
    identitet: str

    def __str__(self) -> str:
        return f"{self.nr} {self.identitet}"


def check_for_restore() -> bool:
    """Stop all sending if the database is a restored one; return whether it was. Call it before any work
    begins.

    Raises LagerUtilgjengelig while the store cannot be asked. LAGER_UKJENT: it is not the house's store.
    """
    noted = _epoch_in_store()
    with transaction():
        return _compare_epochs(noted)[1]


def declare_restored(grunn: str, *, actor: Aktor) -> None:
    """As `service.freeze`, by a person who knows that the database is a restored one, whether the guard
    detects it or not.

    The database must be reconciled from then on. Errors: as there.
    """
    with transaction():
        service.freeze(grunn, actor=actor)
        reconciliation_mark.mark(DECLARED)
        audit.record(actor, "GJENOPPRETTING_OPPGITT", "plattform", circuit_breaker.ALL_SENDING)


def require_our_store() -> None:
    """Raise LagerUtilgjengelig when the store cannot be asked, LAGER_UKJENT when it is not the house's.

    Uses a connection of its own: the caller is about to store something in the middle of a transaction.
    """
    noted = _epoch_in_store()
    with db.engine.connect() as connection:
        stored = connection.execute(_STORED).scalar()
    _require_ours(noted, _parse_epoch(stored)[0])


def advance_epoch() -> int:
    """Check, then increment the epoch: the sweeper's planned job. Returns 0, since it finds no work; a
    failing store is retried next time.

    A gauge shows whether the store could be read and written: letters wait for it, and none of them counts as
    late.
    """
    try:
        noted = _epoch_in_store()
        with transaction():
            epoch, _ = _compare_epochs(noted)
            _save_epoch(Epoke(epoch.nr + 1, epoch.identitet))
        current().store.write_note(NOTE, str(epoch.nr + 1))
    except LagerUtilgjengelig as error:
        log.warning("epoch_not_noted", extra={"kode": error.kode})
        STORE_AWAY.set(1)
    else:
        STORE_AWAY.set(0)
    return 0


def _epoch_in_store() -> int | None:
    """Return the epoch in the store, None when there is none."""
    words = current().store.read_note(NOTE)
    return None if words is None else int(words)


def _compare_epochs(noted: int | None) -> tuple[Epoke, bool]:
    """Return (the epoch from here on, whether the database turned out to be a restored one), in the present
    transaction.
    """
    tx = session()
    tx.execute(select(func.pg_advisory_xact_lock(LOCK)))
    stored = tx.execute(_STORED).scalar()
    here = str(tx.execute(_IDENTITY).scalar_one())
    if stored is None and not noted:
        return Epoke(0, here), False
    nr, identity = _parse_epoch(stored)
    _require_ours(noted, nr)
    seen = noted or 0
    if nr >= seen and identity == here:
        return Epoke(nr, here), False
    log.error("restored_database", extra={"epoke": nr, "notert": seen, "flyttet": identity != here})
    service.stop(REASON, actor=GUARD)
    epoch = Epoke(max(nr, seen) + 1, here)
    _save_epoch(epoch)
    reconciliation_mark.mark(str(epoch))
    return epoch, True


def _parse_epoch(stored: str | None) -> tuple[int, str]:
    """Return (epoch, database identity) from the stored text."""
    nr, _, identity = (stored or "0 ").partition(" ")
    return int(nr), identity


def _require_ours(noted: int | None, nr: int) -> None:
    if noted is None and nr > FIRST_HOURS:
        log.error("store_is_not_ours", extra={"epoke": nr})
        raise LagerUtilgjengelig("LAGER_UKJENT")


def _save_epoch(epoch: Epoke) -> None:
    save_marker(KILDE, str(epoch))
