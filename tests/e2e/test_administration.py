"""A machine gets its key from an administrator, the platform is run by its operator, and letters get a logo."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Error, expect

from testmiljo.staff import OPERATOR, synthetic_fnr
from tests.e2e.eye import Eye
from tests.e2e.persons import Person

pytestmark = pytest.mark.slow

SUPPLIER = "381268292"
"""VENNLIG SÅPE AS, which the simulated Enhetsregister knows."""
UNKNOWN = "313990028"
PASSWORD = re.compile(r"^[\w-]{43}$")


def test_an_administrator_makes_an_integrasjon_gives_it_access_and_deletes_it(
    person: Callable[..., Person], eye: Eye
) -> None:
    astrid = person("Administrator")
    astrid.log_in()
    astrid.menu("Integrasjoner")
    eye.look(astrid.page, "60-integrasjoner-tom")
    _make(astrid, eye)
    _give(astrid, eye)
    _back_shows_nothing(astrid, eye)
    _reload_shows_nothing(astrid, _renew(astrid, eye))
    astrid.reads("Det gamle passordet virker til")
    _end(astrid, eye)


def _make(astrid: Person, eye: Eye) -> None:
    astrid.follow("Ny integrasjon")
    eye.look(astrid.page, "60-ny")
    astrid.press("Lag integrasjonen")
    expect(astrid.page.locator("#feil")).to_be_visible()
    eye.look(astrid.page, "60-ny-feil")
    astrid.write(
        navn="Sak og arkiv", beskrivelse="Sender vedtak fra saksbehandlingen.", autorisert_orgnr=SUPPLIER
    )
    astrid.page.get_by_label("SvarUt").check()
    astrid.press("Lag integrasjonen")
    astrid.reads("VENNLIG SÅPE AS")
    eye.look(astrid.page, "60-ny-varsel")
    astrid.press("Nummeret stemmer, lag integrasjonen")
    astrid.sees("Ta vare på passordet")
    expect(astrid.page.locator("#passord")).to_have_text(PASSWORD)
    eye.look(astrid.page, "60-passord-vist")


def _give(astrid: Person, eye: Eye) -> None:
    astrid.follow("Jeg har tatt vare på passordet, gi tilgang")
    astrid.sees("Gi Sak og arkiv tilgang")
    astrid.page.get_by_label("Lage utsendinger – Eiendomsskatt").check()
    eye.look(astrid.page, "60-gi")
    astrid.press("Gi tilgang")
    astrid.reads("har fått 1 ny tilgang")
    eye.look(astrid.page, "60-detalj")


def _back_shows_nothing(astrid: Person, eye: Eye) -> None:
    """The page with the password is not kept: going back to it, the browser has only the form to send again."""
    astrid.page.go_back()
    astrid.sees("Gi Sak og arkiv tilgang")
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        astrid.page.go_back()
    astrid.page = astrid.page.context.new_page()
    eye.watch(astrid.page)
    astrid.page.goto("/integrasjoner")
    expect(astrid.table("Egne integrasjoner")).to_contain_text("Aldri brukt")
    astrid.follow("Sak og arkiv")


def _reload_shows_nothing(astrid: Person, password: str) -> None:
    """The form is sent again, and makes neither a page with the same password nor another password."""
    astrid.page.reload()
    astrid.reads("Passordet er byttet etter at du åpnet siden")
    assert password not in astrid.page.content()


def _renew(astrid: Person, eye: Eye) -> str:
    astrid.follow("Endre")
    eye.look(astrid.page, "60-endre")
    astrid.follow("Avbryt")
    astrid.follow("Nytt passord")
    astrid.reads("slutter å virke straks")
    eye.look(astrid.page, "60-nytt-passord")
    astrid.page.get_by_label("Ja, i 8 timer").check()
    astrid.press("Lag nytt passord")
    shown = astrid.page.locator("#passord")
    expect(shown).to_have_text(PASSWORD)
    return shown.inner_text()


def _end(astrid: Person, eye: Eye) -> None:
    astrid.follow("Trekk tilbake «Lage utsendinger» på Eiendomsskatt")
    eye.look(astrid.page, "60-trekk-tilbake")
    astrid.follow("Avbryt")
    astrid.follow("Trekk tilbake alle tilganger")
    eye.look(astrid.page, "60-trekk-alle")
    astrid.press("Trekk tilbake alle")
    astrid.reads("1 tilgang er trukket tilbake")
    astrid.follow("Slett integrasjonen")
    eye.look(astrid.page, "60-slett")
    astrid.press("Slett integrasjonen")
    astrid.sees("Integrasjoner")


def test_an_operator_makes_an_organisation_and_offers_an_integrasjon(
    person: Callable[..., Person], eye: Eye
) -> None:
    runar = person(OPERATOR.rolle)
    runar.page.goto("/")
    runar.follow("Logg inn med ID-porten")
    runar.choose_at_idporten()
    runar.sees("Organisasjoner")
    eye.look(runar.page, "61-organisasjoner")
    _organisation(runar, eye)
    _administrator(runar, eye)
    _agreement(runar, eye)
    _offer(runar, eye)
    _approve(person("Administrator"), eye)


def _organisation(runar: Person, eye: Eye) -> None:
    runar.follow("Ny organisasjon")
    runar.press("Gå videre")
    expect(runar.page.locator("#feil")).to_be_visible()
    eye.look(runar.page, "61-ny-organisasjon-feil")
    runar.page.get_by_label("Kommunal virksomhet").check()
    runar.write(navn="Ytre havn KF", orgnr=UNKNOWN)
    eye.look(runar.page, "61-ny-organisasjon")
    runar.press("Gå videre")
    runar.sees("Første administrator")
    eye.look(runar.page, "61-forste-administrator")
    runar.press("Lag organisasjonen")
    expect(runar.page.locator("#feil")).to_be_visible()
    eye.look(runar.page, "61-forste-administrator-feil")
    runar.write(fnr=synthetic_fnr(6, 6, 86), personnavn="Tove Lien")
    runar.press("Lag organisasjonen")
    runar.sees("Ytre havn KF")
    eye.look(runar.page, "61-organisasjon")


def _administrator(runar: Person, eye: Eye) -> None:
    runar.follow("Legg til administrator")
    eye.look(runar.page, "61-ny-administrator")
    runar.write(fnr=synthetic_fnr(7, 7, 87), personnavn="Geir Moen", begrunnelse="Tove Lien er i permisjon")
    runar.press("Legg til administrator")
    runar.reads("Geir Moen er administrator")


def _agreement(runar: Person, eye: Eye) -> None:
    runar.menu("Avtaler")
    eye.look(runar.page, "62-avtaler")
    runar.follow("Ny versjon av Tjenestevedlegg for SvarUt")
    runar.page.locator("#tekst").press("ControlOrMeta+End")
    runar.page.locator("#tekst").press_sequentially("\n\nPartene varsler hverandre om avvik.")
    eye.look(runar.page, "62-ny-versjon")
    runar.press("Se over")
    runar.reads("Den må signeres på nytt av")
    eye.look(runar.page, "62-se-over")
    runar.press("Publiser versjon 2")
    runar.reads("er publisert som versjon 2")


def _offer(runar: Person, eye: Eye) -> None:
    runar.menu("Globale integrasjoner")
    eye.look(runar.page, "63-globale-tom")
    runar.follow("Ny global integrasjon")
    runar.write(kode="SVARUT.INNSYN", navn="SvarUt til Innsyn", autorisert_orgnr=SUPPLIER)
    runar.page.get_by_label("Se utsendinger (konto)").check()
    eye.look(runar.page, "63-ny-global")
    runar.press("Lag integrasjonen")
    runar.press("Nummeret stemmer, lag integrasjonen")
    expect(runar.page.locator("#passord")).to_have_text(PASSWORD)
    runar.follow("Jeg har tatt vare på passordet")
    eye.look(runar.page, "63-global")
    runar.follow("Slett integrasjonen")
    eye.look(runar.page, "63-slett-global")


def _approve(astrid: Person, eye: Eye) -> None:
    astrid.log_in()
    astrid.menu("Integrasjoner")
    eye.look(astrid.page, "64-med-global")
    astrid.follow("SvarUt til Innsyn")
    eye.look(astrid.page, "64-global-ikke-godkjent")
    astrid.follow("Godkjenn")
    astrid.page.get_by_label("Godkjenn på Eiendomsskatt").check()
    eye.look(astrid.page, "64-godkjenn")
    astrid.press("Godkjenn")
    astrid.reads("har fått 1 ny tilgang")


def test_who_has_no_right_to_them_sees_neither_integrasjoner_nor_the_platform(
    person: Callable[..., Person], eye: Eye
) -> None:
    reader = person("Leser")
    reader.log_in()
    expect(reader.link("Integrasjoner")).to_have_count(0)
    for page in ("/integrasjoner", "/rot/organisasjoner"):
        reader.page.goto(page)
        reader.sees("Du har ikke tilgang")


def test_the_logo_on_letters_is_shown_and_a_file_that_is_none_refused(
    person: Callable[..., Person], eye: Eye, tmp_path: Path
) -> None:
    astrid = person("Administrator")
    astrid.log_in()
    astrid.menu("Konfigurasjon")
    astrid.follow("Bytt eller fjern logoen")
    expect(astrid.page.get_by_alt_text("Logoen til Lillevik kommune")).to_be_visible()
    eye.look(astrid.page, "65-logo")
    wrong = tmp_path / "logo.png"
    wrong.write_text("ikke et bilde")
    astrid.upload(wrong)
    expect(astrid.page.locator("#feil")).to_be_visible()
    eye.look(astrid.page, "65-logo-feil")
    astrid.follow("Fjern logoen")
    eye.look(astrid.page, "65-fjern-logo")
