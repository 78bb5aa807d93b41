"""The backup of docs/drift/sikkerhetskopi.md, read in on an empty server: it starts stopped, and ends with every letter
sent exactly once, though some were sent after the backup was taken."""

from __future__ import annotations

import base64
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from fiks.core import audit
from fiks.core.db import session
from fiks.core.environment import current
from fiks.drift import restore_guard, service
from fiks.drift.restore_guard import REASON
from fiks.drift.state import frozen_and_paused
from fiks.svarut.delivery import deliver
from fiks.svarut.letters import load_documents, read_checked
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Status
from fiks.utsending.sending import feeder
from testmiljo.embedded import Postgres
from testmiljo.postgres_files import choose_account, choose_place
from tests.architecture.tree import ROOT
from tests.integration.databases import Database, QuickProcess, running_process
from tests.integration.houses import HOUSE, make_hus, new_fnr
from tests.integration.svarut.letters import make_letters
from tests.integration.utsending.kommuner import make_kommune, make_mailing, release
from tests.integration.worlds import World
from workers import cli, cli_keys
from workers.lanes import do_portion

LETTERS, BEFORE, AFTER = 6, 2, 2
OLD_KEY = f"test-1:{base64.b64encode(bytes([1]) * 32).decode()}"
NEW_KEY = f"2027:{base64.b64encode(os.urandom(32)).decode()}"
BOOK = (ROOT / "docs" / "drift" / "sikkerhetskopi.md").read_text("utf-8")


def as_documented(program: str, **values: str) -> list[str]:
    """The command of this name as the book has it, with its variables filled in."""
    line = re.search(rf"^ {{4,}}({program} .+)$", BOOK, re.MULTILINE)
    assert line
    text = line[1]
    for name, value in values.items():
        assert name in text
        text = text.replace(name, value)
    return shlex.split(text)


def run_program(folder: Path, *command: str) -> None:
    programs = choose_place(folder, choose_account()).programs
    subprocess.run([programs / command[0], *command[1:]], check=True, cwd=folder, timeout=120)


def plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def empty_server(tmp_path: Path) -> Iterator[Postgres]:
    """Another server, with both roles and an empty database, as step 1 has it."""
    server = Postgres(tmp_path / "ny", options={"fsync": "off"})
    server.start()
    yield server
    server.remove()


@contextmanager
def house(database: Database, store: Path, world: World, keys: str) -> Iterator[QuickProcess]:
    """A worker process on this database and store, with these master keys, and the one world outside."""
    own = {"OBJECT_STORE_URL": f"file://{store}", "MASTER_KEYS": keys}
    with running_process(database, **own) as process:
        process.outside, process.inbox = world, {}
        with process.app.app_context():
            yield process
            session().rollback()


def send(process: QuickProcess, letters: int, bane: str = "enkelt") -> int:
    """Hand over at most so many letters, one a time; return how many were."""
    done = 0
    while done < letters and do_portion(bane, process):
        done += 1
    return done


def command(process: QuickProcess, *argv: str) -> int:
    session().rollback()
    options = cli._parser().parse_args(argv)
    return cli.COMMANDS[options.kommando][1](process, options)


def test_a_backup_is_read_in_on_an_empty_server_and_no_letter_is_lost_or_doubled(
    database: Database, empty: None, empty_server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, store = World(), tmp_path / "objekter"
    # One letter a claim, so that some are sent before the backup and some after.
    monkeypatch.setattr(deliver, "deliver", partial(deliver.deliver, limit=1))
    with house(database, store, world, OLD_KEY) as process:
        letters = arrange(world)
        assert send(process, BEFORE) == BEFORE
        dump(database, tmp_path)
        assert send(process, AFTER) == AFTER
        restore_guard.advance_epoch()
    kept = tmp_path / "kopi"
    shutil.copytree(store, kept)
    shutil.rmtree(store)

    read_in(empty_server, tmp_path)
    moved = Database("fiks", empty_server.migration_database_url, empty_server.database_url)
    with house(moved, kept, world, f"{NEW_KEY},{OLD_KEY}") as process:
        assert statuses() == {Status.SENDT_SDP: BEFORE, Status.AKSEPTERT: LETTERS - BEFORE}
        session().rollback()
        assert send(process, LETTERS) == 0, "it starts stopped"
        stopped, _ = frozen_and_paused()
        assert stopped is not None and stopped.grunn == REASON
        assert world.dpi.antall == BEFORE + AFTER
        assert command(process, "reconcile", "--gjenopprettet") == 0
        assert statuses() == {Status.SENDT_SDP: BEFORE + AFTER, Status.AKSEPTERT: LETTERS - BEFORE - AFTER}
        service.thaw(actor=HOUSE)
        session().rollback()
        assert send(process, LETTERS) == LETTERS - BEFORE - AFTER
        assert statuses() == {Status.SENDT_SDP: LETTERS}
        assert sorted(len(had) for had in world.dpi.fikk.values()) == [1] * LETTERS
        still_whole(process, letters)


def test_a_mailings_letters_that_were_made_and_sent_after_the_backup_are_known_again_and_no_other_is_held_for_sent(
    database: Database, at_noon: None, empty_server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, store = World(), tmp_path / "objekter"
    monkeypatch.setattr(deliver, "deliver", partial(deliver.deliver, limit=1))
    for function in (feeder.feed, feeder.feed_now):
        monkeypatch.setattr(function, "__defaults__", (BEFORE,))
    with house(database, store, world, OLD_KEY) as process:
        restore_guard.advance_epoch()
        arrange_mailing(world)
        restore_guard.advance_epoch()
        dump(database, tmp_path)
        for _ in range(2):
            assert feeder.feed_all() == BEFORE
            assert send(process, BEFORE, "masse") == BEFORE
        restore_guard.advance_epoch()

    read_in(empty_server, tmp_path, letters=0)
    moved = Database("fiks", empty_server.migration_database_url, empty_server.database_url)
    with house(moved, store, world, OLD_KEY) as process:
        assert restore_guard.check_for_restore()
        assert statuses() == {}, "the backup knows of no letter"
        session().rollback()
        assert command(process, "reconcile", "--gjenopprettet") == 0
        assert statuses() == {Status.SENDT_SDP: 2 * BEFORE, Status.AKSEPTERT: BEFORE}
        assert len(world.dpi.oppslag) < 3 * LETTERS, "it ends a portion past the last that was sent"
        service.thaw(actor=HOUSE)
        session().rollback()
        while feeder.feed_all() or send(process, LETTERS, "masse"):
            pass
        assert statuses() == {Status.SENDT_SDP: 2 * LETTERS}
        assert sorted(len(had) for had in world.dpi.fikk.values()) == [1] * 2 * LETTERS


def arrange_mailing(world: World) -> None:
    """A mailing to people with mailboxes, approved and released with no time to regret left; no letter is made."""
    numbers = [world.register.add_person(new_fnr(), postkasse="DIGIPOST") for _ in range(2 * LETTERS)]
    kommune = make_kommune()
    mailing = make_mailing(kommune, len(numbers), fnr=numbers)
    release(kommune, mailing)
    session().rollback()


COUNTED = "SELECT reltuples::int FROM pg_class WHERE relname = 'forsendelse'"
"""How many letters PostgreSQL takes there to be."""


def arrange(world: World) -> list[UUID]:
    """Letters to people with mailboxes; the sweeper has counted."""
    restore_guard.advance_epoch()
    numbers = [world.register.add_person(new_fnr(), postkasse="DIGIPOST") for _ in range(LETTERS)]
    letters = make_letters(make_hus(), numbers)
    restore_guard.advance_epoch()
    audit.seal()
    session().rollback()
    return letters


def dump(database: Database, folder: Path) -> None:
    run_program(folder, *as_documented("pg_dump", **{"$STANDBY_DATABASE_URL": plain(database.owner_url)}))


def read_in(server: Postgres, folder: Path, letters: int = LETTERS) -> None:
    url = plain(server.migration_database_url)
    for program in ("pg_restore", "vacuumdb"):
        run_program(folder, *as_documented(program, **{"$MIGRATION_DATABASE_URL": url}))
    with psycopg.connect(url) as connection:
        assert connection.execute(COUNTED).fetchone() == (letters,)


def statuses() -> dict[str, int]:
    session().rollback()
    counted = select(Forsendelse.status, func.count()).group_by(Forsendelse.status)
    return {row[0]: row[1] for row in session().execute(counted)}


def still_whole(process: QuickProcess, letters: list[UUID]) -> None:
    """Every document opens, under the old key and from the copy; the audit log holds; everything can be sealed anew."""
    for letter_id in letters:
        assert all(read_checked(document) for document in load_documents(letter_id))
    assert audit.verify() is None
    session().rollback()
    assert cli_keys.vis(process)[0] == 0
    assert cli_keys.pakk_om(process)[0] == 0
    code, lines = cli_keys.vis(process)
    assert code == 0
    assert any(line.startswith("test-1: verdier 0,") for line in lines)
    assert current().keys.newest == "2027"
