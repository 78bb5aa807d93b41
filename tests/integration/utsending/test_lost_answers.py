"""PostgreSQL commits and the answer is lost: what the committed rows refer to must still lie in the object store."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from psycopg import OperationalError as Lost
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from fiks.core.db import session
from fiks.core.environment import current
from fiks.utsending.file_models import Brevfil
from fiks.utsending.filer import upload
from fiks.utsending.filer.workers import unzip
from fiks.utsending.models import Opplasting
from fiks.utsending.receivers import uploads
from fiks.utsending.rules import Art
from tests.doubles import tiny_pdf
from tests.integration.databases import QuickProcess
from tests.integration.utsending.jobs import begin
from tests.integration.utsending.kommuner import Kommune, make_kommune
from workers.lanes import do_portion

pytestmark = pytest.mark.usefixtures("at_noon", "outside")

Lose = Callable[..., None]


@pytest.fixture
def lose_answer(monkeypatch: pytest.MonkeyPatch) -> Lose:
    """The answer to the first commit `when` this is so is lost: it is carried out, and raises."""
    real = Session.commit

    def lose(when: Callable[[], bool] = lambda: True) -> None:
        lost: list[bool] = []

        def commit(self: Session) -> None:
            now = not lost and when()
            real(self)
            if now:
                lost.append(True)
                raise OperationalError("COMMIT", {}, Lost("server closed the connection unexpectedly"))

        monkeypatch.setattr(Session, "commit", commit)

    return lose


@pytest.fixture
def kommune() -> Kommune:
    return make_kommune()


def assert_all_there(model: Any, utsending_id: UUID) -> None:
    """Every object that a committed row names lies in the store."""
    session().rollback()
    rows = session().execute(
        select(model.objekt).where(model.utsending_id == utsending_id, model.objekt.is_not(None))
    )
    named = set(rows.scalars())
    assert named, "nothing was committed"
    store = current().store
    assert named <= {made.navn for day in store.days() for made in store.made_on(day)}


def zip_of(name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(name, tiny_pdf(["a"]))
    return packed.getvalue()


def test_a_list_that_is_uploaded(kommune: Kommune, lose_answer: Lose) -> None:
    utsending_id = begin(kommune)
    lose_answer()
    with pytest.raises(OperationalError):
        uploads.upload(
            utsending_id, "LISTE", "liste.csv", [b"navn\nEn"], actor=kommune.aktor("saksbehandler")
        )
    assert_all_there(Opplasting, utsending_id)


def test_files_that_are_uploaded(kommune: Kommune, lose_answer: Lose) -> None:
    utsending_id = begin(kommune, art=Art.ETT_DOKUMENT_PER_RAD)
    lose_answer()
    with pytest.raises(OperationalError):
        upload.add_files(utsending_id, [("a.pdf", [tiny_pdf(["a"])])], actor=kommune.aktor("saksbehandler"))
    assert_all_there(Brevfil, utsending_id)


def test_a_zip_that_is_uploaded(kommune: Kommune, lose_answer: Lose) -> None:
    utsending_id = begin(kommune, art=Art.ETT_DOKUMENT_PER_RAD)
    lose_answer()
    with pytest.raises(OperationalError):
        upload.add_zip(utsending_id, "a.zip", [zip_of("a.pdf")], actor=kommune.aktor("saksbehandler"))
    assert_all_there(Opplasting, utsending_id)


def test_a_zip_that_is_unpacked(
    kommune: Kommune, lose_answer: Lose, monkeypatch: pytest.MonkeyPatch, process: QuickProcess
) -> None:
    utsending_id = begin(kommune, art=Art.ETT_DOKUMENT_PER_RAD)
    upload.add_zip(utsending_id, "a.zip", [zip_of("a.pdf")], actor=kommune.aktor("saksbehandler"))
    session().rollback()
    taken: list[bool] = []
    real = unzip.add_or_replace_files
    monkeypatch.setattr(unzip, "add_or_replace_files", lambda *args: taken.append(True) or real(*args))
    lose_answer(lambda: bool(taken))
    with pytest.raises(OperationalError):
        do_portion("liste", process)
    assert_all_there(Brevfil, utsending_id)
