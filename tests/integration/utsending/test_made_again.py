"""Letters of a big PDF whose title or print is changed: made again of the same pages, and nothing else is."""

from __future__ import annotations

import io
from uuid import UUID

import pikepdf
import pytest
from sqlalchemy import delete

from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.utsending import drafts
from fiks.utsending.filer.rules import Giroside, Girovalg
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rules import Art
from tests.integration.databases import QuickProcess
from tests.integration.utsending.bigfiles import (
    begin_with,
    letters_of,
    links_of,
    pieces_of,
    read_letters,
    set_up,
    two_pages,
    work,
)
from tests.integration.utsending.jobs import rows_of
from tests.integration.utsending.kommuner import Kommune, make_kommune

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
LAST = Girovalg(Giroside.SISTE)


@pytest.fixture
def kommune() -> Kommune:
    return make_kommune()


def change(kommune: Kommune, utsending_id: UUID, **facts: object) -> None:
    """Another title, or print on one side only; all else as it was."""
    row = session().get_one(Utsending, utsending_id, populate_existing=True)
    said = {"tittel": row.tittel, "brevdato": row.brevdato, "tosidig": row.tosidig} | facts
    fakta = drafts.Fakta(art=Art.EN_STOR_PDF, **said)  # type: ignore[arg-type]
    drafts.update_utsending(utsending_id, fakta, actor=kommune.aktor("saksbehandler"))


def titles(utsending_id: UUID) -> set[str]:
    """What the letters' PDFs are called in themselves."""
    found = set()
    for letter in letters_of(utsending_id):
        assert letter.objekt and letter.nokkel and letter.fra is not None and letter.lengde
        env = current()
        data = env.store.read_segment_part(letter.objekt, letter.fra, letter.lengde, letter.nokkel, env.keys)
        with pikepdf.Pdf.open(io.BytesIO(data)) as pdf:
            found.add(str(pdf.docinfo["/Title"]))
    return found


def test_another_title_is_another_letter_of_the_same_pages_and_the_rows_stay(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id = read_letters(kommune, process)
    with transaction() as tx:  # somebody has taken one away by hand
        tx.execute(
            delete(Utsendingsrad).where(Utsendingsrad.utsending_id == utsending_id, Utsendingsrad.radnr == 3)
        )
    letters, rows = letters_of(utsending_id), [row.radnr for row in rows_of(utsending_id)]
    before = [(b.id, b.fra_side, b.til_side) for b in letters]
    hashes, objects = {b.sha256 for b in letters}, {b.objekt for b in letters}
    links = [(link.radnr, link.brevfil_id) for link in links_of(utsending_id)]
    change(kommune, utsending_id, tittel="Skatt: 2027")
    assert {letter.status for letter in letters_of(utsending_id)} == {"MOTTATT"}
    assert all(piece.fra is not None for piece in pieces_of(utsending_id)), "nothing is searched for again"
    work(process)
    after = letters_of(utsending_id)
    assert [(b.id, b.fra_side, b.til_side) for b in after] == before
    assert {b.status for b in after} == {"LEST"} and {b.vist_navn for b in after} == {"Skatt 2027.pdf"}
    assert not hashes & {b.sha256 for b in after}
    assert titles(utsending_id) == {"Skatt: 2027"}
    assert [row.radnr for row in rows_of(utsending_id)] == rows
    assert [(link.radnr, link.brevfil_id) for link in links_of(utsending_id)] == links
    assert not objects & {b.objekt for b in after}


def test_print_on_one_side_only_changes_no_letter_without_giro(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id = read_letters(kommune, process)
    before = [(b.id, b.objekt, b.status) for b in letters_of(utsending_id)]
    change(kommune, utsending_id, tosidig=False)
    assert [(b.id, b.objekt, b.status) for b in letters_of(utsending_id)] == before
    assert len(rows_of(utsending_id)) == 10


def test_the_back_of_a_giro_page_is_looked_at_anew_when_the_print_is_another(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id = read_letters(kommune, process, oppsett=two_pages(giro=LAST))

    def warned() -> set[str]:
        return {finding["kode"] for b in letters_of(utsending_id) for finding in b.funn}

    assert "PDF_GIRO_BAKSIDE" in warned()  # page 2 of 2 lies on the back of page 1
    change(kommune, utsending_id, tosidig=False)
    work(process)
    assert "PDF_GIRO_BAKSIDE" not in warned()
    assert {tuple(b.giroark) for b in letters_of(utsending_id)} == {(2,)}
    assert len(rows_of(utsending_id)) == 10


def test_a_title_changed_before_the_letters_are_read_begins_from_the_beginning(
    kommune: Kommune, process: QuickProcess
) -> None:
    utsending_id = begin_with(kommune)
    work(process)
    set_up(kommune, utsending_id, process, two_pages())
    with transaction() as tx:
        tx.execute(delete(Utsendingsrad).where(Utsendingsrad.utsending_id == utsending_id))
    change(kommune, utsending_id, tittel="Skatt 2027")
    assert [piece.fra for piece in pieces_of(utsending_id)] == [None]
    work(process)
    assert titles(utsending_id) == {"Skatt 2027"} and len(rows_of(utsending_id)) == 10


def test_a_title_on_a_mailing_without_a_file_orders_nothing(kommune: Kommune) -> None:
    from_nothing = begin_with(kommune)
    change(kommune, from_nothing, tittel="Skatt 2027")
    assert pieces_of(from_nothing) == []
