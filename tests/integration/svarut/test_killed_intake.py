"""Intake killed between every pair of its steps: an id that was answered is a letter, and no file is left that is
nobody's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from fiks.core import environment
from fiks.core.db import session
from fiks.core.environment import current
from fiks.core.storage import open_store
from fiks.svarut.letters import load_letters, read_checked
from fiks.svarut.models import Dokument, Forsendelse, Innsendingsnokkel
from fiks.utsending import objects
from tests.integration.databases import ROOT, Database
from tests.integration.houses import Hus
from tests.integration.svarut.dying_intake import CONTENTS, NEW
from tests.integration.svarut.submitted import take_in

MORE_THAN_THERE_ARE = 40


@pytest.fixture
def store_url(hus: Hus, tmp_path: Path) -> Iterator[str]:
    """A store in a folder, which the dying process and this one share."""
    earlier, url = current(), tmp_path.as_uri()
    environment.install(replace(earlier, store=open_store(url)))
    yield url
    environment.install(earlier)


def die(database: Database, store_url: str, konto_id: UUID, key: str, step: int) -> tuple[int, str]:
    """Take a letter in, in a process that is killed at `step`; return how it ended and what it answered."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
    own = {"FIKS_ENV": "test", "DATABASE_URL": database.app_url, "OBJECT_STORE_URL": store_url}
    command = [sys.executable, "-m", "tests.integration.svarut.dying_intake", str(konto_id), key, str(step)]
    ended = subprocess.run(
        command, env=kept | own, cwd=ROOT, stdout=subprocess.PIPE, timeout=60, check=False, text=True
    )
    return ended.returncode, ended.stdout.strip()


def letter_of(key: str) -> UUID | None:
    session().rollback()
    found = select(Innsendingsnokkel.forsendelse_id).where(Innsendingsnokkel.nokkel == key)
    return session().execute(found).scalar_one_or_none()


def letters() -> int:
    return session().execute(select(func.count()).select_from(Forsendelse)).scalar_one()


def stored(folder: str) -> set[str]:
    """Every file of the store, whatever it is called."""
    root = Path(folder.removeprefix("file://"))
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_sv12_17_intake_killed_at_any_step_answers_only_for_a_letter_that_exists_and_leaves_no_stray_file(
    hus: Hus, database: Database, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The job for strays leaves what is younger than a day; here all of it is of this second.
    monkeypatch.setattr(objects, "YOUNGEST", timedelta(0))
    answered = unanswered = nothing = 0
    for step in range(1, MORE_THAN_THERE_ARE):
        key = str(uuid4())
        code, answer = die(database, store_url, hus.konto_id, key, step)
        made, before = letter_of(key), letters()
        if answer:
            assert made == UUID(answer), "who got an id has a letter"
        if made is not None:
            documents = load_letters([made])[made].dokumenter
            assert tuple(read_checked(d) for d in documents) == CONTENTS, "and it is whole"
        answered, unanswered = answered + bool(answer), unanswered + (made is not None and not answer)
        nothing += made is None

        session().rollback()
        again = take_in(hus, NEW, *CONTENTS, nokkel=key)
        assert made in (None, again), "sending it again makes no second letter"
        assert letters() == before + (made is None)

        objects.delete_strays()
        used = set(session().scalars(select(Dokument.objekt)))
        assert stored(store_url) == used, f"killed at step {step}"
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert step > 10, "there are more steps than that"
    assert nothing >= 8 and unanswered >= 2 and answered >= 2, "it died before, in and after the commit"
