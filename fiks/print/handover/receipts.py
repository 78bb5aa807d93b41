"""Receipts from print houses: each takes effect once, whatever their order and number.

A receipt that arrives before our own record of the hand-over takes effect too: the order is in a package, and
the receipt proves that the house has it. For a package it cannot open, a house reports FEILET by the
package's name.
"""

from __future__ import annotations

import logging
from functools import partial
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert

from fiks.core.actor import PRINT
from fiks.core.db import session, transaction
from fiks.core.queue.feed_markers import follow_feed
from fiks.core.telemetry.counters import start_at_zero
from fiks.print.handover.deliver import Hus
from fiks.print.models import Avvik, Ordre, Pakke
from fiks.print.receipt_feed import publish_receipt
from fiks.print.rules import Kvitteringsart, Printkvittering
from fiks.print.service import NOTHING_SAID, Fakta, record_posted, record_returned
from fiks.print.states import Avviksart, Ordrestatus, Pakkestatus
from fiks.print.transitions import move_orders

log = logging.getLogger(__name__)
UNKNOWN = Counter(
    "fiks_print_unknown_receipts_total",
    "References, in receipts or lists, on which a print house's books and ours differ, when first seen",
    ["leverandor"],
)
A = Kvitteringsart
PORTION = 100
"""Orders of a FEILET package processed in one transaction: publishing a receipt blocks all others who
publish.
"""


def read_house_receipts(kode: str, house: Hus) -> int:
    """Read and apply one portion of a house's receipts; return how many were read. Raises KanalFeil."""
    start_at_zero(UNKNOWN, [kode])
    return follow_feed(f"PRINTHUS_{kode}", house.receipts, partial(apply_receipt, kode))


def apply_receipt(kode: str, receipt: Printkvittering) -> None:
    """Apply one receipt, once. A receipt for an unknown order, or another house's, is noted for a person."""
    referanse = UUID(receipt.referanse)
    with transaction() as tx:
        row = tx.execute(
            select(Ordre.leverandor, Ordre.pakke_id, Ordre.overlevert)
            .where(Ordre.id == referanse)
            .with_for_update()
        ).first()
        if row is not None and (row.leverandor != kode or (row.pakke_id is None and row.overlevert is None)):
            note_disagreement(kode, receipt.referanse, Avviksart.ANNET_HUS, receipt.art)
            return
        if row is not None:
            _apply_to_order(referanse, receipt)
            return
        if receipt.art != A.FEILET or not _has_package(kode, referanse):
            note_disagreement(kode, receipt.referanse, Avviksart.UKJENT_KVITTERING, receipt.art)
            return
    _fail_package(kode, referanse, receipt)


def note_disagreement(kode: str, referanse: str, art: Avviksart, melding: str) -> None:
    """Note a disagreement for a person to look into, once per reference, in the present transaction."""
    row = insert(Avvik).values(leverandor=kode, referanse=referanse, art=art, detaljer={"art": melding})
    new = session().execute(row.on_conflict_do_nothing().returning(Avvik.referanse)).first()
    if new is not None:
        UNKNOWN.labels(kode).inc()
        log.warning("print_books_differ", extra={"leverandor": kode, "art": str(art), "referanse": referanse})


def _apply_to_order(ordre_id: UUID, receipt: Printkvittering) -> None:
    match receipt.art:
        case A.PRINTET:
            if record_posted(ordre_id, receipt.tidspunkt, _facts(receipt), kode=A.PRINTET, aktor=PRINT.ref):
                publish_receipt(ordre_id, A.PRINTET, receipt.tidspunkt)
        case A.FEILET:
            _fail_orders(Ordre.id == ordre_id, receipt)
        case _:
            fakta = _facts(receipt) if receipt.ark else NOTHING_SAID
            if record_returned(
                ordre_id, receipt.tidspunkt, receipt.melding, fakta, kode=A.RETUR, aktor=PRINT.ref
            ):
                publish_receipt(ordre_id, A.RETUR, receipt.tidspunkt, receipt.melding)


def _facts(receipt: Printkvittering) -> Fakta:
    return Fakta(receipt.ark, receipt.vekt_gram, receipt.porto_ore, receipt.produksjon_ore)


def _fail_orders(condition: ColumnElement[bool], receipt: Printkvittering) -> int:
    failed = move_orders(
        condition,
        fra=(Ordrestatus.MOTTATT, Ordrestatus.PRODUSERT),
        til=Ordrestatus.FEILET,
        kode=A.FEILET,
        aktor=PRINT.ref,
        limit=PORTION,
        feilkode=receipt.melding or "FEILET",
    )
    for ordre_id in failed:
        publish_receipt(ordre_id, A.FEILET, receipt.tidspunkt, receipt.melding)
    return len(failed)


def _has_package(kode: str, navn: UUID) -> bool:
    """Return whether this house may have a package of that name."""
    packed = select(Pakke.id).where(
        Pakke.id == navn, Pakke.leverandor == kode, Pakke.status != Pakkestatus.OPPLOST
    )
    return session().execute(packed).first() is not None


def _fail_package(kode: str, navn: UUID, receipt: Printkvittering) -> None:
    """Set every unanswered order of a package FEILET, because the house could not open the package."""
    count = 0
    while failed := _fail_portion(navn, receipt):
        count += failed
    if count:
        log.error("package_failed", extra={"leverandor": kode, "pakke": str(navn), "antall": count})


def _fail_portion(navn: UUID, receipt: Printkvittering) -> int:
    with transaction():
        return _fail_orders(Ordre.pakke_id == navn, receipt)
