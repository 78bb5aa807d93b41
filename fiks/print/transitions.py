"""The only writer of order and package status: guarded, legal transitions, and an order's change with its
history row.

Lock order is package before order, everywhere. Zero changed rows means that somebody else moved it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, any_, insert, select, update

from fiks.core import clock
from fiks.core.db import guarded_update, guarded_update_all, session, uuid_array
from fiks.print.models import Ordre, Ordrehendelse, Pakke
from fiks.print.receipt_feed import publish_receipt
from fiks.print.states import ORDREOVERGANGER, PAKKEOVERGANGER, Ordrestatus, Pakkestatus


@dataclass(frozen=True, slots=True)
class Pakkekrav:
    """A claimed package as its claimer holds it; every later change is guarded by owner and attempt."""

    id: UUID
    leverandor: str
    eier: int
    forsok: int


def has_id_in(ids: Sequence[UUID]) -> ColumnElement[bool]:
    """SQL: the order is one of these ids."""
    return Ordre.id == any_(uuid_array(ids))


def move_orders(
    condition: ColumnElement[bool],
    *,
    fra: Collection[Ordrestatus],
    til: Ordrestatus,
    kode: str,
    aktor: str,
    limit: int = 1_000,
    **changes: object,
) -> list[UUID]:
    """Move the orders of `condition` whose status is in `fra`; return which. Illegal transitions are left
    out.
    """
    moved = guarded_update_all(
        Ordre,
        where={"status": [status for status in fra if til in ORDREOVERGANGER[status]]},
        condition=condition,
        values={"status": til, "siste_lopenr": Ordre.siste_lopenr + 1, **changes},
        old=("id", "status", "siste_lopenr"),
        limit=limit,
    )
    rows = [(row.id, row.siste_lopenr + 1, row.status) for row in moved]
    append_history(rows, til=til, kode=kode, aktor=aktor)
    return [row.id for row in moved]


def append_history(
    rows: Sequence[tuple[UUID, int, str | None]], *, til: Ordrestatus, kode: str, aktor: str
) -> None:
    """Write (order, number, earlier status) to the history, in the present transaction."""
    if rows:
        told = {"til": til, "kode": kode, "aktor": aktor}
        values = [{"ordre_id": one, "lopenr": lopenr, "fra": fra, **told} for one, lopenr, fra in rows]
        session().execute(insert(Ordrehendelse).values(tid=clock.now_sql()), values)


def move_claimed(krav: Pakkekrav, til: Pakkestatus, **changes: object) -> bool:
    """Move a package we own from SENDER; False when the claim is lost."""
    held = {"id": krav.id, "status": Pakkestatus.SENDER, "eier": krav.eier, "forsok": krav.forsok}
    return _move_package(held, Pakkestatus.SENDER, til, changes)


def move_package(pakke_id: UUID, *, fra: Pakkestatus, til: Pakkestatus, **changes: object) -> bool:
    """Move an unowned package; return whether it still was in `fra`."""
    return _move_package({"id": pakke_id, "status": fra}, fra, til, changes)


def _move_package(
    where: dict[str, object], fra: Pakkestatus, til: Pakkestatus, changes: dict[str, object]
) -> bool:
    assert til in PAKKEOVERGANGER[fra]
    return guarded_update(Pakke, where=where, values={"status": til, "eier": None, **changes}) is not None


def dissolve(pakke_id: UUID, broken: Collection[UUID], *, kode: str, aktor: str) -> None:
    """Release a package's orders: broken ones become FEILET, the others can be packed again. The caller moves
    the package.
    """
    inside = Ordre.pakke_id == pakke_id
    if broken:
        failed = move_orders(
            inside & has_id_in(list(broken)),
            fra=(Ordrestatus.MOTTATT,),
            til=Ordrestatus.FEILET,
            kode=kode,
            aktor=aktor,
            feilkode=kode,
            pakke_id=None,
        )
        for one in failed:
            publish_receipt(one, "FEILET", clock.now(), kode)
    locked = (
        select(Ordre.id)
        .where(inside, Ordre.status == Ordrestatus.MOTTATT)
        .order_by(Ordre.id)
        .with_for_update()
        .cte("locked")
    )
    session().execute(
        update(Ordre)
        .where(Ordre.id == locked.c.id)
        .values(pakke_id=None, omgang=Ordre.omgang + 1)
        .execution_options(synchronize_session=False)
    )


def is_still_claimed(krav: Pakkekrav) -> tuple[ColumnElement[bool], ...]:
    """SQL conditions: the package still belongs to its claimer."""
    return (
        Pakke.id == krav.id,
        Pakke.status == Pakkestatus.SENDER,
        Pakke.eier == krav.eier,
        Pakke.forsok == krav.forsok,
    )
