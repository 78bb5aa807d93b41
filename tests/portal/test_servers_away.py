"""The portal while ID-porten, Redis or the database does not answer: konfigurasjon.md 17, statement 57."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
import requests
from flask_limiter import RequestLimit
from psycopg import sql
from sqlalchemy.engine import make_url
from werkzeug.wrappers import Response

import config.database
from portal.extensions import LOGIN_LIMIT
from testmiljo.embedded import Services
from tests.integration.databases import Database
from tests.portal.loopback import OLA, Person, Verden, path_of, verden
from tests.portal.rows import make_kommune, rows
from tests.portal.test_limits import note_limits, spend

pytestmark = pytest.mark.slow

NOBODY = "127.0.0.1:1"
"""Where nothing listens."""
OPEN = "SELECT count(*) FROM sesjon WHERE person_id IS NOT NULL AND avsluttet IS NULL"

GONE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename IS NOT NULL"
"""Not what the server does by itself (autovacuum): it has no user, and is not ours to end."""
BUSY = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
AND wait_event_type = 'Lock'"""


@pytest.fixture
def kari(database: Database, request: pytest.FixtureRequest) -> Iterator[Person]:
    """Kari at a portal over real rows, with the settings the test is given."""
    database.empty()
    with verden(on_rows=True, DATABASE_URL=database.app_url, **getattr(request, "param", {})) as running:
        with running.portal_app.app_context():
            make_kommune()
        yield Person(running)


without_redis = pytest.mark.parametrize("kari", [{"REDIS_URL": f"redis://{NOBODY}/0"}], indirect=True)
without_idporten = pytest.mark.parametrize("kari", [{"IDPORTEN_ISSUER": f"http://{NOBODY}"}], indirect=True)


@pytest.fixture
def no_database(database: Database, tjenester: Services) -> Iterator[Callable[[bool], None]]:
    """Takes the database away from everybody, and gives it back."""
    name = sql.Identifier(database.name)
    url = make_url(tjenester.migration_database_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as server:

        def take(away: bool) -> None:
            database.close()
            server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(name, not away))
            if away:
                server.execute(GONE, (database.name,))

        yield take
        take(False)


def test_with_the_database_gone_who_is_logged_in_is_told_to_try_later_and_stays_logged_in(
    kari: Person, no_database: Callable[[bool], None]
) -> None:
    kari.log_in()
    no_database(True)
    for _ in range(3):
        assert_told_to_try_later(kari.get("/velg-organisasjon"))
    no_database(False)
    assert "Kari Nordmann" in kari.get("/velg-organisasjon").text
    assert open_sessions(kari.world) == 1


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A portal that waits one second for the database."""
    monkeypatch.setattr(config.database, "PATIENCE_SECONDS", 1)


def test_what_the_database_takes_too_long_over_is_broken_off_and_said_so(
    hasty: None, kari: Person, database: Database
) -> None:
    kari.log_in()
    with database.owner() as owner, owner.transaction():
        owner.execute("LOCK TABLE organisasjon IN ACCESS EXCLUSIVE MODE")
        page = kari.get("/velg-organisasjon")
        assert (page.status_code, page.headers["Retry-After"]) == (503, "60")
        assert "tok for lang tid" in page.text
        assert owner.execute(BUSY).fetchall() == [(0,)]
    assert "Kari Nordmann" in kari.get("/velg-organisasjon").text
    assert open_sessions(kari.world) == 1


def open_sessions(world: Verden) -> int:
    [(number,)] = rows(world, OPEN)
    return int(str(number))


def assert_told_to_try_later(page: requests.Response) -> None:
    assert (page.status_code, "Prøv igjen om litt" in page.text) == (503, True)


@without_redis
def test_s17_57_without_redis_one_logs_in_works_and_logs_out_as_always(kari: Person) -> None:
    page = kari.log_in()
    assert (path_of(page.url), "Kari Nordmann" in page.text) == ("/hjelp", True)
    assert "Lillevik kommune" in kari.get("/velg-organisasjon").text
    assert open_sessions(kari.world) == 1
    assert path_of(kari.log_out().url) == "/logget-ut"
    assert open_sessions(kari.world) == 0


@without_redis
def test_s17_57_without_redis_a_process_counts_logins_in_its_own_memory(kari: Person) -> None:
    allowed, counted = int(LOGIN_LIMIT.split()[0]), list[RequestLimit]()
    note_limits(kari.world.portal_app, counted)
    asked = [kari.get("/innlogging/start", allow_redirects=False).status_code]
    spend(counted, allowed - 2)
    asked += [kari.get("/innlogging/start", allow_redirects=False).status_code for _ in range(2)]
    assert asked == [302, 302, 429]


@without_idporten
def test_s17_57_without_idporten_nobody_comes_in_and_the_page_says_try_later(kari: Person) -> None:
    assert_told_to_try_later(kari.get("/innlogging/start"))
    sent_to = kari.get("/velg-organisasjon", allow_redirects=False).headers["Location"]
    assert path_of(sent_to) == "/logg-inn"
    told = requests.post(
        kari.world.portal + "/innlogging/bakkanal", data={"logout_token": "e30.e30.e30"}, timeout=5
    )
    assert told.status_code == 503
    assert open_sessions(kari.world) == 0


def test_s17_57_with_idporten_gone_half_way_nobody_comes_in_and_who_is_in_stays_in(
    kari: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    kari.log_in()
    ola = Person(kari.world)
    back = ola.choose(ola.at_idporten("/innlogging/start"), OLA, allow_redirects=False).headers["Location"]
    monkeypatch.setattr(kari.world.idp_app, "wsgi_app", Response("nede", 503))
    assert_told_to_try_later(ola.get(back))
    assert "Kari Nordmann" in kari.get("/velg-organisasjon").text
    assert open_sessions(kari.world) == 1
