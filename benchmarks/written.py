"""What a run has used and written, reckoned a letter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import redis
from sqlalchemy import text

from benchmarks.report import Figure
from fiks.core.db import session
from testmiljo.effort import Forbruk
from testmiljo.stack import Stack

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Written:
    """What has been written up to a moment: bytes of WAL and of the database, transactions, objects and their bytes,
    commands given to Redis, and the most memory it has held."""

    wal: int
    database: int
    commits: int
    objects: int
    stored: int
    commands: int
    redis_mib: float

    def since(self, before: Written, letters: int) -> Iterator[Figure]:
        yield Figure("write-ahead log a letter", (self.wal - before.wal) / 1024 / letters, "kB")
        yield Figure("database growth a letter", (self.database - before.database) / 1024 / letters, "kB")
        yield Figure("transactions a letter", (self.commits - before.commits) / letters, "")
        yield Figure("objects stored a letter", (self.objects - before.objects) / letters, "")
        yield Figure("object store growth a letter", (self.stored - before.stored) / 1024 / letters, "kB")
        yield Figure("Redis commands a letter", (self.commands - before.commands) / letters, "")
        yield Figure("Redis, most memory", self.redis_mib, "MiB")


def written(stack: Stack) -> Written:
    session().rollback()
    asked = text(
        "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint, pg_database_size(current_database()),"
        " (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database())"
    )
    wal, database, commits = session().execute(asked).one()
    objects = [path.stat().st_size for path in (stack.folder / "objekter").rglob("*") if path.is_file()]
    told = redis.Redis.from_url(stack.environ["REDIS_URL"]).info()
    assert isinstance(told, dict)
    return Written(
        wal,
        database,
        commits,
        len(objects),
        sum(objects),
        told["total_commands_processed"],
        told["used_memory_peak"] / MIB,
    )


def processor_time(used: Forbruk, letters: int) -> Iterator[Figure]:
    """What each process used."""
    for who, seconds in sorted(used.prosessortid.items()):
        yield Figure(f"processor time a letter, {who}", 1000 * seconds / letters, "ms")
