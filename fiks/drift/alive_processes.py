"""Living processes, found by the advisory locks they hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Integer, Text, case, column, func, select, table, text
from sqlalchemy import cast as sql_cast

from fiks.core.db import session
from fiks.core.queue.owner_lock import OWNER_CLASS

MOST_WORKERS = 500
HOLDER_LOCK = 7_340_002
"""Lock of the working sweeper."""

PG_LOCKS = table(
    "pg_locks",
    column("locktype", Text),
    column("database", BigInteger),
    column("classid", BigInteger),
    column("objid", BigInteger),
    column("objsubid", Integer),
    column("pid", Integer),
    column("granted"),
)
PG_ACTIVITY = table(
    "pg_stat_activity",
    column("pid", Integer),
    column("application_name", Text),
    column("client_addr"),
    column("backend_start"),
    column("datname", Text),
)


@dataclass(frozen=True, slots=True)
class Arbeider:
    """A living process. `navn` is its connection's application name, `eier` its owner number; None for the
    working sweeper.
    """

    navn: str
    adresse: str
    startet: datetime
    eier: int | None

    @property
    def prosess(self) -> str:
        """Return the process's name in the Procfile."""
        return self.navn.removeprefix("fiks ")


def living_workers() -> list[Arbeider]:
    """Return the holders of owner locks and of the sweeper's lock, by name; a process is alive exactly as
    long as it holds one.
    """
    here = select(text("oid")).select_from(text("pg_database")).where(text("datname = current_database()"))
    owner = PG_LOCKS.c.objsubid == 2
    query = (
        select(
            PG_ACTIVITY.c.application_name,
            func.coalesce(sql_cast(PG_ACTIVITY.c.client_addr, Text), ""),
            PG_ACTIVITY.c.backend_start,
            case((owner, PG_LOCKS.c.objid), else_=None),
        )
        .select_from(PG_LOCKS.join(PG_ACTIVITY, PG_ACTIVITY.c.pid == PG_LOCKS.c.pid))
        .where(
            PG_LOCKS.c.locktype == "advisory",
            PG_LOCKS.c.granted,
            PG_LOCKS.c.database == here.scalar_subquery(),
            (owner & (PG_LOCKS.c.classid == OWNER_CLASS))
            | ((PG_LOCKS.c.objsubid == 1) & (PG_LOCKS.c.classid == 0) & (PG_LOCKS.c.objid == HOLDER_LOCK)),
        )
        .order_by(PG_ACTIVITY.c.application_name, PG_ACTIVITY.c.backend_start)
        .limit(MOST_WORKERS)
    )
    return [
        Arbeider(name or "", address, since, owner)
        for name, address, since, owner in session().execute(query)
    ]
