"""What the world outside remembers: one SQLite file in WAL mode, which survives our crashes and its own."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from testmiljo.sim.schema import SCHEMA

LOG_TABLES = ("mottatt", "hendelse", "lesing", "varsel", "signering")


@dataclass(frozen=True, slots=True)
class Forsendelse:
    """A letter as a channel receives it. `noekkel` is what the channel knows a repeated call by; `varsles` when its
    receiver is notified: STRAKS, a time, or None for never.
    """

    system: str
    referanse: str
    noekkel: str
    leverandor_ref: str
    mottaker: str
    sha256: str | None
    storrelse: int
    varsles: str | None = None


@dataclass(frozen=True, slots=True)
class Hendelse:
    """A receipt in a system's feed: visible after `delay_s` seconds, `copies` times."""

    art: str
    melding: str | None = None
    delay_s: float = 0
    copies: int = 1


@dataclass(frozen=True, slots=True, repr=False)
class Lesing:
    """A citizen who is going to follow `lenke`, not before `delay_s` seconds have passed."""

    pid: str
    lenke: str
    delay_s: float = 0


def iso(timestamp: float | None) -> str | None:
    """Return seconds since 1970 as ISO 8601 in UTC."""
    return None if timestamp is None else datetime.fromtimestamp(timestamp, UTC).isoformat()


class Store:
    """One connection per thread for reading; one writer at a time, each change its own short transaction."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._local = threading.local()
        self._writing = threading.Lock()
        self.connection.executescript(SCHEMA)
        self._key = bytes.fromhex(self.meta("hash_key", secrets.token_hex(32)))

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection; autocommit, so a read never holds back a checkpoint."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, isolation_level=None, timeout=30)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            self._local.connection = connection
        return connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction; committed when the block ends well."""
        connection = self.connection
        with self._writing:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def close(self) -> None:
        """Close this thread's connection (before a fork)."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def rows(self, sql: str, *args: object) -> list[sqlite3.Row]:
        return self.connection.execute(sql, args).fetchall()

    def one(self, sql: str, *args: object) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.connection.execute(sql, args).fetchone()
        return row

    def meta(self, key: str, default: str) -> str:
        """Return the kept value of `key`, keeping `default` first when there is none."""
        with self.write() as connection:
            connection.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (key, default))
        row = self.one("SELECT verdi FROM meta WHERE nokkel = ?", key)
        assert row is not None
        return str(row["verdi"])

    def set_meta(self, key: str, value: str) -> None:
        with self.write() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def keyed_hash(self, number: str) -> str:
        """What stands for a personal or organisation number in the log."""
        return hmac.new(self._key, number.encode(), hashlib.sha256).hexdigest()[:32]

    # --- letters -----------------------------------------------------------------------------------------------

    def receive(
        self,
        letter: Forsendelse,
        *,
        hendelse: Hendelse | None = None,
        lesing: Lesing | None = None,
        accept_duplicates: bool = False,
    ) -> str | None:
        """Keep a letter with what will come of it, unless its key is known: then return the known one's id."""
        now = time.time()
        with self.write() as connection:
            known = connection.execute(
                "SELECT nr, leverandor_ref FROM mottatt WHERE system = ? AND noekkel = ?",
                (letter.system, letter.noekkel),
            ).fetchone()
            if known is not None and not accept_duplicates:
                connection.execute("UPDATE mottatt SET kall = kall + 1 WHERE nr = ?", (known["nr"],))
                return str(known["leverandor_ref"])
            mottaker = self.keyed_hash(letter.mottaker)
            connection.execute(
                "INSERT INTO mottatt"
                " (system, referanse, noekkel, leverandor_ref, mottaker, tidspunkt, sha256, storrelse)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (letter.system, letter.referanse, letter.noekkel, letter.leverandor_ref, mottaker, now)
                + (letter.sha256, letter.storrelse),
            )
            if letter.varsles is not None:
                connection.execute(
                    "INSERT INTO varsel VALUES (?, ?)", (letter.leverandor_ref, letter.varsles)
                )
            if hendelse is not None:
                insert_event(connection, letter.system, letter.referanse, letter.leverandor_ref, hendelse)
            if lesing is not None:
                connection.execute(
                    "INSERT INTO lesing (referanse, leverandor_ref, pid, lenke, status, neste)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        letter.referanse,
                        letter.leverandor_ref,
                        lesing.pid,
                        lesing.lenke,
                        "VENTER",
                        now + lesing.delay_s,
                    ),
                )
        return None

    def find(self, system: str, referanse: str, *, lag_s: float = 0) -> sqlite3.Row | None:
        """Find a letter by our reference; one younger than `lag_s` seconds isn't visible yet."""
        return self.one(
            "SELECT * FROM mottatt WHERE system = ? AND referanse = ? AND tidspunkt <= ? ORDER BY nr LIMIT 1",
            system,
            referanse,
            time.time() - lag_s,
        )

    def received(self, system: str, *, after: int, limit: int, newest: bool) -> dict[str, Any]:
        """What did you receive? Counts over everything and one page of rows."""
        order, compare = ("DESC", "<") if newest else ("ASC", ">")
        start = after if after or not newest else 2**62
        rows = self.rows(
            "SELECT mottatt.*, varsel.fra AS varsles FROM mottatt LEFT JOIN varsel USING (leverandor_ref)"
            f" WHERE system = ? AND nr {compare} ? ORDER BY nr {order} LIMIT ?",
            system,
            start,
            limit,
        )
        return {"system": system, **self.counts(system), "rader": [_shown(row) for row in rows]}

    def counts(self, system: str) -> dict[str, int]:
        """Letters kept, different references among them, and calls refused because the letter was known."""
        row = self.one(
            "SELECT count(*) AS antall, count(DISTINCT referanse) AS distinkte, coalesce(sum(kall - 1), 0) AS gjentatte"
            " FROM mottatt WHERE system = ?",
            system,
        )
        assert row is not None
        return dict(row)

    # --- receipts ----------------------------------------------------------------------------------------------

    def events(self, system: str, *, after: int, limit: int) -> list[sqlite3.Row]:
        """One page of the feed in fixed order; asking with `after` says that all up to it have been read."""
        if after > int(self.meta(f"lest_til:{system}", "0")):
            self.set_meta(f"lest_til:{system}", str(after))
        return self.rows(
            "SELECT * FROM hendelse WHERE system = ?1 AND nr > ?2 AND nr < coalesce("
            "(SELECT min(nr) FROM hendelse WHERE system = ?1 AND nr > ?2 AND synlig_fra > ?3), 9e18)"
            " ORDER BY nr LIMIT ?4",
            system,
            after,
            time.time(),
            limit,
        )

    def events_waiting(self, system: str) -> int:
        """How many events the product hasn't read yet, visible or not."""
        row = self.one(
            "SELECT count(*) AS n FROM hendelse WHERE system = ? AND nr > ?",
            system,
            int(self.meta(f"lest_til:{system}", "0")),
        )
        assert row is not None
        return int(row["n"])

    def reset(self) -> None:
        """Forget every letter, receipt and reading; keep the registers."""
        with self.write() as connection:
            for table in LOG_TABLES:
                connection.execute(f"DELETE FROM {table}")
            connection.execute("DELETE FROM meta WHERE nokkel LIKE 'lest_til:%'")

    # --- registers ---------------------------------------------------------------------------------------------

    def persons(self, numbers: Iterable[str]) -> dict[str, sqlite3.Row]:
        return {row["fnr"]: row for row in self._in("SELECT * FROM person WHERE fnr IN", list(numbers))}

    def organisations(self, numbers: Iterable[str]) -> dict[str, sqlite3.Row]:
        return {
            row["orgnr"]: row for row in self._in("SELECT * FROM virksomhet WHERE orgnr IN", list(numbers))
        }

    def _in(self, sql: str, numbers: list[str]) -> list[sqlite3.Row]:
        return self.rows(f"{sql} (SELECT value FROM json_each(?))", json.dumps(numbers))


def insert_event(
    connection: sqlite3.Connection, system: str, referanse: str, leverandor_ref: str, hendelse: Hendelse
) -> None:
    """Put an event at the end of a system's feed, inside the caller's transaction."""
    now = time.time()
    row = (system, referanse, leverandor_ref, hendelse.art, now, now + hendelse.delay_s, hendelse.melding)
    connection.executemany(
        "INSERT INTO hendelse (system, referanse, leverandor_ref, art, tidspunkt, synlig_fra, melding)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [row] * hendelse.copies,
    )


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    shown = dict(row)
    shown["tidspunkt"] = iso(row["tidspunkt"])
    del shown["system"], shown["noekkel"]
    return shown
