"""A citizen on Min side: at level 3, in both languages, on every page, and at level 4 only after proving more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.eye import Eye
from tests.e2e.persons import Person

pytestmark = pytest.mark.slow

PAGES = (
    ("/minside", "forside"),
    ("/minside/innsyn", "innsyn"),
    ("/minside/innlogginger", "innlogginger"),
    ("/minside/hjelp", "hjelp"),
    ("/minside/personvern", "personvern"),
    ("/minside/tilgjengelighet", "tilgjengelighet"),
)


def test_a_citizen_reads_every_page_of_min_side_in_both_languages(
    person: Callable[..., Person], eye: Eye
) -> None:
    citizen = person("Saksbehandler")
    citizen.page.goto("/minside")
    citizen.choose_at_idporten()
    for language, button in (("nb", "Nynorsk"), ("nn", "Bokmål")):
        for path, name in PAGES:
            citizen.page.goto(path)
            expect(citizen.page.locator("html")).to_have_attribute("lang", language)
            expect(citizen.page.get_by_role("heading", level=1)).to_have_count(1)
            eye.look(citizen.page, f"60-{name}-{language}")
        citizen.page.get_by_role("button", name=button).click()


def test_what_lies_at_level_four_asks_for_more_and_what_does_not_stays_open(
    person: Callable[..., Person],
) -> None:
    citizen = person("Saksbehandler")
    citizen.page.goto("/minside")
    citizen.choose_at_idporten()
    expect(citizen.page).to_have_url("/minside")
    citizen.page.goto("/oversikt")
    expect(citizen.page).not_to_have_url("/oversikt")
    citizen.choose_at_idporten()
    citizen.sees("Oversikt")
