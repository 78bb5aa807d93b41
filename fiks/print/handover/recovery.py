"""Recovery by the sweeper: packages with dead owners, waits that have ended, unknown outcomes.

Everything is "state and age at least x", never a window. Two sweepers at once are harmless.

Looking packages up may mean reading everything a house ever took over, for minutes. So one reading serves all
packages that are due, and none starts before the look-up gap has passed since the last look-up of any of
them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from fiks.core import clock
from fiks.core.db import ring, session, transaction
from fiks.core.environment import current
from fiks.core.errors import ProvIgjen
from fiks.core.queue.owner_lock import take_if_dead
from fiks.core.queue.unknown_outcomes import (
    PORTION,
    UnknownOutcome,
    count_empty_lookup,
    is_due_for_lookup,
    lookup_order,
    settle_all,
)
from fiks.core.telemetry import trace
from fiks.print.handover.deliver import Hus, Husene
from fiks.print.handover.outcomes import give_back, mark_handed_over
from fiks.print.models import Ordre, Pakke
from fiks.print.package_conditions import is_ready
from fiks.print.service import LANE
from fiks.print.states import Ordrestatus, Pakkestatus
from fiks.print.transitions import Pakkekrav, move_package

READINGS = 2
"""How often a house's list is read at most in one sweep, when reading it fails unexpectedly."""


@dataclass(frozen=True, slots=True)
class Pakketvil(UnknownOutcome):
    """A package with unknown outcome as it was when its house was asked: last look-up, and whether its
    quarantine was over.
    """

    sist_oppslag: datetime | None
    karantene_over: bool


@dataclass
class Oppslag:
    """The packages one house has among those due; the house is asked when the first of them is looked up.

    A reading that fails is started once more, without the package at which it failed.
    """

    house: Hus
    navn: Sequence[str]
    fikk: Mapping[str, str] | None = None
    begun: int = field(default=0, init=False)

    def ref(self, navn: str) -> str | None:
        """Return the house's reference of the package, None if it does not have it. Raises the client's
        errors.
        """
        if self.fikk is None:
            self.fikk = self._read(self.navn[self.navn.index(navn) :])
        return self.fikk.get(navn)

    def _read(self, navn: Sequence[str]) -> Mapping[str, str]:
        if self.begun == READINGS:
            raise ProvIgjen("PRINTHUS_LISTE_BRAST")
        self.begun += 1
        return self.house.lookup_many(navn)


def ready_lanes() -> list[str]:
    """Return the lane of packages when one may be handed over now."""
    ready = select(Pakke.id).where(is_ready(current().print_houses))
    return [LANE] if session().execute(select(ready.exists())).scalar_one() else []


def recover_orphans() -> int:
    """Take back the packages of dead owners."""
    held = select(Pakke.eier).distinct().where(Pakke.status == Pakkestatus.SENDER)
    owners = [owner for owner in session().scalars(held) if owner is not None]
    return sum(_recover(owner) for owner in owners)


def _recover(owner: int) -> int:
    with transaction() as tx:
        if not take_if_dead(owner):
            return 0
        rows = tx.execute(
            select(Pakke.id, Pakke.leverandor, Pakke.forsok)
            .where(Pakke.eier == owner, Pakke.status == Pakkestatus.SENDER)
            .order_by(Pakke.id)
        ).all()
        for row in rows:
            give_back(Pakkekrav(row.id, row.leverandor, owner, row.forsok))
        return len(rows)


def wake_waiting(limit: int = PORTION) -> int:
    """Make VENTER packages ready again when their time has come; return how many."""
    with transaction() as tx:
        due = tx.scalars(
            select(Pakke.id)
            .where(Pakke.status == Pakkestatus.VENTER, Pakke.neste_forsok <= func.now())
            .order_by(Pakke.neste_forsok)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        for pakke_id in due:
            move_package(pakke_id, fra=Pakkestatus.VENTER, til=Pakkestatus.KLAR)
        if due:
            ring(LANE)
        return len(due)


def resolve_unknown_outcomes(houses: Husene, limit: int = PORTION) -> int:
    """Look up packages with unknown outcome by name, at most `limit` a house; return how many were settled.

    As for letters (`fiks.core.queue.unknown_outcomes.settle_all`), but all packages of a house by one reading of
    its list, and not before the gap after the last reading, whether it was answered or not.
    """
    asked: dict[str, Oppslag] = {}

    def due(kode: str) -> Sequence[Pakketvil]:
        found = _due_packages(limit, kode)
        asked[kode] = Oppslag(houses[kode], [str(one.id) for one in found])
        return found

    def settle(kode: str, one: Pakketvil) -> bool:
        ref = asked[kode].ref(str(one.id))
        return adopt_package(one.id, ref) if ref is not None else _count_empty(one)

    codes = _houses_to_ask(houses)
    session().rollback()
    return settle_all(Pakke, codes, due, settle, _package_trace)


def _houses_to_ask(houses: Husene) -> Sequence[str]:
    """Return the houses with packages due for look-up, none of which was looked up within the gap."""
    other = aliased(Pakke)
    rests = (
        select(other.id)
        .where(
            other.leverandor == Pakke.leverandor,
            other.status == Pakkestatus.UAVKLART,
            ~is_due_for_lookup(other),
        )
        .exists()
    )
    waiting = select(Pakke.leverandor).where(
        is_due_for_lookup(Pakke), Pakke.leverandor.in_(list(houses)), ~rests
    )
    return session().scalars(waiting.distinct()).all()


def _due_packages(limit: int, house: str) -> list[Pakketvil]:
    quarantine = timedelta(seconds=current().karantene_sekunder)
    rested = (Pakke.uavklart_siden <= func.now() - quarantine).label("karantene_over")
    due = (
        select(Pakke.id, Pakke.forsok, Pakke.sist_oppslag, rested)
        .where(is_due_for_lookup(Pakke), Pakke.leverandor == house)
        .order_by(lookup_order(Pakke))
        .limit(limit)
    )
    rows = session().execute(due).all()
    session().rollback()
    return [Pakketvil(row.id, row.forsok, row.sist_oppslag, bool(row.karantene_over)) for row in rows]


def _package_trace(one: UnknownOutcome) -> AbstractContextManager[None]:
    return trace.continue_trace(None, pakke=str(one.id))


def adopt_package(pakke_id: UUID, ref: str) -> bool:
    """Record that the house has an UAVKLART package: its orders are handed over. False when it is no longer
    UAVKLART.
    """
    with transaction():
        if not move_package(
            pakke_id,
            fra=Pakkestatus.UAVKLART,
            til=Pakkestatus.OVERLEVERT,
            leverandor_ref=ref,
            overlevert=clock.now_sql(),
        ):
            return False
        mark_handed_over(Ordre.pakke_id == pakke_id)
    return True


def _count_empty(one: Pakketvil) -> bool:
    """Count one look-up that found nothing; the package is ready again after enough of them, if its
    quarantine was over before the last.

    A reading takes time: if another one ended since this one began, that one was counted and this is not. A
    receipt for one of its orders proves that the house has the package, if we ever began to hand it over. A
    package whose every call ends like this goes to a person when its attempts are used up and it is a day
    old.
    """
    as_asked = Pakke.sist_oppslag.is_not_distinct_from(one.sist_oppslag)
    with transaction() as tx:
        if tx.execute(select(Pakke.id).where(Pakke.id == one.id, as_asked).with_for_update()).first() is None:
            return False
        searched = count_empty_lookup(Pakke, one)
        if searched is None or not (searched.ended and one.karantene_over):
            return False
        answered = (
            select(Ordre.id)
            .join(Pakke, Pakke.id == Ordre.pakke_id)
            .where(
                Ordre.pakke_id == one.id,
                Ordre.status != Ordrestatus.MOTTATT,
                Pakke.forste_kall.is_not(None),
            )
        )
        if tx.execute(answered).first() is not None:
            return adopt_package(one.id, f"{one.id}.zip")
        ring(LANE)
        til = searched.after(Pakkestatus)
        return move_package(one.id, fra=Pakkestatus.UAVKLART, til=til, neste_forsok=func.now())
