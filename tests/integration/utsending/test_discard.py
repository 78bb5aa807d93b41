"""Slett utkastet: a mailing in preparation goes whole, at once and for good; one that has left it is never touched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from uuid import UUID

import pytest
from sqlalchemy import select, text

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt
from fiks.utsending.approval import service
from fiks.utsending.deletion import discard
from fiks.utsending.editing import reopen
from fiks.utsending.jobs import queue
from fiks.utsending.letters import preview, test_letter
from fiks.utsending.letters.inputs import letter_inputs
from fiks.utsending.models import Opplasting, Utsending
from fiks.utsending.receivers import list_import, uploads
from fiks.utsending.rules import EDITABLE, Art, Delart, Utsendingstatus
from fiks.utsending.sending.copy_unsent import new_from_unsent
from tests.integration.databases import QuickProcess
from tests.integration.printers import FakePages, FakePrinter
from tests.integration.utsending.jobs import begin, few_rows, produce, read, rows_of, status
from tests.integration.utsending.kommuner import Kommune, make_kommune, make_mailing, release
from workers.lanes import do_portion

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
U = Utsendingstatus
TABLES = ("utsending", "utsendingsrad", "opplasting", "arbeidsdel", "utsendingshendelse")


def rows_left(utsending_id: UUID) -> int:
    """Rows of any kind that still tell of the mailing, but for the audit log."""
    session().rollback()
    return sum(
        session()
        .execute(text(f"SELECT count(*) FROM {table} t WHERE t::text LIKE :id"), {"id": f"%{utsending_id}%"})
        .scalar_one()
        for table in TABLES
    )


def objects() -> set[str]:
    """The name of everything in the object store."""
    return {found["path"] for page in current().store._engine.list() for found in page}


def discard_as(kommune: Kommune, utsending_id: UUID, rolle: str = "saksbehandler") -> None:
    discard.discard_draft(utsending_id, actor=kommune.aktor(rolle))


def test_a_draft_goes_whole_with_rows_files_letters_and_previews(
    process: QuickProcess, tmp_path: Path
) -> None:
    before = objects()
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 3))
    read(utsending_id, process)
    produce(kommune, utsending_id, process)
    actor = kommune.aktor("saksbehandler")
    preview.order_preview(utsending_id, 2, actor=actor)
    part = queue.claim_piece([Delart.FORHANDSVISNING], process.owner.ensure())
    assert part is not None
    preview.make_preview(part, FakePrinter(), FakePages())
    service.withdraw(utsending_id, actor=actor)
    assert len(objects() - before) == 3
    assert discard.contents(utsending_id, actor=actor) == discard.Innhold(3, ("liste.csv",), 3, 1)
    discard_as(kommune, utsending_id)
    assert rows_left(utsending_id) == 0
    assert objects() == before


def test_the_audit_tells_who_and_which_and_nothing_about_anybody(
    process: QuickProcess, tmp_path: Path
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 2))
    read(utsending_id, process)
    nr = session().get_one(Utsending, utsending_id).nr
    discard_as(kommune, utsending_id)
    row = (
        session()
        .scalars(
            select(Audit).where(Audit.objekt_id == str(utsending_id), Audit.handling == discard.DISCARDED)
        )
        .one()
    )
    assert (row.organisasjon_id, row.aktor_navn) == (kommune.id, "Saksbehandler")
    assert row.detaljer == {"nr": nr, "rader": 2}


def test_pressing_twice_is_as_pressing_once() -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune)
    for _ in range(2):
        discard_as(kommune, utsending_id)
    discarded = select(Audit).where(Audit.handling == discard.DISCARDED, Audit.objekt_id == str(utsending_id))
    assert len(session().scalars(discarded).all()) == 1
    for rolle in ("stopper", "godkjenner"):
        with pytest.raises(IkkeFunnet):
            discard_as(kommune, utsending_id, rolle)


@pytest.mark.parametrize("left", [s for s in U if s not in EDITABLE])
def test_a_mailing_that_has_left_preparation_is_refused_and_not_changed(left: U) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 2, status=left)
    with pytest.raises(Konflikt, match="UTKAST_KAN_IKKE_SLETTES"):
        discard_as(kommune, mailing.id)
    assert status(mailing.id) == left
    assert [row.data_kryptert is not None for row in rows_of(mailing.id)] == [True, True]


def test_only_who_may_prepare_it_may_discard_it() -> None:
    kommune, other = make_kommune(), make_kommune("Fjordvik kommune")
    utsending_id = begin(kommune)
    for rolle in ("leser", "godkjenner"):
        with pytest.raises(IkkeTilgang):
            discard_as(kommune, utsending_id, rolle)
    for stranger in (other.aktor("saksbehandler"), kommune.aktor("utenfor")):
        with pytest.raises(IkkeFunnet):
            discard.discard_draft(utsending_id, actor=stranger)
    assert status(utsending_id) == U.UTKAST


@pytest.mark.parametrize("when", ["columns", "registers"])
def test_a_reading_under_way_stops_and_leaves_nothing(
    process: QuickProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """The draft is discarded while its list is being opened, or while the registers are being asked."""
    before = objects()
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 3))
    owner, name = {
        "columns": (list_import, "_form"),
        "registers": (type(process.world.registers.port), "personer"),
    }[when]
    real = getattr(owner, name)

    def meanwhile(*args: object) -> object:
        with process.app.app_context():
            discard_as(kommune, utsending_id)
        return real(*args)

    monkeypatch.setattr(owner, name, meanwhile)
    assert do_portion("liste", process) == 1
    assert rows_left(utsending_id) == 0
    assert objects() == before


@pytest.mark.parametrize(
    ("order", "module"), [(preview.order_preview, preview), (test_letter.order_test_letter, test_letter)]
)
def test_a_letter_that_is_asked_for_of_a_draft_that_goes_is_no_fault(
    process: QuickProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    order: Callable[..., object],
    module: ModuleType,
) -> None:
    before = objects()
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 2))
    read(utsending_id, process)
    order(utsending_id, 2, actor=kommune.aktor("saksbehandler"))
    real = letter_inputs

    def meanwhile(*args: UUID) -> object:
        discard_as(kommune, utsending_id)
        return real(*args)

    monkeypatch.setattr(module, "letter_inputs", meanwhile)
    assert do_portion("forhandsvisning", process) == 1
    assert rows_left(utsending_id) == 0
    assert objects() == before


def test_letters_drawn_for_a_mailing_that_was_taken_back_and_discarded_are_not_kept(
    process: QuickProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = objects()
    kommune = make_kommune()
    actor = kommune.aktor("saksbehandler")
    utsending_id = begin(kommune, few_rows(tmp_path, 2))
    read(utsending_id, process)

    class Discards(FakePrinter):
        """Somebody discards the draft while its first letter is being drawn."""

        def letter(self, *args: object) -> bytes:
            if session().get(Utsending, utsending_id) is not None:
                service.withdraw(utsending_id, actor=actor)
                discard_as(kommune, utsending_id)
            return super().letter(*args)  # type: ignore[arg-type]

    process.put(QuickProcess.printer, Discards())
    produce(kommune, utsending_id, process)
    assert rows_left(utsending_id) == 0
    assert objects() == before


def test_a_preview_that_is_being_made_when_the_draft_goes_is_not_kept(
    process: QuickProcess, tmp_path: Path
) -> None:
    before = objects()
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 2))
    read(utsending_id, process)
    preview.order_preview(utsending_id, 2, actor=kommune.aktor("saksbehandler"))
    part = queue.claim_piece([Delart.FORHANDSVISNING], process.owner.ensure())
    assert part is not None

    class WhileDiscarding(FakePages):
        def page_png(self, pdf: bytes, side: int, dpi: int) -> bytes:
            discard_as(kommune, utsending_id)
            return super().page_png(pdf, side, dpi)

    preview.make_preview(part, FakePrinter(), WhileDiscarding())
    assert rows_left(utsending_id) == 0
    assert objects() == before


def test_the_document_to_all_and_its_pictures_go_too(process: QuickProcess) -> None:
    before = objects()
    kommune = make_kommune()
    utsending_id = begin(kommune, art=Art.SAMME_DOKUMENT)
    uploads.upload(utsending_id, "DOKUMENT", "brev.pdf", [b"%PDF-1.7"], actor=kommune.aktor("saksbehandler"))
    [piece] = current().store.put_segment([b"png"], current().keys)
    with transaction() as tx:
        upload = tx.scalars(select(Opplasting).where(Opplasting.utsending_id == utsending_id)).one()
        upload.form = {"bilder": [{"side": 1, "objekt": piece.objekt}]}
    assert len(objects() - before) == 2
    discard_as(kommune, utsending_id)
    assert objects() == before


def test_an_upload_that_comes_too_late_is_told_that_the_draft_is_not_there() -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune)
    discard_as(kommune, utsending_id)
    with pytest.raises(IkkeFunnet), transaction():
        reopen.reopen(utsending_id, actor=kommune.aktor("saksbehandler"))


def test_what_a_stopped_mailing_never_sent_can_be_taken_again_when_its_draft_was_discarded() -> None:
    kommune = make_kommune(angrefrist=600)
    mailing = make_mailing(kommune, 2)
    release(kommune, mailing)
    actor = kommune.aktor("saksbehandler")
    service.stop(mailing.id, actor=actor)
    again = new_from_unsent(mailing.id, actor=actor)
    assert new_from_unsent(mailing.id, actor=actor) == again
    discard_as(kommune, again)
    third = new_from_unsent(mailing.id, actor=actor)
    assert [row.radnr for row in rows_of(third)] == [2, 3]
    assert rows_of(mailing.id)[0].data_kryptert is not None
