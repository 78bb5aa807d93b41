"""Reading an uploaded list: the same rows from every form, every bad row named, nothing read twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from structlog.contextvars import get_contextvars

from fiks.core import environment
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.environment import Environment, current
from fiks.core.errors import Konflikt, ProvIgjen
from fiks.core.queue.owner_lock import Owner
from fiks.registeroppslag.rules import Enhetstatus, Kontaktinformasjon, Person, Virksomhet
from fiks.utsending.draft import confirm, service
from fiks.utsending.jobs import queue
from fiks.utsending.liste.export import write_csv, write_xlsx
from fiks.utsending.models import Opplasting
from fiks.utsending.receivers import error_file, list_import, uploads
from fiks.utsending.rules import Art, Delart, Radstatus, Utsendingstatus
from fiks.utsending.sealed_values import row_values
from testmiljo.folders import LILLEVIK
from testmiljo.register import Filregister
from tests.integration.databases import Database, QuickProcess
from tests.integration.houses import new_orgnr
from tests.integration.systems import make_system
from tests.integration.utsending.jobs import (
    begin,
    few_rows,
    produce,
    read,
    rows_of,
)
from tests.integration.utsending.kommuner import make_kommune
from tests.integration.utsending.lists import expected_rows, known, register
from tests.integration.worlds import World
from tests.unit.liste.lists import FakeRegister
from workers.lanes import do_portion

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
U = Utsendingstatus


@pytest.fixture
def house(process: QuickProcess) -> Iterator[Environment]:
    """This process's environment, its own again afterwards."""
    kept = current()
    yield kept
    environment.install(kept)


@pytest.mark.parametrize("kun_digital", [True, False])
@pytest.mark.parametrize("status", [Enhetstatus.SLETTET, Enhetstatus.IKKE_FUNNET])
def test_who_is_no_more_is_reached_through_its_mottakersystem_without_an_address(
    process: QuickProcess, tmp_path: Path, status: Enhetstatus, kun_digital: bool
) -> None:
    received, gone = new_orgnr(), new_orgnr()
    make_system(received)
    units = [Virksomhet(orgnr, "GAMLE HAVVIK KOMMUNE", status) for orgnr in (received, gone)]
    process.outside = World(register=cast(Any, FakeRegister(units=units)))
    path = tmp_path / "liste.csv"
    path.write_text(f"navn;orgnr\r\nGAMLE HAVVIK KOMMUNE;{received}\r\nGAMLE HAVVIK KOMMUNE;{gone}\r\n")
    utsending_id = begin(make_kommune(), path, kun_digital=kun_digital)
    read(utsending_id, process)
    told = [(row.status, row.kanal) for row in rows_of(utsending_id)]
    on_paper = (Radstatus.PARKERT, None) if kun_digital else (Radstatus.FEIL, "PRINT")
    assert told == [(Radstatus.ADVARSEL, "SVARINN"), on_paper]


@pytest.mark.parametrize("reached", [True, False])
def test_no_digital_mailbox_is_foretold_where_none_can_be_reached(
    process: QuickProcess, house: Environment, tmp_path: Path, reached: bool
) -> None:
    """As at hand-over, where such a letter goes by Altinn or on paper."""
    environment.install(replace(house, digital_mailboxes=reached))
    utsending_id = begin(make_kommune(), few_rows(tmp_path, 40))
    read(utsending_id, process)
    rules = Counter(row.kanalregel for row in rows_of(utsending_id) if row.kanalregel in ("2a", "2b"))
    assert rules["2b"] and bool(rules["2a"]) is reached


def values_in(utsending_id: UUID) -> dict[str, str]:
    """The values of the only row."""
    (row,) = rows_of(utsending_id)
    return row_values(row)


def bad_rows_of(utsending_id: UUID, path: Path, maker: Aktor) -> Path:
    columns = error_file.list_columns(utsending_id, actor=maker)
    bad = error_file.export_bad_rows(utsending_id, actor=maker)
    if path.suffix == ".xlsx":
        write_xlsx(path, bad, columns, str)
    else:
        with path.open("w", encoding="utf-8", newline="") as stream:
            write_csv(stream, bad, columns, str)
    return path


@pytest.mark.parametrize("name", ["feilliste.csv", "feilliste.xlsx"])
def test_of_bad_rows_that_are_corrected_each_column_is_what_was_said_of_it(
    process: QuickProcess, tmp_path: Path, name: str
) -> None:
    kommune = make_kommune()
    maker = kommune.aktor("saksbehandler")
    path = tmp_path / "liste.csv"
    headers = "Navn;Fnr;Foresatt;Foresatt fnr;Foresattes adresse;Postnr;Poststed"
    path.write_text(f"{headers}\nOLA LITEN;21859130493;KARI STOR;04880256101;-;05800;OSLO\n")
    utsending_id = begin(kommune, path)
    read(utsending_id, process)
    chosen = {"Navn": None, "Fnr": None, "Foresatt": "navn", "Foresatt fnr": "fnr"}
    address = {"Foresattes adresse": "adresselinje1", "Postnr": "postnr", "Poststed": "poststed"}
    uploads.map_columns(utsending_id, chosen | address, actor=maker)
    read(utsending_id, process)
    before = values_in(utsending_id)
    assert (before["navn"], before["Navn"], before["adresselinje1"]) == ("KARI STOR", "OLA LITEN", "-")
    for file in (bad_rows_of(utsending_id, tmp_path / name, maker), path):
        again = begin(kommune, file)
        assert read(again, process).status == "LEST"
        assert values_in(again).items() >= before.items()


@pytest.mark.slow
def test_the_same_list_in_five_forms_gives_the_same_rows(process: QuickProcess) -> None:
    kommune = make_kommune()
    found = {}
    for name in ("", "_komma", "_tab", "_utf16"):
        file = f"eiendomsskatt{name}.{'txt' if name == '_tab' else 'csv'}"
        utsending_id = begin(kommune, file)
        assert read(utsending_id, process).status == "LEST", file
        found[file] = [(row.radnr, row.rad_hash) for row in rows_of(utsending_id)]
    utsending_id = begin(kommune, "eiendomsskatt.xlsx")
    read(utsending_id, process)
    found["xlsx"] = [(row.radnr, row.rad_hash) for row in rows_of(utsending_id)]
    assert {len(rows) for rows in found.values()} == {240}
    assert len({str(rows) for rows in found.values()}) == 1


def test_every_bad_row_is_stored_with_its_number_its_field_and_why(process: QuickProcess) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, "eiendomsskatt_feil.csv")
    upload = read(utsending_id, process)
    expected = expected_rows("eiendomsskatt_feil.csv")
    rows = rows_of(utsending_id)
    assert (upload.antall, len(rows)) == (expected["rader"], expected["rader"])
    stored = sorted((row.radnr, f["kode"], f["alvorlighet"]) for row in rows for f in row.funn)
    assert stored == sorted((f["rad"], f["kode"], f["alvorlighet"]) for f in expected["funn"])
    counts = confirm.row_counts(utsending_id)
    assert counts[Radstatus.OK] == expected["uten_funn"]
    assert counts[Radstatus.FEIL] == expected["antall"]["feil"]
    assert counts[Radstatus.AUTO] == expected["antall"]["auto"]


def test_bad_rows_stop_the_job_until_somebody_chooses_to_park_them(process: QuickProcess) -> None:
    kommune = make_kommune()
    maker = kommune.aktor("saksbehandler")
    utsending_id = begin(kommune, "eiendomsskatt_feil.csv")
    read(utsending_id, process)
    with pytest.raises(Konflikt, match="RADER_MED_FEIL") as refused:
        confirm.confirm_control(utsending_id, actor=maker)
    assert refused.value.params == {"antall": 20}
    assert confirm.accept_repairs(utsending_id, None, actor=maker) == 6
    service.park_bad_rows(utsending_id, True, actor=maker, antall=14)
    produce(kommune, utsending_id, process)
    counts = confirm.row_counts(utsending_id)
    assert sum(counts.values()) == 60
    assert counts[Radstatus.PARKERT] >= 14
    assert Radstatus.FEIL not in counts
    made = [row for row in rows_of(utsending_id) if row.brev_sha256 is not None]
    assert len(made) == counts[Radstatus.OK] + counts.get(Radstatus.ADVARSEL, 0)


class Away:
    """Registers that do not answer."""

    def personer(self, fnrs: object) -> dict[str, object]:
        raise ProvIgjen("REGISTER_NEDE")

    kontakt = virksomheter = personer


def test_registers_that_do_not_answer_leave_the_file_to_be_read_again(
    process: QuickProcess, outside: World, tmp_path: Path
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    outside.register = cast(Any, Away())
    upload = read(utsending_id, process)
    assert (upload.status, upload.feilkode) == ("FEILET", "REGISTER_SVARER_IKKE")
    process.forget(QuickProcess.world_and_feeds)
    outside.register = cast(Any, register())
    uploads.read_again(utsending_id, actor=kommune.aktor("saksbehandler"))
    assert read(utsending_id, process).status == "LEST"
    assert len(rows_of(utsending_id)) == 5


@pytest.mark.parametrize("read_first", [True, False])
def test_registers_that_do_not_answer_say_nothing_of_the_document(
    process: QuickProcess,
    outside: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    read_first: bool,
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5), art=Art.SAMME_DOKUMENT)
    document = (LILLEVIK / "brev_samme.pdf").read_bytes()
    uploads.upload(utsending_id, "DOKUMENT", "brev.pdf", [document], actor=kommune.aktor("saksbehandler"))
    if not read_first:
        # As when a worker is lost in the middle of the document.
        monkeypatch.setattr(list_import, "read_document", lambda part, upload_id: None)
    outside.register = cast(Any, Away())
    read(utsending_id, process)
    found = session().scalars(select(Opplasting).where(Opplasting.utsending_id == utsending_id))
    assert {upload.art: (upload.status, upload.feilkode) for upload in found} == {
        "LISTE": ("FEILET", "REGISTER_SVARER_IKKE"),
        "DOKUMENT": ("LEST" if read_first else "MOTTATT", None),
    }


class Failing(Filregister):
    """Lillevik's registers. `unlucky`: how often they do not answer at first; `hard`: whom they cannot speak of."""

    unlucky = 0
    hard = ""

    def personer(self, fnrs: Sequence[str], /) -> dict[str, Person]:
        self._answer(fnrs)
        return super().personer(fnrs)

    def kontakt(self, fnrs: Sequence[str], /) -> dict[str, Kontaktinformasjon]:
        self._answer(fnrs)
        return super().kontakt(fnrs)

    def _answer(self, fnrs: Sequence[str]) -> None:
        if self.hard in fnrs:
            raise ProvIgjen("UFORSTAAELIG_SVAR")
        if self.unlucky:
            self.unlucky -= 1
            raise ProvIgjen("HTTP_503", throttled=True)


@pytest.fixture
def failing(outside: World) -> Failing:
    registers = Failing(known())
    outside.register = cast(Any, registers)
    return registers


def test_a_list_is_read_though_a_register_fails_now_and_then(
    process: QuickProcess, failing: Failing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "patience", 20.0)
    monkeypatch.setattr("fiks.utsending.liste.control.register_retry.FIRST_WAIT", 0.01)
    failing.unlucky = 5
    utsending_id = begin(make_kommune(), few_rows(tmp_path, 5))
    assert read(utsending_id, process).status == "LEST"
    assert failing.unlucky == 0 and len(rows_of(utsending_id)) == 5


def test_a_line_about_the_reading_of_a_list_tells_whose_it_is_also_where_registers_are_asked(
    process: QuickProcess, failing: Failing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_there: list[dict[str, Any]] = []
    monkeypatch.setattr(failing, "_answer", lambda _: known_there.append(dict(get_contextvars())))
    utsending_id = begin(make_kommune(), few_rows(tmp_path, 5))
    read(utsending_id, process)
    assert known_there == [{"utsending": str(utsending_id), "art": "LES"}] * 2
    assert "utsending" not in get_contextvars()


def test_a_receiver_whom_a_register_cannot_speak_of_is_held_and_may_be_asked_about_again(
    process: QuickProcess, failing: Failing, tmp_path: Path
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    failing.hard = row_values(rows_of(utsending_id)[0])["fnr"]
    uploads.read_again(utsending_id, actor=kommune.aktor("saksbehandler"))
    assert read(utsending_id, process).status == "LEST"
    found = [[f["kode"] for f in row.funn if f["alvorlighet"] == "feil"] for row in rows_of(utsending_id)]
    assert found == [["REGISTER_UTEN_SVAR"], [], [], [], []]
    assert [row.sperret for row in rows_of(utsending_id)] == [True, False, False, False, False]
    with pytest.raises(Konflikt, match="RADER_MED_FEIL"):
        confirm.confirm_control(utsending_id, actor=kommune.aktor("saksbehandler"))
    failing.hard = ""
    uploads.read_again(utsending_id, actor=kommune.aktor("saksbehandler"))
    read(utsending_id, process)
    assert [row.status for row in rows_of(utsending_id)] == ["OK"] * 5


def test_a_reading_that_is_broken_off_by_deploys_has_not_failed_three_times(
    process: QuickProcess, database: Database, tmp_path: Path
) -> None:
    """Each process that is told to end gives its list back; that is no fault of the list."""
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    for counts in (False, False, False, True, True):
        ending = Owner(database.app_url)
        assert queue.claim_piece([Delart.LES], ending.number) is not None
        queue.release_claim(counts=counts)
        ending.release()
    assert read(utsending_id, process).status == "LEST"


def test_a_piece_that_is_being_written_is_not_waited_for_by_a_process_that_ends(
    database: Database, tmp_path: Path
) -> None:
    begin(make_kommune(), few_rows(tmp_path, 5))
    ending = Owner(database.app_url)
    part = queue.claim_piece([Delart.LES], ending.number)
    assert part is not None
    with database.owner() as other, other.transaction():
        other.execute("SELECT id FROM arbeidsdel WHERE id = %s FOR UPDATE", [part.id])
        with pytest.raises(OperationalError, match="lock timeout"):
            queue.release_all_claims(ending.number)
    assert queue.release_all_claims(ending.number) == 1
    with transaction():
        assert not queue.is_still_claimed(part)
    ending.release()


def test_a_reading_whose_worker_died_is_done_by_another_and_no_row_is_there_twice(
    process: QuickProcess, database: Database, tmp_path: Path
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    lost = Owner(database.app_url)
    part = queue.claim_piece([Delart.LES], lost.number)
    assert part is not None
    assert do_portion("liste", process) == 0
    assert queue.recover_pieces() == 0
    lost.release()
    assert queue.recover_pieces() == 1
    assert read(utsending_id, process).status == "LEST"
    assert [row.radnr for row in rows_of(utsending_id)] == [2, 3, 4, 5, 6]
    with transaction():
        assert not queue.finish_piece(part)
