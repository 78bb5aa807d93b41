"""In and out in a real browser: login, more proof, renewal nobody sees, logout from both sides, acting for another."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from testmiljo.staff import OPERATOR, synthetic_fnr
from tests.e2e.eye import Eye
from tests.e2e.persons import Person
from tests.e2e.platform import Plattform

pytestmark = pytest.mark.slow

IDPORTEN = re.compile(r"/idporten/")


def cookie_of(page: Page) -> str:
    [value] = [c["value"] for c in page.context.cookies() if c["name"] == "fiks"]
    return value


def test_one_comes_to_the_page_one_asked_for(person: Callable[..., Person], eye: Eye) -> None:
    kari = person("Saksbehandler")
    kari.page.goto("/utsendinger")
    eye.look(kari.page, "62-logg-inn")
    kari.follow("Logg inn med ID-porten")
    kari.choose_at_idporten()
    expect(kari.page).to_have_url("/utsendinger")


def test_s17_32_an_idle_session_is_renewed_without_a_page_between(
    person: Callable[..., Person], plattform: Plattform
) -> None:
    kari = person("Saksbehandler")
    kari.log_in()
    before = cookie_of(kari.page)
    plattform.make_idle(31)
    kari.page.goto("/utsendinger")
    expect(kari.page).to_have_url("/utsendinger")
    kari.sees("Manuell utsending")
    assert cookie_of(kari.page) != before


def test_logging_out_when_the_session_is_over_ends_idportens_login_all_the_same(
    person: Callable[..., Person], plattform: Plattform
) -> None:
    kari = person("Saksbehandler")
    kari.log_in()
    plattform.make_idle(31)
    kari.log_out()
    kari.page.goto("/oversikt")
    kari.follow("Logg inn med ID-porten")
    expect(kari.page).to_have_url(IDPORTEN)
    expect(kari.page.get_by_role("heading", name="Velg hvem du er")).to_be_visible()


def test_a_page_that_follows_along_by_itself_says_so_when_the_session_is_over(
    person: Callable[..., Person], plattform: Plattform, eye: Eye
) -> None:
    runar = person(OPERATOR.rolle)
    runar.page.goto("/")
    runar.follow("Logg inn med ID-porten")
    runar.choose_at_idporten()
    runar.menu("Drift")
    plattform.make_idle(31)
    runar.sees("Du er logget ut")
    eye.look(runar.page, "62-logget-ut-av-seg-selv")
    runar.follow("Logg inn med ID-porten")
    runar.sees("Drift")


def test_who_is_about_to_be_logged_out_is_told_and_goes_on_where_they_were(
    person: Callable[..., Person], plattform: Plattform, eye: Eye
) -> None:
    kari = person("Saksbehandler")
    kari.page.clock.install()
    kari.log_in()
    kari.page.goto("/utsendinger/ny")
    name = kari.page.get_by_role("textbox").first
    name.fill("Eiendomsskatt")
    warned = kari.page.get_by_role("region", name="Innlogging")
    kari.page.clock.fast_forward("26:00")
    kari.page.wait_for_load_state("networkidle")
    expect(warned).to_be_hidden()  # the house says that the login was used a moment ago: in another tab
    plattform.make_idle(26)
    kari.page.clock.fast_forward("26:00")
    expect(warned.get_by_role("alert")).to_have_text(
        re.compile(r"^Du blir logget ut kl\. \d\d\.\d\d, fordi siden ikke er brukt")
    )
    eye.look(kari.page, "62-snart-logget-ut")
    name.focus()
    warned.get_by_role("button", name="Fortsett").click()
    expect(warned).to_be_hidden()
    expect(name).to_be_focused()
    expect(name).to_have_value("Eiendomsskatt")
    plattform.make_idle(31)
    kari.page.clock.fast_forward("31:00")
    expect(warned.get_by_role("alert")).to_have_text(re.compile("^Du er logget ut"))
    expect(warned.get_by_role("button")).to_be_hidden()
    eye.look(kari.page, "62-logget-ut-under-arbeid")


def test_nobody_goes_on_beyond_two_hours_and_that_is_told_before(
    person: Callable[..., Person], plattform: Plattform, eye: Eye
) -> None:
    kari = person("Saksbehandler")
    kari.page.clock.install()
    kari.log_in()
    plattform.age_logins(116)
    kari.page.goto("/utsendinger")
    kari.page.clock.fast_forward("00:30")
    warned = kari.page.get_by_role("region", name="Innlogging")
    expect(warned.get_by_role("alert")).to_have_text(re.compile("en innlogging varer i høyst to timer"))
    expect(warned.get_by_role("button")).to_be_hidden()
    eye.look(kari.page, "62-snart-to-timer")


def test_s17_34_logging_out_here_ends_idportens_login_too(person: Callable[..., Person]) -> None:
    kari = person("Saksbehandler")
    kari.log_in()
    kari.log_out()
    kari.page.goto("/oversikt")
    kari.follow("Logg inn med ID-porten")
    expect(kari.page).to_have_url(IDPORTEN)
    expect(kari.page.get_by_role("heading", name="Velg hvem du er")).to_be_visible()


@pytest.mark.parametrize("channel", ["front", "back"])
def test_s17_34_logging_out_at_idporten_ends_the_session_here(
    person: Callable[..., Person], plattform: Plattform, channel: str
) -> None:
    kari = person("Saksbehandler")
    kari.log_in()
    elsewhere = kari.page.context.new_page()
    if channel == "front":
        with plattform.without_back_channel():
            leave(elsewhere, plattform)
    else:
        # No frame of the page gets through, so only ID-porten's own machine can tell.
        elsewhere.route(re.compile("/innlogging/frontkanal"), lambda route: route.abort())
        leave(elsewhere, plattform)
    kari.page.goto("/oversikt")
    kari.sees("Velg hvem du er")


def leave(page: Page, plattform: Plattform) -> None:
    """Log out at ID-porten itself, as from another service."""
    page.goto(plattform.stack.environ["IDPORTEN_ISSUER"] + "/logout")
    expect(page.get_by_role("heading", name="Du logges ut")).to_be_visible()
    page.wait_for_load_state("networkidle")


def test_s17_42_a_citizen_chooses_whom_to_act_for_and_every_page_says_so(
    person: Callable[..., Person], plattform: Plattform, eye: Eye
) -> None:
    pid = synthetic_fnr(7, 7, 77)
    sim = plattform.stack.sim
    sim.add_mandate(pid, "314000005", "Konsernet, avdeling Hamna", hovedenhet=("314000013", "Konsernet AS"))
    sim.add_mandate(pid, "314000021", "Huset AS")
    sim.add_mandate(pid, "314000048", "Lagt ned AS", slettet=True)
    citizen = person("Saksbehandler")
    citizen.page.goto("/minside")
    citizen.page.get_by_label("Fødselsnummer eller d-nummer").fill(pid)
    citizen.page.get_by_role("button", name="Gå videre").click()
    expect(citizen.page).to_have_url("/minside/velg")
    eye.look(citizen.page, "61-velg-aktor")
    citizen.does_not_read("Lagt ned AS")
    expect(citizen.page.get_by_role("button", name=re.compile("Konsernet AS"))).to_have_count(0)
    citizen.page.get_by_role("button", name=re.compile("Konsernet, avdeling Hamna")).click()
    expect(citizen.page).to_have_url("/minside")
    for path in ("/minside", "/minside/innsyn", "/minside/innlogginger"):
        citizen.page.goto(path)
        expect(citizen.page.get_by_text("Du representerer Konsernet, avdeling Hamna")).to_be_visible()
    eye.look(citizen.page, "61-representerer")
