"""An operator sees how the platform runs, stops all sending and starts it again: with script and without."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from playwright.sync_api import expect

from fiks.core.actor import system
from fiks.core.db import transaction
from fiks.drift import reconciliation_mark, service
from fiks.drift.restore_guard import REASON
from portal.rot.drift import EVERY
from testmiljo.staff import OPERATOR
from tests.e2e.eye import Eye
from tests.e2e.persons import Person
from tests.e2e.platform import Plattform

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _sending_goes_on(plattform: Plattform) -> Iterator[None]:
    """Whatever a test stopped, the platform sends for the next one."""
    yield
    with plattform.house():
        service.mark_reconciled(actor=system("test"))
        service.thaw(actor=system("test"))


def come_in(runar: Person) -> None:
    """An operator has no organisation to choose."""
    runar.page.goto("/")
    runar.follow("Logg inn med ID-porten")
    runar.choose_at_idporten()
    runar.menu("Drift")


def test_an_operator_sees_how_the_platform_runs(person: Callable[..., Person], eye: Eye, sent: UUID) -> None:
    runar = person(OPERATOR.rolle)
    come_in(runar)
    processes = runar.table("Prosesser i live")
    for name in ("send", "pdf", "inn", "sveip"):
        row = processes.get_by_role("row", name=re.compile(f"^{name}: "))
        expect(row.get_by_role("cell").first).to_have_text(
            re.compile(r"^(\d+|0,5)$")
        )  # half a send is run here
    runar.reads(re.compile("Ingenting venter i: .*Forhåndsvisning"))
    expect(
        runar.page.get_by_role("img", name=re.compile("brev er overlevert den siste timen"))
    ).to_be_visible()
    eye.look(runar.page, "70-drift")
    runar.page.get_by_text("Vis tallene som tabell").click()
    runar.follow("Siste døgn")
    expect(runar.page.get_by_role("img", name=re.compile("det siste døgnet"))).to_be_visible()
    eye.look(runar.page, "70-drift-dogn")


def test_the_page_follows_what_happens_while_it_is_looked_at(
    person: Callable[..., Person], plattform: Plattform
) -> None:
    runar = person(OPERATOR.rolle)
    come_in(runar)
    with plattform.house():
        service.freeze("stanset et annet sted", actor=system("test"))
    runar.sees_part("All sending er stanset", 40)
    runar.reads("stanset et annet sted")


def test_a_screen_reader_is_told_what_changes_and_the_page_may_be_let_rest(
    person: Callable[..., Person], plattform: Plattform
) -> None:
    runar = person(OPERATOR.rolle)
    come_in(runar)
    told = runar.page.locator("#levende-meldt")
    expect(told).to_have_text("")
    with plattform.house():
        service.freeze("stanset et annet sted", actor=system("test"))
    runar.sees_part("All sending er stanset", 40)
    expect(told).to_have_text(re.compile("^All sending er stanset"))
    runar.press("Sett oppdateringen på pause")
    with plattform.house():
        service.thaw(actor=system("test"))
    runar.page.wait_for_timeout(2_000 * EVERY)
    runar.sees_part("All sending er stanset")
    runar.press("Oppdater igjen")
    expect(told).to_have_text(re.compile("^Sendingen går"), timeout=40_000)
    expect(runar.page.get_by_role("button", name="Sett oppdateringen på pause")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_all_sending_is_stopped_with_a_reason_and_started_again(
    person: Callable[..., Person], eye: Eye, script: bool
) -> None:
    runar = person(OPERATOR.rolle, java_script_enabled=script)
    come_in(runar)
    runar.follow("Stans all sending")
    runar.sees("Vil du stanse all sending?")
    runar.press("Stans all sending")
    runar.reads("med minst 5 og høyst 200 tegn")
    if script:
        eye.look(runar.page, "71-stans-feil")
    runar.write(grunn="Altinn melder om feil hos seg")
    runar.press("Stans all sending")
    runar.reads("All sending er stanset.")
    runar.reads("Altinn melder om feil hos seg")
    if script:
        eye.look(runar.page, "71-stanset")
    runar.follow("Start sendingen igjen")
    runar.sees("Vil du starte sendingen igjen?")
    runar.reads("Altinn melder om feil hos seg")
    if script:
        eye.look(runar.page, "71-start")
    runar.press("Start sendingen igjen")
    runar.reads("Sendingen er i gang igjen.")
    expect(runar.link("Stans all sending")).to_be_visible()


def test_after_a_restored_backup_the_page_says_so_and_asks_before_it_starts(
    person: Callable[..., Person], plattform: Plattform, eye: Eye
) -> None:
    with plattform.house(), transaction():
        service.stop(REASON, actor=system("epokevakt"))
        reconciliation_mark.mark("7 en/annen")
    runar = person(OPERATOR.rolle)
    come_in(runar)
    runar.reads("Databasen er eldre enn det dokumentlageret har sett")
    eye.look(runar.page, "72-stanset-gjenopprettet")
    runar.follow("Start sendingen igjen")
    runar.press("Start sendingen igjen")
    runar.reads("Kryss av hvis dere vil starte likevel.")
    eye.look(runar.page, "72-gjenopprettet")
    runar.page.get_by_label("Start likevel, uten å slå opp hva som er sendt").check()
    runar.press("Start sendingen igjen")
    runar.reads("Sendingen er i gang igjen.")
    runar.reads("Brev kan bli sendt to ganger")
    eye.look(runar.page, "72-startet-likevel")
