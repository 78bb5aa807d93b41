"""A release on the schema of another: it deletes nothing as nobody's, lets no key go, and migrates nothing back."""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command

from config import schema
from config.procfile import commands
from fiks.core import environment
from fiks.core.crypto.encryption import KeyRing
from fiks.core.db import session
from fiks.core.environment import current
from fiks.drift import key_check
from fiks.utsending import stored_objects
from testmiljo.embedded import Services
from testmiljo.stack import BIN
from tests.architecture.tree import ROOT
from tests.integration.databases import Database, QuickProcess, new_database
from tests.integration.houses import make_hus, new_fnr
from tests.integration.svarut.letters import make_letter
from workers import cli, planned

NEWER = "fra_neste_utgave"
BEFORE = sorted(schema.older_revisions())[0]


@contextmanager
def standing_at(database: Database, revision: str) -> Iterator[None]:
    """As if another release had brought the schema there."""
    with database.owner() as owner:
        owner.execute("UPDATE alembic_version SET version_num = %s", [revision])
        try:
            yield
        finally:
            session().rollback()
            owner.execute("UPDATE alembic_version SET version_num = %s", [schema.newest_revision()])


def old_stray(folder: Path) -> Path:
    """A stored object that no row we know of refers to."""
    stored = current().store.put_document([b"%PDF"], current().keys)
    return folder / stored.objekt


@pytest.fixture
def folder(empty: None, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This test's own store, where everything is old at once."""
    monkeypatch.setattr(stored_objects, "MIN_AGE", timedelta(0))
    return tmp_path


@pytest.mark.parametrize("revision", [NEWER, BEFORE], ids=["newer", "older"])
def test_what_we_take_for_a_stray_is_kept_while_the_schema_is_another_releases(
    folder: Path, database: Database, revision: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A newer release has tables of its own that name objects; one that is to be replaced has some we forgot."""
    stray = old_stray(folder)
    with standing_at(database, revision):
        assert planned.JOBS["slett_herrelose_filer"].run() == 0
    assert stray.exists()
    [told] = [one for one in caplog.records if one.message == "schema_is_another"]
    assert (told.__dict__["skjema"], told.__dict__["vart"]) == ([revision], schema.newest_revision())
    assert planned.JOBS["slett_herrelose_filer"].run() == 1
    assert not stray.exists()


@pytest.fixture
def two_keys(empty: None) -> Iterator[None]:
    """A process with two master keys, and a letter that is sealed under the newest alone."""
    kept = current()
    ring = KeyRing([("ny", b"\x02" * 32), ("gammel", b"\x01" * 32)])
    environment.install(replace(kept, keys=ring))
    key_check.require_ours()
    make_letter(make_hus(), new_fnr())
    yield
    session().rollback()
    environment.install(kept)


def run(process: QuickProcess, *argv: str) -> int:
    session().rollback()
    options: argparse.Namespace = cli._parser().parse_args(argv)
    return cli.COMMANDS[options.kommando][1](process, options)


@pytest.mark.usefixtures("two_keys")
def test_no_key_is_said_to_be_of_no_use_while_the_schema_is_another_releases(
    process: QuickProcess, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(process, "nokler", "vis") == 0
    assert "(kan tas ut av MASTER_KEYS)" in capsys.readouterr().out
    with standing_at(database, NEWER):
        assert run(process, "nokler", "vis") == 1
    shown = capsys.readouterr().out
    assert "Databasen er en annen utgaves" in shown
    assert "gammel: verdier 0, av dem nøkler til filer 0 (må stå i MASTER_KEYS)" in shown
    assert "kan tas ut" not in shown


@pytest.mark.usefixtures("two_keys")
def test_nothing_is_packed_anew_while_the_schema_is_another_releases(
    process: QuickProcess, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would say that nothing is left under the old key, and that is when people take a key out."""
    with standing_at(database, NEWER):
        assert run(process, "nokler", "pakk-om") == 1
    shown = capsys.readouterr().out
    assert "Databasen er en annen utgaves" in shown
    assert "pakket om" not in shown


def release(url: str) -> subprocess.CompletedProcess[str]:
    """The process `release` of the Procfile, with the owner's URL and no other setting."""
    words: Sequence[str] = commands()["release"].removeprefix("exec python").split()
    return subprocess.run(
        [BIN / "python", *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "MIGRATION_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


def revision_of(database: Database) -> str:
    with database.owner() as owner:
        [(found,)] = owner.execute("SELECT version_num FROM alembic_version").fetchall()
    return str(found)


def test_the_release_before_leaves_a_newer_schema_alone_and_ends_well(
    tjenester: Services, template: Database
) -> None:
    """Whoever runs `release` before every roll-out runs it before one back too."""
    with new_database(tjenester, template) as made:
        with made.owner() as owner:
            owner.execute("UPDATE alembic_version SET version_num = %s", [NEWER])
        done = release(made.owner_url)
        assert done.returncode == 0, done.stderr[-500:]
        assert done.stdout == f"release: the schema ({NEWER}) is newer than this release; nothing to do.\n"
        assert revision_of(made) == NEWER


def test_release_migrates_a_schema_that_is_older(tjenester: Services, template: Database) -> None:
    with new_database(tjenester, template) as made:
        command.downgrade(made.alembic(), "-1")
        assert revision_of(made) != schema.newest_revision()
        done = release(made.owner_url)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr[-500:]
        assert revision_of(made) == schema.newest_revision()


def test_release_still_fails_where_it_cannot_do_its_work(tjenester: Services, template: Database) -> None:
    assert release("postgresql://fiks@127.0.0.1:1/fiks").returncode != 0
    with new_database(tjenester, template) as made:
        with made.owner() as owner:
            owner.execute("UPDATE alembic_version SET version_num = %s", [BEFORE])
        done = release(made.owner_url)
        assert done.returncode != 0, "its migrations have been done already"
        assert revision_of(made) == BEFORE
