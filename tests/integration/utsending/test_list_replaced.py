"""A list that comes instead of one that is being read is the one that counts: nothing of the first is said of it.

Between its commits a reading waits for a child, or for a register; another tab or a colleague has seconds for it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from fiks.core.db import session
from fiks.core.errors import ProvIgjen
from fiks.utsending.models import Opplasting
from fiks.utsending.receivers import list_import, uploads
from tests.integration.databases import Database, QuickProcess
from tests.integration.utsending.at_once import elsewhere
from tests.integration.utsending.jobs import begin, read, rows_of
from tests.integration.utsending.kommuner import Kommune, make_kommune
from workers.lanes import do_portion

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
FIRST = "Navn;Adresse;Postnr;Poststed\r\nEn Fjell;Eiendommen 1;0001;OSLO\r\n"
SECOND = "Navn;Eiendomsadresse;Adresse;Postnr;Poststed\r\nTo Fjell;Eiendommen 2;Eierens vei 2;0001;OSLO\r\n"


def put(kommune: Kommune, utsending_id: UUID, text: str) -> None:
    maker = kommune.aktor("saksbehandler")
    uploads.upload(utsending_id, "LISTE", "liste.csv", [text.encode()], actor=maker)


def list_of(utsending_id: UUID) -> Opplasting:
    session().rollback()
    chosen = select(Opplasting).where(Opplasting.utsending_id == utsending_id, Opplasting.art == "LISTE")
    return session().scalars(chosen).one()


@pytest.fixture
def replaced_before(
    process: QuickProcess, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Kommune, UUID]]:
    """A mailing whose first list is replaced by the second before its reading calls this function; read no further."""

    def make(function: str, then: Any = None) -> tuple[Kommune, UUID]:
        kommune = make_kommune()
        utsending_id = begin(kommune)
        put(kommune, utsending_id, FIRST)
        real = getattr(list_import, function)

        def meanwhile(*args: Any) -> Any:
            monkeypatch.setattr(list_import, function, real)
            with ThreadPoolExecutor(1) as pool:
                elsewhere(pool, process, lambda: put(kommune, utsending_id, SECOND)).result(timeout=60)
            return (then or real)(*args)

        monkeypatch.setattr(list_import, function, meanwhile)
        session().rollback()
        assert do_portion("liste", process) == 1
        return kommune, utsending_id

    return make


def test_what_its_columns_are_is_not_said_of_the_one_that_replaced_it(
    process: QuickProcess, replaced_before: Callable[..., tuple[Kommune, UUID]]
) -> None:
    """They would be taken for a person's choice, and «Adresse» for the receiver's, which it is not there."""
    _, utsending_id = replaced_before("_remembered_mapping")
    liste = list_of(utsending_id)
    assert (liste.status, liste.kolonner, liste.kobling) == ("MOTTATT", [], {})
    assert list(read(utsending_id, process).kolonner) == SECOND.split("\r\n")[0].split(";")
    assert len(rows_of(utsending_id)) == 1


def test_a_register_that_was_away_says_nothing_of_the_one_that_replaced_it(
    process: QuickProcess, replaced_before: Callable[..., tuple[Kommune, UUID]]
) -> None:
    def away(*_: object) -> None:
        raise ProvIgjen("REGISTER_NEDE")

    _, utsending_id = replaced_before("_store_rows", away)
    assert list_of(utsending_id).status == "MOTTATT"
    assert read(utsending_id, process).status == "LEST"


def test_a_list_is_failed_and_its_piece_ended_at_one_moment(
    process: QuickProcess, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a page would say in between that nobody reads it, and for ever when the worker is killed there."""
    kommune = make_kommune()
    utsending_id = begin(kommune)
    put(kommune, utsending_id, FIRST)
    seen = set[Any]()

    def look(_: object) -> None:
        with database.app() as watching:
            found = watching.execute(
                "SELECT o.status, a.status FROM opplasting o JOIN arbeidsdel a USING (utsending_id) WHERE a.art = 'LES'"
            )
            seen.update(found)

    def away(*_: object) -> None:
        raise ProvIgjen("REGISTER_NEDE")

    monkeypatch.setattr(list_import, "_store_rows", away)
    process.ask_guard()
    session().rollback()
    event.listen(Session, "after_commit", look)
    try:
        assert do_portion("liste", process) == 1
    finally:
        event.remove(Session, "after_commit", look)
    assert seen == {("MOTTATT", "TATT"), ("LESES", "TATT"), ("FEILET", "FEILET")}
