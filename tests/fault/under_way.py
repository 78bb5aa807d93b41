"""What is under way right now. A fault that hits nobody at work proves nothing, so the tests wait for these first."""

from __future__ import annotations

from sqlalchemy import Select, func, select

from fiks.core.db import session
from fiks.core.queue.owner_lock import OWNER_CLASS
from fiks.svarut.invariants import PG_LOCKS
from fiks.svarut.models import Levering
from fiks.svarut.rules import Kanal, Leveringsstatus

REACHED_SECONDS = 0.2
"""A call this old has left us: what its sender does from now on does not call it back."""


def calls_under_way() -> int:
    """How many calls have begun and are not recorded, whether their sender lives or not."""
    begun = select(func.count()).where(
        Levering.status == Leveringsstatus.SENDER, Levering.kall_startet.is_not(None)
    )
    return session().execute(begun).scalar_one()


def owners_in_calls() -> int:
    """How many living processes are in the middle of a call that has reached a digital channel."""
    return session().execute(_in_calls(func.count(func.distinct(Levering.eier)))).scalar_one()


def calls_that_arrive() -> int:
    """How many calls of living processes have reached a digital channel and are not answered."""
    return session().execute(_in_calls(func.count())).scalar_one()


def _in_calls(what: object) -> Select[tuple[int]]:
    held = select(PG_LOCKS.c.objid).where(
        PG_LOCKS.c.locktype == "advisory", PG_LOCKS.c.classid == OWNER_CLASS, PG_LOCKS.c.granted
    )
    age = func.extract("epoch", func.clock_timestamp() - Levering.kall_startet)
    return select(what).where(  # type: ignore[call-overload,no-any-return]
        Levering.status == Leveringsstatus.SENDER,
        Levering.kanal.in_([Kanal.DPI, Kanal.ALTINN]),
        Levering.eier.in_(held),
        age > REACHED_SECONDS,
    )
