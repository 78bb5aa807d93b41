"""Manuelt mottak: a whole list is finished with the keyboard alone; and its other faces, on a desk and in a hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from fiks.core.db import session
from fiks.svarut.models import SvarinnMottak
from fiks.svarut.rules import Status
from fiks.svarut.svarinn import acknowledgement
from testmiljo.folders import LILLEVIK
from testmiljo.seed import ROOT, load_kommune
from tests.e2e.eye import Eye
from tests.e2e.keyboard import Keyboard
from tests.e2e.persons import Person
from tests.e2e.platform import BY_ROLE, Plattform
from tests.e2e.waiting import lay_ready, statuses, with_archive_facts

pytestmark = pytest.mark.slow

TITLES = ("Søknad om båtplass", "Klage på nabovarsel", "Feilsendt brev", "Svar på høring", "Oversendt sak")
NUMBER = BY_ROLE["Leser"].pid


@pytest.fixture
def waiting(plattform: Plattform) -> list[UUID]:
    """Five letters; the last has archive facts and answers the one before it."""
    made = lay_ready(plattform, TITLES[:-1])
    made += lay_ready(plattform, TITLES[-1:], svar_pa_id=made[-1])
    with plattform.house():
        with_archive_facts(made[-1])
    return made


def another_system() -> str:
    """The name of a system of Lillevik's that is open, and not the one that the letters wait for."""
    first, second = [one for one in load_kommune(LILLEVIK).mottakersystemer if one["aktiv"]][:2]
    assert first["navn"] != second["navn"]
    return str(second["navn"])


def test_a_whole_list_is_finished_with_the_keyboard_alone(
    plattform: Plattform, waiting: list[UUID], person: Callable[..., Person], eye: Eye
) -> None:
    receiver = person("Administrator")
    receiver.log_in()
    page = receiver.page
    keys = Keyboard(page)
    receiver.reads(re.compile("5.brev venter på å bli hentet"))
    keys.enter(page.get_by_role("navigation", name="Hovedmeny").get_by_role("link", name="Manuelt mottak"))
    receiver.sees("Manuelt mottak")
    eye.look(page, "80-mottak")
    find(receiver, keys, "båtplass", eye)
    keys.enter(receiver.link(TITLES[0]))
    receiver.sees(TITLES[0])
    see_pages(receiver, keys, eye)
    download(receiver, keys)
    assign_and_note(receiver, keys, eye)
    keys.enter(receiver.button("Registrer som mottatt"))
    said(receiver, "Brevet er registrert som mottatt.")
    eye.look(page, "80-mottak-neste")
    go_on(receiver, keys, TITLES[1])
    forward(receiver, keys, eye)
    go_on(receiver, keys, TITLES[2])
    give_back(receiver, keys)
    go_on(receiver, keys, TITLES[3])
    refuse(receiver, keys, eye)
    go_on(receiver, keys, TITLES[4])
    see_what_it_answers(receiver, keys, eye)
    keys.space(receiver.button("Registrer som mottatt"))
    go_on(receiver, keys, TITLES[1])  # what was forwarded begins to wait anew, so it comes last
    receiver.reads(another_system())
    keys.enter(receiver.button("Registrer som mottatt"))
    receiver.reads("Ingen brev venter")
    eye.look(page, "80-mottak-tomt")
    assert statuses(plattform, (waiting[0], waiting[1], waiting[4])) == {Status.LEST}
    assert Status.KLAR_FOR_MOTTAK not in statuses(plattform, waiting)


def go_on(receiver: Person, keys: Keyboard, title: str) -> None:
    """From the list to the letter that it offers next."""
    keys.enter(receiver.link("Åpne det neste brevet"))
    receiver.sees(title)


def said(receiver: Person, text: str) -> None:
    """The message at the top of the page."""
    expect(receiver.page.locator(".melding").filter(has_text=text)).to_be_visible()


def find(receiver: Person, keys: Keyboard, words: str, eye: Eye) -> None:
    """Search for a number, which is refused, then for what is not there, then for the letter."""
    page = receiver.page
    keys.write(page.locator("#sok"), NUMBER)
    page.keyboard.press("Enter")
    expect(page.locator("ds-error-summary")).to_be_focused()
    eye.look(page, "80-mottak-sok-feil")
    keys.write(page.locator("#sok"), "finnes ikke")
    keys.space(receiver.button("Vis treff"))
    receiver.reads("Ingen brev her")
    eye.look(page, "80-mottak-uten-treff")
    keys.pick(page.locator("#tildelt"), "Ikke tildelt")
    keys.write(page.locator("#sok"), words)
    keys.enter(receiver.button("Vis treff"))
    expect(receiver.table("Brev som venter").get_by_role("row")).to_have_count(2)


def see_pages(receiver: Person, keys: Keyboard, eye: Eye) -> None:
    """The first pages of the file as pictures, the rest, one alone, and back to the letter."""
    page = receiver.page
    keys.enter(receiver.link("Se sidene i brev.pdf"))
    receiver.sees("brev.pdf")
    receiver.reads("Side 1 til 5 av 7")
    for side in range(1, 6):
        drawn(page.get_by_role("img", name=f"Side {side} av 7 i brev.pdf"))
    eye.look(page, "80-mottak-sider")
    keys.enter(receiver.link("Neste"))
    receiver.reads("Side 6 til 7 av 7")
    drawn(page.get_by_role("img", name="Side 7 av 7 i brev.pdf"))
    expect(receiver.link("Neste")).to_have_count(0)
    eye.look(page, "80-mottak-siste-sider")
    keys.enter(receiver.link("Tilbake til brevet"))
    receiver.sees(TITLES[0])


def drawn(picture: Locator) -> None:
    """The picture has come, and is as an A4 sheet."""
    expect(picture).to_be_visible()
    size = "e => e.decode().then(() => [e.naturalWidth, e.naturalHeight])"
    width, height = picture.evaluate(size)
    assert width > 800 and 1.40 < height / width < 1.43


def download(receiver: Person, keys: Keyboard) -> None:
    """The file, and all of them together."""
    for link in (receiver.link("brev.pdf"), receiver.link("Last ned alle (ZIP)")):
        with receiver.page.expect_download() as coming:
            keys.enter(link)
        assert coming.value.path().stat().st_size > 0


def assign_and_note(receiver: Person, keys: Keyboard, eye: Eye) -> None:
    """Wrongly to a unit, rightly to oneself; and a note."""
    page = receiver.page
    keys.write(page.locator("#enhet"), f"Arkivet {NUMBER}")
    keys.enter(receiver.button("Lagre tildelingen"))
    expect(page.locator("ds-error-summary")).to_be_focused()
    eye.look(page, "80-mottak-tildeling-feil")
    keys.pick(page.locator("#person"), receiver.who.navn)
    keys.write(page.locator("#enhet"), "")
    page.keyboard.press("Delete")
    keys.space(receiver.button("Lagre tildelingen"))
    said(receiver, "Tildelingen er lagret.")
    keys.write(page.locator("#notat"), "Ringte avsenderen. Legges i sak 2026/118.")
    keys.enter(receiver.button("Lagre notatet"))
    said(receiver, "Notatet er lagret.")
    expect(page.locator("#notat")).to_have_value("Ringte avsenderen. Legges i sak 2026/118.")
    eye.look(page, "80-mottak-brev")


def forward(receiver: Person, keys: Keyboard, eye: Eye) -> None:
    """Without a choice, which is refused, then to another system."""
    page, name = receiver.page, another_system()
    keys.enter(receiver.link("Send videre"))
    receiver.sees("Hvor skal brevet?")
    keys.enter(receiver.button("Send videre"))
    expect(page.locator("ds-error-summary")).to_be_focused()
    eye.look(page, "80-mottak-flytt-feil")
    keys.choose(page.get_by_role("group", name="Send til"), name)
    keys.enter(receiver.button("Send videre"))
    said(receiver, f"Brevet er lagt klart for {name}.")


def give_back(receiver: Person, keys: Keyboard) -> None:
    keys.enter(receiver.link("Send videre"))
    keys.choose(receiver.page.get_by_role("group", name="Send til"), "Vanlig vei")
    keys.space(receiver.button("Send videre"))
    said(receiver, "Brevet går videre til neste kanal.")


def refuse(receiver: Person, keys: Keyboard, eye: Eye) -> None:
    """For now, and then for good."""
    page = receiver.page
    keys.enter(receiver.link("Avvis"))
    keys.enter(receiver.button("Avvis brevet"))
    expect(page.locator("ds-error-summary")).to_be_focused()
    eye.look(page, "80-mottak-avvis-feil")
    for how, told in (
        ("Det venter fortsatt her", "Brevet venter fortsatt her."),
        ("Det går videre til neste kanal", "Brevet er avvist og går videre til neste kanal."),
    ):
        keys.write(page.locator("#feilmelding"), "Arkivet er nede")
        keys.choose(page.get_by_role("group", name="Hva skal skje med brevet?"), how)
        keys.enter(receiver.button("Avvis brevet"))
        said(receiver, told)
        if how.startswith("Det venter"):
            receiver.reads("Meldt feil tidligere")
            eye.look(page, "80-mottak-meldt-feil")
            keys.enter(receiver.link("Avvis"))


def see_what_it_answers(receiver: Person, keys: Keyboard, eye: Eye) -> None:
    """The letter it answers, what the archives say, and back again."""
    assert receiver.facts()["Saksår"] == "2026"
    eye.look(receiver.page, "80-mottak-svar-med-arkiv")
    keys.enter(receiver.link("Se brevet det svarer på"))
    receiver.sees(TITLES[3])
    receiver.page.go_back()
    receiver.sees(TITLES[4])


def test_who_lacks_altinns_right_sees_that_letters_wait_and_what_is_lacking(
    plattform: Plattform, person: Callable[..., Person], eye: Eye
) -> None:
    [made] = lay_ready(plattform, ["Barnevernssak"])
    try:
        other = person("Andre administrator")
        other.log_in()
        other.menu("Manuelt mottak")
        other.does_not_read("Barnevernssak")
        eye.look(other.page, "82-mottak-uten-rett")
        other.table("Brev som venter").get_by_role("link").first.click()
        other.sees_part("Du mangler en tilgang i Altinn")
        eye.look(other.page, "82-mottak-stengt")
        other.follow("Til brevene som venter")
        other.reads("Du mangler «Post/arkiv» i Altinn")
    finally:
        close(plattform, made)


def test_while_altinn_is_silent_nothing_is_shown_and_the_page_says_why(
    plattform: Plattform, contexts: Callable[..., BrowserContext], eye: Eye
) -> None:
    """The eye does not watch this browser: its page is answered with 503 on purpose."""
    [made] = lay_ready(plattform, ["Barnevernssak"])
    receiver = Person(contexts(base_url=plattform.stack.base_url).new_page(), BY_ROLE["Administrator"])
    receiver.log_in()
    with plattform.silent("altinn"):
        receiver.page.goto("/mottak")
        receiver.sees_part("Altinn svarer ikke")
        receiver.does_not_read("Barnevernssak")
        eye.look(receiver.page, "82-mottak-uten-altinn")
    receiver.follow("Prøv igjen")
    receiver.reads("Barnevernssak")
    close(plattform, made)


def close(plattform: Plattform, forsendelse_id: UUID) -> None:
    """The letter's own system takes it, so that it does not wait in other tests."""
    with plattform.house():
        session().rollback()
        row = session().get_one(SvarinnMottak, forsendelse_id)
        acknowledgement.confirm(forsendelse_id, system_id=row.mottakersystem_id, actor=ROOT)
