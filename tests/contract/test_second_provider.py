"""The portal logs in at an OpenID provider that others wrote (npm oidc-provider), by settings alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.contract.second_world import LOW, Annen, Evner, Nettleser, make_kommune, second_world
from tests.integration.databases import Database
from tests.portal.loopback import path_of

pytestmark = pytest.mark.slow

STAFF = "/innlogging/start?neste=/oversikt"
"""What the one button of the staff's login page leads to."""


@pytest.fixture(scope="module")
def database(database: Database) -> Database:
    make_kommune(database)
    return database


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("second-provider")


@pytest.fixture(scope="module")
def world(database: Database, folder: Path) -> Iterator[Annen]:
    with second_world(database, Evner(), folder / "able.log") as running:
        yield running


@pytest.fixture(scope="module")
def plain_world(database: Database, folder: Path) -> Iterator[Annen]:
    """A provider that offers neither pushed requests nor a logout, and signs with elliptic curves as we do."""
    with second_world(database, Evner(par=False, logout=False, alg="ES256"), folder / "plain.log") as running:
        yield running


@pytest.fixture
def kari(world: Annen) -> Nettleser:
    return browser_at(world)


@pytest.fixture
def plain_kari(plain_world: Annen) -> Nettleser:
    return browser_at(plain_world)


def browser_at(world: Annen) -> Nettleser:
    """A new browser, and nobody logged in from before."""
    world.forget_sessions()
    return Nettleser(world)


def test_a_citizen_logs_in_at_the_lower_level_with_the_number_from_userinfo(kari: Nettleser) -> None:
    page = kari.log_in("/minside")
    assert (page.status_code, path_of(page.url)) == (200, "/minside")
    assert "Kari Nordmann" in page.text
    assert kari.world.levels() == [3]


def test_a_member_of_staff_logs_in_at_the_higher_level_and_comes_to_the_page_that_was_asked_for(
    kari: Nettleser,
) -> None:
    page = kari.log_in(STAFF)
    assert (page.status_code, path_of(page.url)) == (200, "/oversikt")
    assert kari.world.levels() == [4]


def test_parameters_are_pushed_because_discovery_offers_it(kari: Nettleser) -> None:
    page = kari.open(STAFF)
    asked = next(step.url for step in page.history if path_of(step.url) == "/auth")
    assert set(parse_qs(urlsplit(asked).query)) == {"client_id", "request_uri"}


def test_parameters_go_with_the_browser_where_discovery_offers_nothing_else(plain_kari: Nettleser) -> None:
    page = plain_kari.open(STAFF)
    asked = parse_qs(next(urlsplit(step.url).query for step in page.history if path_of(step.url) == "/auth"))
    assert asked["code_challenge_method"] == ["S256"]
    assert {"code_challenge", "state", "nonce"} <= set(asked)
    assert path_of(plain_kari.choose(page).url) == "/oversikt"
    assert plain_kari.world.levels() == [4]


def test_the_number_is_in_no_address_on_the_way(kari: Nettleser) -> None:
    page = kari.log_in(STAFF)
    assert not [step.url for step in [*page.history, page] if "17912099997" in step.url]


def test_a_citizen_who_opens_a_page_of_the_staff_steps_up_and_gets_a_new_session(kari: Nettleser) -> None:
    kari.log_in("/minside")
    page = kari.choose(kari.open("/oversikt"))
    assert path_of(page.url) == "/oversikt"
    assert (kari.world.levels(), kari.world.endings()) == ([4], ["FORNYET"])


def test_s17_30_a_lower_level_than_asked_for_is_refused_although_the_provider_let_it_pass(
    database: Database, folder: Path
) -> None:
    with second_world(database, Evner(fault="level"), folder / "level.log") as world:
        kari = browser_at(world)
        page = kari.choose(kari.open(STAFF), level=LOW)
        assert (page.status_code, "for lavt sikkerhetsnivå" in page.text) == (403, True)
        assert world.levels() == []


def test_s17_32_a_session_that_was_idle_too_long_is_renewed_unseen(kari: Nettleser) -> None:
    kari.log_in(STAFF)
    kari.world.make_idle(31)
    page = kari.open("/oversikt")
    assert (page.status_code, path_of(page.url)) == (200, "/oversikt")
    assert [path_of(step.url) for step in page.history].count("/auth") == 1
    assert kari.world.levels() == [4]


def test_a_fresh_proof_is_asked_for_although_one_is_logged_in_at_the_provider(kari: Nettleser) -> None:
    kari.log_in(STAFF)
    page = kari.choose(kari.open("/innlogging/start?bekreft=1&neste=/oversikt"))
    assert path_of(page.url) == "/oversikt"
    assert kari.world.endings() == ["FORNYET"]


def test_s17_36_an_account_without_a_number_gets_a_page_that_says_so(kari: Nettleser) -> None:
    page = kari.log_in("/minside", account="konto-3")
    assert (page.status_code, "mangler fødselsnummer" in page.text) == (403, True)
    assert kari.world.levels() == []


def test_userinfo_that_tells_of_somebody_else_is_not_believed(database: Database, folder: Path) -> None:
    with second_world(database, Evner(fault="userinfo"), folder / "userinfo.log") as world:
        page = browser_at(world).log_in("/minside")
        assert (page.status_code, "ble ikke fullført" in page.text) == (400, True)
        assert world.levels() == []


def test_a_fresh_proof_that_does_not_say_when_it_was_given_is_refused(
    database: Database, folder: Path
) -> None:
    with second_world(database, Evner(fault="auth_time"), folder / "auth-time.log") as world:
        kari = browser_at(world)
        kari.log_in(STAFF)
        page = kari.log_in("/innlogging/start?bekreft=1&neste=/oversikt")
        assert (page.status_code, "ble ikke fullført" in page.text) == (400, True)
        assert world.endings() == []


def test_s17_34_logging_out_here_ends_the_login_there(kari: Nettleser) -> None:
    kari.log_in(STAFF)
    page = kari.log_out()
    assert (path_of(page.url), "Du er logget ut" in page.text) == ("/logget-ut", True)
    assert kari.world.levels() == []
    assert kari.open(STAFF).url.startswith(kari.world.issuer + "/interaction/")


def test_s17_34_logging_out_there_ends_the_session_here_by_the_back_channel(kari: Nettleser) -> None:
    kari.log_in(STAFF)
    kari.confirm_logout(kari.world.issuer + "/session/end")
    assert (kari.world.levels(), kari.world.endings()) == ([], ["BAKKANAL"])


def test_s17_34_the_back_channel_ends_only_the_login_it_names(kari: Nettleser) -> None:
    other = Nettleser(kari.world)
    kari.log_in(STAFF)
    other.log_in("/minside", account="konto-2")
    kari.confirm_logout(kari.world.issuer + "/session/end")
    assert kari.world.levels() == [3]
    assert path_of(other.open("/minside").url) == "/minside"


def test_a_provider_without_a_logout_is_left_alone_and_our_own_session_ends(plain_kari: Nettleser) -> None:
    plain_kari.log_in(STAFF)
    page = plain_kari.log_out()
    assert (path_of(page.url), "Du er logget ut" in page.text) == ("/logget-ut", True)
    assert plain_kari.world.levels() == []
