"""Intake killed between every pair of its steps: an id that was answered is a letter, and no file is left that is
nobody's."""

from __future__ import annotations

import signal
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from fiks.core.db import session
from fiks.svarut.letters import load_letters, read_checked
from fiks.svarut.models import Dokument, Forsendelse, Innsendingsnokkel
from fiks.utsending import stored_objects
from tests.integration.databases import Database
from tests.integration.dying import die, stored_files
from tests.integration.houses import Hus
from tests.integration.svarut.dying_intake import CONTENTS, NEW
from tests.integration.svarut.submitted import take_in
from workers.planned import OTHER_OBJECT_COLUMNS

pytestmark = pytest.mark.slow

MORE_THAN_THERE_ARE = 40


def letter_of(key: str) -> UUID | None:
    session().rollback()
    found = select(Innsendingsnokkel.forsendelse_id).where(Innsendingsnokkel.nokkel == key)
    return session().execute(found).scalar_one_or_none()


def letters() -> int:
    return session().execute(select(func.count()).select_from(Forsendelse)).scalar_one()


def test_sv12_17_intake_killed_at_any_step_answers_only_for_a_letter_that_exists_and_leaves_no_stray_file(
    hus: Hus, database: Database, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The job for strays leaves what is younger than a day; here all of it is of this second.
    monkeypatch.setattr(stored_objects, "MIN_AGE", timedelta(0))
    answered = unanswered = nothing = 0
    for step in range(1, MORE_THAN_THERE_ARE):
        key = str(uuid4())
        code, answer = die("svarut.dying_intake", database.app_url, store_url, hus.konto_id, key, step)
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

        stored_objects.delete_strays(OTHER_OBJECT_COLUMNS)
        used = set(session().scalars(select(Dokument.objekt)))
        assert stored_files(store_url) == used, f"killed at step {step}"
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert step > 10, "there are more steps than that"
    assert nothing >= 8 and unanswered >= 2 and answered >= 2, "it died before, in and after the commit"
