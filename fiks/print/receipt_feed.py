"""Receipt feed: tells those who ordered what became of their orders, followed from a marker like an outside
system's feed.

Receipts are numbered in commit order: the writer of one holds a lock until its transaction ends, so a reader
who has seen a number has seen all before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from fiks.core.db import session
from fiks.print.models import Kvittering, Ordre

FEED_LOCK = 7_340_003


@dataclass(frozen=True, slots=True)
class Ordrekvittering:
    """The outcome of an order: PRINTET (with sheets, grams and øre), FEILET, or RETUR with the reason."""

    referanse: str
    art: str
    tidspunkt: datetime
    melding: str | None
    ark: int | None
    vekt_gram: int | None
    porto_ore: int | None
    produksjon_ore: int | None


class Ordrefeed:
    """The receipts for one kind of owner (`kilde`)."""

    def __init__(self, kilde: str) -> None:
        self._kilde = kilde

    def receipts(self, after: str | None, limit: int) -> tuple[Sequence[Ordrekvittering], str | None]:
        """Return at most `limit` receipts after the marker (None: from the first), and the next marker."""
        rows = session().execute(
            select(Kvittering, Ordre)
            .join(Ordre, Ordre.id == Kvittering.ordre_id)
            .where(Kvittering.nr > int(after or 0), Ordre.kilde == self._kilde)
            .order_by(Kvittering.nr)
            .limit(limit)
            .execution_options(populate_existing=True)
        )
        found = [(told.nr, _receipt(told, order)) for told, order in rows]
        session().rollback()
        return [receipt for _, receipt in found], str(found[-1][0]) if found else after


def _receipt(told: Kvittering, order: Ordre) -> Ordrekvittering:
    return Ordrekvittering(
        str(order.id),
        told.art,
        told.tidspunkt,
        told.melding,
        order.ark,
        order.vekt_gram,
        order.porto_ore,
        order.produksjon_ore,
    )


def publish_receipt(ordre_id: UUID, art: str, tidspunkt: datetime, melding: str | None = None) -> None:
    """Publish a receipt to the order's owner, once a round, in the present transaction."""
    session().execute(select(func.pg_advisory_xact_lock(FEED_LOCK)))
    round_of = select(Ordre.omgang).where(Ordre.id == ordre_id).scalar_subquery()
    row = insert(Kvittering).values(
        ordre_id=ordre_id, omgang=round_of, art=art, tidspunkt=tidspunkt, melding=melding
    )
    session().execute(row.on_conflict_do_nothing())
