"""What lies in the object store: letters made again replace the old ones, and what nobody refers to is found."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update

from fiks.core import clock, deferred_deletes, environment
from fiks.core.audit import Audit
from fiks.core.db import Base, delete_after_commit, session, transaction
from fiks.core.environment import current
from fiks.core.queue import planned_jobs
from fiks.core.storage.store import LagerUtilgjengelig, Store, open_store
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.models import Dokument
from fiks.utsending import stored_objects
from fiks.utsending.approval import service
from fiks.utsending.brev import Trykk
from fiks.utsending.jobs import queue
from fiks.utsending.letters import preview
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.production import new_date, rendering
from fiks.utsending.production import service as production_service
from fiks.utsending.receivers import uploads
from fiks.utsending.rules import Art, Delart, Utsendingstatus
from fiks.utsending.sending.copy_unsent import new_from_unsent
from tests.architecture.tree import ROOT
from tests.integration.core.seals import Clock
from tests.integration.databases import QuickProcess, plans, statements
from tests.integration.houses import make_hus
from tests.integration.printers import FakePages, FakePrinter
from tests.integration.svarut.letters import make_letter
from tests.integration.utsending.jobs import begin
from tests.integration.utsending.kommuner import Kommune, Mailing, make_kommune, make_mailing, release
from workers.planned import OTHER_OBJECT_COLUMNS

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
DAY_AND_A_BIT = timedelta(hours=25)


@pytest.fixture
def folder(at_noon: None, tmp_path: Path) -> Iterator[Path]:
    """The folder of this test's own object store."""
    kept = current()
    environment.install(replace(kept, store=open_store(f"file://{tmp_path}/lager")))
    yield tmp_path / "lager"
    environment.install(kept)


def stored(folder: Path) -> set[str]:
    """The names of everything in the store."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def grow_old(folder: Path, age: timedelta = DAY_AND_A_BIT) -> None:
    """As if everything in the store was written that long ago."""
    at = (clock.database_now() - age).timestamp()
    for name in stored(folder):
        os.utime(folder / name, (at, at))
    session().rollback()


def put(content: bytes = b"noe") -> str:
    return current().store.put_document([content], current().keys).objekt


def lie_in(mailing: UUID) -> set[str | None]:
    session().rollback()
    return set(session().scalars(select(Utsendingsrad.objekt).where(Utsendingsrad.utsending_id == mailing)))


def make_again(kommune: Kommune, mailing: Mailing) -> None:
    production_service.start_production(mailing.id, actor=kommune.aktor("saksbehandler"))


def test_the_old_letters_are_gone_from_the_store_when_letters_are_made_again(
    folder: Path, process: QuickProcess
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    [old] = lie_in(mailing.id)
    make_again(kommune, mailing)
    assert old not in stored(folder)
    part = queue.claim_piece([Delart.RENDER], process.owner.ensure())
    assert part is not None
    _draw(part)
    assert lie_in(mailing.id) == stored(folder)


def _draw(part: queue.Del) -> None:
    done = Trykk(b"%PDF-1.7 nytt", 1, stemplet=False)
    rendering._store_letters(part, [(n, done) for n in (2, 3, 4)], [], "digest")


def test_a_production_that_is_rolled_back_loses_no_letter(folder: Path) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    before = stored(folder)
    with pytest.raises(RuntimeError, match="broken"), transaction():
        make_again(kommune, mailing)
        raise RuntimeError("broken")
    assert stored(folder) == before == lie_in(mailing.id)


def test_letters_of_a_new_date_replace_the_old_ones_only_when_all_is_committed(folder: Path) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3, status=Utsendingstatus.GODKJENT)
    maker = kommune.aktor("saksbehandler")
    tomorrow = (clock.now() + timedelta(days=1)).date()
    with transaction():
        new_date.produce_with_new_date(mailing.id, tomorrow, actor=maker)
        assert len(stored(folder)) == 1
    assert stored(folder) == set()


def test_letters_drawn_for_a_claim_that_was_lost_are_gone_from_the_store(
    folder: Path, process: QuickProcess
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3)
    make_again(kommune, mailing)
    part = queue.claim_piece([Delart.RENDER], process.owner.ensure())
    assert part is not None
    service.withdraw(mailing.id, actor=kommune.aktor("saksbehandler"))
    with transaction() as tx:
        tx.execute(update(Arbeidsdel).where(Arbeidsdel.id == part.id).values(forsok=9))
    _draw(part)
    assert stored(folder) == set()


def test_a_preview_made_for_a_claim_that_was_lost_is_gone_from_the_store(
    folder: Path, process: QuickProcess
) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 1)
    before = stored(folder)
    preview.order_preview(mailing.id, 2, actor=kommune.aktor("saksbehandler"))
    part = queue.claim_piece([Delart.FORHANDSVISNING], process.owner.ensure())
    assert part is not None
    with transaction() as tx:
        tx.execute(update(Arbeidsdel).where(Arbeidsdel.id == part.id).values(forsok=9))
    preview.make_preview(part, FakePrinter(), FakePages())
    assert stored(folder) == before


def test_the_letters_of_rows_that_are_forgotten_are_gone_from_the_store(folder: Path) -> None:
    kommune = make_kommune()
    mailing = make_mailing(kommune, 3, status=Utsendingstatus.UTKAST)
    uploads.remove_list(mailing.id, actor=kommune.aktor("saksbehandler"))
    assert stored(folder) == set()


def test_a_store_that_is_away_after_the_commit_breaks_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objekt = put()

    def away(self: Store, objekter: object) -> None:
        raise LagerUtilgjengelig("LAGER_UTILGJENGELIG")

    monkeypatch.setattr(Store, "delete_all", away)
    with transaction():
        delete_after_commit([objekt])
    assert objekt in stored(folder)
    assert deferred_deletes._DISCARDED not in session().info


def test_what_no_row_refers_to_is_deleted_after_a_day_and_said_in_the_audit(folder: Path) -> None:
    stray, other = put(), put()
    grow_old(folder)
    young = put()
    assert stored_objects.delete_strays(OTHER_OBJECT_COLUMNS) == 2
    assert stored(folder) == {young}
    [row] = session().scalars(select(Audit).where(Audit.handling == "HERRELOSE_FILER_SLETTET"))
    assert (row.objekt_id, row.detaljer) == (stray.rsplit("/", 1)[0], {"antall": 2})
    assert other.startswith(row.objekt_id)
    assert stored_objects.delete_strays(OTHER_OBJECT_COLUMNS) == 0


@pytest.mark.parametrize("age", [timedelta(0), timedelta(hours=23, minutes=59)])
def test_nothing_younger_than_a_day_is_deleted_however_far_the_clock_is_moved(
    folder: Path, age: timedelta
) -> None:
    objekt = put()
    grow_old(folder, age)
    clock.move(timedelta(days=400))
    assert stored_objects.delete_strays(OTHER_OBJECT_COLUMNS) == 0
    assert stored(folder) == {objekt}


def test_an_upload_in_progress_is_safe_for_as_long_as_something_of_it_comes_each_day(
    folder: Path, process: QuickProcess
) -> None:
    """A large object is written piece by piece and shows up when it is complete; its row comes after that."""
    kommune = make_kommune()
    mailing = begin(kommune)
    seen: list[int] = []

    def sweep() -> int:
        with process.app.app_context():
            assert stored(folder)
            grow_old(folder, timedelta(hours=23))
            return stored_objects.delete_strays(OTHER_OBJECT_COLUMNS)

    def chunks() -> Iterator[bytes]:
        with ThreadPoolExecutor(1) as other:
            for _ in range(3):
                yield bytes(9 * 1024 * 1024)
            seen.append(other.submit(sweep).result())

    uploads.upload(mailing, "LISTE", "liste.csv", chunks(), actor=kommune.aktor("saksbehandler"))
    assert seen == [0]
    grow_old(folder)
    assert stored_objects.delete_strays(OTHER_OBJECT_COLUMNS) == 0
    [objekt] = session().scalars(select(Opplasting.objekt).where(Opplasting.utsending_id == mailing))
    assert stored(folder) == {objekt}


def test_what_a_killed_upload_left_is_removed_when_nothing_has_come_for_a_day(folder: Path) -> None:
    stray = put()
    day = stray.rsplit("/", 1)[0]
    for name in ("1" * 32, "2" * 32):
        (folder / day / f"{name}#1").write_bytes(b"begynnelsen")
    grow_old(folder)
    (folder / day / f"{'2' * 32}#1").write_bytes(b"begynnelsen og litt til")
    assert stored_objects.delete_strays(OTHER_OBJECT_COLUMNS) == 2
    assert stored(folder) == {f"{day}/{'2' * 32}#1"}
    [row] = session().scalars(select(Audit).where(Audit.handling == "HERRELOSE_FILER_SLETTET"))
    assert row.detaljer == {"antall": 2}


def _letter_of_a_row(kommune: Kommune, objekt: str) -> None:
    mailing = make_mailing(kommune, 1)
    with transaction() as tx:
        tx.execute(
            update(Utsendingsrad).where(Utsendingsrad.utsending_id == mailing.id).values(objekt=objekt)
        )


def _document_of_a_letter(kommune: Kommune, objekt: str) -> None:
    make_letter(make_hus())
    with transaction() as tx:
        tx.execute(update(Dokument).values(objekt=objekt))


def _upload(kommune: Kommune, objekt: str, **more: object) -> None:
    mailing = make_mailing(kommune, 1)
    values: dict[str, object] = {"objekt": objekt, "nokkel": b"n"} | more
    with transaction() as tx:
        tx.add(
            Opplasting(
                utsending_id=mailing.id,
                art="DOKUMENT",
                filnavn="brev.pdf",
                storrelse=1,
                sha256=b"s",
                opprettet_av=kommune.personer["saksbehandler"],
                **values,
            )
        )


def _picture_of_an_upload(kommune: Kommune, objekt: str) -> None:
    _upload(kommune, put(), form={"bilder": [{"side": 1, "objekt": objekt, "nokkel": "00"}]})


def _piece_of_a_preview(kommune: Kommune, objekt: str) -> None:
    mailing = make_mailing(kommune, 1)
    pieces = [{"slag": "feil", "felt": "kid"}, {"slag": "brev", "objekt": objekt, "nokkel": "00"}]
    with transaction() as tx:
        tx.add(Arbeidsdel(utsending_id=mailing.id, art="FORHANDSVISNING", nr=1, resultat=pieces))


REFERENCES = (_letter_of_a_row, _document_of_a_letter, _upload, _picture_of_an_upload, _piece_of_a_preview)


@pytest.mark.parametrize("refer", REFERENCES, ids=lambda refer: refer.__name__.strip("_"))
def test_an_old_object_that_a_row_refers_to_is_kept(folder: Path, refer: object) -> None:
    objekt, stray = put(), put()
    refer(make_kommune(), objekt)  # type: ignore[operator]
    grow_old(folder)
    stored_objects.delete_strays(OTHER_OBJECT_COLUMNS)
    assert objekt in stored(folder)
    assert stray not in stored(folder)
    assert stored_objects.unused_objects([objekt, stray]) == [stray]


def test_every_column_that_names_an_object_is_asked() -> None:
    named = {
        column for table in Base.metadata.tables.values() for column in table.c if column.name == "objekt"
    }
    asked = {column.property.columns[0] for column in (*stored_objects.COLUMNS, *OTHER_OBJECT_COLUMNS)}
    assert {str(column) for column in named} == {str(column) for column in asked}


def test_every_place_that_stores_something_has_been_thought_of() -> None:
    """A new one needs a reference that `objects.used_objects` asks for, else its objects would be taken for strays."""
    stores = {
        path.relative_to(ROOT).as_posix()
        for folder in ("fiks", "portal", "workers")
        for path in (ROOT / folder).rglob("*.py")
        if "store.put_" in path.read_text("utf-8")
    }
    assert stores == {
        "fiks/edialog/attachments.py",
        "fiks/edialog/work.py",
        "fiks/svarut/delivery/print_ordering.py",
        "fiks/svarut/retention/combined_pdf.py",
        "fiks/svarut/mottak/intake.py",
        "fiks/svarut/signing/copies.py",
        "fiks/utsending/sending/copy_unsent.py",
        "fiks/utsending/letters/preview.py",
        "fiks/utsending/production/rendering.py",
        "fiks/utsending/receivers/pdf_import.py",
        "fiks/utsending/filer/upload.py",
        "fiks/utsending/filer/workers/unzip.py",
        "fiks/utsending/samlet/workers/cut.py",
        "fiks/utsending/samlet/workers/first_look.py",
        "fiks/utsending/letters/test_letter.py",
        "fiks/utsending/receivers/uploads.py",
    }


def test_files_that_are_no_objects_of_ours_are_left_alone(folder: Path) -> None:
    objekt = put()
    for name in ("LESMEG.txt", "2026/notat.txt", f"{objekt.rsplit('/', 1)[0]}/kopi.pdf"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    grow_old(folder)
    assert stored_objects.delete_strays(OTHER_OBJECT_COLUMNS) == 1
    assert len(stored(folder)) == 3


def test_nothing_is_deleted_while_sending_is_frozen(folder: Path) -> None:
    objekt = put()
    grow_old(folder)
    circuit_breaker.set_frozen(True, "gjenopprettet fra kopi")
    assert stored_objects.delete_strays(OTHER_OBJECT_COLUMNS) == 0
    circuit_breaker.set_frozen(False, None)
    assert stored_objects.delete_strays(OTHER_OBJECT_COLUMNS) == 1
    assert objekt not in stored(folder)


def _made_on(folder: Path, day: str, antall: int) -> None:
    for _ in range(antall):
        objekt = put()
        moved = folder / day / objekt.rsplit("/", 1)[1]
        moved.parent.mkdir(parents=True, exist_ok=True)
        (folder / objekt).rename(moved)


def test_a_run_deletes_a_bounded_number_and_the_next_goes_on_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_objects, "MAX_DELETED_A_RUN", 3)
    _made_on(folder, "2026/01/01", 5)
    _made_on(folder, "2026/01/02", 2)
    grow_old(folder)
    assert [stored_objects.delete_strays(OTHER_OBJECT_COLUMNS) for _ in range(4)] == [3, 3, 1, 0]
    assert stored(folder) == set()


def test_all_that_a_large_day_has_left_is_found_once_and_deleted_in_portions(folder: Path) -> None:
    """To find it every row is read, which takes minutes when there are three years of them."""
    day = folder / "2026" / "03" / "01"
    day.mkdir(parents=True)
    for number in range(2_500):
        (day / f"{number:032x}").write_bytes(b"x")
    grow_old(folder)
    with statements() as sent:
        assert stored_objects.delete_strays(OTHER_OBJECT_COLUMNS) == 2_500
    assert stored(folder) == set()
    assert len([one for one in sent if "FROM utsendingsrad" in one]) == 1
    told = select(Audit.detaljer).where(
        Audit.handling == "HERRELOSE_FILER_SLETTET", Audit.objekt_id == "2026/03/01"
    )
    assert sorted(row["antall"] for row in session().scalars(told)) == [500, 1_000, 1_000]


def test_a_run_that_deletes_for_too_long_ends_and_the_next_goes_on_with_the_same_day(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_objects, "DELETED_AT_ONCE", 2)
    monkeypatch.setattr(
        planned_jobs, "time", SimpleNamespace(monotonic=Clock(step=stored_objects.DELETING_SECONDS))
    )
    _made_on(folder, "2026/01/01", 5)
    _made_on(folder, "2026/01/02", 1)
    grow_old(folder)
    assert [stored_objects.delete_strays(OTHER_OBJECT_COLUMNS) for _ in range(5)] == [2, 2, 1, 1, 0]


def test_a_run_stops_where_sending_is_frozen_meanwhile_and_says_nothing_of_what_it_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_objects, "DELETED_AT_ONCE", 2)
    _made_on(folder, "2026/04/01", 5)
    grow_old(folder)
    delete_all = Store.delete_all

    def and_freeze(self: Store, objekter: Sequence[str]) -> None:
        delete_all(self, objekter)
        circuit_breaker.set_frozen(True, "gjenopprettet fra kopi")

    # Somebody freezes between two portions: there is no other way in.
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Store, "delete_all", and_freeze)
        assert stored_objects.delete_strays(OTHER_OBJECT_COLUMNS) == 2
    assert len(stored(folder)) == 3
    told = select(Audit.detaljer).where(Audit.objekt_id == "2026/04/01")
    assert session().scalars(told).all() == [{"antall": 2}]
    circuit_breaker.set_frozen(False, None)
    assert stored_objects.delete_strays(OTHER_OBJECT_COLUMNS) == 3


def test_a_run_looks_at_a_bounded_number_and_every_day_gets_its_turn(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_objects, "MAX_EXAMINED_A_RUN", 1)
    days = ["2025/12/31", "2026/01/01", "2026/02/01"]
    for day in days:
        _made_on(folder, day, 1)
    grow_old(folder)
    left = []
    for _ in days:
        assert stored_objects.delete_strays(OTHER_OBJECT_COLUMNS) == 1
        left.append(sorted(name[:10] for name in stored(folder)))
    assert left == [days[1:], days[2:], []]
    _made_on(folder, days[0], 1)
    grow_old(folder)
    assert stored_objects.delete_strays(OTHER_OBJECT_COLUMNS) == 1


def test_a_run_ends_when_its_time_is_over_and_the_next_goes_on_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each day of the store is asked of all tables, which takes the longer the more rows there are."""
    monkeypatch.setattr(
        planned_jobs, "time", SimpleNamespace(monotonic=Clock(step=planned_jobs.TURN_SECONDS))
    )
    for day in ("2026/01/01", "2026/01/02", "2026/01/03"):
        _made_on(folder, day, 1)
    grow_old(folder)
    assert [stored_objects.delete_strays(OTHER_OBJECT_COLUMNS) for _ in range(4)] == [1, 1, 1, 0]


def test_what_is_made_of_a_mailings_rows_is_asked_of_that_mailing_and_an_upload_of_all() -> None:
    kommune = make_kommune()
    one, other = make_mailing(kommune, 2), make_mailing(kommune, 2)
    lies_in = {letter_of(one): one, letter_of(other): other}
    assert len(lies_in) == 2
    for name, mailing in lies_in.items():
        assert stored_objects.used_objects([name]) == {name}
        assert stored_objects.used_objects([name], of=mailing.id) == {name}
    assert stored_objects.used_objects(list(lies_in), of=one.id) == {letter_of(one)}
    shared = "2026/11/29/delt"
    with transaction() as tx:
        values = {"utsending_id": other.id, "art": "DOKUMENT", "filnavn": "a.pdf", "status": "LEST"}
        values["opprettet_av"] = kommune.personer["saksbehandler"]
        tx.add(Opplasting(**values, objekt=shared, nokkel=b"n", sha256=b"s" * 32, storrelse=1))
    assert stored_objects.used_objects([shared], of=one.id) == {shared}


def test_the_pictures_of_an_upload_are_asked_of_its_own_mailing_alone() -> None:
    kommune = make_kommune()
    one, other = make_mailing(kommune, 1), make_mailing(kommune, 1)
    picture = "2026/11/29/bilde"
    _add_document(kommune, one, form={"bilder": [{"side": 1, "objekt": picture, "nokkel": "00"}]})
    assert (
        stored_objects.used_objects([picture])
        == stored_objects.used_objects([picture], of=one.id)
        == {picture}
    )
    assert stored_objects.used_objects([picture], of=other.id) == set()


def test_a_draft_of_what_was_not_sent_takes_over_no_pictures_of_an_upload(folder: Path) -> None:
    """Else `objects.OF_ONE_MAILING` would be wrong, and what they lie in be deleted with the first that goes."""
    kommune = make_kommune(angrefrist=600)
    mailing, sender = make_mailing(kommune, 1), kommune.aktor("saksbehandler")
    release(kommune, mailing)
    service.stop(mailing.id, actor=sender)
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == mailing.id).values(art=Art.SAMME_DOKUMENT))
    pictures = {"bilder": [{"side": 1, "objekt": put(), "nokkel": "00"}]}
    pdf = current().store.put_document([b"%PDF-1.7"], current().keys)
    _add_document(kommune, mailing, form=pictures, objekt=pdf.objekt, nokkel=pdf.nokkel)
    draft = new_from_unsent(mailing.id, actor=sender)
    [made] = session().scalars(select(Opplasting).where(Opplasting.utsending_id == draft))
    assert made.form == {} and made.objekt not in (None, pdf.objekt)


def _add_document(kommune: Kommune, mailing: Mailing, **values: object) -> None:
    shape = {"art": "DOKUMENT", "filnavn": "a.pdf", "status": "LEST", "sha256": b"s" * 32, "storrelse": 1}
    with transaction() as tx:
        person = kommune.personer["saksbehandler"]
        tx.add(Opplasting(utsending_id=mailing.id, opprettet_av=person, **{**shape, **values}))


@pytest.mark.parametrize(("of", "read_whole"), [(None, {"utsendingsrad", "arbeidsdel"}), (uuid4(), set())])
def test_objects_are_looked_for_by_index_and_not_in_every_file_of_every_mailing(
    of: UUID | None, read_whole: set[str]
) -> None:
    """Files are nine million in three years, of which next to none have pictures. Rows have no index by object."""
    with transaction() as tx:
        tx.execute(text("SET LOCAL enable_seqscan = off"))
        with statements() as asked, plans() as answered:
            stored_objects.used_objects(["2026/11/29/ukjent"], OTHER_OBJECT_COLUMNS, of)
    [plan] = answered
    assert asked[0].count("? 'bilder'") == 2, "said in words: a prepared plan knows no parameter's value"
    assert set(re.findall(r"Seq Scan on (\w+)", plan)) <= read_whole, plan
    assert "= ANY" not in plan, "a prepared plan would hold each row against one name after another"


def letter_of(mailing: Mailing) -> str:
    of_mailing = select(Utsendingsrad.objekt).where(Utsendingsrad.utsending_id == mailing.id).limit(1)
    name = session().execute(of_mailing).scalar_one()
    assert name is not None
    return name
