"""The reading of a list by itself: parsed, controlled and stored, beside a bare `csv.reader` and COPY of the same rows.

Nothing else happens meanwhile. The registers' answers lie in memory: what is made of them is measured, the look-ups are
not, nor that the collector goes through them (a worker too has put aside what it began with). How much of it is storing
is measured too: the rows that were made, put into the table again. So "the same rows" can be read in two ways, and both
are told: the file's cells as texts in a table of their own, and the rows as they are stored, sealed, indexed and tied
to their mailing.
"""

from __future__ import annotations

import csv
import gc
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from flask import Flask
from psycopg import sql
from sqlalchemy import select
from sqlalchemy.engine import make_url

from benchmarks.report import Figure
from fiks.core.db import session, table_of, transaction
from fiks.core.queue.owner_lock import Owner
from fiks.registeroppslag.port import Registerport
from fiks.registeroppslag.rules import Kontaktinformasjon, Person, Virksomhet
from fiks.utsending.editing import reset
from fiks.utsending.jobs import queue
from fiks.utsending.liste.control.pipeline import PORTION
from fiks.utsending.models import Utsendingsrad
from fiks.utsending.receivers import list_import
from fiks.utsending.rows import storage
from fiks.utsending.rules import Delart
from testmiljo import mailing
from testmiljo.demo import Kommune
from testmiljo.register import Filregister, load_register

MOST = 5.0
ENCODING, SEPARATOR = "utf-8-sig", ";"


class Answered:
    """The registers with every answer about the list's receivers ready."""

    def __init__(self, register: Filregister, path: Path) -> None:
        fnrs, orgnrs = (_column(path, name) for name in ("fnr", "orgnr"))
        self._people = register.personer(fnrs)
        self._contacts = register.kontakt(fnrs)
        self._units = register.virksomheter(orgnrs)

    def personer(self, fnrs: Sequence[str], /) -> Mapping[str, Person]:
        return {n: self._people[n] for n in fnrs if n in self._people}

    def kontakt(self, fnrs: Sequence[str], /) -> Mapping[str, Kontaktinformasjon]:
        return {n: self._contacts[n] for n in fnrs if n in self._contacts}

    def virksomheter(self, orgnrs: Sequence[str], /) -> Mapping[str, Virksomhet]:
        return {n: self._units[n] for n in orgnrs if n in self._units}


def measure(app: Flask, environ: Mapping[str, str], kommune: Kommune, folder: Path) -> list[Figure]:
    """The figures; before any worker is started, who would take the work."""
    path = folder / "eiendomsskatt.csv"
    register = Answered(load_register(folder), path)
    gc.collect()
    gc.freeze()
    with app.app_context():
        before = _bare(environ["MIGRATION_DATABASE_URL"], path)
        stored, ours, storing = _read(environ["DATABASE_URL"], kommune, path, register)
        after = _bare(environ["MIGRATION_DATABASE_URL"], path)
    assert before[0] == after[0]
    bare = (before[1] + after[1]) / 2
    stored_bare = _parsing(path) + storing
    return [
        Figure("alone: rows stored", stored, "rows", before[0], at_least=True),
        Figure("alone: bare csv.reader and COPY", bare, "s"),
        Figure("alone: parsed, controlled, stored", ours, "s"),
        Figure("alone: ours / bare", ours / bare, "×", MOST),
        Figure("alone: the same rows, made beforehand, stored", storing, "s"),
        Figure("alone: that / bare", storing / bare, "×"),
        Figure(
            "alone: ours / csv.reader and COPY of the rows as they are stored", ours / stored_bare, "×", MOST
        ),
    ]


def _column(path: Path, name: str) -> list[str]:
    with path.open(encoding=ENCODING, newline="") as file:
        return [row[name] for row in csv.DictReader(file, delimiter=SEPARATOR) if row[name]]


def _read(url: str, kommune: Kommune, path: Path, register: Registerport) -> tuple[int, float, float]:
    """(rows, seconds, seconds that it takes to store them again) of a list read as a worker reads it."""
    utsending_id = mailing.prepare(kommune.seeded, path, mailing.Valg())
    with ExitStack() as stack:
        owner = Owner(url)
        stack.callback(owner.release)
        part = queue.claim_piece([Delart.LES], owner.ensure())
        assert part is not None and part.utsending_id == utsending_id
        began = time.perf_counter()
        list_import.read_upload(part, register)
        took = time.perf_counter() - began
    made = _taken_out(utsending_id)
    storing = _store(made)
    _taken_out(utsending_id)
    return len(made), took, storing


def _taken_out(utsending_id: UUID) -> list[dict[str, Any]]:
    """The mailing's rows, which are no longer in the table."""
    session().rollback()
    table = table_of(Utsendingsrad)
    with transaction() as tx:
        of_mailing = select(table).where(table.c.utsending_id == utsending_id).order_by(table.c.radnr)
        taken = [dict(row) for row in tx.execute(of_mailing).mappings()]
        reset.forget_rows(utsending_id)
    return taken


def _store(made: list[dict[str, Any]]) -> float:
    """Seconds that the rows take into the table, in portions as they are read."""
    began = time.perf_counter()
    for start in range(0, len(made), PORTION):
        with transaction() as tx:
            storage.copy_in(tx, made[start : start + PORTION])
    return time.perf_counter() - began


def _parsing(path: Path) -> float:
    """Seconds that `csv.reader` takes for the file."""
    with path.open(encoding=ENCODING, newline="") as file:
        began = time.perf_counter()
        for _ in csv.reader(file, delimiter=SEPARATOR):
            pass
        return time.perf_counter() - began


def _bare(url: str, path: Path) -> tuple[int, float]:
    """(rows, seconds) of the same file into a table of texts."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    table = sql.Identifier("benchmark_bare")
    with psycopg.connect(plain) as connection, path.open(encoding=ENCODING, newline="") as file:
        began = time.perf_counter()
        reader = csv.reader(file, delimiter=SEPARATOR)
        columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in next(reader))
        connection.execute(sql.SQL("CREATE TABLE {} ({})").format(table, columns))
        count = 0
        with connection.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
            for row in reader:
                copy.write_row(row)
                count += 1
        connection.commit()
        took = time.perf_counter() - began
        connection.execute(sql.SQL("DROP TABLE {}").format(table))
    return count, took
