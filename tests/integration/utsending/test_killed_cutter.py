"""Cutting and reading killed again and again: it goes on where it was, and ends with the same letters and rows."""

from __future__ import annotations

import itertools
import signal
from datetime import timedelta
from uuid import UUID

import pytest

from fiks.core.db import session
from fiks.utsending import stored_objects
from fiks.utsending.jobs import queue as pieces
from fiks.utsending.rules import Delstatus
from fiks.utsending.samlet import service
from fiks.utsending.samlet.analysis.setup import Kuttmate, Oppsett
from tests.integration.databases import Database, QuickProcess
from tests.integration.dying import die, stored_files
from tests.integration.utsending.bigfiles import (
    begin_with,
    known_areas,
    letters_of,
    pieces_of,
    read_letters,
    two_pages,
    upload_of,
    work,
)
from tests.integration.utsending.jobs import rows_of
from tests.integration.utsending.kommuner import Kommune, make_kommune
from workers.planned import OTHER_OBJECT_COLUMNS

pytestmark = [pytest.mark.usefixtures("at_noon", "outside"), pytest.mark.slow]
STEPS = (4, 7, 10, 13, 40)
MORE_THAN_NEEDED = 30
BY_TEXT = Oppsett(Kuttmate.TEKST, None, "1/2", known_areas())


def until_done(database: Database, store_url: str) -> int:
    """Let workers die one after the other until one finds nothing more to do; returns how many died."""
    for deaths, step in enumerate(itertools.islice(itertools.cycle(STEPS), MORE_THAN_NEEDED)):
        code, _ = die("utsending.dying_cutter", database.app_url, store_url, step)
        session().rollback()
        if code == 0:
            return deaths
        assert code == -signal.SIGKILL
        pieces.recover_pieces()
    raise AssertionError("it never came to an end")


def whole(kommune: Kommune, process: QuickProcess, oppsett: Oppsett) -> tuple[list[bytes], list[bytes]]:
    """Letters and rows of the same file, cut and read in peace."""
    utsending_id = read_letters(kommune, process, oppsett=oppsett)
    return outcome(utsending_id)


def outcome(utsending_id: UUID) -> tuple[list[bytes], list[bytes]]:
    return [letter.sha256 for letter in letters_of(utsending_id)], [
        row.rad_hash for row in rows_of(utsending_id)
    ]


@pytest.mark.parametrize("oppsett", [two_pages(), BY_TEXT], ids=["by pages", "by text"])
def test_killed_between_any_steps_the_letters_and_rows_are_those_of_a_quiet_run(
    database: Database,
    process: QuickProcess,
    store_url: str,
    monkeypatch: pytest.MonkeyPatch,
    oppsett: Oppsett,
) -> None:
    monkeypatch.setattr(stored_objects, "MIN_AGE", timedelta(0))
    kommune = make_kommune()
    wanted = whole(kommune, process, oppsett)
    utsending_id = begin_with(kommune)
    work(process)
    service.set_up(utsending_id, oppsett, actor=kommune.aktor("saksbehandler"))
    session().rollback()
    assert until_done(database, store_url) >= 3
    assert outcome(utsending_id) == wanted
    assert {piece.status for piece in (*pieces_of(utsending_id), *pieces_of(utsending_id, "LES"))} == {
        Delstatus.FERDIG
    }
    upload = upload_of(utsending_id)
    assert (upload.antall, upload.lest_til) == (10, 10)
    stored_objects.delete_strays(OTHER_OBJECT_COLUMNS)
    stored = stored_files(store_url)
    assert stored == stored_objects.used_objects(sorted(stored))
