"""Pages everybody can come to: help, errors, no access, a login that was broken off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.eye import Eye
from tests.e2e.persons import Person

pytestmark = pytest.mark.slow


def test_the_pages_of_the_footer_are_for_everybody(person: Callable[..., Person], eye: Eye) -> None:
    visitor = person("Leser")
    visitor.page.goto("/logg-inn")
    for name in ("Tilgjengelighetserklæring", "Personvern", "Hjelp og kontakt"):
        visitor.follow(name)
        eye.look(visitor.page, f"40-{name.split()[0].lower()}")


def test_whoever_makes_a_fagsystem_finds_the_interfaces_and_the_codes(
    person: Callable[..., Person], eye: Eye
) -> None:
    visitor = person("Leser")
    visitor.page.goto("/hjelp")
    visitor.follow("grensesnittene for fagsystemer")
    visitor.sees("Grensesnitt for fagsystemer")
    eye.look(visitor.page, "43-grensesnitt")
    visitor.follow("feilkodene")
    visitor.sees("Feilkoder for fagsystemer")
    eye.look(visitor.page, "43-feilkoder")


def test_who_has_no_access_is_told_and_sees_nothing(person: Callable[..., Person], eye: Eye) -> None:
    stranger = person("Uten rettigheter")
    stranger.page.goto("/")
    stranger.follow("Logg inn med ID-porten")
    stranger.choose_at_idporten()
    stranger.sees("Du har ingen tilganger")
    eye.look(stranger.page, "41-ingen-tilganger")
    reader = person("Leser")
    reader.log_in()
    reader.page.goto("/revisjonslogg")
    eye.look(reader.page, "41-ikke-tilgang")
    reader.page.goto("/utsendinger/00000000-0000-4000-8000-000000000000")
    reader.sees("Siden finnes ikke")
    eye.look(reader.page, "41-finnes-ikke")


def test_a_login_that_is_broken_off_can_be_tried_again(person: Callable[..., Person], eye: Eye) -> None:
    visitor = person("Leser")
    visitor.page.goto("/")
    visitor.follow("Logg inn med ID-porten")
    visitor.page.get_by_label("Hva skal skje?").select_option(label="Avbryt innloggingen")
    visitor.press("Gå videre")
    expect(visitor.link("Prøv på nytt")).to_be_visible()
    eye.look(visitor.page, "42-avbrutt")
    visitor.follow("Prøv på nytt")
    visitor.sees("Logg inn")
