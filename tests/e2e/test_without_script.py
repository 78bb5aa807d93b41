"""The whole guided job, approval and release with JavaScript switched off."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e import job
from tests.e2e.persons import Person

pytestmark = pytest.mark.slow

PATIENCE = 60


def refresh_until(person: Person, there: Locator) -> None:
    """Follow «Oppdater» as one does who has no script, until what is waited for is on the page."""
    for _ in range(PATIENCE):
        there.or_(person.link("Oppdater")).first.wait_for()
        if there.is_visible():
            return
        person.page.wait_for_timeout(500)
        # Else the new page, without the link, may come before the next look.
        with person.page.expect_navigation():
            person.follow("Oppdater")
    expect(there).to_be_visible()


def heading(person: Person, name: str) -> Locator:
    return person.page.get_by_role("heading", name=name, exact=True)


def test_the_whole_job_is_done_without_script(person: Callable[..., Person]) -> None:
    maker = person("Saksbehandler", java_script_enabled=False)
    approver = person("Godkjenner", java_script_enabled=False)
    maker.log_in()
    address = prepare(maker)
    approver.log_in()
    approve_and_release(approver)
    maker.page.goto(f"{address}/stopp")
    maker.press("Stopp utsendingen")
    maker.reads("Utsendingen er stoppet.")
    maker.log_out()


def prepare(maker: Person) -> str:
    job.begin(maker, "Uten skript", "Kommunale avgifter")
    maker.upload(job.FAULTY)
    refresh_until(maker, heading(maker, "Listen er lest"))
    maker.follow("Gå videre til kontroll")
    job.accept_repairs(maker)
    job.put_bad_rows_aside(maker)
    maker.follow("Gå videre til brev")
    job.choose_tax_note(maker)
    maker.press("Vis brevet")
    refresh_until(maker, maker.page.get_by_role("img", name=re.compile("^Side 1 av")))
    maker.follow("Tilbake til brev")
    maker.follow("Gå videre til oppsummering")
    maker.press("Lag brevene og send til godkjenning")
    refresh_until(maker, heading(maker, "Venter på godkjenning"))
    return maker.page.url


def approve_and_release(approver: Person) -> None:
    approver.follow("Godkjenn «Uten skript»")
    approver.press("Godkjenn utsendingen")
    approver.reads("Utsendingen er godkjent.")
    approver.follow("Frigi utsendingen")
    approver.press("Frigi utsendingen")
    expect(approver.page.locator("#nedtelling")).to_have_text(re.compile(r"Om (29|30)\sminutter"))
