"""What a person without a mouse needs: the skip link, a visible focus, errors that take the focus."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.eye import Eye
from tests.e2e.persons import Person

pytestmark = pytest.mark.slow


def test_the_keyboard_skips_the_menu_and_lands_on_the_errors(person: Callable[..., Person], eye: Eye) -> None:
    maker = person("Saksbehandler")
    maker.log_in()
    page = maker.page
    page.goto("/utsendinger/ny")
    page.keyboard.press("Tab")
    expect(maker.link("Hopp til hovedinnholdet")).to_be_focused()
    eye.look(page, "30-hopp-til-innhold")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.locator("#tittel").focus()
    page.keyboard.press("Enter")
    summary = page.locator("ds-error-summary")
    expect(summary).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#konto")).to_be_focused()
    expect(page.locator("#konto")).to_have_attribute("aria-invalid", "true")


def test_every_step_of_the_main_menu_is_reached_by_tab_and_shows_where_it_is(
    person: Callable[..., Person],
) -> None:
    administrator = person("Revisor")
    administrator.log_in()
    page = administrator.page
    for name in ("Oversikt", "Konfigurasjon", "Tilganger", "Revisjonslogg"):
        link = page.get_by_role("navigation", name="Hovedmeny").get_by_role("link", name=name)
        for _ in range(20):
            page.keyboard.press("Tab")
            if link.evaluate("e => e === document.activeElement"):
                break
        expect(link).to_be_focused()
        outline = link.evaluate("e => getComputedStyle(e).outlineStyle")
        assert outline != "none"
