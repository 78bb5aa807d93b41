"""After a backup was restored: what a print house got after the backup is not handed over again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, func, select

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.locks import Owner
from fiks.print import comparison
from fiks.print.handover import AKTOR, Husene, unknown_from_now
from fiks.print.models import Avvik, Ordre, Pakke
from fiks.print.order_rules import Avviksart, Ordrestatus, Pakkestatus
from fiks.print.recovery import adopt, recover_orphans
from fiks.print.transitions import Pakkekrav, dissolve, move_claimed, move_orders, move_package

P = Pakkestatus
UNSENT = (P.KLAR, P.VENTER, P.TIL_BEHANDLING)


@dataclass(frozen=True, slots=True)
class Gjennomgang:
    """How it went: packages looked up, adopted as handed over, and orders that were found in the houses' lists."""

    pakker: int = 0
    adoptert: int = 0
    ordrer: int = 0


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
    adopted = sum(_settle(pakke_id, houses, kode, owner) for pakke_id, kode in packages)
    return Gjennomgang(len(packages), adopted, _let_go_of_listed())


def unknown_references() -> frozenset[str]:
    """References that the houses' lists have and our orders have not."""
    wanted = select(Avvik.referanse).where(Avvik.art == Avviksart.UKJENT_HOS_OSS)
    found = frozenset(session().scalars(wanted))
    session().rollback()
    return found


def _settle(pakke_id: UUID, houses: Husene, kode: str, owner: Owner) -> bool:
    """Adopt the package if the house has it; take it apart if the house has one of its orders by another package."""
    ref = houses[kode].lookup(str(pakke_id))
    with transaction() as tx:
        listed = exists().where(Ordre.pakke_id == pakke_id, Ordre.sett_hos_leverandor.is_not(None))
        if ref is None and not tx.execute(select(listed)).scalar_one():
            return False
        krav = _take(pakke_id, kode, owner.ensure())
        if krav is None:
            return False
        if ref is not None:
            move_claimed(krav, P.UAVKLART, **unknown_from_now())
            return adopt(pakke_id, ref)
        if move_claimed(krav, P.OPPLOST):
            dissolve(pakke_id, [], kode="GJENOPPRETTET", aktor=AKTOR)
    return False


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
            moved = move_orders(
                (Ordre.pakke_id.is_(None)) & Ordre.sett_hos_leverandor.is_not(None),
                fra=(Ordrestatus.MOTTATT,),
                til=Ordrestatus.PRODUSERT,
                kode="OVERLEVERT",
                aktor=AKTOR,
                overlevert=clock.expression(),
            )
        if not moved:
            return found
        found += len(moved)
