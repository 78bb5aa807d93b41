"""Databases of the tests: one migrated template a session, a copy of it for each module, emptied when a test asks.

The owner role makes them, as in operation; the house itself only ever logs in as `fiks_app`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import Engine, Select, event
from sqlalchemy.engine import make_url

from config.settings import Settings
from fiks.core import environment
from fiks.core.db import Base, db, session
from fiks.print.handover.deliver import Hus
from fiks.svarut.delivery.deliver import Verden
from fiks.svarut.receipts.feed import Feed
from fiks.svarut.rules import Kanal
from fiks.svarut.signing.orders import Signeringsport
from fiks.utsending.brev import Brevtrykker
from fiks.utsending.jobs import backoff
from testmiljo.embedded import Services
from tests.integration.printers import FakePrinter
from tests.integration.worlds import World
from workers.channels import open_world
from workers.process import Part, Process

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("printleverandor", "alembic_version", "privilegium", "tjeneste", "fullmaktkrav")


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to the database while the block runs; one that is sent for many rows counts once for each."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, parameters: object, *rest: object) -> None:
        many = bool(rest[-1])
        sent.extend([statement] * (len(parameters) if many and isinstance(parameters, list) else 1))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def plan_of(query: Select[*tuple[Any, ...]]) -> str:
    """How PostgreSQL would answer it, in the present session."""
    compiled = query.compile(session().get_bind(), compile_kwargs={"render_postcompile": True})
    explained = session().connection().exec_driver_sql(f"EXPLAIN {compiled}", dict(compiled.params))
    return "\n".join(explained.scalars())


@contextmanager
def plans() -> Iterator[list[str]]:
    """How PostgreSQL would answer, in the present session, what is read while the block runs; there when it ends."""
    asked: list[tuple[str, Any]] = []
    found: list[str] = []

    def note(connection: object, cursor: object, statement: str, parameters: object, *rest: object) -> None:
        asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    for statement, parameters in asked:
        if statement.startswith(("SELECT", "WITH")):
            explained = session().connection().exec_driver_sql(f"EXPLAIN {statement}", parameters)
            found.append("\n".join(explained.scalars()))


@dataclass(frozen=True)
class Database:
    """One database; `owner` and `app` are psycopg URLs of the two roles."""

    name: str
    owner_url: str
    app_url: str

    def owner(self) -> psycopg.Connection[tuple[object, ...]]:
        """A connection of the role that owns the schema, committing every statement."""
        return psycopg.connect(_plain(self.owner_url), autocommit=True, options="-c lock_timeout=5s")

    def app(self) -> psycopg.Connection[tuple[object, ...]]:
        """A connection of the house's own role, committing every statement."""
        return psycopg.connect(_plain(self.app_url), autocommit=True)

    def tables(self) -> list[str]:
        with self.owner() as owner:
            rows = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return sorted(str(row[0]) for row in rows)

    def empty(self) -> None:
        """Delete every row but the catalogues' and the root plane's own.

        A TRUNCATE of so many small tables would take ten times as long, and so would a connection for each time.
        """
        doomed = [table.name for table in reversed(Base.metadata.sorted_tables) if table.name not in KEPT]
        # How far the house has come is noted in the store too: without its row the database is taken for an older one.
        where = {"ressurs": b" WHERE type <> 'ROOT'", "kvitteringsmarkor": b" WHERE kilde <> 'EPOKE'"}
        self._emptier.execute(
            b"".join(b"DELETE FROM %s%s;" % (name.encode(), where.get(name, b"")) for name in doomed)
        )

    @cached_property
    def _emptier(self) -> psycopg.Connection[tuple[object, ...]]:
        return self.owner()

    def close(self) -> None:
        """Let go of the connection that `empty` keeps; the next `empty` makes another."""
        if "_emptier" in self.__dict__:
            self.__dict__.pop("_emptier").close()

    def dump(self) -> bytes:
        """Every row of every table as COPY writes it, in one lump to search in."""
        lump = bytearray()
        with self.owner() as owner, owner.cursor() as cursor:
            for table in self.tables():
                with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as rows:
                    for row in rows:
                        lump += row
        return bytes(lump)

    def alembic(self) -> Config:
        """Alembic's configuration for this database, as the owner role."""
        config = Config(ROOT / "migrations" / "alembic.ini")
        config.set_main_option("script_location", str(ROOT / "migrations"))
        config.set_main_option("sqlalchemy.url", self.owner_url.replace("%", "%%"))
        return config


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _on(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@contextmanager
def new_database(services: Services, template: Database | None = None) -> Iterator[Database]:
    """An empty database, or a copy of `template`, dropped at the end."""
    name = f"fiks_{secrets.token_hex(6)}"
    made = Database(name, _on(services.migration_database_url, name), _on(services.database_url, name))
    statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template is not None:
        statement += sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template.name))
    with psycopg.connect(_plain(services.migration_database_url), autocommit=True) as server:
        server.execute(statement)
        try:
            yield made
        finally:
            made.close()
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def migrate(database: Database) -> None:
    command.upgrade(database.alembic(), "head")


class QuickProcess(Process):
    """A worker process in this one, whose letters are one small page each and drawn at once.

    Set `outside` before its first use to let it talk to a world of fakes instead of the settings' addresses.
    """

    outside: World | None = None
    patience = 0.0
    inbox: Mapping[Kanal, Feed] = {}

    @property
    def signing(self) -> Signeringsport:
        return super().signing if self.outside is None else self.outside.signering

    @property
    def houses(self) -> dict[str, Hus]:
        return super().houses if self.outside is None else {}

    @Part
    def world_and_feeds(self) -> tuple[Verden, dict[Kanal, Feed]]:
        if self.outside is None:
            return open_world(self.settings, lambda: self.printer, lambda: self.merger)
        return self.outside.verden, dict(self.inbox)

    @Part
    def printer(self) -> Brevtrykker:
        return FakePrinter()  # type: ignore[return-value]


@contextmanager
def running_process(database: Database, **settings: str) -> Iterator[QuickProcess]:
    """A worker process on `database`, with an object store in memory and no broker. It is all the workers there are, so
    it leaves no piece to others."""
    backoff.SKIP_SECONDS = 0.0
    environ = {
        "FIKS_ENV": "test",
        "DATABASE_URL": database.app_url,
        "OBJECT_STORE_URL": "memory://",
        "DPI_URL": "http://127.0.0.1:1",
        **settings,
    }
    earlier = list(environment._installed)
    process = QuickProcess(Settings.from_env(environ))
    app = process.app
    environment.install(replace(environment.current(), signing=True))
    try:
        yield process
    finally:
        process.owner.release()
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        environment._installed[:] = earlier
