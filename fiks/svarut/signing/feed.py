"""Results of signing orders: the signing service's feed, and deadlines that pass.

The feed is read from a stored marker, at least once. Every effect is guarded by the order's own state, so a
repeated, late or unknown entry changes nothing.
"""

from __future__ import annotations

import logging
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import func, select

from fiks.core import clock
from fiks.core.db import guarded_update, session, transaction
from fiks.core.queue.feed_markers import follow_feed
from fiks.core.telemetry.counters import start_at_zero
from fiks.svarut import history
from fiks.svarut.history import remark
from fiks.svarut.models import Hendelse, Signeringsoppdrag
from fiks.svarut.receipts.feed import UNKNOWN_RECEIPTS
from fiks.svarut.rules import Signeringsstatus
from fiks.svarut.signing.client import Art, Signeringsmelding
from fiks.svarut.signing.orders import HOUSE, Signeringsport, move_signing_order

log = logging.getLogger(__name__)
KILDE = "SIGNERING"
start_at_zero(UNKNOWN_RECEIPTS, [KILDE])
EXPIRE_PORTION = 200
UNWANTED = Counter(
    "fiks_signatures_on_closed_orders_total", "Signatures on orders that had been refused or declined"
)


def read_feed(port: Signeringsport) -> int:
    """Read one portion of the service's feed from the stored marker; return how many. Raises KanalFeil."""
    return follow_feed(KILDE, port.events, apply_event)


def apply_event(melding: Signeringsmelding) -> None:
    """Apply one entry, once; also one that arrives before our own record of the order."""
    forsendelse_id = _ours(melding.referanse)
    if forsendelse_id is None:
        UNKNOWN_RECEIPTS.labels(KILDE).inc()
        log.warning("unknown_receipt", extra={"kilde": KILDE, "art": str(melding.art)})
        return
    with transaction(), history.trace_letter(forsendelse_id):
        EFFECTS[melding.art](forsendelse_id, melding)


def _ours(referanse: str) -> UUID | None:
    try:
        wanted = UUID(referanse)
    except ValueError:
        return None
    found = select(Signeringsoppdrag.forsendelse_id).where(Signeringsoppdrag.forsendelse_id == wanted)
    return session().execute(found).scalar_one_or_none()


def _started(forsendelse_id: UUID, melding: Signeringsmelding) -> None:
    """Remark that signing has begun. It may begin several times; each is recorded once, by its time."""
    open_one = select(Signeringsoppdrag.forsendelse_id).where(
        Signeringsoppdrag.forsendelse_id == forsendelse_id,
        Signeringsoppdrag.status == Signeringsstatus.VENTER_SIGNERING,
    )
    if session().execute(open_one.with_for_update()).first() is None:
        return
    at = melding.tidspunkt.isoformat()
    told = select(Hendelse.lopenr).where(
        Hendelse.forsendelse_id == forsendelse_id,
        Hendelse.kode == "SIGNERING_STARTET",
        Hendelse.detaljer["tidspunkt"].astext == at,
    )
    if session().execute(told).first() is None:
        remark(forsendelse_id, "SIGNERING_STARTET", aktor=HOUSE.ref, tidspunkt=at)


def _signed(forsendelse_id: UUID, melding: Signeringsmelding) -> None:
    """Note that a signed copy is to be fetched. The order is signed when the copy is on its way back.

    A signature on an order already closed by us or the receiver is for people to settle.
    """
    noted = guarded_update(
        Signeringsoppdrag,
        where={
            "forsendelse_id": forsendelse_id,
            "status": [Signeringsstatus.VENTER_SIGNERING, Signeringsstatus.UTLOPT],
            "signert": None,
        },
        values={"signert": melding.tidspunkt, "neste_forsok": func.now(), "forsok": 0},
    )
    if noted is None and _is_closed_unsigned(forsendelse_id):
        UNWANTED.inc()
        log.error("signature_on_closed_order", extra={"forsendelse": str(forsendelse_id)})


def _is_closed_unsigned(forsendelse_id: UUID) -> bool:
    row = Signeringsoppdrag
    closed = select(row.forsendelse_id).where(
        row.forsendelse_id == forsendelse_id,
        row.status.in_([str(Signeringsstatus.AVVIST_AV_SVARUT), str(Signeringsstatus.AVVIST_AV_MOTTAKER)]),
        row.signert.is_(None),
    )
    return session().execute(closed).first() is not None


def _declined(forsendelse_id: UUID, melding: Signeringsmelding) -> None:
    move_signing_order(
        forsendelse_id,
        Signeringsstatus.AVVIST_AV_MOTTAKER,
        kode="SIGNERING_AVVIST_AV_MOTTAKER",
        where={"signert": None},
    )


def _expired(forsendelse_id: UUID, melding: Signeringsmelding) -> None:
    _expire(forsendelse_id)


def _expire(forsendelse_id: UUID) -> bool:
    return move_signing_order(
        forsendelse_id, Signeringsstatus.UTLOPT, kode="SIGNERING_UTLOPT", where={"signert": None}
    )


EFFECTS = {Art.STARTET: _started, Art.SIGNERT: _signed, Art.AVVIST: _declined, Art.UTLOPT: _expired}


def expire_orders() -> int:
    """Close a portion of orders past their deadline, whether or not the service has reported it; return how
    many.
    """
    row = Signeringsoppdrag
    out = (
        select(row.forsendelse_id)
        .where(
            row.status == Signeringsstatus.VENTER_SIGNERING,
            row.utloper <= clock.now(),
            row.signert.is_(None),
        )
        .order_by(row.utloper)
        .limit(EXPIRE_PORTION)
    )
    due = session().scalars(out).all()
    session().rollback()
    closed = 0
    for forsendelse_id in due:
        with transaction():
            closed += _expire(forsendelse_id)
    return closed
