"""A process is ready when database and schema are, and a worker when its object store is too. Redis is not asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config import schema
from config.settings import Settings
from fiks.core import environment
from fiks.core.storage.store import Store, open_store
from fiks.drift import readiness
from fiks.drift.readiness import OWN_ROLE, ROWS, ROWS_AND_DOCUMENTS, Readiness
from portal import create_app
from portal.blueprints import DELER
from testmiljo.embedded import Services
from tests.integration.databases import Database, QuickProcess, new_database
from workers import health

PARTS = ("database", "migrasjoner", "rolle", "nokler", "objektlager")
NOWHERE = "postgresql://fiks_app@127.0.0.1:1/fiks"


def none() -> frozenset[str]:
    return frozenset()


@pytest.fixture
def use_store(app_context: None) -> Iterator[Callable[[Store], None]]:
    """Let the process have this store instead of its own."""
    kept = environment.current()
    yield lambda store: environment.install(replace(kept, store=store))
    environment.install(kept)


def test_all_is_there(app_context: None, database: Database) -> None:
    found = Readiness(database.app_url, schema.older_revisions).look()
    assert found.deler == dict.fromkeys(PARTS, True)
    assert found.klar


def test_without_a_database_neither_it_nor_its_schema_is_there(app_context: None) -> None:
    found = Readiness(NOWHERE, none).look()
    assert found.deler == dict.fromkeys(PARTS, False) | {"objektlager": True}
    assert not found.klar


def test_a_schema_that_has_yet_to_be_migrated_is_too_old(app_context: None, database: Database) -> None:
    asked = Readiness(database.app_url, lambda: frozenset({schema.newest_revision()})).look()
    assert (asked.deler["database"], asked.deler["migrasjoner"], asked.klar) == (True, False, False)


def test_a_schema_from_a_newer_release_is_new_enough(app_context: None, database: Database) -> None:
    """Processes of the old release go on while those of the new one take over."""
    known = schema.older_revisions() | {schema.newest_revision()}
    with database.owner() as owner:
        owner.execute("UPDATE alembic_version SET version_num = 'fra_neste_utgave'")
        try:
            assert Readiness(database.app_url, lambda: known).look().klar
        finally:
            owner.execute("UPDATE alembic_version SET version_num = %s", [schema.newest_revision()])


def test_an_empty_database_is_not_ready(app_context: None, tjenester: Services) -> None:
    with new_database(tjenester) as bare:
        found = Readiness(bare.app_url, schema.older_revisions).look()
    assert (found.deler["database"], found.deler["migrasjoner"]) == (True, False)


def test_the_owners_role_is_not_the_applications_where_letters_are_real(
    app_context: None, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """It could change the audit log, or drop it, and nothing would be wrong until somebody did."""
    owner = Readiness(database.owner_url, schema.older_revisions, ROWS | OWN_ROLE).look()
    assert owner.deler == dict.fromkeys(PARTS, True) | {"rolle": False}
    assert not owner.klar
    [line] = [line for line in caplog.records if line.message == "role_may_change_audit"]
    assert "DATABASE_URL" in line.__dict__["tiltak"]
    caplog.clear()
    assert Readiness(database.app_url, schema.older_revisions, ROWS | OWN_ROLE).look().klar
    assert Readiness(database.owner_url, schema.older_revisions, ROWS).look().klar
    assert not caplog.records


def test_in_production_portal_and_workers_are_not_ready_as_the_owner(
    use_store: Callable[[Store], None],
    database: Database,
    process: QuickProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = replace(process.settings, fiks_env="prod", database_url=database.owner_url)
    answer = create_app(real).test_client().get("/helse/klar")
    assert (answer.status_code, answer.json and answer.json["rolle"]) == (503, False)
    monkeypatch.setitem(process.app.config, "SQLALCHEMY_DATABASE_URI", database.owner_url)
    assert health.pages(process, ROWS)["/helse/klar"]()[0] == 200
    monkeypatch.setattr(process, "settings", real)
    assert health.pages(process, ROWS)["/helse/klar"]()[0] == 503


def test_an_object_store_whose_place_is_gone_is_not_ready(
    use_store: Callable[[Store], None], database: Database, tmp_path: Path
) -> None:
    use_store(open_store(f"file://{tmp_path}/lager"))
    asked = Readiness(database.app_url, schema.older_revisions)
    assert asked.look().klar
    (tmp_path / "lager").rename(tmp_path / "borte")
    found = Readiness(database.app_url, schema.older_revisions).look()
    assert found.deler == dict.fromkeys(PARTS, True) | {"objektlager": False}


def test_without_its_store_a_worker_can_do_nothing_and_who_needs_rows_alone_goes_on(
    use_store: Callable[[Store], None], database: Database, tmp_path: Path
) -> None:
    """Log-in, the page Drift and the stopping of a mailing are the portal's, and touch no document."""
    use_store(open_store(f"file://{tmp_path}/lager"))
    (tmp_path / "lager").rmdir()
    worker, portal = Readiness(database.app_url, none), Readiness(database.app_url, none, ROWS)
    assert (worker.look().klar, portal.look().klar) == (False, True)
    assert portal.look().deler == worker.look().deler
    assert not Readiness(NOWHERE, none, ROWS).look().klar


@pytest.mark.parametrize("navn", sorted(DELER))
def test_every_process_of_the_portal_takes_requests_without_its_store_and_tells_that_it_is_away(
    use_store: Callable[[Store], None], database: Database, tmp_path: Path, navn: str
) -> None:
    settings = Settings.from_env({"FIKS_ENV": "test", "DATABASE_URL": database.app_url})
    client = create_app(settings, blueprints=DELER[navn]).test_client()
    use_store(open_store(f"file://{tmp_path}/lager"))
    (tmp_path / "lager").rmdir()
    answer = client.get("/helse/klar")
    assert answer.status_code == 200
    assert answer.json == {"klar": True} | dict.fromkeys(PARTS, True) | {"objektlager": False}


def test_a_listener_answers_by_what_its_process_needs(
    use_store: Callable[[Store], None], process: QuickProcess, tmp_path: Path
) -> None:
    use_store(open_store(f"file://{tmp_path}/lager"))
    (tmp_path / "lager").rmdir()
    worker, sweeper = (health.pages(process, needs)["/helse/klar"] for needs in (ROWS_AND_DOCUMENTS, ROWS))
    assert (worker()[0], sweeper()[0]) == (503, 200)
    assert not json.loads(worker()[1])["klar"] and json.loads(sweeper()[1])["klar"]


def test_an_object_store_that_cannot_be_reached_is_not_ready(
    use_store: Callable[[Store], None], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    use_store(open_store("s3://dokumenter?endpoint=http://127.0.0.1:1"))
    found = Readiness(database.app_url, schema.older_revisions).look()
    assert found.deler == dict.fromkeys(PARTS, True) | {"objektlager": False}


def test_a_part_that_hangs_holds_one_thread_however_often_it_is_asked(
    use_store: Callable[[Store], None], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, asked = threading.Event(), []

    class Hanging(Store):
        def answers(self) -> bool:
            asked.append(1)
            return release.wait(30)

    use_store(Hanging(open_store("memory://")._engine))
    # Without these the test would wait for three seconds each time.
    monkeypatch.setattr(readiness, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(readiness, "FRESH_SECONDS", -1.0)
    hanging = Readiness(database.app_url, schema.older_revisions)
    assert [hanging.look().deler["objektlager"] for _ in range(3)] == [False, False, False]
    assert len(asked) == 1
    release.set()


def test_an_answer_that_was_just_given_is_given_again(app_context: None, database: Database) -> None:
    asked = Readiness(database.app_url, schema.older_revisions)
    assert asked.look() is asked.look()
