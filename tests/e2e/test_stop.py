"""A mailing is stopped while the time to regret it runs, and becomes a new one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from fiks.core.db import session, transaction
from fiks.print.models import Leverandor
from fiks.utsending.models import Malversjon, Utsending
from fiks.utsending.production import service
from testmiljo.folders import LILLEVIK
from tests.e2e import job
from tests.e2e.conftest import SOME_ROWS
from tests.e2e.eye import Eye
from tests.e2e.job import day
from tests.e2e.persons import Person
from tests.e2e.platform import Plattform

pytestmark = pytest.mark.slow


def test_a_mailing_that_waits_can_be_stopped_and_its_rows_become_a_new_one(
    person: Callable[..., Person], eye: Eye, plattform: Plattform, short_list: Path
) -> None:
    made = plattform.make(short_list, "Kommunale avgifter")
    plattform.approve(made)
    plattform.release(made)
    maker = person("Saksbehandler")
    maker.log_in()
    maker.page.goto(f"/utsendinger/{made}")
    expect(maker.page.locator("#nedtelling")).to_contain_text("minutter")
    eye.look(maker.page, "10-angrefrist")
    dialog = maker.page.get_by_role("dialog", name="Vil du stoppe utsendingen?")
    maker.link("Stopp utsendingen").click()
    expect(dialog).to_be_visible()
    eye.look(maker.page, "10-stopp-dialog")
    maker.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(maker.link("Stopp utsendingen")).to_be_focused()
    maker.link("Stopp utsendingen").click()
    dialog.get_by_role("button", name="Avbryt").click()
    expect(dialog).to_be_hidden()
    maker.page.goto(f"/utsendinger/{made}/stopp")
    eye.look(maker.page, "10-stopp")
    maker.press("Stopp utsendingen")
    maker.reads("Utsendingen er stoppet.")
    expect(maker.table("Mottakere etter hva som skjedde").get_by_role("row")).to_have_count(3)
    eye.look(maker.page, "10-stoppet")
    maker.follow("Stoppet før sending")
    eye.look(maker.page, "10-stoppsvar")
    maker.page.go_back()
    maker.press("Lag ny utsending av de usendte")
    maker.reads("Et nytt utkast er laget av brevene som ikke ble sendt.")
    eye.look(maker.page, "10-nytt-utkast")
    maker.step("Mottakere")
    maker.reads("7 mottakere er hentet fra")
    eye.look(maker.page, "10-mottakere-fra-stoppet")


def test_paper_that_the_print_house_has_not_got_is_stopped_too(
    person: Callable[..., Person], eye: Eye, plattform: Plattform, short_list: Path
) -> None:
    with plattform.house(), packages_that_wait():
        made = plattform.make(short_list, "Eiendomsskatt")
        plattform.approve(made)
        plattform.release(made)
        plattform.wait_until_handed_over(made, len(SOME_ROWS))
        maker = person("Saksbehandler")
        maker.log_in()
        maker.page.goto(f"/utsendinger/{made}/stopp")
        maker.press("Stopp utsendingen")
        maker.reads("er ikke hos trykkeriet ennå, og kan stoppes.")
        eye.look(maker.page, "10-papir-kan-stoppes")
        maker.link("Stopp brev som venter på trykkeriet").click()
        maker.sees("Vil du stoppe brevene som venter på trykkeriet?")
        eye.look(maker.page, "10-stopp-papir")
        maker.press("Stopp brevene")
        maker.reads("blir ikke skrevet ut.")
        maker.follow("Stoppet før sending")
        eye.look(maker.page, "10-stoppet-papir")


@contextmanager
def packages_that_wait() -> Iterator[None]:
    """The print house gets many letters at a time, and waits for them."""
    houses = {house.kode: (house.brev_per_pakke, house.ventetid_sekunder) for house in _houses()}
    try:
        with transaction() as tx:
            tx.execute(update(Leverandor).values(brev_per_pakke=500, ventetid_sekunder=3600))
        yield
    finally:
        with transaction():
            for house in _houses():
                house.brev_per_pakke, house.ventetid_sekunder = houses[house.kode]


def _houses() -> list[Leverandor]:
    return list(session().scalars(select(Leverandor)))


def test_the_list_of_mailings_is_searched(
    person: Callable[..., Person], eye: Eye, plattform: Plattform, sent: UUID
) -> None:
    plattform.wait_until_done(sent)
    reader = person("Leser")
    reader.log_in()
    reader.menu("Manuell utsending")
    eye.look(reader.page, "11-liste")
    reader.write(sok="finnes ikke")
    reader.press("Vis treff")
    reader.reads("Ingen treff")
    eye.look(reader.page, "11-liste-uten-treff")
    reader.write(sok="eiendomsskatt 2027")
    reader.page.get_by_label("Status").select_option(label="Fullført")
    reader.press("Vis treff")
    rows = reader.table("Utsendinger").locator("tbody tr")
    expect(rows.filter(has_not_text="Fullført")).to_have_count(0)
    rows.locator(f'a[href$="{sent}"]').click()
    reader.sees_part("Fremdrift")
    eye.look(reader.page, "11-fullfort")
    reader.menu("Oversikt")
    reader.follow("Statistikk for året")
    eye.look(reader.page, "11-statistikk")


def test_letters_of_another_day_are_made_again_and_approved_again(
    person: Callable[..., Person], eye: Eye, plattform: Plattform, short_list: Path
) -> None:
    made = plattform.make(short_list, "Kommunale avgifter")
    plattform.approve(made)
    maker = person("Saksbehandler")
    maker.log_in()
    maker.follow("Frigi «Eiendomsskatt 2027»")
    maker.follow("Frigi utsendingen")
    maker.page.get_by_label("På et bestemt tidspunkt").check()
    maker.write(dato=day(3), tid="09.00")
    maker.press("Frigi utsendingen")
    expect(maker.button("Lag brevene på nytt og godkjenn igjen")).to_be_visible()
    eye.look(maker.page, "12-frigi-annen-dag")
    maker.press("Lag brevene på nytt og godkjenn igjen")
    maker.reads("Brevene lages på nytt med ny dato, og må godkjennes igjen.")
    maker.sees_part("Venter på godkjenning", 60)
    assert maker.facts()["Brevdato"] == day(3)


def test_letters_that_another_mailing_has_released_meanwhile_are_taken_back_and_need_a_reason(
    person: Callable[..., Person], eye: Eye, plattform: Plattform, tmp_path: Path
) -> None:
    lines = (LILLEVIK / "eiendomsskatt.csv").read_bytes().split(b"\r\n")
    path = tmp_path / "naboer.csv"
    path.write_bytes(b"\r\n".join([lines[0], *lines[120:126], b""]))
    first, second = (plattform.make(path, "Kommunale avgifter") for _ in range(2))
    plattform.approve(first)
    plattform.approve(second)
    plattform.release(first)
    maker = person("Saksbehandler")
    maker.log_in()
    maker.page.goto(f"/utsendinger/{second}/frigi")
    maker.press("Frigi utsendingen")
    maker.reads("er frigitt i en annen utsending fra kontoen etter kontrollen her")
    eye.look(maker.page, "13-frigitt-i-en-annen")
    maker.press("Trekk tilbake")
    maker.reads("Utsendingen er trukket tilbake og er et utkast igjen.")
    maker.step("Kontroll")
    maker.reads("Den samme listen er sendt eller frigitt fra kontoen")
    eye.look(maker.page, "13-begrunn")


def test_when_a_stamped_letter_differs_an_approved_mailing_is_made_again_and_says_why(
    person: Callable[..., Person], eye: Eye, plattform: Plattform, short_list: Path
) -> None:
    made = plattform.make(short_list, "Kommunale avgifter")
    plattform.approve(made)
    with plattform.house(), stamped_again_afterwards(made):
        service.handle_stamping_mismatch(made, 2)
        maker = person("Saksbehandler")
        maker.log_in()
        maker.page.goto(f"/utsendinger/{made}")
        maker.sees_part("Venter på godkjenning", 60)
        maker.reads("ikke ble som det skulle. Utsendingen må godkjennes på nytt")
        eye.look(maker.page, "12-brev-lages-pa-nytt")
        job.begin(maker, "Med den samme malen", "Kommunale avgifter")
        maker.step("Brev")
        maker.page.get_by_role("link", name=re.compile("^Rediger Skatteseddel")).click()
        maker.reads("ble ikke helt som det skulle")
        eye.look(maker.page, "12-malen-er-langsom")


@contextmanager
def stamped_again_afterwards(utsending_id: UUID) -> Iterator[None]:
    """The letters of the mailing's template are stamped as before when this is over: others use it too."""
    version = session().scalars(select(Utsending.malversjon_id).where(Utsending.id == utsending_id)).one()
    hurtig = session().scalars(select(Malversjon.hurtig).where(Malversjon.id == version)).one()
    session().rollback()
    try:
        yield
    finally:
        with transaction() as tx:
            tx.execute(update(Malversjon).where(Malversjon.id == version).values(hurtig=hurtig))
