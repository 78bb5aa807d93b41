"""SMS: counted while it is written, looked over, sent once, and followed until the gateway has delivered it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import func, select

from fiks.core.db import session
from fiks.sms import rules
from fiks.sms.models import Smsutsendelse
from testmiljo.sms import KONTO
from tests.e2e.eye import Eye
from tests.e2e.persons import Person
from tests.e2e.platform import Plattform
from tests.unit.sms.measured import MEASURED

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[2] / "portal" / "static" / "sms.js"
TEXT = "Vannet i Strandgata er stengt i dag fra kl. 12 til kl. 16. Hilsen Lillevik kommune."
SECONDS = 60_000


@pytest.fixture
def counting(contexts: Callable[..., BrowserContext]) -> Page:
    """A page with nothing but the script."""
    page = contexts().new_page()
    page.set_content("<!doctype html><title>Teller</title>")
    page.add_script_tag(path=SCRIPT)
    return page


def measured(page: Page, text: str) -> tuple[int, int, int, list[str]]:
    found = page.evaluate("text => measureSms(text)", text)
    return found["used"], found["parts"], found["room"], found["strange"]


def test_the_script_counts_as_the_rules_do(counting: Page) -> None:
    texts = [row[0] for row in MEASURED]
    texts += ["".join(sorted(rules._BASIC)), "".join(sorted(rules._EXTENDED)), "«Hei» «der» – du"]
    texts += ["a" * 152 + "€" + "a" * 152, "😀" * 67, "linje\nlinje\r\n" * 30]
    for text in texts:
        maal = rules.measure(text)
        room = maal.per_del * max(maal.deler, 1)
        assert measured(counting, text) == (maal.enheter, maal.deler, room, list(maal.fremmede)), text


def sendings(plattform: Plattform) -> int:
    with plattform.house():
        session().rollback()
        return session().execute(select(func.count()).select_from(Smsutsendelse)).scalar_one()


def test_an_sms_is_written_looked_over_sent_once_and_delivered(
    plattform: Plattform, person: Callable[..., Person], eye: Eye
) -> None:
    clerk = person("Saksbehandler")
    clerk.log_in()
    clerk.menu("SMS")
    clerk.sees_part("Ingen SMS er sendt ennå")
    eye.look(clerk.page, "70-sms-tom")
    clerk.follow("Ny SMS")
    clerk.sees("Ny SMS")
    expect(clerk.button("Regn ut")).to_be_hidden()
    eye.look(clerk.page, "70-ny-sms")
    clerk.write(tekst="«Hei» – vannet er borte", mottakere="90000001\nring meg")
    clerk.reads("Disse tegnene gjør SMS-en dyrere: «, », –")
    expect(clerk.page.locator("[data-teller=lest]")).to_contain_text("1 SMS, 23 av 70 tegn.")
    clerk.press("Se over før du sender")
    expect(clerk.page.locator("#feil")).to_be_focused()
    clerk.reads("Linje 2: Her står det noe som verken er")
    eye.look(clerk.page, "70-ny-sms-feil")
    clerk.write(tekst=TEXT, mottakere="90000001\n+47 900 00 002; 90000404\n90000001")
    clerk.reads(re.compile("1 SMS til hver mottaker"))
    clerk.press("Se over før du sender")
    clerk.sees("Se over SMS-en")
    clerk.reads("1\u00a0gjentakelse i listen er tatt ut")
    eye.look(clerk.page, "70-se-over")
    before = sendings(plattform)
    clerk.button("Send 3 SMS").dblclick()
    clerk.sees("SMS til 3\u00a0mottakere")
    table = clerk.table("Status")
    expect(table.get_by_role("row", name=re.compile(r"^Levert\s+2"))).to_be_visible(timeout=SECONDS)
    expect(table.get_by_role("row", name=re.compile(r"^Ikke levert\s+1"))).to_be_visible(timeout=SECONDS)
    eye.look(clerk.page, "70-sms-sendt")
    clerk.page.go_back()
    clerk.sees("Se over SMS-en")
    clerk.press("Send 3 SMS")
    clerk.sees("SMS til 3\u00a0mottakere")
    assert sendings(plattform) == before + 1
    clerk.menu("SMS")
    clerk.reads("2 levert")
    eye.look(clerk.page, "70-sms")


def test_who_did_not_get_the_sms_is_listed_with_why(person: Callable[..., Person], eye: Eye) -> None:
    clerk = person("Saksbehandler")
    clerk.log_in()
    clerk.page.goto("/sms/ny")
    clerk.write(tekst=TEXT, mottakere="90000405\n91000404")
    clerk.press("Se over før du sender")
    clerk.press("Send 2 SMS")
    link = clerk.page.get_by_role("link", name="Se hvem som kan mangle SMS-en (1)")
    expect(link).to_be_visible(timeout=SECONDS)
    link.click()
    clerk.sees("Mottakere av SMS-en")
    expect(
        clerk.table("Mottakere").get_by_role("row", name=re.compile("91000404 Ikke levert"))
    ).to_be_visible()
    eye.look(clerk.page, "70-sms-mottakere")


def test_without_javascript_it_is_counted_and_sent_all_the_same(person: Callable[..., Person]) -> None:
    clerk = person("Saksbehandler", java_script_enabled=False)
    clerk.log_in()
    clerk.page.goto("/sms/ny")
    clerk.write(tekst="«" * 71)
    clerk.press("Regn ut")
    clerk.reads(re.compile("2 SMS til hver mottaker"))
    clerk.reads("Disse tegnene gjør SMS-en dyrere: «.")
    clerk.write(tekst=TEXT, mottakere="90000003")
    clerk.press("Se over før du sender")
    clerk.follow("Endre")
    expect(clerk.page.locator("#mottakere")).to_have_value("90000003")
    clerk.press("Se over før du sender")
    clerk.press("Send 1 SMS")
    clerk.sees("SMS til 1\u00a0mottaker")
    if clerk.link(
        "Oppdater"
    ).is_visible():  # it may have been sent before the page was made, which then stays as it is
        clerk.follow("Oppdater")
        clerk.sees("SMS til 1\u00a0mottaker")


def test_an_sms_is_sent_with_the_keyboard_alone(person: Callable[..., Person]) -> None:
    clerk = person("Saksbehandler")
    clerk.log_in()
    clerk.page.goto("/sms/ny")
    keyboard = clerk.page.keyboard
    clerk.page.locator("#konto").focus()
    keyboard.press("Tab")
    keyboard.type(TEXT)
    keyboard.press("Tab")
    keyboard.type("90000004")
    keyboard.press("Tab")
    expect(clerk.button("Se over før du sender")).to_be_focused()
    keyboard.press("Enter")
    clerk.sees("Se over SMS-en")
    clerk.button("Send 1 SMS").focus()
    keyboard.press("Enter")
    clerk.sees("SMS til 1\u00a0mottaker")


def test_an_administrator_looks_after_the_sms_kontoer(person: Callable[..., Person], eye: Eye) -> None:
    admin = person("Administrator")
    admin.log_in()
    admin.menu("Ressurser og kontoer")
    eye.look(admin.page, "71-ressurser")
    admin.follow("Lag en SMS-konto")
    admin.write(visningsnavn="Brøyting", avsender="Brøyting")
    admin.press("Lag kontoen")
    admin.reads("Æ, ø og å kan ikke brukes.")
    eye.look(admin.page, "71-ny-sms-konto-feil")
    admin.write(avsender="Broyting")
    admin.press("Lag kontoen")
    admin.reads("SMS-kontoen er laget.")
    admin.follow("Brøyting")
    eye.look(admin.page, "71-sms-konto")
    admin.follow("Steng kontoen")
    eye.look(admin.page, "71-steng-sms-konto")
    admin.press("Steng kontoen")
    admin.reads("Brøyting er stengt.")
    admin.menu("Tjenester")
    eye.look(admin.page, "71-tjenester")
    admin.menu("SMS")
    expect(admin.page.locator("#konto")).to_contain_text(KONTO)
