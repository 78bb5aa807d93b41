"""What the print houses answer about orders: each receipt has its effect once, whatever its order and number.

An order whose receipt comes before our own record of the hand-over is answered all the same: it is in a package, and
the receipt proves that the house has that.
"""

from __future__ import annotations

import logging
from functools import partial
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from fiks.core.actor import PRINT
from fiks.core.counters import from_nought
from fiks.core.db import session, transaction
from fiks.core.feeds import follow
from fiks.print.feed import tell
from fiks.print.handover import Hus
from fiks.print.models import Avvik, Ordre
from fiks.print.order_rules import Avviksart, Ordrestatus
from fiks.print.rules import Kvitteringsart, Printkvittering
from fiks.print.service import NOTHING_SAID, Fakta, record_posted, record_returned
from fiks.print.transitions import move_orders

log = logging.getLogger(__name__)
UNKNOWN = Counter(
    "fiks_print_unknown_receipts_total",
    "References, in receipts or lists, on which a print house's books and ours differ, when first seen",
    ["leverandor"],
)
A = Kvitteringsart


def read_house(kode: str, house: Hus) -> int:
    """Read one portion of a house's receipts and apply them; return how many were read. Raises KanalFeil."""
    from_nought(UNKNOWN, [kode])
    return follow(f"PRINTHUS_{kode}", house.receipts, partial(apply, kode))


def apply(kode: str, receipt: Printkvittering) -> None:
    """Let one receipt have its effect, once. One for no order of ours, or not of this house, is a person's to see."""
    with transaction() as tx:
        row = tx.execute(
            select(Ordre.leverandor, Ordre.pakke_id, Ordre.overlevert)
            .where(Ordre.id == UUID(receipt.referanse))
            .with_for_update()
        ).first()
        if row is None:
            note(kode, receipt.referanse, Avviksart.UKJENT_KVITTERING, receipt.art)
        elif row.leverandor != kode or (row.pakke_id is None and row.overlevert is None):
            note(kode, receipt.referanse, Avviksart.ANNET_HUS, receipt.art)
        else:
            _effect(UUID(receipt.referanse), receipt)


def note(kode: str, referanse: str, art: Avviksart, melding: str) -> None:
    """Put a reference on the list of what a person must look into, once, in the present transaction."""
    row = insert(Avvik).values(leverandor=kode, referanse=referanse, art=art, detaljer={"art": melding})
    new = session().execute(row.on_conflict_do_nothing().returning(Avvik.referanse)).first()
    if new is not None:
        UNKNOWN.labels(kode).inc()
        log.warning("print_books_differ", extra={"leverandor": kode, "art": str(art), "referanse": referanse})


def _effect(ordre_id: UUID, receipt: Printkvittering) -> None:
    match receipt.art:
        case A.PRINTET:
            if record_posted(ordre_id, receipt.tidspunkt, _facts(receipt), kode=A.PRINTET, aktor=PRINT.ref):
                tell(ordre_id, A.PRINTET, receipt.tidspunkt)
        case A.FEILET:
            if _failed(ordre_id, receipt.melding):
                tell(ordre_id, A.FEILET, receipt.tidspunkt, receipt.melding)
        case _:
            fakta = _facts(receipt) if receipt.ark else NOTHING_SAID
            if record_returned(
                ordre_id, receipt.tidspunkt, receipt.melding, fakta, kode=A.RETUR, aktor=PRINT.ref
            ):
                tell(ordre_id, A.RETUR, receipt.tidspunkt, receipt.melding)


def _facts(receipt: Printkvittering) -> Fakta:
    return Fakta(receipt.ark, receipt.vekt_gram, receipt.porto_ore, receipt.produksjon_ore)


def _failed(ordre_id: UUID, melding: str | None) -> bool:
    moved = move_orders(
        Ordre.id == ordre_id,
        fra=(Ordrestatus.MOTTATT, Ordrestatus.PRODUSERT),
        til=Ordrestatus.FEILET,
        kode=A.FEILET,
        aktor=PRINT.ref,
        feilkode=melding or "FEILET",
    )
    return bool(moved)
