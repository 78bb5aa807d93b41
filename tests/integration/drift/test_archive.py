"""PostgreSQL's own archiver is asked whether its log gets into the archive: a server whose archive is away says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy.engine import make_url

from fiks.core.db import db, session
from fiks.drift import wal_archive
from testmiljo.embedded import SUPERUSER, Postgres
from testmiljo.processes import wait_until


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    """A server of its own, that archives its log."""
    made = Postgres(tmp_path / "arkivert", options={"fsync": "off", "archive_mode": "on"})
    made.start()
    yield made
    made.remove()


def archive_by(server: Postgres, command: str) -> None:
    """Have the server archive by this command from now on; there is something to be archived."""
    url = make_url(server.url(SUPERUSER)).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as superuser:
        superuser.execute(f"ALTER SYSTEM SET archive_command = '{command}'")
        superuser.execute("SELECT pg_reload_conf()")
        superuser.execute("SELECT pg_logical_emit_message(false, 'x', 'y')")
        superuser.execute("SELECT pg_switch_wal()")


def fails() -> bool:
    """Asked anew, as the application's role."""
    session().rollback()
    return wal_archive.is_failing()


def test_an_archive_that_cannot_be_written_to_is_told_of_until_the_log_gets_there(server: Postgres) -> None:
    app = Flask("arkiv")
    app.config["SQLALCHEMY_DATABASE_URI"] = server.database_url
    db.init_app(app)
    with app.app_context():
        assert not fails(), "nothing has been tried"
        archive_by(server, "false")
        wait_until(fails, "the archiver to fail")
        archive_by(server, "true")
        wait_until(lambda: not fails(), "the archiver to be done", seconds=90)
        db.session.remove()
        db.engine.dispose()
