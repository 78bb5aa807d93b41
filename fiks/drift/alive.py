"""Which processes live, by the locks they hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Integer, Text, case, column, func, select, table, text
from sqlalchemy import cast as sql_cast

from fiks.core.db import session
from fiks.core.locks import OWNER_CLASS

MOST_WORKERS = 500
HOLDER_LOCK = 7_340_002
"""The sweeper that works holds this lock."""

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
    """A process that holds a lock and so lives: `navn` as its connection is called, `eier` its number as an owner, None
    for the sweeper that works."""

    navn: str
    adresse: str
    startet: datetime
    eier: int | None

    @property
    def prosess(self) -> str:
        """As the Procfile calls it."""
        return self.navn.removeprefix("fiks ")


def workers() -> list[Arbeider]:
    """Who holds an owner's lock or the sweeper's, by name; an owner is alive exactly as long as it does."""
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
