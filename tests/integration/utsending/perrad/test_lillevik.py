"""The ten letters of Lillevik with their list: exactly their files, their pages, their giro, in whatever order."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from fiks.core.db import session
from fiks.svarut.letters import stream_checked
from fiks.utsending.draft import confirm
from fiks.utsending.file_models import Brevoppsett
from fiks.utsending.filer import giro, upload
from fiks.utsending.filer.rules import Giroside, Girovalg
from fiks.utsending.letters.documents import documents_of
from fiks.utsending.models import Utsending
from fiks.utsending.rules import Radstatus
from tests.integration.databases import QuickProcess
from tests.integration.utsending.jobs import rows_of
from tests.integration.utsending.kommuner import Kommune, make_kommune
from tests.integration.utsending.perrad.jobs import (
    LETTERS,
    add,
    add_list,
    begin_per_rad,
    files_of,
    sent_by,
    upload_of,
    work_off,
)
from tests.unit.filer.zips import lillevik_zip

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
THIRD = Girovalg(Giroside.NUMMER, 3)
ROWS = {n + 2: [name] for n, name in enumerate(LETTERS)}
PAGES = {name: 3 if name in ("0003.pdf", "0007.pdf") else 2 for name in LETTERS}


def test_the_list_and_the_files_give_ten_rows_with_exactly_their_files(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id = begin_per_rad(kommune)
    add_list(kommune, utsending_id)
    assert (add(kommune, utsending_id, LETTERS).nye, len(LETTERS)) == (10, 10)
    work_off(process)
    assert sent_by(utsending_id) == ROWS
    assert {name: fil.sider for name, fil in files_of(utsending_id).items()} == PAGES
    assert {fil.status for fil in files_of(utsending_id).values()} == {"LEST"}
    assert [row.status for row in rows_of(utsending_id) if row.status not in ("OK", "ADVARSEL")] == []
    assert len(rows_of(utsending_id)) == 10
    confirm.confirm_control(utsending_id, actor=kommune.aktor("saksbehandler"))


@pytest.mark.parametrize("first", ["list", "files", "zip"])
def test_the_order_of_list_and_files_does_not_matter(
    kommune: Kommune, process: QuickProcess, tmp_path: Path, first: str
) -> None:
    utsending_id = begin_per_rad(kommune)
    if first == "list":
        add_list(kommune, utsending_id)
        work_off(process)
        assert sent_by(utsending_id) == {}
        read = [row.status for row in rows_of(utsending_id)]
        assert len(read) == 10 and set(read) <= {Radstatus.OK, Radstatus.ADVARSEL}
    if first == "zip":
        content = lillevik_zip(tmp_path).read_bytes()
        upload.add_zip(utsending_id, "brev.zip", [content], actor=kommune.aktor("saksbehandler"))
    else:
        for name in reversed(LETTERS):
            add(kommune, utsending_id, {name: LETTERS[name]})
    if first != "list":
        work_off(process)
        add_list(kommune, utsending_id)
    work_off(process)
    assert sent_by(utsending_id) == ROWS
    assert upload_of(utsending_id, "ZIP") is None


def test_what_a_row_sends_is_the_bytes_that_were_uploaded(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    utsending_id = begin_per_rad(kommune)
    add_list(kommune, utsending_id)
    content = lillevik_zip(tmp_path).read_bytes()
    upload.add_zip(utsending_id, "brev.zip", [content], actor=kommune.aktor("saksbehandler"))
    work_off(process)
    documents = documents_of(session().get_one(Utsending, utsending_id), list(ROWS))
    sent = {radnr: b"".join(stream_checked(found[0])) for radnr, found in documents.items()}
    assert sent == {radnr: LETTERS[name] for radnr, [name] in ROWS.items()}


def test_the_giro_page_is_chosen_once_and_remembered_for_the_konto(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id = begin_per_rad(kommune)
    add_list(kommune, utsending_id)
    add(kommune, utsending_id, LETTERS)
    giro.set_giro(utsending_id, THIRD, actor=kommune.aktor("saksbehandler"))
    work_off(process)
    expected = {name: [3] if sider == 3 else [] for name, sider in PAGES.items()}
    assert {name: fil.giroark for name, fil in files_of(utsending_id).items()} == expected
    documents = documents_of(session().get_one(Utsending, utsending_id), list(ROWS))
    marked = {radnr: list(found[0].giroark) for radnr, found in documents.items()}
    assert marked == {radnr: expected[name] for radnr, [name] in ROWS.items()}
    kept = session().scalars(select(Brevoppsett).where(Brevoppsett.konto_id == kommune.konto_id)).one()
    assert (kept.art, kept.oppsett) == ("ETT_DOKUMENT_PER_RAD", {"giro": {"side": "NUMMER", "nummer": 3}})
    next_one = begin_per_rad(kommune)
    add(kommune, next_one, {"0003.pdf": LETTERS["0003.pdf"]})
    work_off(process)
    assert files_of(next_one)["0003.pdf"].giroark == [3]
    assert sent_by(utsending_id) == ROWS


def test_a_giro_page_with_something_on_its_back_is_a_warning_only_when_both_sides_are_printed(
    process: QuickProcess,
) -> None:
    for tosidig, expected in ((True, {2: ["PDF_GIRO_BAKSIDE"], 3: []}), (False, {2: [], 3: []})):
        kommune = make_kommune()
        utsending_id = begin_per_rad(kommune, tosidig=tosidig)
        add(kommune, utsending_id, {"to.pdf": LETTERS["0001.pdf"], "tre.pdf": LETTERS["0003.pdf"]})
        giro.set_giro(utsending_id, Girovalg(Giroside.SISTE), actor=kommune.aktor("saksbehandler"))
        work_off(process)
        found = {fil.sider: [f["kode"] for f in fil.funn] for fil in files_of(utsending_id).values()}
        assert found == expected, tosidig
