"""Administrators decide who may do what: at the matrix, for one person, both at once, and from a konto of one's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from testmiljo.staff import synthetic_fnr
from tests.e2e.eye import Eye
from tests.e2e.persons import Person

pytestmark = pytest.mark.slow

NORA, VIKAR = "Nora Vik", "Vetle Vikar"


def test_an_administrator_gives_changes_and_takes_away(person: Callable[..., Person], eye: Eye) -> None:
    astrid = person("Administrator")
    astrid.log_in()
    astrid.menu("Tilganger")
    eye.look(astrid.page, "60-tilganger")
    astrid.follow("Eiendomsskatt")
    astrid.sees("Tilganger på Eiendomsskatt")
    eye.look(astrid.page, "60-ressurs")
    _give(astrid, eye)
    _tick_and_untick(astrid, eye)
    _make_administrator(astrid, eye)
    _one_person(astrid, eye)
    _leave(astrid, eye)


def _give(astrid: Person, eye: Eye) -> None:
    astrid.follow("Gi tilgang")
    eye.look(astrid.page, "60-gi-tilgang")
    astrid.press("Gi tilgang")
    expect(astrid.page.locator("#feil")).to_be_visible()
    eye.look(astrid.page, "60-gi-tilgang-feil")
    astrid.write(sok="ola")
    astrid.press("Finn person")
    expect(astrid.page.get_by_label("Ola Havnes")).to_be_visible()
    eye.look(astrid.page, "60-ny-treff")
    astrid.page.get_by_label("En person som er ny her").check()
    astrid.write(fnr=synthetic_fnr(8, 8, 87), navn=NORA, til="31.12.2099", begrunnelse="Vikar for Kari")
    astrid.page.get_by_label("Se utsendinger").check()
    astrid.press("Gi tilgang")
    astrid.reads(f"{NORA} har fått tilgangen")
    eye.look(astrid.page, "60-gitt")


def box(who: Person, privilege: str, holder: str) -> Locator:
    return who.page.get_by_label(f"{privilege} – {holder}", exact=True)


def _tick_and_untick(astrid: Person, eye: Eye) -> None:
    box(astrid, "Lage utsendinger", NORA).check()
    astrid.press("Lagre endringer")
    astrid.reads("Endringene er lagret")
    expect(box(astrid, "Lage utsendinger", NORA)).to_be_checked()
    box(astrid, "Lage utsendinger", NORA).uncheck()
    box(astrid, "Stoppe", NORA).check()
    astrid.press("Lagre endringer")
    astrid.sees("Vil du gjøre disse endringene på Eiendomsskatt?")
    eye.look(astrid.page, "60-bekreft")
    astrid.press("Fjern og lagre")
    astrid.reads("Endringene er lagret")
    expect(box(astrid, "Lage utsendinger", NORA)).not_to_be_checked()
    expect(box(astrid, "Stoppe", NORA)).to_be_checked()


def _make_administrator(astrid: Person, eye: Eye) -> None:
    astrid.follow("Gi tilgang")
    astrid.page.get_by_label("En person som er ny her").check()
    astrid.write(fnr=synthetic_fnr(9, 9, 88), navn=VIKAR)
    astrid.page.get_by_label("Administrator", exact=True).check()
    astrid.press("Gi tilgang")
    astrid.sees(f"Vil du gi tilgang til {VIKAR}?")
    eye.look(astrid.page, "60-ny-bekreft")
    astrid.press("Gi tilgang")
    astrid.reads(f"{VIKAR} har fått tilgangen")


def _one_person(astrid: Person, eye: Eye) -> None:
    astrid.follow("Personer")
    eye.look(astrid.page, "61-personer")
    astrid.follow(NORA)
    astrid.sees(NORA)
    eye.look(astrid.page, "61-person")
    astrid.page.get_by_role("link", name="Sluttdato for Se utsendinger").click()
    astrid.sees("Endre sluttdato")
    eye.look(astrid.page, "61-slutt")
    astrid.write(til="1. januar")
    astrid.press("Lagre sluttdatoen")
    expect(astrid.page.locator("#feil")).to_be_visible()
    astrid.write(til="")
    astrid.press("Lagre sluttdatoen")
    astrid.reads("Sluttdatoen er lagret")
    astrid.follow(NORA)
    astrid.page.get_by_role("link", name="Fjern Stoppe").click()
    astrid.sees("Vil du fjerne «Stoppe")
    eye.look(astrid.page, "61-fjern")
    astrid.press("Fjern tilgangen")
    astrid.reads(f"{NORA} har ikke lenger tilgangen")
    astrid.menu("Tilganger")
    astrid.write(sok="astrid")
    astrid.press("Finn person")
    astrid.follow("Astrid Nordli")
    astrid.reads("Arvet til det som ligger under")
    eye.look(astrid.page, "61-person-med-arv")


def _leave(astrid: Person, eye: Eye) -> None:
    for name in (NORA, VIKAR):
        astrid.follow("Personer")
        astrid.follow(name)
        astrid.follow("Har sluttet")
        astrid.sees(f"Har {name} sluttet?")
        if name == NORA:
            eye.look(astrid.page, "61-sluttet")
        astrid.press("Fjern alle tilganger")
        astrid.reads(f"{name} er fjernet")
        expect(astrid.link(name)).to_have_count(0)


def test_two_administrators_at_the_same_matrix(person: Callable[..., Person], eye: Eye) -> None:
    astrid, hanne = person("Administrator"), person("Andre administrator")
    for one in (astrid, hanne):
        one.log_in()
        one.menu("Tilganger")
        one.follow("Kommunale avgifter")
    box(astrid, "Stoppe", "Even Skogheim").check()
    astrid.press("Lagre endringer")
    astrid.reads("Endringene er lagret")
    box(hanne, "Godkjenne", "Even Skogheim").check()
    hanne.press("Lagre endringer")
    hanne.reads("Noen andre har endret tilgangene mens du hadde siden oppe")
    expect(box(hanne, "Stoppe", "Even Skogheim")).to_be_checked()
    expect(box(hanne, "Godkjenne", "Even Skogheim")).to_be_checked()
    eye.look(hanne.page, "62-noen-andre")
    box(hanne, "Godkjenne", "Even Skogheim").uncheck()
    box(hanne, "Stoppe", "Even Skogheim").uncheck()
    hanne.press("Lagre endringer")
    hanne.press("Fjern og lagre")
    hanne.reads("Endringene er lagret")


def test_the_administrator_of_one_konto_works_there_and_nowhere_else(
    person: Callable[..., Person], eye: Eye
) -> None:
    frode = person("Kontoadministrator")
    frode.log_in()
    frode.menu("Tilganger")
    frode.does_not_read("Eiendomsskatt")
    eye.look(frode.page, "63-kontoadministrator")
    frode.follow("Kommunale avgifter")
    frode.sees("Tilganger på Kommunale avgifter")
    frode.reads("Arvet fra Lillevik kommune")
    eye.look(frode.page, "63-konto")
    frode.follow("Personer")
    frode.follow("Frode Lien")
    expect(frode.link("Har sluttet")).to_have_count(0)


def test_who_may_not_see_the_grants_is_told_whom_to_ask(person: Callable[..., Person], eye: Eye) -> None:
    reader = person("Leser")
    reader.log_in()
    expect(reader.page.get_by_role("link", name="Tilganger")).to_have_count(0)
    reader.page.goto("/tilganger")
    reader.sees("Du har ikke tilgang")
    reader.reads("Be administrator i kommunen om tilgang")
    eye.look(reader.page, "64-ikke-tilgang")
