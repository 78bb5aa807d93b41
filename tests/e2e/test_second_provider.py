"""A real browser between the portal and an OpenID provider that others wrote: in, more proof, out from both sides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.contract.second_world import HIGH, LOW, Annen, Evner, make_kommune, second_world
from tests.e2e.eye import Eye
from tests.integration.databases import Database

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Annen]:
    make_kommune(database)
    with second_world(database, Evner(), tmp_path_factory.mktemp("second-provider") / "log") as running:
        yield running


@pytest.fixture
def page(world: Annen, contexts: Callable[..., BrowserContext], eye: Eye) -> Page:
    world.forget_sessions()
    context = contexts(base_url=world.portal)
    # The provider's own page wants a typeface from the world outside, where no test goes.
    context.route(re.compile("^https:"), lambda route: route.fulfill(body="", content_type="text/css"))
    made = context.new_page()
    eye.watch(made)
    return made


def choose(page: Page, proposed: str) -> None:
    """Log in at the provider, at the level that it proposes."""
    expect(page.get_by_role("heading", name="Second provider")).to_be_visible()
    expect(page.get_by_label("Level")).to_have_value(proposed)
    page.get_by_label("Account").select_option("konto-1")
    page.get_by_role("button", name="Log in").click()


def log_in(page: Page) -> None:
    page.goto("/oversikt")
    page.get_by_role("link", name="Logg inn med ID-porten").click()
    choose(page, HIGH)
    expect(page).to_have_url("/oversikt")


def test_a_citizen_logs_in_and_steps_up_to_a_page_of_the_staff(page: Page, world: Annen) -> None:
    page.goto("/minside")
    choose(page, LOW)
    expect(page).to_have_url("/minside")
    assert world.levels() == [3]
    page.goto("/oversikt")
    choose(page, HIGH)
    expect(page).to_have_url("/oversikt")
    assert world.levels() == [4]


def test_s17_34_logging_out_here_goes_by_the_providers_own_page(page: Page, world: Annen) -> None:
    log_in(page)
    page.get_by_role("button", name="Logg ut").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Du er logget ut")
    assert world.levels() == []


def test_s17_34_logging_out_there_ends_the_session_here(page: Page, world: Annen) -> None:
    log_in(page)
    elsewhere = page.context.new_page()
    elsewhere.goto(world.issuer + "/session/end")
    elsewhere.get_by_role("button", name="Yes, sign me out").click()
    expect(elsewhere.get_by_text("Sign-out Success")).to_be_visible()
    assert world.levels() == []
    page.goto("/oversikt")
    expect(page.get_by_role("heading", name="Second provider")).to_be_visible()
