"""Letters of a big PDF whose title or print is changed: made again of the same pages, and nothing else is."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from uuid import UUID

import pikepdf
import pytest
from sqlalchemy import delete, select

from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import Konflikt
from fiks.pdf import Alvorlighet, PdfFunn, PdfKode, Pdfkontroll
from fiks.pdf.cut import Brevsider, Storfil, Utklipp
from fiks.svarut.models import Dokument, Forsendelse
from fiks.utsending.approval import service
from fiks.utsending.draft import confirm
from fiks.utsending.draft import service as draft_service
from fiks.utsending.filer.rules import Giroside, Girovalg
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rules import Art
from fiks.utsending.sending.copy_unsent import new_from_unsent
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
from tests.integration.utsending.jobs import produce, rows_of, send_everything
from tests.integration.utsending.kommuner import Kommune, make_kommune

pytestmark = [pytest.mark.usefixtures("at_noon", "outside"), pytest.mark.slow]
LAST = Girovalg(Giroside.SISTE)


@pytest.fixture
def kommune() -> Kommune:
    return make_kommune()


def change(kommune: Kommune, utsending_id: UUID, **facts: object) -> None:
    """Another title, or print on one side only; all else as it was."""
    row = session().get_one(Utsending, utsending_id, populate_existing=True)
    said = {"tittel": row.tittel, "brevdato": row.brevdato, "tosidig": row.tosidig} | facts
    fakta = draft_service.Fakta(art=Art.EN_STOR_PDF, **said)  # type: ignore[arg-type]
    draft_service.update_utsending(utsending_id, fakta, actor=kommune.aktor("saksbehandler"))


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


class Faults:
    """Which letters cannot be cut: the child that cuts one of `pages` (the first of a letter) dies of it."""

    def __init__(self) -> None:
        self.pages: set[int] = set()


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Faults:
    found, cut = Faults(), Storfil.cut
    too_much = Pdfkontroll(None, None, (PdfFunn(PdfKode.PDF_FOR_KOMPLISERT, Alvorlighet.FEIL),))

    def dying(self: Storfil, brev: Sequence[Brevsider], tittel: str, **how: bool) -> Iterator[Utklipp]:
        for wanted, letter in zip(brev, cut(self, brev, tittel, **how), strict=True):
            yield Utklipp(None, too_much) if wanted.fra in found.pages else letter

    # No file does this the second time it is cut and not the first.
    monkeypatch.setattr(Storfil, "cut", dying)
    return found


def found(utsending_id: UUID, radnr: int = 2) -> tuple[str, list[str]]:
    """A row's status, and the codes of what was found about it."""
    row = rows_of(utsending_id)[radnr - 1]
    return row.status, [finding["kode"] for finding in row.funn]


UNSENDABLE = ("FEIL", ["BREV_KAN_IKKE_SENDES"])


def test_a_letter_that_cannot_be_made_again_is_an_error_row_and_does_not_go(
    kommune: Kommune, process: QuickProcess, faults: Faults
) -> None:
    maker = kommune.aktor("saksbehandler")
    utsending_id = read_letters(kommune, process)
    draft_service.park_bad_rows(utsending_id, True, actor=maker, antall=0)
    faults.pages = {3}
    change(kommune, utsending_id, tittel="Skatt 2027")
    work(process)
    assert found(utsending_id) == UNSENDABLE
    assert {row.status for row in rows_of(utsending_id) if row.radnr != 2} == {"OK", "ADVARSEL"}
    assert [link.radnr for link in links_of(utsending_id)] == [1, *range(3, 11)]
    with pytest.raises(Konflikt, match="RADER_MED_FEIL"):  # who chose to park did not see this one
        confirm.confirm_control(utsending_id, actor=maker)
    draft_service.park_bad_rows(utsending_id, True, actor=maker, antall=1)
    produce(kommune, utsending_id, process)
    send_everything(kommune, utsending_id, process)
    sent = session().scalars(select(Forsendelse.radnr).where(Forsendelse.utsending_id == utsending_id))
    assert sorted(nr or 0 for nr in sent) == [1, *range(3, 11)]


def test_a_letter_that_is_whole_when_it_is_made_again_is_controlled_and_goes(
    kommune: Kommune, process: QuickProcess, faults: Faults
) -> None:
    faults.pages = {3}
    utsending_id = read_letters(kommune, process)
    assert found(utsending_id) == UNSENDABLE
    faults.pages = set()
    change(kommune, utsending_id, tittel="Skatt 2027")
    work(process)
    assert found(utsending_id) == ("OK", [])
    assert [link.radnr for link in links_of(utsending_id)] == list(range(1, 11))


def test_a_letter_that_can_be_made_no_better_leaves_the_rows_and_what_was_chosen(
    kommune: Kommune, process: QuickProcess, faults: Faults
) -> None:
    faults.pages = {3}
    utsending_id = read_letters(kommune, process)
    draft_service.park_bad_rows(utsending_id, True, actor=kommune.aktor("saksbehandler"), antall=1)
    read = len(pieces_of(utsending_id, "LES"))
    change(kommune, utsending_id, tittel="Skatt 2027")
    work(process)
    assert len(pieces_of(utsending_id, "LES")) == read
    assert found(utsending_id) == UNSENDABLE
    assert session().get_one(Utsending, utsending_id, populate_existing=True).parker_feil


def stopped_and_begun_anew(kommune: Kommune, process: QuickProcess) -> UUID:
    """A draft of the letters of a big file that was stopped before any was sent; the file is not in it."""
    utsending_id = read_letters(kommune, process)
    produce(kommune, utsending_id, process)
    digest = session().get_one(Utsending, utsending_id, populate_existing=True).innhold_digest
    assert digest is not None
    service.approve(utsending_id, digest, actor=kommune.aktor("godkjenner"))
    service.release(utsending_id, actor=kommune.aktor("saksbehandler"))
    service.stop(utsending_id, actor=kommune.aktor("stopper"))
    return new_from_unsent(utsending_id, actor=kommune.aktor("saksbehandler"))


def test_another_title_on_a_draft_of_unsent_letters_keeps_the_letters_and_tells_it_in_their_names(
    kommune: Kommune, process: QuickProcess
) -> None:
    draft = stopped_and_begun_anew(kommune, process)
    before = [(b.id, b.objekt, b.sha256, b.status) for b in letters_of(draft)]
    change(kommune, draft, tittel="Skatt: 2027")
    work(process)
    assert pieces_of(draft) == []
    assert [(b.id, b.objekt, b.sha256, b.status) for b in letters_of(draft)] == before
    assert {b.vist_navn for b in letters_of(draft)} == {"Skatt 2027.pdf"}
    produce(kommune, draft, process)
    send_everything(kommune, draft, process)
    sent = session().execute(
        select(Dokument.sha256, Dokument.filnavn)
        .join(Forsendelse, Forsendelse.id == Dokument.forsendelse_id)
        .where(Forsendelse.utsending_id == draft, Dokument.nr == 1)
    )
    assert {tuple(row) for row in sent} == {(sha256, "Skatt 2027.pdf") for _, _, sha256, _ in before}
