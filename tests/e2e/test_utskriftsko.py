"""«Utskriftskø»: letters are opened, printed and marked as posted, by mouse and by keyboard, and one comes back."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from uuid import UUID

import pikepdf
import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import func, select

from fiks.core.db import session
from fiks.print.models import Ordre
from fiks.svarut.models import Forsendelse
from testmiljo import mailing, paper
from testmiljo.folders import LILLEVIK
from testmiljo.machines import seed_fagsystem
from tests.e2e.eye import PHONE, Eye
from tests.e2e.keyboard import Keyboard
from tests.e2e.persons import Person
from tests.e2e.platform import SECONDS, Plattform

pytestmark = pytest.mark.slow

FIRST, SECOND, THIRD = (plan.tittel for plan in paper.PLAN)


@pytest.fixture(scope="module")
def queue(plattform: Plattform, tmp_path_factory: pytest.TempPathFactory) -> Sequence[UUID]:
    """Three letters that the workers have laid in the queue of a konto that prints by itself."""
    with plattform.house():
        paper.make_konto(plattform.lillevik)
        fagsystem = seed_fagsystem(plattform.lillevik, tmp_path_factory.mktemp("fagsystem"))
        sent = paper.send_to_print(plattform.lillevik, LILLEVIK, fagsystem)
        ordered = select(func.count()).where(Ordre.kilde_id.in_(sent), Ordre.leverandor == "MANUELL_PRINT")

        def waits() -> bool:
            session().rollback()
            return session().execute(ordered).scalar_one() == len(sent)

        mailing.wait_for("the letters lie in the queue", waits, SECONDS)
    return sent


def statuses(plattform: Plattform, letters: Sequence[UUID]) -> list[str]:
    with plattform.house():
        session().rollback()
        found = dict(session().execute(select(Forsendelse.id, Forsendelse.status)).all())
    return [found[one] for one in letters]


def tick(person: Person, title: str) -> Locator:
    return person.page.get_by_role("checkbox", name=re.compile(f"^Velg {title}, til "))


def menu_links(person: Person) -> Locator:
    return person.page.get_by_role("navigation", name="Hovedmeny").get_by_role("link")


def test_who_prints_nothing_by_themselves_has_no_queue_in_the_menu(
    queue: Sequence[UUID], person: Callable[..., Person]
) -> None:
    sender, printer = person("Skjermede saker"), person("Saksbehandler")
    for one in (sender, printer):
        one.log_in()
    expect(menu_links(printer).filter(has_text="Utskriftskø")).to_have_count(1)
    expect(menu_links(sender).filter(has_text="Manuell utsending")).to_have_count(1)
    expect(menu_links(sender).filter(has_text="Utskriftskø")).to_have_count(0)


def test_a_letter_is_opened_printed_and_marked_as_posted_after_a_question(
    plattform: Plattform, queue: Sequence[UUID], person: Callable[..., Person], eye: Eye
) -> None:
    printer = person("Saksbehandler")
    printer.log_in()
    printer.menu("Utskriftskø")
    printer.reads("3 brev fra Servicetorget venter på utskrift.")
    eye.look(printer.page, "90-utskriftsko")
    link = printer.page.get_by_role("link", name=re.compile(rf"^{FIRST}\s?, til .*\(PDF, åpnes i ny fane\)$"))
    answer = printer.page.request.get(str(link.get_attribute("href")))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    with pikepdf.open(io.BytesIO(answer.body())) as pdf:
        assert len(pdf.pages) > 1, "the cover sheet is before the document"
    printer.press("Lagt i posten")
    printer.reads("Velg minst ett brev.")
    tick(printer, FIRST).check()
    printer.press("Lagt i posten")
    printer.sees("Er brevet skrevet ut og lagt i posten?")
    expect(printer.page.locator("#uapnet")).to_have_count(0)
    eye.look(printer.page, "90-lagt-i-posten")
    assert statuses(plattform, queue[:1]) == ["SENDT_PRINT"]
    printer.press("Ja, lagt i posten")
    printer.reads("Brevet er merket som lagt i posten.")
    printer.reads("2 brev fra Servicetorget venter på utskrift.")
    printer.does_not_read(FIRST)
    assert statuses(plattform, queue) == ["PRINTET", "SENDT_PRINT", "SENDT_PRINT"]
    assert printer.page.request.get(f"/print/{queue[0]}/brev.pdf", max_redirects=0).status == 303


def test_a_letter_that_a_colleague_has_opened_asks_before_it_is_opened_again(
    queue: Sequence[UUID], person: Callable[..., Person], eye: Eye
) -> None:
    printer, colleague = person("Saksbehandler"), person("Saksbehandler og godkjenner")
    for one in (printer, colleague):
        one.log_in()
        one.menu("Utskriftskø")
    link = colleague.page.get_by_role(
        "link", name=re.compile(rf"^{SECOND}\s?, til .*\(PDF, åpnes i ny fane\)$")
    )
    address = str(link.get_attribute("href"))
    assert printer.page.request.get(address).status == 200
    with colleague.page.expect_popup() as opened:
        link.click()
    asking = Person(opened.value, colleague.who)
    asking.sees("Brevet er åpnet av en annen")
    asking.reads(f"{printer.who.navn} åpnet brevet for utskrift")
    eye.look(asking.page, "90-apnet-av-en-annen")
    again = asking.link("Åpne likevel").get_attribute("href")
    asking.follow("Tilbake til utskriftskøen")
    asking.reads(printer.who.navn)
    eye.look(asking.page, "90-utskriftsko-apnet")
    answer = colleague.page.request.get(str(again))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    asking.page.reload()
    asking.reads(colleague.who.navn)


def test_the_rest_is_marked_with_the_keyboard_alone_on_a_phone(
    plattform: Plattform, queue: Sequence[UUID], person: Callable[..., Person], eye: Eye
) -> None:
    printer = person("Saksbehandler")
    printer.log_in()
    keys, page = Keyboard(printer.page), printer.page
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto("/print")
    for title in (SECOND, THIRD):
        keys.space(tick(printer, title))
        expect(tick(printer, title)).to_be_checked()
    keys.enter(printer.button("Lagt i posten"))
    printer.sees("Er alle 2 brevene skrevet ut og lagt i posten?")
    keys.enter(printer.button("Ja, lagt i posten"))
    expect(page.locator("ds-error-summary")).to_be_focused()
    eye.look(page, "90-lagt-i-posten-uapnet")
    keys.space(page.locator("#uapnet"))
    keys.enter(printer.button("Ja, lagt i posten"))
    printer.reads("2 brev er merket som lagt i posten.")
    printer.sees_part("Ingen brev venter på utskrift")
    eye.look(page, "90-utskriftsko-tom")
    assert statuses(plattform, queue) == ["PRINTET"] * 3


def test_a_letter_that_comes_back_is_found_in_the_log_and_registered_once(
    plattform: Plattform, queue: Sequence[UUID], person: Callable[..., Person], eye: Eye
) -> None:
    printer = person("Saksbehandler")
    printer.log_in()
    printer.page.goto("/print")
    printer.main.get_by_role("link", name="Forsendelser").click()
    printer.sees("Forsendelser")
    printer.follow(re.compile(f"{SECOND}$"))
    printer.follow("Registrer retur")
    printer.sees("Har brevet kommet i retur?")
    eye.look(printer.page, "91-retur")
    Keyboard(printer.page).enter(printer.button("Registrer retur"))
    printer.reads("Det er registrert at brevet kom i retur.")
    printer.reads("Brevet kom i retur fra mottakeren")
    expect(printer.link("Registrer retur")).to_have_count(0)
    eye.look(printer.page, "91-retur-registrert")
    assert statuses(plattform, queue) == ["PRINTET"] * 3
