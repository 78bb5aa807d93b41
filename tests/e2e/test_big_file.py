"""One big PDF from upload to letters handed over: areas drawn with the mouse, by keyboard alone, and without script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from testmiljo.folders import LILLEVIK
from tests.e2e import job
from tests.e2e.eye import Eye
from tests.e2e.keyboard import Keyboard
from tests.e2e.persons import Person
from tests.e2e.platform import Plattform
from tests.e2e.test_without_script import heading, refresh_until

pytestmark = pytest.mark.slow

SAMLET = LILLEVIK / "samlet.pdf"
MAILING = "Eiendomsskatt fra fagsystemet"
LETTERS = 10


def begin(person: Person, tittel: str) -> None:
    """Step 1, in this way of sending."""
    person.menu("Manuell utsending")
    job.open_new(person)
    person.page.get_by_label("Konto").first.select_option(label="Eiendomsskatt")
    person.write(tittel=tittel)
    person.page.get_by_label("Én stor PDF").check()
    person.press("Gå videre")
    person.sees("Mottakere")


def drag(page: Page, box: tuple[float, float, float, float]) -> None:
    """Draw on the page from the upper left corner to the lower right: left, top, width, height in mm."""
    sheet = page.locator("svg[data-ark]")
    sheet.scroll_into_view_if_needed()
    place = sheet.bounding_box()
    assert place is not None
    scale = place["width"] / 210
    x, y, width, height = (mm * scale for mm in box)
    page.mouse.move(place["x"] + x, place["y"] + y)
    page.mouse.down()
    page.mouse.move(place["x"] + x + width / 2, place["y"] + y + height / 2)
    page.mouse.move(place["x"] + x + width, place["y"] + y + height)
    page.mouse.up()


def numbers(page: Page, felt: str) -> list[float]:
    return [
        float(page.locator(f"#{felt}-{part}").input_value().replace(",", "."))
        for part in ("x", "y", "bredde", "hoyde")
    ]


def near(found: list[float], wanted: tuple[float, ...]) -> bool:
    return all(abs(a - b) <= 0.6 for a, b in zip(found, wanted, strict=True))


def empty(page: Page, felt: str) -> None:
    for part in ("side", "x", "y", "bredde", "hoyde"):
        page.locator(f"#{felt}-{part}").fill("")


def test_a_big_file_is_set_up_with_the_mouse_and_sent(
    person: Callable[..., Person], eye: Eye, plattform: Plattform
) -> None:
    maker, approver = person("Saksbehandler"), person("Godkjenner")
    maker.log_in()
    begin(maker, MAILING)
    eye.look(maker.page, "90-last-opp")
    maker.upload(SAMLET)
    maker.follow("Sett opp oppdelingen")
    draw(maker, eye)
    compare(maker, eye)
    maker.follow("Gå videre til kontroll")
    maker.sees("Kontroll")
    eye.look(maker.page, "90-kontroll")
    maker.follow("Gå videre til brev")
    maker.reads("Brevene er delt opp og kontrollert")
    eye.look(maker.page, "90-brev")
    see_a_letter(maker, eye)
    maker.follow("Gå videre til oppsummering")
    maker.reads("Én stor PDF, delt i brev")
    eye.look(maker.page, "90-oppsummering")
    job.make_letters(maker)
    approver.log_in()
    approver.follow(f"Godkjenn «{MAILING}»")
    eye.look(approver.page, "90-godkjenning")
    approver.press("Godkjenn utsendingen")
    approver.reads("Utsendingen er godkjent.")
    approver.follow("Frigi utsendingen")
    approver.press("Frigi utsendingen")
    maker.page.reload()
    whole = f"{LETTERS} rader i listen = {LETTERS} brev laget + 0 venter + 0 holdt utenfor."
    expect(maker.page.locator("#sumlinje")).to_have_text(whole, timeout=60_000)
    eye.look(maker.page, "90-fremdrift")


def draw(maker: Person, eye: Eye) -> None:
    """Areas drawn, moved and resized; what they read is shown before anything is cut."""
    page = maker.page
    maker.sees("Sett opp oppdelingen")
    maker.reads("Vi har foreslått et oppsett")
    expect(page.locator("g.omrade")).to_have_count(4)
    eye.look(page, "90-oppsett")
    for felt in ("navn", "adresse", "id", "ref"):
        empty(page, felt)
    expect(page.locator("g.omrade")).to_have_count(0)
    for label, felt, box in (
        ("Navn", "navn", (19, 48.4, 90, 5)),
        ("Adresse", "adresse", (19, 53.6, 90, 26)),
        ("Fødselsnummer eller organisasjonsnummer", "id", (150, 53.6, 40, 4)),
        ("Referanse", "ref", (150, 58.6, 40, 4)),
    ):
        page.locator(f"#tegn-{felt}").check()
        drag(page, box)
        assert near(numbers(page, felt), box), (label, numbers(page, felt))
        assert page.locator(f"#{felt}-side").input_value() == "1"
    move_and_resize(page)
    page.get_by_role("navigation", name="Sider i filen").get_by_role("button", name="Vis side 2").click()
    expect(page.locator("g.omrade")).to_have_count(0)
    expect(page.get_by_role("img", name="Side 2 i filen")).to_be_visible()
    page.get_by_role("navigation", name="Sider i filen").get_by_role("button", name="Vis side 3").click()
    expect(page.locator("g.omrade")).to_have_count(4)
    maker.press("Vis hva som leses")
    rows = maker.table("Det som leses fra de første brevene").locator("tbody tr")
    expect(rows).to_have_count(6)
    expect(rows.first).to_contain_text("Gjensidig Pære")
    expect(rows.nth(1)).to_contain_text("288377*****")
    eye.look(page, "90-oppsett-prove")
    page.locator("#sider").fill("3")
    maker.press("Bruk oppsettet og les brevene")
    maker.reads("Det går ikke opp med 3 sider i hvert brev: 2 blir til overs.")
    eye.look(page, "90-oppsett-feil")
    page.locator("#sider").fill("2")
    maker.press("Bruk oppsettet og les brevene")
    maker.sees_part("Brevene er lest")
    eye.look(page, "90-lest")


def move_and_resize(page: Page) -> None:
    """Drag the area of the reference two mm down and its corner five to the right, and both back again."""
    before = numbers(page, "ref")
    sheet = page.locator("svg[data-ark]").bounding_box()
    assert sheet is not None
    mm = sheet["width"] / 210

    def grab(x: float, y: float, right: float, down: float) -> None:
        page.mouse.move(sheet["x"] + x * mm, sheet["y"] + y * mm)
        page.mouse.down()
        page.mouse.move(sheet["x"] + (x + right) * mm, sheet["y"] + (y + down) * mm, steps=4)
        page.mouse.up()

    grab(before[0] + 10, before[1] + 2, 0, 2)
    moved = numbers(page, "ref")
    assert near(moved, (before[0], before[1] + 2, before[2], before[3]))
    grab(moved[0] + moved[2], moved[1] + moved[3], 5, 0)
    wider = numbers(page, "ref")
    assert near(wider, (moved[0], moved[1], moved[2] + 5, moved[3]))
    grab(wider[0] + 10, wider[1] + 2, 0, -2)


def compare(maker: Person, eye: Eye) -> None:
    """The letters beside what was read, and only the one with something to look at."""
    maker.follow("Sammenlign med brevene")
    maker.sees("Brevene i filen")
    cards = maker.page.locator(".brevkort")
    expect(cards.filter(has_text="Sameiet «Vott»")).to_contain_text("Brev uten nummer")
    maker.follow(re.compile("^Alle brevene"))
    expect(cards).to_have_count(LETTERS)
    pictures = maker.page.get_by_role("img", name=re.compile("^Den delen av brev"))
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
    eye.look(maker.page, "90-brevene")
    maker.page.get_by_role("link", name="Brev 3", exact=True).click()
    maker.sees("Brev 3")
    expect(maker.page.get_by_role("img", name="Side 1 av 2 i brev 3, med margene tegnet på")).to_be_visible()
    eye.look(maker.page, "90-brevet")
    maker.follow("Tilbake til brevene")
    maker.follow("Tilbake til mottakere")


def see_a_letter(maker: Person, eye: Eye) -> None:
    maker.press("Vis brevet")
    expect(maker.page.get_by_role("img", name=re.compile("Dokumentet, side 2 av 2"))).to_be_visible(
        timeout=60_000
    )
    eye.look(maker.page, "90-brevet-som-sendes")
    maker.follow("Tilbake til brev")


def test_a_big_file_is_set_up_by_keyboard_alone(person: Callable[..., Person]) -> None:
    maker = person("Saksbehandler")
    maker.log_in()
    begin(maker, "Med tastaturet")
    keys, page = Keyboard(maker.page), maker.page
    maker.upload(SAMLET)
    keys.enter(maker.link("Sett opp oppdelingen"))
    maker.sees("Sett opp oppdelingen")
    for part, value in (("x", "19"), ("y", "48,2"), ("bredde", "100"), ("hoyde", "5")):
        keys.write(page.locator(f"#navn-{part}"), value)
        if part == "y":
            page.keyboard.press("ArrowDown")
            assert numbers(page, "navn")[1] == 47.7
            page.keyboard.press("ArrowUp")
    assert numbers(page, "navn") == [19, 48.2, 100, 5]
    assert page.locator("g.omrade--navn rect").first.get_attribute("y") == "48.2"
    keys.enter(maker.button("Bruk oppsettet og les brevene"))
    maker.sees_part("Brevene er lest")
    keys.enter(maker.link("Gå videre til kontroll"))
    maker.sees("Kontroll")


def test_a_big_file_is_set_up_without_script(person: Callable[..., Person]) -> None:
    maker = person("Saksbehandler", java_script_enabled=False)
    maker.log_in()
    begin(maker, "Uten skript, én stor PDF")
    maker.upload(SAMLET)
    refresh_until(maker, maker.link("Sett opp oppdelingen"))
    maker.follow("Sett opp oppdelingen")
    page = maker.page
    page.get_by_role("button", name="Vis side 3").click()
    expect(page.get_by_role("img", name="Side 3 i filen")).to_be_visible()
    expect(page.locator("g.omrade")).to_have_count(4)
    maker.press("Vis hva som leses")
    expect(maker.table("Det som leses fra de første brevene").locator("tbody tr")).to_have_count(6)
    maker.press("Bruk oppsettet og les brevene")
    refresh_until(maker, heading(maker, "Brevene er lest"))
    maker.follow("Sammenlign med brevene")
    maker.sees("Brevene i filen")
