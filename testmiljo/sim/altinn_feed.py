"""Altinn's events: of one service at a time, and without what the sender calls its message."""

from __future__ import annotations

import sqlite3
import time

from testmiljo.sim.store import Forsendelse, Store

TABLE = """
CREATE TABLE IF NOT EXISTS korrespondanse (
    korrespondanse TEXT PRIMARY KEY, referanse TEXT NOT NULL, tjeneste TEXT NOT NULL) WITHOUT ROWID
"""
OF_SERVICE = """
    FROM hendelse LEFT JOIN korrespondanse k ON k.korrespondanse = hendelse.leverandor_ref
    WHERE system = 'altinn' AND coalesce(k.tjeneste, 'svarut') = ?1 AND nr > ?2
"""
"""What tells of a message that nobody sent is of the ordinary service."""
PAGE = f"""
    SELECT hendelse.*, k.korrespondanse {OF_SERVICE} AND nr < coalesce((SELECT min(nr) FROM hendelse
        WHERE system = 'altinn' AND nr > ?2 AND synlig_fra > ?3), 9e18)
    ORDER BY nr LIMIT ?4
"""
SERVICES = ("svarut", "svarut-taushetsbelagt")


class Feed:
    """What Altinn remembers of its messages beside the letters themselves."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.connection.execute(TABLE)

    def keep(self, letter: Forsendelse, service: str) -> None:
        """Remember by Altinn's id what the sender calls the message, and its service; before it can be told of."""
        with self._store.write() as connection:
            connection.execute(
                "INSERT INTO korrespondanse VALUES (?, ?, ?)",
                (letter.leverandor_ref, letter.referanse, service),
            )

    def kept(self, korrespondanse: str) -> sqlite3.Row | None:
        """One that was received; of a call that was refused, or had come before, nothing is told."""
        return self._store.one(
            "SELECT k.* FROM korrespondanse k JOIN mottatt ON leverandor_ref = korrespondanse"
            " WHERE korrespondanse = ?",
            korrespondanse,
        )

    def events(self, service: str, *, after: int, limit: int) -> list[sqlite3.Row]:
        """One page in fixed order; asking with `after` says that all of the service up to it have been read."""
        name = f"lest_til:altinn:{service}"
        if after > int(self._store.meta(name, "0")):
            self._store.set_meta(name, str(after))
            self._store.set_meta("lest_til:altinn", str(self._all_read_to()))
        return self._store.rows(PAGE, service, after, time.time(), limit)

    def _all_read_to(self) -> int:
        """The last event before the first that one of the services has not read."""
        unread = [
            row["nr"]
            for service in SERVICES
            for row in self._store.rows(
                f"SELECT min(nr) AS nr {OF_SERVICE}",
                service,
                int(self._store.meta(f"lest_til:altinn:{service}", "0")),
            )
            if row["nr"] is not None
        ]
        if unread:
            return int(min(unread)) - 1
        last = self._store.one("SELECT max(nr) AS nr FROM hendelse WHERE system = 'altinn'")
        return int(last["nr"] or 0) if last is not None else 0
