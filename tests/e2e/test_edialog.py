"""A citizen writes to the kommune in a browser, on a desk and in a hand, and by keyboard without script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.doubles import tiny_pdf
from tests.e2e.eye import Eye
from tests.e2e.persons import Person
from tests.e2e.platform import Plattform

pytestmark = pytest.mark.slow

CITIZEN = "Uten rettigheter"


def test_a_citizen_writes_to_the_kommune_and_has_a_receipt(
    plattform: Plattform, person: Callable[..., Person], eye: Eye, tmp_path: Path
) -> None:
    citizen = person(CITIZEN)
    page = citizen.page
    page.goto("/edialog/")
    citizen.choose_at_idporten()
    eye.look(page, "62-edialog-velg")
    page.goto("/edialog/?sok=finnes-ikke")
    citizen.does_not_read("Lillevik kommune")
    eye.look(page, "62-edialog-velg-uten-treff")
    page.goto("/edialog/")
    citizen.follow("Lillevik kommune")
    eye.look(page, "62-edialog-start")
    citizen.press("Begynn å skrive")
    citizen.sees("Hva vil du skrive?")
    eye.look(page, "62-edialog-skjema")
    citizen.press("Gå videre til vedlegg")
    citizen.reads("Skriv en tittel.")
    eye.look(page, "62-edialog-feil")
    for field, text in (
        ("tittel", "Sak 2026/118"),
        ("melding", "Hei.\nSe vedlegget."),
        ("navn", "Kari Fjellstad"),
        ("adresselinje1", "Vegen 1"),
        ("postnr", "4262"),
        ("poststed", "AVALDSNES"),
        ("epost", "kari@eksempel.no"),
    ):
        page.locator(f"#{field}").fill(text)
    citizen.press("Gå videre til vedlegg")
    citizen.sees("Vedlegg")
    _attach_and_go_on(citizen, eye, tmp_path)
    eye.look(page, "62-edialog-oppsummering")
    citizen.press("Send")
    citizen.reads("Referanse")
    eye.look(page, "62-edialog-kvittering")
    page.goto("/minside/henvendelser")
    citizen.reads("Til Lillevik kommune")
    eye.look(page, "62-edialog-henvendelser")


def _attach_and_go_on(citizen: Person, eye: Eye, tmp_path: Path) -> None:
    """Something that is no PDF, then one with «Last opp», and one that is only chosen when going on."""
    page = citizen.page
    wrong = tmp_path / "Søknad.txt"
    wrong.write_text("ikke en PDF", "utf-8")
    page.locator("#fil").set_input_files(wrong)
    citizen.press("Last opp")
    expect(page.locator("ds-error-summary")).to_be_focused()
    eye.look(page, "62-edialog-vedlegg-feil")
    file = tmp_path / "Søknad.pdf"
    file.write_bytes(tiny_pdf(["Søknad"]))
    page.locator("#fil").set_input_files(file)
    citizen.press("Last opp")
    expect(page.get_by_role("button", name="Fjern Søknad.pdf")).to_be_visible()
    eye.look(page, "62-edialog-vedlegg")
    more = tmp_path / "Kart.pdf"
    more.write_bytes(tiny_pdf(["Kart"]))
    page.locator("#fil").set_input_files(more)
    citizen.press("Gå videre til oppsummering")
    citizen.sees("Se over og send")
    citizen.reads("Søknad.pdf, Kart.pdf")


def test_a_draft_is_begun_and_deleted_by_keyboard_without_script(
    plattform: Plattform, person: Callable[..., Person]
) -> None:
    citizen = person(CITIZEN, java_script_enabled=False)
    page = citizen.page
    page.goto("/edialog/?sok=Lillevik")
    citizen.choose_at_idporten()
    for role, name in (
        ("link", "Lillevik kommune"),
        ("button", "Begynn å skrive"),
        ("link", "Slett utkastet"),
    ):
        page.get_by_role(role, name=name).focus()  # type: ignore[arg-type]
        page.keyboard.press("Enter")
    citizen.sees("Vil du slette utkastet?")
    page.get_by_role("button", name="Slett utkastet").focus()
    page.keyboard.press("Enter")
    citizen.sees("Mine henvendelser")


def test_a_text_follows_its_citizen_to_a_higher_level_and_what_has_changed_is_looked_over_again(
    plattform: Plattform, person: Callable[..., Person], eye: Eye
) -> None:
    citizen = person(CITIZEN)
    page = citizen.page
    page.goto("/edialog/?sok=Lillevik")
    citizen.choose_at_idporten()
    citizen.follow("Lillevik kommune")
    citizen.press("Begynn å skrive")
    citizen.sees("Hva vil du skrive?")
    citizen.write(tittel="Om helse", melding="En lang fortelling.\nMed flere linjer.", navn="Kari Fjellstad")
    citizen.write(adresselinje1="Vegen 1", postnr="4262", poststed="AVALDSNES")
    page.locator("#sensitivt").check()
    citizen.press("Gå videre til vedlegg")
    citizen.sees("Du må logge inn på nivå 4")
    eye.look(page, "62-edialog-niva")
    citizen.follow("Logg inn på nivå 4")
    citizen.choose_at_idporten()
    citizen.sees("Det du skrev, er tatt vare på")
    expect(page.get_by_label("Meldingen inneholder følsomme opplysninger")).to_be_checked()
    eye.look(page, "62-edialog-tatt-vare-pa")
    citizen.press("Send på nytt")
    citizen.sees("Vedlegg")
    citizen.press("Gå videre til oppsummering")
    citizen.reads("Ja, sendes på nivå 4")
    summary = page.url
    other = page.context.new_page()
    other.goto(summary.replace("/oppsummering", ""))
    other.locator("#melding").fill("Halvferdig.")
    other.get_by_role("button", name="Gå videre til vedlegg").click()
    expect(other.get_by_role("heading", level=1)).to_contain_text("Vedlegg")
    citizen.press("Send")
    citizen.reads("Henvendelsen er ikke sendt")
    citizen.reads("Halvferdig.")
    eye.look(page, "62-edialog-endret-etter-syn")
    page.goto(summary.replace("/oppsummering", "/slett"))
    citizen.press("Slett utkastet")
    citizen.sees("Mine henvendelser")


def test_the_question_before_a_draft_is_deleted_is_looked_at(
    plattform: Plattform, person: Callable[..., Person], eye: Eye
) -> None:
    citizen = person("Leser")
    citizen.page.goto("/minside/henvendelser")
    citizen.choose_at_idporten()
    eye.look(citizen.page, "62-edialog-ingen-henvendelser")
    citizen.page.goto("/edialog/?sok=Lillevik")
    citizen.follow("Lillevik kommune")
    citizen.press("Begynn å skrive")
    citizen.follow("Slett utkastet")
    citizen.sees("Vil du slette utkastet?")
    eye.look(citizen.page, "62-edialog-slett")
    citizen.press("Slett utkastet")
    citizen.sees("Mine henvendelser")


def test_an_administrator_says_who_prints_and_makes_a_form_that_a_citizen_chooses(
    person: Callable[..., Person], eye: Eye
) -> None:
    admin = person("Administrator")
    admin.log_in()
    admin.menu("Ressurser og kontoer")
    admin.follow("Eiendomsskatt")
    admin.follow("Sett opp eDialog")
    eye.look(admin.page, "63-edialog-oppsett")
    admin.page.locator("#adresselinje1").fill("")
    admin.press("Hent adressen fra Enhetsregisteret")
    expect(admin.page.locator("#adresselinje1")).not_to_have_value("")
    admin.page.locator("#postnr").fill("42")
    admin.page.get_by_label("Vi skriver ut og sender selv").check()
    admin.press("Lagre")
    admin.reads("Postnummeret må ha fire siffer.")
    eye.look(admin.page, "63-edialog-oppsett-feil")
    admin.page.locator("#postnr").fill("4262")
    admin.press("Lagre")
    admin.reads("eDialog er slått på.")
    expect(admin.page.get_by_label("Vi skriver ut og sender selv")).to_be_checked()
    admin.follow("Lag et skjema")
    admin.press("Lagre")
    admin.reads("Skriv hva skjemaet skal hete.")
    eye.look(admin.page, "63-edialog-skjema-feil")
    admin.page.locator("#navn").fill("Klage på eiendomsskatt")
    admin.page.locator("#tittel").fill("Klage på eiendomsskatt 2026")
    admin.press("Lagre")
    admin.reads("Skjemaet er laget.")
    eye.look(admin.page, "63-edialog-skjemaer")
    _choose_the_form(person, eye)
    admin.follow("Fjern Klage på eiendomsskatt")
    eye.look(admin.page, "63-edialog-fjern-skjema")
    admin.press("Fjern skjemaet")
    admin.reads("Skjemaet er fjernet.")


def _choose_the_form(person: Callable[..., Person], eye: Eye) -> None:
    citizen = person(CITIZEN)
    citizen.page.goto("/edialog/?sok=Lillevik")
    citizen.choose_at_idporten()
    citizen.follow("Lillevik kommune")
    eye.look(citizen.page, "63-edialog-velg-skjema")
    citizen.press("Begynn å skrive")
    citizen.reads("Velg hva det gjelder.")
    eye.look(citizen.page, "63-edialog-velg-skjema-feil")
    citizen.page.get_by_label("Klage på eiendomsskatt").check()
    citizen.press("Begynn å skrive")
    citizen.sees("Hva vil du skrive?")
    citizen.reads("Klage på eiendomsskatt 2026")
    expect(citizen.page.locator("#tittel")).to_have_count(0)
    eye.look(citizen.page, "63-edialog-fast-tittel")
    citizen.follow("Slett utkastet")
    citizen.press("Slett utkastet")
    citizen.sees("Mine henvendelser")
