"""From an uploaded list to letters that wait for approval, with the workers' own portions and a world of fakes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from config.broker import LANES
from config.paths import FONTS
from fiks.core import clock
from fiks.core.calendar import OSLO
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt, ProvIgjen
from fiks.core.locks import Owner
from fiks.konfigurasjon.models import Organisasjon
from fiks.svarut.letters import Brev, read_checked
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Bane, Status
from fiks.utsending import approval, drafts, letter_queries, preview, production, uploads, work
from fiks.utsending.brev import Brevtrykker
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import (
    RENDER_IN_FLIGHT,
    RENDER_PORTION,
    Art,
    Delart,
    Delstatus,
    Radstatus,
    Utsendingstatus,
)
from testmiljo.seed import ready_templates
from tests.integration.databases import Database, QuickProcess
from tests.integration.printers import FakePrinter, one_page
from tests.integration.utsending.kommuner import Kommune, make_kommune
from tests.integration.utsending.lists import LILLEVIK, expected_rows, register
from tests.integration.worlds import World
from workers.cli import drain
from workers.lanes import do_portion

pytestmark = pytest.mark.usefixtures("at_noon")
U = Utsendingstatus


@pytest.fixture(autouse=True)
def outside(process: QuickProcess) -> World:
    """A world of its own for each test, where the people of Lillevik live."""
    process.__dict__.pop("_world", None)
    process.__dict__.pop("_printer", None)
    process.outside = World(register=cast(Any, register()))
    return process.outside


def begin(kommune: Kommune, *files: str | Path, **facts: object) -> UUID:
    """A mailing of tax notes with this list uploaded, not yet read."""
    maker = kommune.aktor("saksbehandler")
    today = clock.now().astimezone(OSLO).date()
    fakta: dict[str, Any] = {
        "tittel": "Eiendomsskatt 2027",
        "art": Art.FLETTEBREV,
        "brevdato": today,
        "kunngjoringsdato": today + timedelta(days=7),
    }
    utsending_id = drafts.create_utsending(kommune.konto_id, drafts.Fakta(**(fakta | facts)), actor=maker)
    drafts.choose_template(utsending_id, ready_templates(), actor=maker)
    for file in files:
        path = LILLEVIK / file
        uploads.upload(utsending_id, "LISTE", path.name, [path.read_bytes()], actor=maker)
    return utsending_id


def few_rows(tmp_path: Path, antall: int) -> Path:
    """The first rows of Lillevik's list as a file."""
    lines = (LILLEVIK / "eiendomsskatt.csv").read_bytes().split(b"\r\n")
    path = tmp_path / "liste.csv"
    path.write_bytes(b"\r\n".join(lines[: antall + 1]) + b"\r\n")
    return path


def read(utsending_id: UUID, process: QuickProcess) -> Opplasting:
    """Let the worker read what waits; the list's upload afterwards."""
    session().rollback()
    while do_portion("liste", process):
        pass
    session().rollback()
    chosen = select(Opplasting).where(Opplasting.utsending_id == utsending_id, Opplasting.art == "LISTE")
    return session().scalars(chosen).one()


def rows_of(utsending_id: UUID) -> list[Utsendingsrad]:
    session().rollback()
    chosen = select(Utsendingsrad).where(Utsendingsrad.utsending_id == utsending_id)
    return list(session().scalars(chosen.order_by(Utsendingsrad.radnr)))


def status(utsending_id: UUID) -> str:
    session().rollback()
    return session().execute(select(Utsending.status).where(Utsending.id == utsending_id)).scalar_one()


def produce(kommune: Kommune, utsending_id: UUID, process: QuickProcess) -> None:
    """Confirm the control and let the workers make the letters."""
    maker = kommune.aktor("saksbehandler")
    production.confirm_control(utsending_id, actor=maker)
    production.start_production(utsending_id, actor=maker)
    while do_portion("render", process):
        pass


# Reading (svarut.md 12, statements 49 and 50)


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
    counts = production.row_counts(utsending_id)
    assert counts[Radstatus.OK] == expected["uten_funn"]
    assert counts[Radstatus.FEIL] == expected["antall"]["feil"]
    assert counts[Radstatus.AUTO] == expected["antall"]["auto"]


def test_bad_rows_stop_the_job_until_somebody_chooses_to_park_them(process: QuickProcess) -> None:
    kommune = make_kommune()
    maker = kommune.aktor("saksbehandler")
    utsending_id = begin(kommune, "eiendomsskatt_feil.csv")
    read(utsending_id, process)
    with pytest.raises(Konflikt, match="RADER_MED_FEIL") as refused:
        production.confirm_control(utsending_id, actor=maker)
    assert refused.value.params == {"antall": 20}
    assert production.accept_repairs(utsending_id, None, actor=maker) == 6
    drafts.park_bad_rows(utsending_id, True, actor=maker, antall=14)
    produce(kommune, utsending_id, process)
    counts = production.row_counts(utsending_id)
    assert sum(counts.values()) == 60
    assert counts[Radstatus.PARKERT] >= 14
    assert Radstatus.FEIL not in counts
    made = [row for row in rows_of(utsending_id) if row.brev_sha256 is not None]
    assert len(made) == counts[Radstatus.OK] + counts.get(Radstatus.ADVARSEL, 0)


def test_registers_that_do_not_answer_leave_the_file_to_be_read_again(
    process: QuickProcess, outside: World, tmp_path: Path
) -> None:
    class Away:
        def personer(self, fnrs: object) -> dict[str, object]:
            raise ProvIgjen("REGISTER_NEDE")

        kontakt = virksomheter = personer

    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    outside.register = cast(Any, Away())
    upload = read(utsending_id, process)
    assert (upload.status, upload.feilkode) == ("FEILET", "REGISTER_SVARER_IKKE")
    process.__dict__.pop("_world", None)
    outside.register = cast(Any, register())
    uploads.read_again(utsending_id, actor=kommune.aktor("saksbehandler"))
    assert read(utsending_id, process).status == "LEST"
    assert len(rows_of(utsending_id)) == 5


def test_a_reading_whose_worker_died_is_done_by_another_and_no_row_is_there_twice(
    process: QuickProcess, database: Database, tmp_path: Path
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    lost = Owner(database.app_url)
    part = work.claim_part([Delart.LES], lost.number)
    assert part is not None
    assert do_portion("liste", process) == 0
    assert work.recover_parts() == 0
    lost.release()
    assert work.recover_parts() == 1
    assert read(utsending_id, process).status == "LEST"
    assert [row.radnr for row in rows_of(utsending_id)] == [2, 3, 4, 5, 6]
    with transaction():
        assert not work.finish_part(part)


# Production


def test_letters_are_made_in_portions_and_then_wait_for_approval(process: QuickProcess) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, "eiendomsskatt.csv")
    read(utsending_id, process)
    produce(kommune, utsending_id, process)
    assert status(utsending_id) == U.TIL_GODKJENNING
    rows = rows_of(utsending_id)
    assert len({row.brev_sha256 for row in rows}) == 240
    assert all(row.sider == 1 and row.objekt for row in rows)
    parts = (
        session()
        .execute(
            select(func.count()).where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == "RENDER")
        )
        .scalar_one()
    )
    assert parts == -(-240 // RENDER_PORTION)
    now = session().get_one(Utsending, utsending_id)
    assert now.innhold_digest == approval.compute_digest(utsending_id)
    assert now.klargjort_av == kommune.personer["saksbehandler"]


def test_made_again_the_letters_are_the_same_byte_for_byte(process: QuickProcess, tmp_path: Path) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    produce(kommune, utsending_id, process)
    first = [row.brev_sha256 for row in rows_of(utsending_id)]
    digest = session().get_one(Utsending, utsending_id).innhold_digest
    production.start_production(utsending_id, actor=kommune.aktor("saksbehandler"))
    assert {row.brev_sha256 for row in rows_of(utsending_id)} == {None}
    while do_portion("render", process):
        pass
    assert [row.brev_sha256 for row in rows_of(utsending_id)] == first
    assert session().get_one(Utsending, utsending_id, populate_existing=True).innhold_digest == digest


def test_a_letter_that_cannot_be_made_makes_its_row_bad_and_spares_its_neighbours(
    process: QuickProcess, tmp_path: Path
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    name = queries_name(utsending_id, 4)
    process.__dict__["_printer"] = FakePrinter(frozenset({name}))
    produce(kommune, utsending_id, process)
    assert status(utsending_id) == U.UTKAST
    rows = rows_of(utsending_id)
    bad = [row for row in rows if row.status == Radstatus.FEIL]
    assert [row.radnr for row in bad] == [4]
    assert bad[0].funn[-1] == {
        "kode": "FELT_MANGLER",
        "felt": "kid",
        "alvorlighet": "feil",
        "kilde": "brev",
    }
    assert all(row.brev_sha256 for row in rows if row.radnr != 4)


def queries_name(utsending_id: UUID, radnr: int) -> str:
    from_values = production.row_values(session().get_one(Utsendingsrad, (utsending_id, radnr)))
    return from_values["navn"]


def test_a_range_that_lost_three_owners_ends_the_production_and_says_so(
    process: QuickProcess, database: Database, tmp_path: Path
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    maker = kommune.aktor("saksbehandler")
    production.confirm_control(utsending_id, actor=maker)
    production.start_production(utsending_id, actor=maker)
    for _ in range(3):
        lost = Owner(database.app_url)
        assert work.claim_part([Delart.RENDER], lost.number) is not None
        lost.release()
        assert work.recover_parts() == 1
    assert production.settle_all() == 1
    assert status(utsending_id) == U.KONTROLLERT
    part = session().scalars(select(Arbeidsdel).where(Arbeidsdel.art == "RENDER")).one()
    assert (part.status, part.feilkode) == (Delstatus.FEILET, "ARBEID_TAPT")


def test_one_mailing_has_at_most_four_ranges_under_way_and_leaves_room_for_another(
    process: QuickProcess, tmp_path: Path
) -> None:
    kommune = make_kommune()
    big, small = begin(kommune, "eiendomsskatt.csv"), begin(make_kommune(), few_rows(tmp_path, 5))
    maker = kommune.aktor("saksbehandler")
    read(big, process)
    production.confirm_control(big, actor=maker)
    production.start_production(big, actor=maker)
    owner = process.owner.ensure()
    taken = [work.claim_part([Delart.RENDER], owner) for _ in range(RENDER_IN_FLIGHT + 1)]
    assert [part is not None for part in taken] == [True] * RENDER_IN_FLIGHT + [False]
    with transaction():
        work.order(small, Delart.RENDER, fra=2, til=6)
    other = work.claim_part([Delart.RENDER], owner)
    assert other is not None
    assert other.utsending_id == small


def test_what_was_made_for_a_claim_that_is_lost_is_dropped(
    process: QuickProcess, database: Database, tmp_path: Path
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    maker = kommune.aktor("saksbehandler")
    production.confirm_control(utsending_id, actor=maker)
    production.start_production(utsending_id, actor=maker)
    lost = Owner(database.app_url)
    part = work.claim_part([Delart.RENDER], lost.number)
    assert part is not None
    lost.release()
    work.recover_parts()
    production.render_part(part, FakePrinter())
    assert {row.brev_sha256 for row in rows_of(utsending_id)} == {None}
    assert do_portion("render", process) == 1
    assert status(utsending_id) == U.TIL_GODKJENNING


def test_a_changed_fact_takes_a_controlled_mailing_back_to_draft(
    process: QuickProcess, tmp_path: Path
) -> None:
    kommune = make_kommune()
    maker = kommune.aktor("saksbehandler")
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    production.confirm_control(utsending_id, actor=maker)
    assert status(utsending_id) == U.KONTROLLERT
    drafts.choose_template(utsending_id, ready_templates(), actor=maker)
    assert status(utsending_id) == U.UTKAST
    with pytest.raises(Konflikt, match="STATUS_ENDRET"):
        production.start_production(utsending_id, actor=maker)


def test_what_is_being_made_can_not_be_changed(process: QuickProcess, tmp_path: Path) -> None:
    kommune = make_kommune()
    maker = kommune.aktor("saksbehandler")
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    produce(kommune, utsending_id, process)
    with pytest.raises(Konflikt, match="KAN_IKKE_ENDRES"):
        drafts.choose_template(utsending_id, ready_templates(), actor=maker)
    with pytest.raises(Konflikt, match="KAN_IKKE_ENDRES"):
        uploads.upload(utsending_id, "LISTE", "ny.csv", [b"fnr;navn"], actor=maker)


# The same list again


def send_everything(kommune: Kommune, utsending_id: UUID, process: QuickProcess) -> None:
    digest = session().get_one(Utsending, utsending_id, populate_existing=True).innhold_digest
    assert digest is not None
    approval.approve(utsending_id, digest, actor=kommune.aktor("godkjenner"))
    approval.release(utsending_id, actor=kommune.aktor("saksbehandler"))
    session().rollback()
    drain(process, list(LANES))


def test_a_list_that_was_sent_is_not_sent_again_without_name_and_reason(
    process: QuickProcess, outside: World, tmp_path: Path
) -> None:
    kommune = make_kommune()
    maker = kommune.aktor("saksbehandler")
    first = begin(kommune, few_rows(tmp_path, 5))
    read(first, process)
    produce(kommune, first, process)
    send_everything(kommune, first, process)
    again = begin(kommune, few_rows(tmp_path, 5))
    read(again, process)
    with pytest.raises(Konflikt, match="SENDT_FOR") as refused:
        production.confirm_control(again, actor=maker)
    assert refused.value.params == {"utsending": str(first), "antall": 5}
    assert sum(outside.antall) == 5
    drafts.override_sent_before(again, "Nytt vedtak etter klage, avtalt med rådmannen", actor=maker)
    produce(kommune, again, process)
    assert status(again) == U.TIL_GODKJENNING
    assert session().get_one(Utsending, again).overstyrt_av == kommune.personer["saksbehandler"]


def test_another_konto_is_not_held_to_what_the_first_has_sent(process: QuickProcess, tmp_path: Path) -> None:
    kommune, other = make_kommune(), make_kommune("Fjordvik kommune")
    first = begin(kommune, few_rows(tmp_path, 5))
    read(first, process)
    produce(kommune, first, process)
    send_everything(kommune, first, process)
    again = begin(other, few_rows(tmp_path, 5))
    read(again, process)
    production.confirm_control(again, actor=other.aktor("saksbehandler"))


# Preview (svarut.md 12, statement 52)


class ReadingPort:
    """A channel that keeps the very bytes it was given."""

    def __init__(self) -> None:
        self.fikk: dict[str, bytes] = {}

    def send(self, referanse: str, brev: Brev) -> str:
        self.fikk[str(brev.radnr)] = read_checked(brev.dokumenter[0])
        return referanse

    def lookup(self, referanse: str) -> str | None:
        return None


def previewed(kommune: Kommune, utsending_id: UUID, radnr: int, printer: Any, process: QuickProcess) -> bytes:
    """The letter of a row as somebody who prepares sees it."""
    actor = kommune.aktor("saksbehandler")
    del_id = preview.order_preview(utsending_id, radnr, actor=actor)
    part = work.claim_part([Delart.FORHANDSVISNING], process.owner.ensure())
    assert part is not None
    preview.make_preview(part, printer, lambda pdf, page: b"picture of page %d" % page)
    assert preview.preview(utsending_id, del_id, actor=actor).status is Delstatus.FERDIG
    return preview.preview_file(utsending_id, del_id, 0, actor=actor)


def add_letterhead(kommune: Kommune) -> None:
    """What a real letter must be able to say about its sender."""
    with transaction() as tx:
        tx.execute(
            update(Organisasjon)
            .where(Organisasjon.id == kommune.id)
            .values(
                adresselinje1="Bryggeplassen 1",
                postnr="4262",
                poststed="AVALDSNES",
                epost="eiendomsskatt@lillevik.kommune.example",
                telefon="00 00 00 00",
                nettsted="lillevik.kommune.example",
                apningstid="Mandag–fredag 9–15",
            )
        )


def test_what_is_previewed_is_byte_for_byte_what_is_sent(
    process: QuickProcess, outside: World, tmp_path: Path
) -> None:
    printer = Brevtrykker(FONTS)
    process.__dict__["_printer"] = printer
    kommune = make_kommune()
    add_letterhead(kommune)
    utsending_id = begin(kommune, few_rows(tmp_path, 2))
    read(utsending_id, process)
    before = previewed(kommune, utsending_id, 2, printer, process)
    assert before.startswith(b"%PDF")
    produce(kommune, utsending_id, process)
    waiting = previewed(kommune, utsending_id, 2, printer, process)
    port = ReadingPort()
    outside.dpi = outside.altinn = outside.print = cast(Any, port)
    process.__dict__.pop("_world", None)
    send_everything(kommune, utsending_id, process)
    printer.close()
    assert sorted(port.fikk) == ["2", "3"]
    assert port.fikk["2"] == before == waiting
    assert port.fikk["3"] != before


def test_a_preview_is_shown_to_the_one_who_asked_for_it_and_to_nobody_else(
    process: QuickProcess, tmp_path: Path
) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 2))
    read(utsending_id, process)
    del_id = preview.order_preview(utsending_id, 2, actor=kommune.aktor("saksbehandler"))
    for rolle in ("godkjenner", "leser", "utenfor"):
        with pytest.raises(Exception, match="FINNES_IKKE"):
            preview.preview(utsending_id, del_id, actor=kommune.aktor(rolle))


def test_a_preview_that_cannot_be_made_says_why(process: QuickProcess, tmp_path: Path) -> None:
    kommune = make_kommune()
    actor = kommune.aktor("saksbehandler")
    utsending_id = begin(kommune, few_rows(tmp_path, 2))
    read(utsending_id, process)
    process.__dict__["_printer"] = FakePrinter(frozenset({queries_name(utsending_id, 2)}))
    del_id = preview.order_preview(utsending_id, 2, actor=actor)
    session().rollback()
    assert do_portion("forhandsvisning", process) == 1
    shown = preview.preview(utsending_id, del_id, actor=actor)
    assert (shown.status, shown.feilkode, shown.feilfelt, shown.sider) == (
        Delstatus.FEILET,
        "FELT_MANGLER",
        "kid",
        0,
    )


def test_a_test_letter_goes_to_the_one_who_asked_and_is_never_counted(
    process: QuickProcess, outside: World, tmp_path: Path
) -> None:
    kommune = make_kommune()
    actor = kommune.aktor("saksbehandler")
    utsending_id = begin(kommune, few_rows(tmp_path, 2))
    read(utsending_id, process)
    preview.order_test_letter(utsending_id, 2, actor=actor)
    session().rollback()
    assert do_portion("forhandsvisning", process) == 1
    sent = session().scalars(select(Forsendelse)).one()
    assert (sent.prove, sent.utsending_id, sent.kun_digital) == (True, None, True)
    assert sent.tittel.startswith("PRØVEBREV: ")
    assert letter_queries.progress(utsending_id, actor=actor).per_status == {}
    session().rollback()
    do_portion(Bane.ENKELT, process)
    session().rollback()
    assert session().get_one(Forsendelse, sent.id).status == Status.IKKE_LEVERT


# Encryption at rest


def test_the_search_for_secrets_would_find_one(database: Database) -> None:
    with database.owner() as owner:
        owner.execute("INSERT INTO banestatus (navn) VALUES ('17912099997')")
    assert b"17912099997" in database.dump()
    assert one_page("x") != one_page("y")


def test_column_for_column_what_names_a_receiver_is_encrypted(process: QuickProcess, tmp_path: Path) -> None:
    kommune = make_kommune()
    utsending_id = begin(kommune, few_rows(tmp_path, 5))
    read(utsending_id, process)
    with transaction() as tx:
        tx.execute(update(Utsendingsrad).values(eksternref=None))
    for row in rows_of(utsending_id):
        assert row.data_kryptert is not None
        values = production.row_values(row)
        assert values["navn"].encode() not in row.data_kryptert
        for column in Utsendingsrad.__table__.columns:
            stored = str(getattr(row, column.name))
            assert values["navn"] not in stored
            assert (values.get("fnr") or values.get("orgnr") or "ingen") not in stored
