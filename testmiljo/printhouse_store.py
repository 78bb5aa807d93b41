"""The print house's books: one SQLite file that survives every crash of its customers and its own restart."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS innstilling (navn TEXT PRIMARY KEY, verdi TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS ordre (
    nr INTEGER PRIMARY KEY, referanse TEXT NOT NULL UNIQUE, pakke TEXT NOT NULL, sha256 TEXT, tid TEXT NOT NULL,
    sider INTEGER NOT NULL, ark INTEGER NOT NULL, vekt INTEGER NOT NULL, manifest TEXT NOT NULL, feil TEXT,
    nektet INTEGER NOT NULL,
    pdf BLOB NOT NULL, fjernet INTEGER NOT NULL DEFAULT 0, forfall REAL NOT NULL, kvittering INTEGER);
CREATE INDEX IF NOT EXISTS ix_ordre_pakke ON ordre (pakke, fjernet);
CREATE INDEX IF NOT EXISTS ix_ordre_forfall ON ordre (forfall) WHERE kvittering IS NULL;
CREATE TABLE IF NOT EXISTS gjentatt (
    nr INTEGER PRIMARY KEY, referanse TEXT NOT NULL, sha256 TEXT, tid TEXT NOT NULL);
"""
_SHOWN = "referanse, pakke, sha256, tid, sider, ark, vekt, manifest, feil, kvittering"


class Store:
    """One connection behind a lock; every method is one transaction."""

    def __init__(self, path: Path, keep_letters: int) -> None:
        self._keep_letters = keep_letters
        self._guard = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" + _SCHEMA)

    def _run(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with self._guard:
            return self._db.execute(sql, values).fetchall()

    def setting(self, name: str, make: Callable[[], str]) -> str:
        """A value that is made once and kept."""
        self._run("INSERT OR IGNORE INTO innstilling VALUES (?, ?)", name, make())
        value: str = self._run("SELECT verdi FROM innstilling WHERE navn = ?", name)[0]["verdi"]
        return value

    def taken(self, referanse: str, pakke: str) -> bool:
        """Whether the reference has been dealt with before, file and all, or came in another package."""
        known = "SELECT 1 FROM ordre WHERE referanse = ? AND (fjernet = 1 OR pakke <> ?)"
        return bool(self._run(known, referanse, pakke))

    def book(self, order: dict[str, Any], *, pakke: str, due: float, refused: bool) -> None:
        """Book a new order; one booked in a round that was cut off is left as it is."""
        self._run(
            "INSERT OR IGNORE INTO ordre"
            " (referanse, sha256, tid, sider, ark, vekt, pakke, manifest, feil, nektet, pdf, forfall)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(order[name] for name in ("referanse", "sha256", "tid", "sider", "ark", "vekt")),
            pakke,
            json.dumps(order["manifest"]),
            order["feil"],
            refused,
            order["pdf"],
            due,
        )
        self._run("UPDATE ordre SET pdf = x'' WHERE nr = (SELECT max(nr) FROM ordre) - ?", self._keep_letters)

    def unremoved(self) -> list[str]:
        """Packages of booked orders whose file may still be in the customer's folder."""
        return [row["pakke"] for row in self._run("SELECT DISTINCT pakke FROM ordre WHERE fjernet = 0")]

    def removed(self, pakke: str) -> None:
        """The package's file is gone from the customer's folder."""
        self._run("UPDATE ordre SET fjernet = 1 WHERE pakke = ? AND fjernet = 0", pakke)

    def book_repeat(self, order: dict[str, Any]) -> None:
        """Book that a reference came again."""
        values = (order["referanse"], order["sha256"], order["tid"])
        self._run("INSERT INTO gjentatt (referanse, sha256, tid) VALUES (?, ?, ?)", *values)

    def due(self, now: float) -> list[dict[str, Any]]:
        """Orders whose receipt is due, at most a thousand."""
        where = "kvittering IS NULL AND fjernet = 1 AND forfall <= ? ORDER BY nr LIMIT 1000"
        return [dict(row) for row in self._run(f"SELECT {_SHOWN}, nektet FROM ordre WHERE {where}", now)]

    def answer(self, referanser: Iterable[str], number: int) -> None:
        """Book that the orders were answered in file `number`."""
        with self._guard:
            self._db.execute("BEGIN")
            values = [(number, referanse) for referanse in referanser]
            self._db.executemany("UPDATE ordre SET kvittering = ? WHERE referanse = ?", values)
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            self._db.close()

    def answered(self) -> int:
        """How many orders have had their receipt."""
        count: int = self._run("SELECT count(kvittering) AS antall FROM ordre")[0]["antall"]
        return count

    def received(self) -> list[dict[str, Any]]:
        """Every order taken over, oldest first."""
        rows = [dict(row) for row in self._run(f"SELECT {_SHOWN} FROM ordre ORDER BY nr")]
        return [row | {"manifest": json.loads(row["manifest"])} for row in rows]

    def repeated(self) -> list[dict[str, Any]]:
        """Every order refused as a repeat, oldest first."""
        return [dict(row) for row in self._run("SELECT referanse, sha256, tid FROM gjentatt ORDER BY nr")]

    def letter(self, referanse: str) -> bytes:
        """The clear PDF of an order; KeyError if there is none, or none any more."""
        rows = self._run("SELECT pdf FROM ordre WHERE referanse = ? AND length(pdf) > 0", referanse)
        if not rows:
            raise KeyError(referanse)
        pdf: bytes = rows[0]["pdf"]
        return pdf
