"""A worker on a machine without children or room: lists, files and letters wait for another, and nothing is refused."""

from __future__ import annotations

import errno
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from config.paths import FONTS
from fiks.core.db import session
from fiks.core.errors import Utilgjengelig
from fiks.core.isolate import Barn
from fiks.pdf import Pdfkontrollor
from fiks.utsending.brev import Brevtrykker
from fiks.utsending.draft import confirm
from fiks.utsending.filer import upload as filer_upload
from fiks.utsending.jobs import backoff, queue
from fiks.utsending.models import Arbeidsdel, Opplasting
from fiks.utsending.production import service
from fiks.utsending.receivers import pdf_import, uploads
from fiks.utsending.rules import Art, Delstatus
from tests.integration.databases import QuickProcess
from tests.integration.utsending.jobs import begin, few_rows, read, rows_of, status
from tests.integration.utsending.kommuner import Kommune
from tests.integration.utsending.perrad.jobs import LETTER, add, begin_per_rad, files_of, work_off
from tests.poor_machines import no_children, no_room
from workers.lanes import do_portion

pytestmark = [pytest.mark.usefixtures("at_noon", "outside"), pytest.mark.slow]
Away = Callable[[Path], AbstractContextManager[None]]
AWAY: dict[str, Away] = {
    "no child": no_children,
    "no room": lambda _: no_room(),
    "no files": lambda _: no_room(errno.EMFILE),
}


def waits(lane: str, process: QuickProcess, times: int = 4) -> None:
    """The lane's piece is tried, as a worker does, more often than a piece may fail, and is ready again."""
    session().rollback()
    for _ in range(times):
        with process.app.app_context():
            backoff._until.clear()
        with pytest.raises(Utilgjengelig):
            do_portion(lane, process)
        with process.app.app_context():
            queue.release_claim(counts=False)
    session().rollback()
    parts = session().scalars(select(Arbeidsdel).where(Arbeidsdel.status != Delstatus.FERDIG)).all()
    assert {(part.status, part.forsok) for part in parts} == {(Delstatus.KLAR, 0)}
    backoff._until.clear()


def upload_of(utsending_id: UUID, art: str) -> Opplasting:
    session().rollback()
    chosen = select(Opplasting).where(Opplasting.utsending_id == utsending_id, Opplasting.art == art)
    return session().scalars(chosen.execution_options(populate_existing=True)).one()


@contextmanager
def real_printer(process: QuickProcess, fonts: Path = FONTS) -> Iterator[Brevtrykker]:
    """Let the process draw letters in children."""
    printer = Brevtrykker(fonts)
    process.put(QuickProcess.printer, printer)
    yield printer
    printer.close()
    process.forget(QuickProcess.printer)


def begin_production(kommune: Kommune, utsending_id: UUID, process: QuickProcess) -> None:
    read(utsending_id, process)
    maker = kommune.aktor("saksbehandler")
    confirm.confirm_control(utsending_id, actor=maker)
    service.start_production(utsending_id, actor=maker)


@pytest.mark.parametrize("away", AWAY.values(), ids=AWAY)
def test_a_list_is_kept_and_read_when_there_is_a_child(
    kommune: Kommune, process: QuickProcess, tmp_path: Path, away: Away
) -> None:
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    with away(tmp_path):
        waits("liste", process)
    upload = upload_of(utsending_id, "LISTE")
    assert (upload.feilkode, upload.objekt is None) == (None, False)
    assert read(utsending_id, process).status == "LEST"
    assert len(rows_of(utsending_id)) == 5


@pytest.mark.parametrize("away", AWAY.values(), ids=AWAY)
def test_no_row_is_bad_and_another_worker_draws_the_letters(
    kommune: Kommune, process: QuickProcess, tmp_path: Path, away: Away
) -> None:
    utsending_id = begin(kommune, few_rows(tmp_path, 3))
    with real_printer(process):
        begin_production(kommune, utsending_id, process)
        with away(tmp_path):
            waits("render", process)
    assert status(utsending_id) == "PRODUSERES"
    while do_portion("render", process):  # as another worker draws them
        pass
    assert status(utsending_id) == "TIL_GODKJENNING"
    assert all(row.brev_sha256 and row.status != "FEIL" for row in rows_of(utsending_id))


def test_a_worker_without_fonts_makes_no_row_bad(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id = begin(kommune, few_rows(tmp_path, 3))
    with real_printer(process, tmp_path):
        begin_production(kommune, utsending_id, process)
        waits("render", process)
    assert status(utsending_id) == "PRODUSERES"
    assert "FEIL" not in {row.status for row in rows_of(utsending_id)}


def test_what_a_printer_says_of_a_letter_that_is_not_the_letters_is_no_bad_row(
    kommune: Kommune, process: QuickProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    utsending_id = begin(kommune, few_rows(tmp_path, 3))
    begin_production(kommune, utsending_id, process)
    lacking = Utilgjengelig("SKRIFT_MANGLER")
    monkeypatch.setattr(process.printer, "letters", lambda mal, rows, kontekst: [lacking for _ in rows])
    waits("render", process)
    assert "FEIL" not in {row.status for row in rows_of(utsending_id)}


@pytest.mark.parametrize("away", AWAY.values(), ids=AWAY)
def test_files_wait_and_are_looked_into_when_there_is_a_child(
    kommune: Kommune, process: QuickProcess, tmp_path: Path, away: Away
) -> None:
    utsending_id = begin_per_rad(kommune)
    add(kommune, utsending_id, {f"{n}.pdf": LETTER + b"\n%" + bytes([65 + n]) for n in range(3)})
    checker = Pdfkontrollor()
    process.put(QuickProcess.checker, checker)
    with away(tmp_path):
        waits("render", process)
    assert {fil.status for fil in files_of(utsending_id).values()} == {"MOTTATT"}
    work_off(process)
    checker.close()
    process.forget(QuickProcess.checker)
    assert {fil.status for fil in files_of(utsending_id).values()} == {"LEST"}


def zipped(kommune: Kommune) -> UUID:
    utsending_id = begin_per_rad(kommune)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.pdf", LETTER)
    filer_upload.add_zip(utsending_id, "brev.zip", [buffer.getvalue()], actor=kommune.aktor("saksbehandler"))
    return utsending_id


@pytest.mark.parametrize("away", AWAY.values(), ids=AWAY)
def test_a_zip_is_kept_and_unpacked_when_there_is_a_child(
    kommune: Kommune, process: QuickProcess, tmp_path: Path, away: Away
) -> None:
    utsending_id = zipped(kommune)
    with away(tmp_path):
        waits("liste", process)
    upload = upload_of(utsending_id, "ZIP")
    assert (upload.status, upload.feilkode, upload.objekt is None) == ("MOTTATT", None, False)
    work_off(process)
    assert {name: fil.status for name, fil in files_of(utsending_id).items()} == {"a.pdf": "LEST"}


def test_a_zip_whose_child_is_killed_once_is_opened_by_a_new_one(
    kommune: Kommune, process: QuickProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    utsending_id = zipped(kommune)
    call, left = Barn.call, iter([True])

    def once(barn: Barn, name: str, *args: object) -> object:
        if name.endswith(":survey") and next(left, False):
            barn.process.kill()
        return call(barn, name, *args)

    monkeypatch.setattr(Barn, "call", once)
    work_off(process)
    assert list(files_of(utsending_id)) == ["a.pdf"]


@pytest.mark.parametrize("there", ["check_pdf", "page_png"])
def test_a_document_waits_for_its_check_and_for_its_pictures(
    kommune: Kommune, process: QuickProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str
) -> None:
    """`there`: from where on the machine has no children."""
    utsending_id = begin(kommune, art=Art.SAMME_DOKUMENT)
    uploads.upload(utsending_id, "DOKUMENT", "brev.pdf", [LETTER], actor=kommune.aktor("saksbehandler"))
    work_there = getattr(pdf_import, there)

    def away(*args: object, **options: object) -> object:
        with no_children(tmp_path):
            return work_there(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(pdf_import, there, away)
        waits("liste", process)
    upload = upload_of(utsending_id, "DOKUMENT")
    assert (upload.status, upload.feilkode, upload.objekt is None) == ("MOTTATT", None, False)
    while do_portion("liste", process):
        pass
    upload = upload_of(utsending_id, "DOKUMENT")
    assert upload.status == "LEST"
    assert len(upload.form["bilder"]) == 1
