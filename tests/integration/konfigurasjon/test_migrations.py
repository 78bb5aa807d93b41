"""The schema is what the models say, the catalogue what the rules say, and every migration goes both ways."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.util.exc import CommandError
from sqlalchemy import select

from fiks.core.db import session
from fiks.konfigurasjon.avtale.models import Tjeneste
from fiks.konfigurasjon.models import Privilegium, Ressurs
from fiks.konfigurasjon.rules import CATALOGUE, ROOT_ID, TJENESTER
from testmiljo.embedded import Services
from tests.integration.databases import Database, migrate, new_database


@pytest.mark.usefixtures("app_context")
def test_the_catalogue_in_the_database_is_the_catalogue_of_the_rules() -> None:
    stored = {
        (row.navn, row.ressurs_type, tuple(row.aktorer)) for row in session().scalars(select(Privilegium))
    }
    assert stored == {(str(d.navn), str(d.ressurs_type), d.aktorer) for d in CATALOGUE}


@pytest.mark.usefixtures("app_context")
def test_the_services_in_the_database_are_those_of_the_rules() -> None:
    stored = {
        (row.kode, row.ressurs_type, frozenset(row.tilgjengelig_for))
        for row in session().scalars(select(Tjeneste))
    }
    assert stored == {
        (t.kode, str(t.ressurs_type), frozenset(map(str, t.tilgjengelig_for))) for t in TJENESTER
    }


@pytest.mark.usefixtures("app_context")
def test_the_root_plane_is_a_ressurs_with_nothing_below_it() -> None:
    root = session().get_one(Ressurs, ROOT_ID)
    assert (root.type, root.forelder_id, root.sti) == ("ROOT", None, [ROOT_ID])


def test_alembic_finds_no_difference_between_models_and_schema(database: Database) -> None:
    command.check(database.alembic())


def test_alembic_would_find_a_difference(tjenester: Services, template: Database) -> None:
    with new_database(tjenester, template) as changed:
        with changed.owner() as owner:
            owner.execute("ALTER TABLE konto DROP COLUMN kid_type")
        with pytest.raises(CommandError, match="New upgrade operations detected"):
            command.check(changed.alembic())


def test_going_down_leaves_nothing_and_up_again_gives_the_same_schema(
    tjenester: Services, template: Database
) -> None:
    with new_database(tjenester, template) as made:
        command.downgrade(made.alembic(), "base")
        assert made.tables() == ["alembic_version"]
        with made.owner() as owner:
            assert owner.execute("SELECT count(*) FROM pg_sequences").fetchone() == (0,)
        migrate(made)
        assert made.tables() == template.tables()
        command.check(made.alembic())


def test_the_houses_role_may_not_change_the_catalogue_or_the_schema(database: Database) -> None:
    with database.owner() as owner:
        rights = owner.execute(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
            " WHERE grantee = 'fiks_app' AND table_schema = 'public'"
        ).fetchall()
        owned = owner.execute("SELECT count(*) FROM pg_tables WHERE tableowner = 'fiks_app'").fetchone()
    of = {table: {str(r) for t, r in rights if t == table} for table in database.tables()}
    for table in ("audit", "audit_segl", "avtale", "avtalesignatur"):
        assert of.pop(table) == {"SELECT", "INSERT"}
    for table in ("privilegium", "tjeneste", "alembic_version"):
        assert of.pop(table) == {"SELECT"}
    assert all(given == {"SELECT", "INSERT", "UPDATE", "DELETE"} for given in of.values())
    assert owned == (0,)
