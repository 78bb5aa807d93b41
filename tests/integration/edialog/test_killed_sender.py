"""A worker killed between every pair of its steps: no letter is lost, none is made twice, no file is lost or left."""

from __future__ import annotations

import signal
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.edialog import service, work
from fiks.edialog.models import EdialogFil
from fiks.edialog.rules import Status, letter_id
from fiks.epost.models import Epost
from fiks.pdf import Pdfleser
from fiks.svarut.letters import load_letters, read_checked
from fiks.utsending import stored_objects
from tests.integration.databases import Database
from tests.integration.dying import die, stored_files
from tests.integration.edialog.skjemaer import PDF, Innbygger, Penn, attach, draft, letters, row_of
from tests.integration.houses import Hus
from tests.integration.worlds import FakeRegister
from workers.planned import delete_strays

pytestmark = pytest.mark.slow

MORE_THAN_THERE_ARE = 30


def test_a_worker_killed_at_any_step_neither_loses_nor_doubles_what_a_citizen_sent(
    database: Database, hus: Hus, store_url: str, leser: Pdfleser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_objects, "MIN_AGE", timedelta(0))
    made = []
    for step in range(1, MORE_THAN_THERE_ARE):
        who = Innbygger()
        skjema = draft(hus, who)
        attach(skjema, who, leser)
        service.send(skjema, spraak="nb", actor=who.actor)
        session().rollback()
        code, _ = die("edialog.dying_sender", database.app_url, store_url, step)
        left = row_of(skjema)
        assert left.status in (Status.UNDER_INNSENDING, Status.INNSENDT), step
        with transaction() as tx:
            tx.execute(text("UPDATE edialog_skjema SET neste_forsok = now()"))
        while work.send_next(Penn(), FakeRegister()):
            pass
        made.append(letter_id(skjema))
        brev = load_letters([made[-1]])[made[-1]]
        assert read_checked(brev.dokumenter[1]) == PDF, step
        assert [letter.id for letter in letters()] == made, step
        assert session().execute(select(func.count()).select_from(Epost)).scalar_one() == len(made), step
        if code == 0:
            break
        assert code == -signal.SIGKILL, step
    assert 5 < len(made) < MORE_THAN_THERE_ARE - 1
    delete_strays()
    assert len(stored_files(store_url)) == 2 * len(made)
    for letter in load_letters(made).values():
        assert all(read_checked(document) for document in letter.dokumenter)


def test_the_file_of_a_draft_is_no_stray(
    hus: Hus, store_url: str, leser: Pdfleser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_objects, "MIN_AGE", timedelta(0))
    who = Innbygger()
    attach(draft(hus, who), who, leser)
    current().store.put_document([b"nobody's"], current().keys)
    assert delete_strays() == 1
    row = session().scalars(select(EdialogFil)).one()
    assert b"".join(current().store.read_document(row.objekt, row.nokkel, current().keys)) == PDF
