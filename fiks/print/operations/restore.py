"""After a backup was restored: what a print house received after the backup is not handed over again.

Packages and orders in the backup are looked up. An order missing from the backup is known by its reference in
the house's list, and gets that state when its letter is ordered again (`adopt_order`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from uuid import UUID

from sqlalchemy import Text, any_, cast, delete, func, select, union_all, update

from fiks.core import clock
from fiks.core.db import session, transaction, uuid_array
from fiks.core.errors import Konflikt
from fiks.core.queue.delivery_attempts import UNKNOWN_OUTCOME_COLUMNS
from fiks.core.queue.owner_lock import Owner
from fiks.print.handover.deliver import Hus, Husene
from fiks.print.handover.outcomes import dissolve_listed, listed_orders_in, mark_handed_over
from fiks.print.handover.recovery import adopt_package, recover_orphans
from fiks.print.models import Avvik, Leverandor, Ordre, Pakke
from fiks.print.operations import reconciliation
from fiks.print.package_conditions import has_status_in
from fiks.print.rules import Overtatt
from fiks.print.service import Bestilling, Listet, forget_files, place_order
from fiks.print.states import Avviksart, Ordrestatus, Pakkestatus
from fiks.print.transitions import Pakkekrav, has_id_in, move_claimed, move_orders, move_package

P = Pakkestatus
UNSENT = (P.KLAR, P.VENTER, P.TIL_BEHANDLING)
NEVER_HANDED_OVER = (Ordre.status == Ordrestatus.MOTTATT) & (Ordre.siste_lopenr == 1)
"""SQL: as far as we know, no house ever had the order. One that came back to be printed elsewhere has been at
one.
"""
PORTION = 500
"""Packages looked up in one reading of a house's list."""


@dataclass(frozen=True, slots=True)
class Gjennomgang:
    """Result: packages looked up, packages adopted as handed over, and orders found in the houses' lists."""

    pakker: int = 0
    adoptert: int = 0
    ordrer: int = 0

    def __add__(self, other: Gjennomgang) -> Gjennomgang:
        return Gjennomgang(
            self.pakker + other.pakker, self.adoptert + other.adoptert, self.ordrer + other.ordrer
        )


def take_back_orphans() -> int:
    """Take back the packages of dead owners; return how many packages living owners still hold."""
    recover_orphans()
    held = select(func.count()).select_from(Pakke).where(Pakke.status == P.SENDER)
    left = session().execute(held).scalar_one()
    session().rollback()
    return left


def look_up_unsent(owner: Owner, houses: Husene) -> Gjennomgang:
    """Read every house's list, look every unsent package up by name, and mark orders the houses have as
    handed over.

    May be interrupted and run again. Raises KanalFeil when a house cannot be asked, and Konflikt when the
    database does not know the house: nothing may be sent before that is mended.
    """
    _require_known_houses(houses)
    for kode, house in houses.items():
        _note_waiting(kode, house)
        reconciliation.compare(kode, house)
    _note_moved()
    found = Gjennomgang()
    for kode, house in houses.items():
        found += _settle_house(kode, house, owner)
    return found + Gjennomgang(ordrer=_mark_listed_handed_over())


def _require_known_houses(houses: Husene) -> None:
    known = set(session().scalars(select(Leverandor.kode)))
    session().rollback()
    if unknown := sorted(houses.keys() - known):
        raise Konflikt(f"legg inn trykkeriet på nytt, det er avtalt etter kopien: {', '.join(unknown)}")


def _note_waiting(kode: str, house: Hus) -> None:
    """Record orders in waiting packages that we do not know and that are not in the house's list yet: the
    house has them all the same.

    Read before the list, because a package leaves the folder only when its orders are on the list.
    """
    waiting = {navn: reconciliation.parse_id(navn) for navn in house.waiting()}
    ids = [one for one in waiting.values() if one is not None]
    known = frozenset(session().scalars(select(Pakke.id).where(Pakke.id == any_(uuid_array(ids)))))
    session().rollback()
    for navn, pakke_id in waiting.items():
        if pakke_id not in known:
            reconciliation.record_listed(
                kode, [Overtatt(referanse, navn) for referanse in house.orders_in(navn)]
            )


def _note_moved() -> None:
    """Move orders that, as far as we know, no house ever had but another house's list has: they were moved
    there after the backup. Deletes the disagreement.
    """
    elsewhere = (Avvik.referanse == cast(Ordre.id, Text())) & (Avvik.art == Avviksart.ANNET_HUS)
    first = select(Avvik.leverandor).where(elsewhere).order_by(Avvik.funnet, Avvik.leverandor).limit(1)
    with transaction() as tx:
        moved = tx.scalars(
            update(Ordre)
            .where(NEVER_HANDED_OVER, select(Avvik.art).where(elsewhere).exists())
            .values(leverandor=first.scalar_subquery(), sett_hos_leverandor=func.now())
            .returning(Ordre.id)
            .execution_options(synchronize_session=False)
        ).all()
        agreed = select(Ordre.id).where(has_id_in(moved), elsewhere, Ordre.leverandor == Avvik.leverandor)
        tx.execute(delete(Avvik).where(agreed.exists()).execution_options(synchronize_session=False))


def unknown_references() -> frozenset[str]:
    """Return references in the houses' lists that match no order of ours."""
    wanted = select(Avvik.referanse).where(Avvik.art == Avviksart.UKJENT_HOS_OSS)
    found = frozenset(session().scalars(wanted))
    session().rollback()
    return found


def _settle_house(kode: str, house: Hus, owner: Owner) -> Gjennomgang:
    """Look up a house's unsent packages, in portions, since each look-up may read the house's whole list."""
    packages = iter(_unsent(kode))
    session().rollback()
    found = Gjennomgang()
    while portion := list(islice(packages, PORTION)):
        refs = house.lookup_many([str(pakke_id) for pakke_id in portion])
        for pakke_id in portion:
            found += _settle(pakke_id, kode, refs.get(str(pakke_id)), owner)
    return found


def _unsent(kode: str) -> Sequence[UUID]:
    of_house = select(Pakke.id).where(Pakke.leverandor == kode)
    unsent = union_all(*(of_house.where(part) for part in has_status_in(*UNSENT)))
    return session().scalars(unsent.order_by("id")).all()


def _settle(pakke_id: UUID, kode: str, ref: str | None, owner: Owner) -> Gjennomgang:
    """Adopt the package if the house has it; dissolve it if a house has one of its orders through another
    package.
    """
    untouched = Gjennomgang(pakker=1)
    with transaction() as tx:
        if ref is None and not tx.execute(select(listed_orders_in(pakke_id).exists())).scalar_one():
            return untouched
        krav = _take(pakke_id, kode, owner.ensure())
        if krav is None:
            return untouched
        if ref is not None:
            move_claimed(krav, P.UAVKLART, **UNKNOWN_OUTCOME_COLUMNS)
            return Gjennomgang(1, int(adopt_package(pakke_id, ref)))
        return Gjennomgang(1, ordrer=dissolve_listed(krav))


def _take(pakke_id: UUID, kode: str, eier: int) -> Pakkekrav | None:
    for waits in (P.VENTER, P.TIL_BEHANDLING):
        move_package(pakke_id, fra=waits, til=P.KLAR)
    taken = move_package(pakke_id, fra=P.KLAR, til=P.SENDER, eier=eier, forsok=Pakke.forsok + 1)
    if not taken:
        return None
    forsok = session().execute(select(Pakke.forsok).where(Pakke.id == pakke_id)).scalar_one()
    return Pakkekrav(pakke_id, kode, eier, forsok)


def _mark_listed_handed_over() -> int:
    """Mark orders outside any package that a house has as handed over; return how many."""
    found = 0
    while True:
        with transaction():
            moved = mark_handed_over(Ordre.pakke_id.is_(None) & Ordre.sett_hos_leverandor.is_not(None))
        if not moved:
            return found
        found += moved


def adopt_order(bestilling: Bestilling, listet: Listet, *, aktor: str) -> None:
    """Take an order that a house already has, in the present transaction: PRODUSERT there, and seen in its
    list.

    Its house becomes the one that has it. It gets no package and keeps no file, so it is never handed over or
    moved; if it fails there, its owner orders again. The reference is no longer noted as unknown.
    """
    place_order(replace(bestilling, leverandor=listet.leverandor), aktor=aktor)
    move_orders(
        Ordre.id == bestilling.referanse,
        fra=(Ordrestatus.MOTTATT,),
        til=Ordrestatus.PRODUSERT,
        kode="OVERLEVERT",
        aktor=aktor,
        overlevert=clock.now_sql(),
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
