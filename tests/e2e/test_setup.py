"""A new organisation is set up by its first administrator, signs its agreements and takes SvarUt into use."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from testmiljo.onboarding import HEIMDAL
from testmiljo.staff import HEIMDAL_ADMINISTRATOR, synthetic_fnr
from tests.e2e.eye import Eye
from tests.e2e.persons import Person

pytestmark = pytest.mark.slow


def test_a_new_organisation_is_set_up_and_takes_svarut_into_use(
    person: Callable[..., Person], eye: Eye
) -> None:
    berit = person("Første administrator")
    berit.page.goto("/")
    berit.follow("Logg inn med ID-porten")
    berit.choose_at_idporten()
    _set_up(berit, eye)
    _sign(berit, eye, "Les og signer hovedavtalen", "51-hovedavtale")
    _sign(berit, eye, "Les og signer tjenestevedlegget for SvarUt", "51-tjenestevedlegg")
    _take_into_use(berit, eye)


def _set_up(berit: Person, eye: Eye) -> None:
    berit.sees("Adresse og varsler")
    eye.look(berit.page, "50-kontakt")
    berit.press("Lagre og gå videre")
    expect(berit.page.locator("#feil")).to_be_visible()
    eye.look(berit.page, "50-kontakt-feil")
    berit.write(adresselinje1="Havnegata 5", postnr="4262", poststed="AVALDSNES")
    berit.write(epost="post@heimdal.example", varsel_epost="drift@heimdal.example")
    berit.press("Lagre og gå videre")
    berit.sees("Faktura")
    eye.look(berit.page, "50-faktura")
    berit.press("Lagre og gå videre")
    berit.sees("Kontakt for innbyggere")
    eye.look(berit.page, "50-innbyggere")
    berit.write(innbygger_epost="kunde@heimdal.example")
    berit.press("Lagre og gå videre")
    berit.sees("Avtaleadministrator")
    eye.look(berit.page, "50-avtaleadministrator")
    berit.write(fnr=synthetic_fnr(5, 5, 84), personnavn="Eva Sund")
    berit.press("Lagre og gå videre")
    berit.sees("Se over")
    eye.look(berit.page, "50-bekreft")
    berit.press("Fullfør oppsettet")
    berit.sees("Tjenester")


def _sign(berit: Person, eye: Eye, link: str, picture: str) -> None:
    berit.link(link).first.click()  # every service that lacks the hovedavtale has a link to it
    read = berit.page.get_by_label("Jeg har lest avtalen")
    read.wait_for()
    eye.look(berit.page, picture)
    read.check()
    berit.write(navn=HEIMDAL_ADMINISTRATOR.navn)
    berit.press("Signer avtalen")
    berit.sees("Tjenester")


def _take_into_use(berit: Person, eye: Eye) -> None:
    eye.look(berit.page, "52-tjenester")
    berit.press("Opprett SvarUt")
    berit.follow("Lag en konto")
    berit.page.locator("#visningsnavn").wait_for()
    eye.look(berit.page, "52-ny-konto")
    berit.write(visningsnavn="Renovasjon", avsender="heimdal-renovasjon")
    berit.press("Lag kontoen")
    berit.press("Ta i bruk SvarUt")
    berit.reads("Tatt i bruk")
    eye.look(berit.page, "52-i-bruk")
    berit.menu("Ressurser og kontoer")
    eye.look(berit.page, "52-ressurser")
    berit.follow("Renovasjon")
    eye.look(berit.page, "52-konto")
    berit.follow("Steng kontoen")
    eye.look(berit.page, "52-steng-konto")
    berit.menu("Konfigurasjon")
    berit.reads(HEIMDAL.navn)
    eye.look(berit.page, "52-konfigurasjon")
