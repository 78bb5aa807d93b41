"""One document a row in the browser: the whole job by mouse, by keyboard only, and without script."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from fiks.core.db import session
from fiks.svarut.letters import Dokumentref, read_checked
from fiks.svarut.models import Dokument, Forsendelse
from portal.texts.formats import dato
from testmiljo.folders import LILLEVIK
from tests.e2e import job
from tests.e2e.eye import Eye
from tests.e2e.keyboard import Keyboard
from tests.e2e.persons import Person
from tests.e2e.platform import Plattform
from tests.e2e.test_without_script import refresh_until
from tests.e2e.turn_of_day import day_of_leaving
from tests.unit.brev import naughty

pytestmark = pytest.mark.slow

PER_RAD = LILLEVIK / "per_rad"
LIST = PER_RAD / "liste.xlsx"
FILES = sorted(PER_RAD.glob("*.pdf"))
FIT = "Hver rad har sine dokumenter, og hvert dokument har sin mottaker."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the ten letters in it, two that do not belong there, and what a computer leaves."""
    inner = tmp_path / "brev" / "under"
    inner.mkdir(parents=True)
    for path in FILES:
        (inner / path.name).write_bytes(path.read_bytes())
    (inner / "smal.pdf").write_bytes(naughty.pdf(naughty.box(1, 6, 100, 20, 20)))
    (inner / "notat.docx").write_bytes(b"PK notat")
    (inner / "Thumbs.db").write_bytes(b"x")
    return tmp_path / "brev"


def begin(person: Person, tittel: str, konto: str) -> None:
    person.menu("Manuell utsending")
    job.open_new(person)
    person.page.get_by_label("Konto").first.select_option(label=konto)
    person.page.get_by_label("Ett dokument per rad").check()
    person.write(tittel=tittel, brevdato=dato(day_of_leaving(konto)))
    person.press("Gå videre")
    person.sees("Mottakere")


def at_letters(person: Callable[..., Person], tittel: str) -> Person:
    """A saksbehandler whose list is read, at the step where its files are given."""
    maker = person("Saksbehandler")
    maker.log_in()
    begin(maker, tittel, "Kommunale avgifter")
    job.upload_list(maker, LIST)
    maker.step("Brev")
    return maker


def give(person: Person, files: list[Path]) -> None:
    person.page.locator("#filer").set_input_files(files)
    person.press("Last opp filene")


def drawn(person: Person, name: str) -> None:
    """A page of a document is there as a picture."""
    picture = person.page.get_by_role("img", name=re.compile(name))
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("e => e.naturalWidth") > 0


def mailing_id(person: Person) -> UUID:
    found = re.search(r"/utsendinger/([0-9a-f-]{36})", person.page.url)
    assert found is not None
    return UUID(found[1])


def sent_files(plattform: Plattform, utsending_id: UUID) -> dict[int, list[bytes]]:
    """What each row's letter holds after its cover sheet, as it was handed over."""
    with plattform.house():
        session().rollback()
        found = session().execute(
            select(Forsendelse.radnr, Dokument)
            .join(Dokument, Dokument.forsendelse_id == Forsendelse.id)
            .where(Forsendelse.utsending_id == utsending_id, Dokument.nr > 0)
            .order_by(Forsendelse.radnr, Dokument.nr)
        )
        letters: dict[int, list[bytes]] = {}
        for radnr, d in found.all():
            part = (d.nr, d.filnavn, d.mime_type, d.storrelse, d.sha256, d.objekt, d.fra, d.lengde, d.nokkel)
            letters.setdefault(radnr, []).append(read_checked(Dokumentref(*part, d.sider or 0, ())))
        return letters


def test_sv12_48_each_row_gets_its_own_document_with_the_same_bytes(
    person: Callable[..., Person], eye: Eye, plattform: Plattform
) -> None:
    maker, approver = person("Saksbehandler"), person("Godkjenner")
    maker.log_in()
    give_list_and_files(maker, eye, plattform)
    choose_giro(maker, eye)
    look_at_documents(maker, eye)
    maker.follow("Gå videre til oppsummering")
    assert maker.facts()["Giroark"].startswith("Side 3 av hvert dokument")
    eye.look(maker.page, "60-oppsummering")
    job.make_letters(maker)
    eye.look(maker.page, "60-utsendingen")
    utsending_id = mailing_id(maker)
    approver.log_in()
    approver.page.goto(f"/utsendinger/{utsending_id}/godkjenning")
    assert approver.facts()["Innhold"] == "Ett eller flere dokumenter for hver rad"
    eye.look(approver.page, "60-godkjenning")
    approver.press("Godkjenn utsendingen")
    approver.reads("Utsendingen er godkjent.")
    plattform.release(utsending_id)
    plattform.wait_until_handed_over(utsending_id, 10)
    expected = {radnr: [path.read_bytes()] for radnr, path in enumerate(FILES, 2)}
    assert sent_files(plattform, utsending_id) == expected


def give_list_and_files(maker: Person, eye: Eye, plattform: Plattform) -> None:
    begin(maker, "Brev fra fagsystemet", "Eiendomsskatt")
    eye.look(maker.page, "60-mottakere")
    job.upload_list(maker, LIST)
    maker.follow("Gå videre til kontroll")
    maker.sees("Kontroll")
    maker.step("Brev")
    maker.sees_part("Last opp dokumentene")
    eye.look(maker.page, "60-brev-tom")
    with plattform.paused("render"):
        give(maker, FILES)
        maker.sees_part("Dokumentene kontrolleres")
        eye.look(maker.page, "60-kontrolleres")
    maker.reads(FIT)
    assert maker.figures()["Dokumenter"] == "10"


def choose_giro(maker: Person, eye: Eye) -> None:
    maker.page.get_by_role("radio", name="En bestemt side").check()
    maker.write(nummer="3")
    maker.press("Lagre valget av giroside")
    maker.reads("Valget av giroside er lagret")
    maker.reads(FIT)
    maker.reads("Nå: Side 3 av hvert dokument.")
    eye.look(maker.page, "60-brev")


def look_at_documents(maker: Person, eye: Eye) -> None:
    maker.follow("Se alle dokumentene og hvem som skal ha dem")
    expect(maker.table("Alle dokumenter").locator("tbody tr")).to_have_count(10)
    eye.look(maker.page, "60-alle-dokumenter")
    maker.follow("0003.pdf")
    drawn(maker, "^Side 3 av 3")
    eye.look(maker.page, "60-dokument")
    maker.follow("Tilbake til dokumentene")
    maker.follow("Tilbake til brev")
    maker.write(rad="4")
    maker.press("Vis brevet")
    drawn(maker, "^Dokumentet, side 3 av 3")
    eye.look(maker.page, "60-brevet")
    maker.follow("Tilbake til brev")


def test_a_folder_is_taken_in_and_what_does_not_fit_is_shown(
    person: Callable[..., Person], eye: Eye, folder: Path
) -> None:
    maker = at_letters(person, "Brev fra en mappe")
    maker.page.locator("#mappe").set_input_files(folder)
    maker.reads("Ferdig. 1 fil er ikke tatt imot.")
    maker.reads("notat.docx: Filen er ikke en PDF.")
    eye.look(maker.page, "61-ikke-tatt-imot")
    maker.follow("Gå videre uten dem")
    maker.reads("1 dokument står ikke i listen og blir ikke sendt.")
    maker.reads("1 dokument: venstre marg 4 mm for smal på side 1")
    eye.look(maker.page, "61-brev")
    maker.follow(re.compile("^1 dokument: venstre marg"))
    maker.sees("Venstre marg 4 mm for smal på side 1")
    drawn(maker, "^Side 1 av smal.pdf")
    eye.look(maker.page, "61-funn")
    maker.follow("Tilbake til brev")
    maker.follow("Se dokumentene")
    expect(maker.table("Dokumenter ingen skal ha").locator("tbody tr")).to_have_count(1)
    eye.look(maker.page, "61-ubrukte")
    maker.press("Jeg har sett det, send uten det")
    maker.reads("Du har sett over dokumentene som ikke blir sendt.")
    maker.page.locator("summary", has_text="Last opp flere").click()
    give(maker, FILES)
    maker.reads("Du har sett over dokumentene som ikke blir sendt.")


def test_what_is_wrong_with_rows_and_with_a_zip_is_said(
    person: Callable[..., Person], eye: Eye, tmp_path: Path
) -> None:
    maker = at_letters(person, "Brev som mangler")
    maker.press("Last opp filene")
    expect(maker.page.locator("ds-error-summary")).to_be_focused()
    eye.look(maker.page, "62-ingen-valgt")
    bad = tmp_path / "brev.zip"
    bad.write_bytes(b"PK\x03\x04 ikke en zip")
    maker.page.locator("#zip").set_input_files(bad)
    maker.press("Last opp zip-filen")
    maker.reads("«brev.zip» kan ikke brukes")
    eye.look(maker.page, "62-zip")
    give(maker, FILES[:3])
    maker.reads("7 rader mangler et dokument eller kan ikke ha det.")
    maker.follow("Se radene")
    expect(maker.table("Rader som mangler et dokument").locator("tbody tr")).to_have_count(7)
    eye.look(maker.page, "62-rader-uten")
    maker.step("Kontroll")
    maker.reads("Dokument som ikke er lastet opp")
    job.put_bad_rows_aside(maker)


def test_sv12_48_the_whole_job_is_done_by_keyboard_only(person: Callable[..., Person], eye: Eye) -> None:
    maker = person("Saksbehandler")
    maker.log_in()
    keys, page = Keyboard(maker.page), maker.page
    keys.enter(maker.link("Manuell utsending").first)
    maker.sees("Manuell utsending")
    keys.enter(maker.link("Ny utsending").first)
    maker.sees("Ny utsending")
    keys.pick(page.get_by_label("Konto").first, "Kommunale avgifter")
    keys.write(page.locator("#tittel"), "Brev uten mus")
    keys.write(page.locator("#brevdato"), dato(day_of_leaving("Kommunale avgifter")))
    keys.choose(page.get_by_role("group", name="Hva skal sendes?"), "Ett dokument per rad")
    keys.enter(maker.button("Gå videre"))
    maker.sees("Mottakere")
    keys.give(page.locator("#fil"), [LIST])
    keys.enter(maker.button("Last opp"))
    maker.sees_part("Listen er lest")
    keys.enter(maker.link("Gå videre til kontroll"))
    maker.sees("Kontroll")
    keys.enter(maker.link("Gå videre til brev"))
    maker.sees("Brev")
    keys.give(page.locator("#filer"), FILES)
    keys.enter(maker.button("Last opp filene"))
    maker.reads(FIT)
    keys.choose(page.get_by_role("group", name="Hvilken side av hvert dokument er giro?"), "En bestemt side")
    keys.write(page.locator("#nummer"), "3")
    keys.enter(maker.button("Lagre valget av giroside"))
    maker.reads("Nå: Side 3 av hvert dokument.")
    keys.enter(maker.link("Se alle dokumentene og hvem som skal ha dem"))
    keys.enter(maker.link("0001.pdf"))
    maker.sees("0001.pdf")
    keys.enter(maker.link("Tilbake til dokumentene"))
    keys.enter(maker.link("Tilbake til brev"))
    keys.write(page.locator("#rad"), "2")
    keys.enter(maker.button("Vis brevet"))
    drawn(maker, "^Dokumentet, side 2 av 2")
    keys.enter(maker.link("Tilbake til brev").first)
    keys.enter(maker.link("Gå videre til oppsummering"))
    keys.enter(maker.button("Lag brevene og send til godkjenning"))
    maker.sees_part("Venter på godkjenning", 60)


def test_files_are_sent_and_tied_without_script(person: Callable[..., Person]) -> None:
    maker = person("Saksbehandler", java_script_enabled=False)
    maker.log_in()
    begin(maker, "Brev uten skript", "Kommunale avgifter")
    maker.upload(LIST)
    maker.step("Brev")
    expect(maker.page.locator("#mappe")).to_be_hidden()
    give(maker, [*FILES, LIST])
    maker.reads("1 fil er ikke tatt imot.")
    maker.step("Kontroll")
    maker.step("Brev")
    refresh_until(maker, maker.main.get_by_text(FIT))
