"""The login on real rows: what fiks.konfigurasjon keeps in PostgreSQL is enough, and keeps no secret in clear."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import unquote
from uuid import UUID

import pytest
import sqlalchemy as sa

from fiks.core.db import transaction
from fiks.konfigurasjon.models import Sesjon
from fiks.konfigurasjon.person import sessions
from portal.innlogging.flow import SPRAAK
from portal.session.cookie_session import ACTOR_KEY, NAME_KEY
from tests.integration.databases import Database
from tests.portal.loopback import KARI, Person, Verden, path_of, verden
from tests.portal.rows import make_kommune, rows


@pytest.fixture(scope="module")
def world(database: Database) -> Iterator[Verden]:
    with verden(on_rows=True, DATABASE_URL=database.app_url) as running:
        with running.portal_app.app_context():
            make_kommune()
        yield running


@pytest.fixture
def kari(world: Verden) -> Person:
    world.idp.state.end_all()
    return Person(world)


def test_a_person_logs_in_sees_the_kommune_and_logs_out(kari: Person) -> None:
    page = kari.log_in()
    assert (path_of(page.url), "Kari Nordmann" in page.text) == ("/hjelp", True)
    assert "Lillevik kommune" in kari.get("/velg-organisasjon").text
    page = kari.log_out()
    assert path_of(page.url) == "/logget-ut"
    assert path_of(kari.get("/velg-organisasjon").url) != "/velg-organisasjon"


def test_neither_number_nor_token_nor_verifier_stands_in_clear(kari: Person) -> None:
    kari.at_idporten("/innlogging/start")
    kari.log_in()
    stored = str(rows(kari.world, "SELECT p.*, s.*, i.* FROM person p, sesjon s, innlogging i"))
    assert KARI not in stored
    assert kari.token not in stored
    assert "code_verifier" not in stored


def test_a_session_is_dead_after_half_an_hour_without_use(kari: Person, database: Database) -> None:
    kari.log_in()
    with kari.world.portal_app.app_context():
        assert sessions.load_session(kari.token)
    age(database.owner_url, timedelta(minutes=31))
    kari.world.idp.state.end_all()
    assert kari.get("/velg-organisasjon").url.startswith(kari.world.issuer)


def acting_for(kari: Person, orgnr: str) -> None:
    """Let Kari's session act for an organisation, in nynorsk."""
    held = {ACTOR_KEY: "x", NAME_KEY: {"orgnr": orgnr, "navn": "Fjellheim AS"}, SPRAAK: "nn"}
    with kari.world.portal_app.app_context(), transaction() as tx:
        row = tx.scalars(sa.select(Sesjon).where(Sesjon.token_hash == sessions.token_hash(kari.token))).one()
        row.representerer, row.data = orgnr, {**row.data, **held}


def kept_of(kari: Person) -> tuple[str | None, set[str]]:
    """Whom Kari's session acts for, and what it remembers of its own."""
    with kari.world.portal_app.app_context():
        found = sessions.load_session(kari.token)
        assert found is not None
        return found.representerer, found.data.keys() & {ACTOR_KEY, NAME_KEY, SPRAAK}


def test_after_a_time_out_one_is_asked_anew_whom_to_act_for(kari: Person, database: Database) -> None:
    kari.log_in()
    acting_for(kari, "310000001")
    age(database.owner_url, timedelta(minutes=31))
    answer = kari.get("/innlogging/start?neste=/hjelp")
    assert kept_of(kari) == (None, {SPRAAK}), "what has nothing to do with it stays"
    assert "/minside/velg?neste=/hjelp" in unquote(answer.url)


def test_a_login_that_renews_a_session_goes_on_acting_for_the_same(kari: Person) -> None:
    kari.log_in()
    acting_for(kari, "310000001")
    kari.get("/innlogging/start?neste=/hjelp")
    assert kept_of(kari) == ("310000001", {ACTOR_KEY, NAME_KEY, SPRAAK})


def age(url: str, by: timedelta) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE sesjon SET sist_sett = sist_sett - :by"), {"by": by})


def test_a_new_citizen_gets_a_row_at_the_first_login(kari: Person) -> None:
    before = rows(kari.world, "SELECT id FROM person")
    kari.choose(kari.at_idporten("/innlogging/start?nivaa=3"), "29822099635")
    after = rows(kari.world, "SELECT id FROM person")
    assert len(after) == len(before) + 1
    assert all(isinstance(row[0], UUID) for row in after)
