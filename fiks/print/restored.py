"""After a backup was restored: what a print house got after the backup is not handed over again.

Packages and orders that the backup has are looked up. An order that it has not is known by its reference in the house's
list, and is placed as what it is there when its letter is ordered once more (`adopt_order`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.locks import Owner
from fiks.print import comparison
from fiks.print.handover import AKTOR, Husene, unknown_from_now
from fiks.print.models import Avvik, Ordre, Pakke
from fiks.print.order_rules import Avviksart, Ordrestatus, Pakkestatus
from fiks.print.recovery import adopt, recover_orphans
from fiks.print.service import Bestilling, Listet, forget_files, place_order
from fiks.print.transitions import Pakkekrav, dissolve, move_claimed, move_orders, move_package

P = Pakkestatus
UNSENT = (P.KLAR, P.VENTER, P.TIL_BEHANDLING)


@dataclass(frozen=True, slots=True)
class Gjennomgang:
    """How it went: packages looked up, adopted as handed over, and orders that were found in the houses' lists."""

    pakker: int = 0
    adoptert: int = 0
    ordrer: int = 0

    def __add__(self, other: Gjennomgang) -> Gjennomgang:
        return Gjennomgang(
            self.pakker + other.pakker, self.adoptert + other.adoptert, self.ordrer + other.ordrer
        )


def take_back() -> int:
    """Take back what owners held that are gone; return how many packages are held still, by somebody who lives."""
    recover_orphans()
    held = select(func.count()).select_from(Pakke).where(Pakke.status == P.SENDER)
    left = session().execute(held).scalar_one()
    session().rollback()
    return left


def look_up_unsent(owner: Owner, houses: Husene) -> Gjennomgang:
    """Read every house's list, look every unsent package up by its name, and let go of orders the houses have.

    May be broken off and run again. Raises KanalFeil when a house cannot be asked: nothing may be sent before it can.
    """
    for kode, house in houses.items():
        comparison.compare(kode, house)
    rows = session().execute(
        select(Pakke.id, Pakke.leverandor).where(
            Pakke.status.in_([str(s) for s in UNSENT]), Pakke.leverandor.in_(list(houses))
        )
    )
    packages = [(row.id, row.leverandor) for row in rows]
    session().rollback()
    found = Gjennomgang()
    for pakke_id, kode in packages:
        found += _settle(pakke_id, houses, kode, owner)
    return found + Gjennomgang(ordrer=_let_go_of_listed())


def unknown_references() -> frozenset[str]:
    """References that the houses' lists have and our orders have not."""
    wanted = select(Avvik.referanse).where(Avvik.art == Avviksart.UKJENT_HOS_OSS)
    found = frozenset(session().scalars(wanted))
    session().rollback()
    return found


def _settle(pakke_id: UUID, houses: Husene, kode: str, owner: Owner) -> Gjennomgang:
    """Adopt the package if the house has it; take it apart if the house has one of its orders by another package.

    Those that the house has are handed over in the transaction that takes it apart: nobody can pack them meanwhile.
    """
    ref = houses[kode].lookup(str(pakke_id))
    listed = (Ordre.pakke_id == pakke_id) & Ordre.sett_hos_leverandor.is_not(None)
    untouched = Gjennomgang(pakker=1)
    with transaction() as tx:
        if ref is None and tx.execute(select(Ordre.id).where(listed).limit(1)).first() is None:
            return untouched
        krav = _take(pakke_id, kode, owner.ensure())
        if krav is None:
            return untouched
        if ref is not None:
            move_claimed(krav, P.UAVKLART, **unknown_from_now())
            return Gjennomgang(1, int(adopt(pakke_id, ref)))
        if not move_claimed(krav, P.OPPLOST):
            return untouched
        there = _let_go(listed)
        dissolve(pakke_id, [], kode="GJENOPPRETTET", aktor=AKTOR)
        return Gjennomgang(1, ordrer=there)


def _take(pakke_id: UUID, kode: str, eier: int) -> Pakkekrav | None:
    for waits in (P.VENTER, P.TIL_BEHANDLING):
        move_package(pakke_id, fra=waits, til=P.KLAR)
    taken = move_package(pakke_id, fra=P.KLAR, til=P.SENDER, eier=eier, forsok=Pakke.forsok + 1)
    if not taken:
        return None
    forsok = session().execute(select(Pakke.forsok).where(Pakke.id == pakke_id)).scalar_one()
    return Pakkekrav(pakke_id, kode, eier, forsok)


def _let_go_of_listed() -> int:
    """Orders in no package that a house has are handed over."""
    found = 0
    while True:
        with transaction():
            moved = _let_go(Ordre.pakke_id.is_(None) & Ordre.sett_hos_leverandor.is_not(None))
        if not moved:
            return found
        found += moved


def _let_go(listed: ColumnElement[bool]) -> int:
    """These orders are handed over, in no package, in the present transaction; how many were not before."""
    moved = move_orders(
        listed,
        fra=(Ordrestatus.MOTTATT,),
        til=Ordrestatus.PRODUSERT,
        kode="OVERLEVERT",
        aktor=AKTOR,
        overlevert=clock.expression(),
        pakke_id=None,
    )
    return len(moved)


def adopt_order(bestilling: Bestilling, listet: Listet, *, aktor: str) -> None:
    """Take an order that a house has already, in the present transaction: it is PRODUSERT there, and seen in its list.

    Whatever house it was for. It is in no package and keeps no file, so that it is never handed over nor moved to
    another house: if it fails there, its owner orders anew. The reference is unknown to us no more.
    """
    place_order(replace(bestilling, leverandor=listet.leverandor), aktor=aktor)
    move_orders(
        Ordre.id == bestilling.referanse,
        fra=(Ordrestatus.MOTTATT,),
        til=Ordrestatus.PRODUSERT,
        kode="OVERLEVERT",
        aktor=aktor,
        overlevert=clock.expression(),
        sett_hos_leverandor=listet.siden,
    )
    forget_files([bestilling.referanse])
    session().execute(
        delete(Avvik).where(
            Avvik.leverandor == listet.leverandor,
            Avvik.referanse == str(bestilling.referanse),
            Avvik.art == Avviksart.UKJENT_HOS_OSS,
        )
    )
