"""The whole login over real HTTP: portal and ID-porten double on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc.jwk import RSAKey

from portal.innlogging.oidc import EXTENSION, Idporten
from testmiljo.idporten.state import Kode
from tests.portal.apps import with_prove_rows, without_prove_rows
from tests.portal.fakes import FJORDVIK, LILLEVIK
from tests.portal.loopback import KARI, OLA, Person, Verden, path_of, verden


@pytest.fixture(scope="module")
def world() -> Iterator[Verden]:
    with_prove_rows()
    with verden() as running:
        yield running
    without_prove_rows()


@pytest.fixture
def kari(world: Verden) -> Person:
    world.sesjoner.sessions.clear()
    world.sesjoner.grants.clear()
    world.idp.state.end_all()
    world.sesjoner.person(KARI, "Kari Nordmann", lillevik="SVARUT.SENDE SVARUT.GODKJENNE")
    return Person(world)


def only_session(world: Verden) -> object:
    (token,) = world.sesjoner.sessions
    return world.sesjoner.sessions[token]


def age(world: Verden, minutes: int) -> None:
    """Make the login at the portal and at ID-porten older."""
    for token, sesjon in world.sesjoner.sessions.items():
        assert sesjon.auth_time is not None
        older = sesjon.auth_time - timedelta(minutes=minutes)
        world.sesjoner.sessions[token] = replace(sesjon, auth_time=older)
        found = world.idp.state.sso(sesjon.sid or "")
        if found:
            found.auth_time -= minutes * 60


def test_a_login_ends_at_the_page_one_wanted_with_the_only_organisation_chosen(kari: Person) -> None:
    page = kari.log_in(path="/innlogging/start?neste=/prove/sende?a%3Db")
    assert page.url == kari.world.portal + "/prove/sende?a=b"
    sesjon = only_session(kari.world)
    assert (sesjon.acr, sesjon.organisasjon_id, sesjon.navn) == (4, LILLEVIK, "Kari Nordmann")


def test_parameters_are_pushed_so_that_the_address_bar_shows_none(kari: Person) -> None:
    page = kari.at_idporten("/innlogging/start")
    assert set(parse_qs(urlsplit(page.url).query)) == {"client_id", "request_uri"}


def test_the_number_is_in_no_address_on_the_way(kari: Person) -> None:
    page = kari.log_in()
    assert not [step.url for step in [*page.history, page] if KARI in step.url]


def test_with_two_kommuner_one_is_asked_and_comes_back_to_the_page(kari: Person) -> None:
    kari.world.sesjoner.person(KARI, fjordvik="SVARUT.LESE")
    page = kari.log_in(path="/innlogging/start?neste=/prove/sende")
    assert path_of(page.url) == "/velg-organisasjon"
    assert page.text.index("Fjordvik kommune") < page.text.index("Lillevik kommune")


def test_renewal_keeps_the_organisation_and_the_data_but_not_the_cookie(kari: Person) -> None:
    kari.world.sesjoner.person(KARI, fjordvik="SVARUT.LESE")
    kari.log_in()
    old = kari.token
    kari.world.sesjoner.choose_organisation(old, FJORDVIK)
    kari.world.sesjoner.save_data(old, {"kladd": 1})
    assert kari.get("/innlogging/start?neste=/hjelp").url.endswith(
        "/hjelp"
    )  # single sign-on, no page between
    sesjon = only_session(kari.world)
    assert (sesjon.organisasjon_id, sesjon.data) == (FJORDVIK, {"kladd": 1})
    assert kari.token != old
    assert kari.world.sesjoner.ended[old] == "FORNYET"


def test_a_citizen_at_level_three_steps_up_when_a_letter_needs_it(kari: Person) -> None:
    page = kari.log_in(path="/prove/brev/3")
    assert page.text == "brev"
    assert only_session(kari.world).acr == 3
    kari.choose(kari.at_idporten("/prove/brev/4"))
    assert only_session(kari.world).acr == 4


def test_s17_30_a_lower_level_than_asked_for_is_refused_after_login(kari: Person) -> None:
    page = kari.choose(kari.at_idporten("/innlogging/start"), utfall="lavt_niva")
    assert page.status_code == 403
    assert "for lavt sikkerhetsnivå" in page.text
    assert not kari.world.sesjoner.sessions


def test_s17_36_an_eid_without_a_number_gets_its_own_page(kari: Person) -> None:
    page = kari.choose(kari.at_idporten("/innlogging/start"), utfall="uten_pid")
    assert (page.status_code, "mangler fødselsnummer" in page.text) == (403, True)
    assert not kari.world.sesjoner.sessions


def test_who_gives_up_is_told_so(kari: Person) -> None:
    page = kari.choose(kari.at_idporten("/innlogging/start"), utfall="avbryt")
    assert (page.status_code, "Du avbrøt innloggingen" in page.text) == (400, True)


def test_approval_asks_again_although_single_sign_on_is_alive(kari: Person) -> None:
    kari.log_in()
    assert kari.get("/prove/godkjenne").text == "godkjent"
    age(kari.world, minutes=6)
    page = kari.get("/prove/godkjenne")
    assert path_of(page.url) == "/innlogging/bekreft"
    page = kari.choose(kari.at_idporten("/innlogging/start?bekreft=1&neste=/prove/godkjenne"))
    assert page.text == "godkjent"


def test_s17_33_a_confirmation_by_another_person_starts_over_as_that_person(kari: Person) -> None:
    kari.log_in()
    old = kari.token
    kari.world.sesjoner.save_data(old, {"kladd": 1})
    page = kari.choose(kari.at_idporten("/innlogging/start?bekreft=1&neste=/prove/godkjenne"), OLA)
    assert path_of(page.url) == "/velg-organisasjon"
    sesjon = only_session(kari.world)
    assert (sesjon.data, sesjon.person_id) == ({}, kari.world.sesjoner.persons[OLA])
    assert kari.world.sesjoner.ended[old] == "NY_INNLOGGING"


def test_logging_out_ends_both_sides_and_the_old_cookie_is_dead(kari: Person) -> None:
    kari.log_in()
    cookie = kari.token
    page = kari.log_out()
    assert (path_of(page.url), "Du er logget ut" in page.text) == ("/logget-ut", True)
    assert not kari.world.sesjoner.sessions
    kari.http.cookies.set("fiks", cookie, domain="localhost.local")
    kari.at_idporten("/prove/sende")  # no single sign-on either: the login page shows


def test_logging_out_elsewhere_ends_our_session_by_the_front_channel(kari: Person) -> None:
    kari.log_in()
    sid = only_session(kari.world).sid
    query = {"iss": kari.world.issuer, "sid": sid}
    answer = requests.get(kari.world.portal + "/innlogging/frontkanal", params=query, timeout=5)
    assert answer.status_code == 200
    assert f"frame-ancestors {kari.world.issuer}" in answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers
    assert not kari.world.sesjoner.sessions


def test_the_front_channel_listens_to_our_provider_only(kari: Person) -> None:
    kari.log_in()
    query = {"iss": "https://annen.example", "sid": only_session(kari.world).sid}
    answer = requests.get(kari.world.portal + "/innlogging/frontkanal", params=query, timeout=5)
    assert answer.status_code == 400
    assert kari.world.sesjoner.sessions


def answer_of(kari: Person, page: requests.Response | None = None) -> str:
    """Log in at ID-porten but stop before the portal sees its answer; return that address."""
    page = page or kari.at_idporten("/innlogging/start")
    form = {"besok": page.text.split('name="besok" value="')[1].split('"')[0], "pid": KARI}
    stopped = kari.http.post(kari.world.issuer + "/authorize", data=form, allow_redirects=False, timeout=5)
    return stopped.headers["Location"]


def test_an_answer_works_once(kari: Person) -> None:
    address = answer_of(kari)
    assert kari.http.get(address, timeout=5, allow_redirects=False).status_code == 302
    again = kari.http.get(address, timeout=5)
    assert (again.status_code, "Innloggingen er utløpt" in again.text) == (400, True)


def test_an_answer_is_worth_nothing_in_another_browser(kari: Person) -> None:
    address = answer_of(kari)
    assert requests.get(address, timeout=5).status_code == 400
    assert not kari.world.sesjoner.sessions


@pytest.mark.parametrize(
    "change", [{"iss": "https://annen.example"}, {"iss": None}, {"state": "x"}, {"code": "x"}]
)
def test_s17_29_a_changed_answer_is_refused(kari: Person, change: dict[str, str | None]) -> None:
    address = urlsplit(answer_of(kari))
    query = {key: values[0] for key, values in parse_qs(address.query).items()}
    params = {key: value for key, value in (query | change).items() if value is not None}
    page = kari.http.get(address._replace(query="").geturl(), params=params, timeout=5)
    assert page.status_code == 400
    assert not kari.world.sesjoner.sessions


@pytest.fixture
def other_process(kari: Person, monkeypatch: pytest.MonkeyPatch) -> str:
    """An answer that comes to another process than the one in which its login began; its address."""
    address, app = answer_of(kari), kari.world.portal_app
    monkeypatch.setitem(app.extensions, EXTENSION, Idporten(app, app.config["FIKS_SETTINGS"]))
    return address


def test_s17_29_who_answers_must_be_said_also_to_a_process_that_has_asked_nobody(
    kari: Person, other_process: str
) -> None:
    address = urlsplit(other_process)
    query = {name: values[0] for name, values in parse_qs(address.query).items() if name != "iss"}
    page = kari.http.get(address._replace(query="").geturl(), params=query, timeout=5)
    assert (page.status_code, "ble ikke fullført" in page.text) == (400, True)
    assert not kari.world.sesjoner.sessions
    assert kari.world.sesjoner.failures[-1] == ("INNLOGGING_UGYLDIG", "iss")


def test_a_process_that_cannot_ask_what_the_provider_promises_says_that_it_is_away(
    kari: Person, other_process: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = kari.world.portal_app.extensions[EXTENSION]
    monkeypatch.setattr(provider._client, "_server_metadata_url", "http://127.0.0.1:9/borte")
    page = kari.http.get(other_process, timeout=5)
    assert (page.status_code, kari.world.sesjoner.failures[-1][0]) == (503, "INNLOGGING_NEDE")
    assert not kari.world.sesjoner.sessions


def test_s17_29_a_code_given_to_another_login_of_the_same_browser_is_refused(kari: Person) -> None:
    # Its challenge is another one's (PKCE), so that a code that was listened to is worth nothing.
    tabs = [kari.at_idporten("/innlogging/start") for _ in range(2)]
    first, second = (urlsplit(answer_of(kari, tab)) for tab in tabs)
    theirs, mine = parse_qs(first.query), parse_qs(second.query)
    params = {"code": theirs["code"][0], "state": mine["state"][0], "iss": mine["iss"][0]}
    page = kari.http.get(second._replace(query="").geturl(), params=params, timeout=5)
    assert (page.status_code, "ble ikke fullført" in page.text) == (400, True)
    assert not kari.world.sesjoner.sessions


def test_s17_29_an_id_token_for_another_login_is_refused(
    kari: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The provider answers with the nonce of some other login.
    monkeypatch.setattr(Kode, "get_nonce", lambda kode: "en-annens")
    page = kari.log_in()
    assert (page.status_code, "ble ikke fullført" in page.text) == (400, True)
    assert not kari.world.sesjoner.sessions


def test_s17_28_an_id_token_signed_with_a_key_that_is_not_the_providers_is_refused(
    kari: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The provider's published keys stay as they were read; somebody signs with another under the same name.
    kari.log_in()
    kari.http.cookies.clear()
    kari.world.sesjoner.sessions.clear()
    stranger = RSAKey.generate_key(2048, {"kid": str(kari.world.idp.key.kid), "use": "sig"}, private=True)
    monkeypatch.setattr(kari.world.idp, "key", stranger)
    page = kari.log_in()
    assert (page.status_code, "ble ikke fullført" in page.text) == (400, True)
    assert not kari.world.sesjoner.sessions


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_s17_28_no_algorithm_without_a_key_pair_is_taken_though_the_provider_offers_it(
    kari: Person, monkeypatch: pytest.MonkeyPatch, alg: str
) -> None:
    offered = kari.world.idp.metadata() | {"id_token_signing_alg_values_supported": ["RS256", alg]}
    monkeypatch.setattr(kari.world.idp, "metadata", lambda: offered)
    provider = kari.world.portal_app.extensions["fiks_idporten"]
    provider._client.server_metadata.pop("_loaded_at", None)
    with kari.world.portal_app.test_request_context():
        assert provider.algorithms() == ["RS256"]


def test_two_tabs_may_log_in_at_the_same_time(kari: Person) -> None:
    tabs = [kari.at_idporten("/innlogging/start") for _ in range(2)]
    first, second = [answer_of(kari, tab) for tab in tabs]
    assert kari.http.get(first, timeout=5, allow_redirects=False).status_code == 302
    assert kari.http.get(second, timeout=5, allow_redirects=False).status_code == 302


@pytest.mark.parametrize(
    "neste", ["//evil.example", "/\\evil.example", "https:evil.example", "/%09/evil.example"]
)
def test_one_never_ends_up_at_somebody_elses_site(kari: Person, neste: str) -> None:
    page = kari.log_in(path=f"/innlogging/start?neste={neste}")
    assert all(step.url.startswith((kari.world.portal, kari.world.issuer)) for step in [*page.history, page])
