"""What a statement that fails was given (names, addresses, titles) is not written to the log."""

from __future__ import annotations

import io
import logging

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import portal
from config.settings import Settings
from fiks.core.db import db, session
from tests.integration.databases import Database
from tests.portal.apps import make_settings
from workers.app import create_app

log = logging.getLogger("fiks.prove")
NAME, ADDRESS = "Kari Hemmelig Fjellstad", "Kirkeveien 12 B, 9990 Lillevik"
COLUMN_AWAY = "INSERT INTO person (navn, ny_kolonne) VALUES (:navn, :adresse)"
KEY_TAKEN = "INSERT INTO planlagt_jobb (navn, intervall_sekunder) VALUES (:navn, 60), (:navn, 60)"
ROW_REFUSED = "INSERT INTO konto (visningsnavn, avsender) VALUES (:navn, :adresse)"


@pytest.mark.parametrize("statement", [COLUMN_AWAY, KEY_TAKEN, ROW_REFUSED])
def test_a_statement_that_fails_does_not_tell_whom_it_was_about(
    empty: None, lines: io.StringIO, statement: str
) -> None:
    """As of a process whose `release` is late, of a key that is there already, and of a row that is refused."""
    told = {"navn": NAME, "adresse": ADDRESS}
    try:
        session().execute(text(statement), {k: v for k, v in told.items() if f":{k}" in statement})
    except DBAPIError:
        log.exception("uventet_feil")
    session().rollback()
    assert "INSERT INTO" in lines.getvalue()
    assert "Hemmelig" not in lines.getvalue()
    assert "Kirkeveien" not in lines.getvalue()


def test_engines_hide_what_statements_are_given(database: Database) -> None:
    worker = create_app(Settings.from_env({"FIKS_ENV": "test", "DATABASE_URL": database.app_url}))
    with worker.app_context():
        assert db.engine.hide_parameters
    web = portal.create_app(make_settings())
    with web.app_context():
        assert db.engine.hide_parameters
