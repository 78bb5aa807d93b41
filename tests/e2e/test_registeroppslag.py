"""Somebody who may looks up in the registers, and is told plainly; others have no such page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from testmiljo.folders import LILLEVIK
from tests.e2e.eye import Eye
from tests.e2e.persons import Person
from tests.e2e.platform import BY_ROLE, Plattform

pytestmark = pytest.mark.slow

WHO, CITIZEN = "Saksbehandler og godkjenner", "Uten rettigheter"
TAX = "Eiendomsskatt: eigedomsskattelova § 14"


def world() -> dict[str, Any]:
    """Who lives in Lillevik."""
    found: dict[str, Any] = json.loads((LILLEVIK / "register.json").read_text("utf-8"))
    return found


def look_up(person: Person, register: str, number: str, hjemmel: str = "") -> None:
    person.page.get_by_label(register, exact=True).check()
    person.write(nummer=number)
    if hjemmel:
        person.page.locator("#hjemmel").select_option(label=hjemmel)
    person.press("Slå opp")


def test_a_person_and_an_organisation_are_looked_up(person: Callable[..., Person], eye: Eye) -> None:
    clerk, citizen = person(WHO), BY_ROLE[CITIZEN]
    clerk.log_in()
    clerk.menu("Registeroppslag")
    eye.look(clerk.page, "60-registeroppslag")
    look_up(clerk, "Kontakt- og reservasjonsregisteret", citizen.pid)
    clerk.reads("Velg hjemmelen for oppslaget.")
    eye.look(clerk.page, "60-registeroppslag-feil")
    look_up(clerk, "Kontakt- og reservasjonsregisteret", citizen.pid, TAX)
    clerk.sees_part("Svar fra Kontakt- og reservasjonsregisteret")
    clerk.reads("Dette oppslaget er logget")
    expect(clerk.page.locator("#nummer")).to_have_value("")
    assert citizen.pid not in clerk.page.content() + clerk.page.url
    eye.look(clerk.page, "60-registeroppslag-kontakt")
    look_up(clerk, "Folkeregisteret", citizen.pid)
    clerk.reads(citizen.navn)
    clerk.reads("Rådhusgata 1, 4262 AVALDSNES")
    eye.look(clerk.page, "60-registeroppslag-person")
    orgnr = next(iter(world()["organisasjoner"]))
    look_up(clerk, "Enhetsregisteret", orgnr)
    clerk.reads(orgnr)
    eye.look(clerk.page, "60-registeroppslag-virksomhet")


def test_of_a_protected_person_only_that_is_shown(person: Callable[..., Person], eye: Eye) -> None:
    protected = next(
        pid
        for pid, entry in world()["personer"].items()
        if entry["folkeregister"] and entry["folkeregister"]["adressebeskyttelse"] == "strengtFortrolig"
    )
    clerk = person(WHO)
    clerk.log_in()
    clerk.menu("Registeroppslag")
    for register in ("Kontakt- og reservasjonsregisteret", "Folkeregisteret"):
        look_up(clerk, register, protected, TAX)
        clerk.sees_part(f"Svar fra {register}")
        clerk.reads("Personen har strengt fortrolig adresse. Derfor vises ingen opplysninger.")
        expect(clerk.main.locator("dl")).to_have_count(0)
    eye.look(clerk.page, "60-registeroppslag-strengt-fortrolig")


def test_the_citizen_sees_who_looked_them_up_and_others_have_no_such_page(
    person: Callable[..., Person], eye: Eye
) -> None:
    clerk, citizen, admin = person(WHO), person(CITIZEN), person("Administrator")
    clerk.log_in()
    clerk.menu("Registeroppslag")
    look_up(clerk, "Kontakt- og reservasjonsregisteret", citizen.who.pid, TAX)
    clerk.sees_part("Svar fra Kontakt- og reservasjonsregisteret")
    citizen.page.goto("/minside/innsyn")
    citizen.choose_at_idporten()
    citizen.reads("Slo opp om du kan få digital post")
    citizen.reads("eigedomsskattelova § 14")
    eye.look(citizen.page, "60-registeroppslag-min-side")
    admin.log_in()
    expect(admin.link("Registeroppslag")).to_have_count(0)


def test_a_register_that_is_silent_is_told_of_plainly(
    plattform: Plattform, contexts: Callable[..., BrowserContext], eye: Eye
) -> None:
    """The eye does not watch this browser: its page is answered with 503 on purpose."""
    clerk = Person(contexts(base_url=plattform.stack.base_url).new_page(), BY_ROLE[WHO])
    clerk.log_in()
    clerk.menu("Registeroppslag")
    with plattform.silent("krr"):
        look_up(clerk, "Kontakt- og reservasjonsregisteret", BY_ROLE[CITIZEN].pid, TAX)
        clerk.reads("Registeret svarer ikke akkurat nå.")
        eye.look(clerk.page, "60-registeroppslag-uten-svar")
