"""The newest migration only adds: yesterday's code runs on today's schema, and today's code on yesterday's."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory

from config import schema
from fiks.core.db import session
from fiks.drift.readiness import Readiness
from fiks.drift.restore_guard import REASON
from fiks.pdf import Pdfleser
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.receipts import feed
from fiks.svarut.rules import Kanal, Status
from testmiljo.embedded import Services
from tests.architecture.tree import ROOT
from tests.integration.databases import Database, new_database, running_process
from tests.integration.drift.words import Ordliste, words_of, written_unread
from tests.integration.houses import make_hus
from tests.integration.svarut.letters import letter, levering
from tests.integration.svarut.submitted import take_in
from tests.integration.worlds import Receipt, World
from tests.submissions import FNR
from workers.lanes import do_portion
from workers.planned import JOBS, ONLY_LOOKING
from workers.process import Process

NEWEST = ScriptDirectory(str(schema.MIGRATIONS)).get_revision(schema.newest_revision())
BEFORE = str(NEWEST.down_revision)
COLUMNS = """SELECT table_name, column_name, data_type, is_nullable = 'YES',
column_default IS NOT NULL OR is_identity = 'YES' FROM information_schema.columns WHERE table_schema = 'public'"""
CHECKS = """SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'c' AND connamespace = 'public'::regnamespace"""
EVERYDAY = ("svarut/test_receipts.py", "svarut/test_hand_over_of_submitted.py", "print/test_handover.py")
"""Yesterday's own tests of a letter's way, which are run on today's schema."""


@dataclass(frozen=True)
class Kolonne:
    """A column as those who write to it see it."""

    type: str
    kan_mangle: bool


@dataclass(frozen=True)
class Skjema:
    """Columns by (table, name), and the words that each check allows."""

    kolonner: dict[tuple[str, str], Kolonne]
    lov: dict[str, frozenset[str]]


def read_schema(database: Database) -> Skjema:
    with database.owner() as owner:
        columns = owner.execute(COLUMNS).fetchall()
        checks = owner.execute(CHECKS).fetchall()
    return Skjema(
        {
            (str(t), str(c)): Kolonne(str(kind), bool(null or default))
            for t, c, kind, null, default in columns
        },
        {str(name): frozenset(re.findall(r"'([^']*)'", str(said))) for name, said in checks},
    )


@pytest.fixture(scope="module")
def yesterdays(tjenester: Services) -> Iterator[Database]:
    """A database that has every migration but the newest."""
    with new_database(tjenester) as made:
        command.upgrade(made.alembic(), BEFORE)
        yield made


def narrowed(before: Skjema, after: Skjema) -> list[str]:
    """What code that knows `before` cannot do on `after`."""
    found = []
    for (table, name), column in before.kolonner.items():
        now = after.kolonner.get((table, name))
        if now is None:
            found.append(f"{table}.{name} is gone")
        elif now.type != column.type:
            found.append(f"{table}.{name} is {now.type}, was {column.type}")
        elif column.kan_mangle and not now.kan_mangle:
            found.append(f"{table}.{name} must be given now")
    tables = {table for table, _ in before.kolonner}
    for (table, name), column in after.kolonner.items():
        if table in tables and (table, name) not in before.kolonner and not column.kan_mangle:
            found.append(f"{table}.{name} is new and must be given")
    for name, words in before.lov.items():
        if name in after.lov and not words <= after.lov[name]:
            found.append(f"{name} allows {', '.join(sorted(words - after.lov[name]))} no more")
    return found


def test_the_newest_migration_only_adds(yesterdays: Database, database: Database) -> None:
    assert narrowed(read_schema(yesterdays), read_schema(database)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("ALTER TABLE konto DROP COLUMN kid_type", "konto.kid_type is gone"),
        ("ALTER TABLE levering ALTER COLUMN feilkode SET NOT NULL", "levering.feilkode must be given now"),
        ("ALTER TABLE levering ADD COLUMN ny text NOT NULL", "levering.ny is new and must be given"),
        (
            "ALTER TABLE hendelse ALTER COLUMN kode TYPE varchar(50)",
            "hendelse.kode is character varying, was text",
        ),
        (
            "ALTER TABLE levering DROP CONSTRAINT ck_levering_kanal,"
            " ADD CONSTRAINT ck_levering_kanal CHECK (kanal IN ('DPI', 'ALTINN', 'PRINT'))",
            "levering.ck_levering_kanal allows SVARINN no more",
        ),
    ],
)
def test_what_narrows_is_found(tjenester: Services, template: Database, change: str, said: str) -> None:
    with new_database(tjenester, template) as changed:
        with changed.owner() as owner:
            owner.execute(change)
        assert narrowed(read_schema(template), read_schema(changed)) == [said]


def test_what_widens_is_none_of_its_business(tjenester: Services, template: Database) -> None:
    with new_database(tjenester, template) as changed:
        with changed.owner() as owner:
            owner.execute("ALTER TABLE levering ADD COLUMN ny text, ADD COLUMN talt int NOT NULL DEFAULT 0")
            owner.execute("CREATE TABLE helt_ny (id int NOT NULL)")
        assert narrowed(read_schema(template), read_schema(changed)) == []


def test_todays_code_takes_a_letter_from_intake_to_receipt_on_yesterdays_schema(yesterdays: Database) -> None:
    """What runs if `release` is late. The health page says so meanwhile."""
    with running_process(yesterdays) as process, process.app.app_context():
        process.outside, process.inbox = World(), {}
        process.outside.register.add_person(FNR, postkasse="DIGIPOST")
        reader = Pdfleser()
        process.put(Process.reader, reader)
        made = take_in(make_hus())
        session().rollback()
        assert do_portion("mottak", process) == 1
        assert do_portion("enkelt", process) == 1
        assert letter(made).status == Status.SENDT_SDP
        feed.apply_receipt(Kanal.DPI, Receipt(str(levering(made).id), "LEVERT"))
        session().rollback()
        assert letter(made).status == Status.LEVERT_SDP
        assert not circuit_breaker.is_frozen(), REASON
        reader.close()
        found = Readiness(yesterdays.app_url, schema.older_revisions).look()
    assert (found.deler["database"], found.deler["migrasjoner"]) == (True, False)


def test_todays_sweeper_does_its_daily_work_on_yesterdays_schema(yesterdays: Database) -> None:
    """What moves letters; a job that only looks may need what is new."""
    with running_process(yesterdays) as process, process.app.app_context():
        for name in sorted(set(JOBS) - ONLY_LOOKING):
            JOBS[name].run()
            session().rollback()


GIT = ("git", "-c", "safe.directory=*")
FLAGS = ("-q", "-p", "no:xdist", "-p", "no:cacheprovider", "--import-mode=importlib")


def run_tests_of(tree: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """Run EVERYDAY of another day's tree, with its own code."""
    tests = [f"tests/integration/{name}" for name in EVERYDAY]
    tests = [test for test in tests if (tree / test).exists()]
    assert len(tests) >= 2
    return subprocess.run(
        [sys.executable, "-m", "pytest", *FLAGS, *flags, *tests],
        cwd=tree,
        env={name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def yesterdays_tree(folder: Path, newest: Path) -> Path:
    """The newest tree in git that lacks `newest` and can be started.

    One that cannot be imported was committed together with its next and never ran anywhere.
    """
    added = [*GIT, "log", "--diff-filter=A", "--format=%H", "--", str(newest)]
    commits = subprocess.run(added, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    before = f"{commits[-1]}^" if commits else "HEAD"
    several = [*GIT, "rev-list", "--first-parent", "--max-count=4", before]
    said = ""
    for commit in subprocess.run(
        several, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split():
        tree = subprocess.run([*GIT, "archive", commit], cwd=ROOT, capture_output=True, check=True)
        with tarfile.open(fileobj=io.BytesIO(tree.stdout)) as archive:
            archive.extractall(folder / commit, filter="data")
        collected = run_tests_of(folder / commit, "--collect-only")
        if collected.returncode == 0:
            return folder / commit
        said = collected.stdout + collected.stderr
    raise AssertionError(f"none of the commits before {newest.name} can be started: {said[-2_000:]}")


@pytest.fixture(scope="module")
def yesterdays_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree as it was before the newest migration, as git has it."""
    return yesterdays_tree(tmp_path_factory.mktemp("i_gar"), Path(str(NEWEST.path)).relative_to(ROOT))


@pytest.mark.slow
def test_what_todays_code_may_write_yesterdays_can_read(
    yesterdays: Database, database: Database, yesterdays_code: Path
) -> None:
    """First a release that reads a word, then one that writes it: in a roll-out, and after one back, both work."""
    before, after = read_schema(yesterdays).lov, read_schema(database).lov
    assert written_unread(before, after, words_of(yesterdays_code), words_of(ROOT)) == []


GRUNN = "sms.ck_sms_grunn"
OLD, WIDER = frozenset({"UTLOPT", "UTEN"}), frozenset({"UTLOPT", "UTEN", "SAMME_NUMMER"})
READS_OLD, READS_NEW = [OLD, frozenset({"SAMME_NUMMER"})], [WIDER]
WITHOUT_ENUM = [frozenset({"UTLOPT"})]


@pytest.mark.parametrize(
    ("yesterday", "today", "said"),
    [
        (READS_OLD, READS_NEW, [f"{GRUNN}: SAMME_NUMMER"]),
        (READS_NEW, READS_NEW, []),
        (READS_OLD, READS_OLD, []),
        (WITHOUT_ENUM, [*WITHOUT_ENUM, frozenset({"SAMME_NUMMER"})], [f"{GRUNN}: SAMME_NUMMER"]),
    ],
    ids=["both at once", "read first", "allowed alone", "no enum"],
)
def test_a_word_that_is_allowed_and_written_at_once_is_found(
    yesterday: Ordliste, today: Ordliste, said: list[str]
) -> None:
    assert written_unread({GRUNN: OLD}, {GRUNN: WIDER}, yesterday, today) == said


@pytest.mark.slow
def test_yesterdays_code_passes_its_own_tests_on_todays_schema(yesterdays_code: Path) -> None:
    """Its tree as git has it, with the migrations that have come since put among its own."""
    newest, old = Path(str(NEWEST.path)).relative_to(ROOT), yesterdays_code
    assert not (old / newest).exists()
    for migration in (ROOT / newest.parent).glob("*.py"):
        shutil.copy(migration, old / newest.parent / migration.name)
    done = run_tests_of(old)
    assert done.returncode == 0, done.stdout[-3_000:]
