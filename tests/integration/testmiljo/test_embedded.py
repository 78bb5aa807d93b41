"""The embedded servers keep what production's keep, and can be broken the ways fault tests need."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from testmiljo.embedded import Postgres
from testmiljo.postgres_files import choose_account, nobody_account
from testmiljo.valkey import Valkey


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def make_table(postgres: Postgres) -> None:
    with connect(postgres.migration_database_url) as owner:
        owner.execute("CREATE TABLE brev (nr int)")
        owner.execute("INSERT INTO brev VALUES (7)")
        owner.execute("GRANT SELECT ON brev TO fiks_app")


def rows(postgres: Postgres) -> list[tuple[object, ...]]:
    with connect(postgres.database_url) as application:
        return application.execute("SELECT nr FROM brev").fetchall()


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("postgres"))
    server.start()
    make_table(server)
    yield server
    server.remove()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path)
    server.start()
    yield server
    server.stop()


def test_an_immediate_restart_breaks_connections_and_keeps_rows(postgres: Postgres) -> None:
    with connect(postgres.database_url) as open_connection:
        postgres.restart_immediate()

        with pytest.raises(psycopg.OperationalError):
            open_connection.execute("SELECT 1")
    assert rows(postgres) == [(7,)]


def test_a_killed_server_starts_again_with_its_rows(postgres: Postgres) -> None:
    postgres.kill()
    with pytest.raises(psycopg.OperationalError):
        connect(postgres.database_url)

    postgres.start()

    assert rows(postgres) == [(7,)]


def test_the_application_role_makes_no_tables_and_changes_only_what_it_was_granted(
    postgres: Postgres,
) -> None:
    with connect(postgres.database_url) as application:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("CREATE TABLE sin (nr int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("DELETE FROM brev")


def test_the_owner_can_make_and_drop_a_database(postgres: Postgres) -> None:
    with connect(postgres.migration_database_url) as owner:
        owner.execute("CREATE DATABASE egen")
        with connect(postgres.url("fiks_app", "egen")):
            owner.execute("DROP DATABASE egen WITH (FORCE)")


def test_another_object_on_the_same_folder_finds_the_same_data(tmp_path: Path) -> None:
    first = Postgres(tmp_path)
    first.start()
    make_table(first)
    first.stop()

    second = Postgres(tmp_path)
    second.start()

    assert rows(second) == [(7,)]
    second.remove()


def test_passwords_are_for_our_own_user_only(tmp_path: Path) -> None:
    Postgres(tmp_path)

    assert (tmp_path / "postgres.json").stat().st_mode & 0o777 == 0o600


def test_a_killed_valkey_keeps_its_keys_and_an_emptied_one_does_not(valkey: Valkey) -> None:
    client = redis.Redis.from_url(valkey.redis_url)
    client.set("klokke", "ring")

    valkey.kill()
    valkey.start()
    assert client.get("klokke") == b"ring"

    valkey.restart_empty()
    assert client.get("klokke") is None


def test_root_without_namespaces_runs_the_server_as_nobody(tmp_path: Path) -> None:
    account = nobody_account() if os.geteuid() == 0 else choose_account()  # only root can change to nobody

    server = Postgres(tmp_path, account=account)
    server.start()

    make_table(server)
    assert rows(server) == [(7,)]
    server.remove()
