"""The door: who is let in, who is sent to log in, who is refused."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from portal.access.table import TILGANG
from tests.portal.apps import csrf_of, log_in, make_app
from tests.portal.fakes import FJORDVIK, FakeSesjoner


def test_s17_55_the_table_and_the_url_map_name_the_same_endpoints() -> None:
    app = make_app()
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(TILGANG)


def test_s17_55_a_route_that_is_not_in_the_table_does_not_exist(
    client: FlaskClient, sesjoner: FakeSesjoner
) -> None:
    log_in(client, sesjoner, privileges="SVARUT.SENDE")
    assert client.get("/prove/uten-krav").status_code == 404


def test_a_stranger_is_sent_to_the_login_page_with_the_way_back(client: FlaskClient) -> None:
    answer = client.get("/prove/sende?side=2")
    assert (answer.status_code, answer.location) == (302, "/logg-inn?neste=/prove/sende?side%3D2")


def test_the_way_back_keeps_norwegian_letters(client: FlaskClient) -> None:
    way = client.get("/prove/sende?q=%C3%A5l").location
    assert way == "/logg-inn?neste=/prove/sende?q%3D%25C3%25A5l"
    assert "neste=/prove/sende?q%3D%25C3%25A5l" in client.get(way).text


def test_a_dead_cookie_goes_straight_to_id_porten_and_is_removed(client: FlaskClient) -> None:
    client.set_cookie("fiks", "dead")
    answer = client.get("/prove/sende")
    assert answer.location == "/innlogging/start?neste=/prove/sende&nivaa=4"
    assert "fiks=;" in answer.headers["Set-Cookie"]


def test_a_citizen_goes_straight_to_id_porten_at_the_lower_level(client: FlaskClient) -> None:
    assert client.get("/prove/brev/3").location == "/innlogging/start?neste=/prove/brev/3&nivaa=3"


def test_s17_37_a_letter_that_needs_level_four_asks_for_it(
    client: FlaskClient, sesjoner: FakeSesjoner
) -> None:
    log_in(client, sesjoner, acr=3, organisasjon=None)
    assert client.get("/prove/brev/3").status_code == 200
    assert client.get("/prove/brev/4").location == "/innlogging/start?neste=/prove/brev/4&nivaa=4"


def test_level_three_is_not_enough_for_staff(client: FlaskClient, sesjoner: FakeSesjoner) -> None:
    log_in(client, sesjoner, acr=3, privileges="SVARUT.SENDE")
    assert client.get("/prove/sende").location == "/innlogging/start?neste=/prove/sende&nivaa=4"


@pytest.mark.parametrize(("privileges", "status"), [("SVARUT.SENDE", 200), ("SVARUT.LESE", 403), ("", 403)])
def test_the_privilege_decides(
    client: FlaskClient, sesjoner: FakeSesjoner, privileges: str, status: int
) -> None:
    log_in(client, sesjoner, privileges=privileges)
    assert client.get("/prove/sende").status_code == status


def test_a_privilege_in_one_kommune_gives_nothing_in_another(
    client: FlaskClient, sesjoner: FakeSesjoner
) -> None:
    log_in(client, sesjoner, privileges="SVARUT.SENDE", organisasjon=FJORDVIK)
    assert client.get("/prove/sende").status_code == 403


def test_a_grant_taken_away_in_mid_session_counts_at_once(
    client: FlaskClient, sesjoner: FakeSesjoner
) -> None:
    log_in(client, sesjoner, privileges="SVARUT.SENDE")
    assert client.get("/prove/sende").status_code == 200
    sesjoner.grants.clear()
    assert client.get("/prove/sende").status_code == 403


def test_without_an_organisation_one_is_asked_to_choose(client: FlaskClient, sesjoner: FakeSesjoner) -> None:
    log_in(client, sesjoner, privileges="SVARUT.SENDE", organisasjon=None)
    assert client.get("/prove/sende").location == "/velg-organisasjon?neste=/prove/sende"


def test_an_act_that_needs_a_fresh_login_asks_for_it(client: FlaskClient, sesjoner: FakeSesjoner) -> None:
    log_in(client, sesjoner, privileges="SVARUT.GODKJENNE", minutes_ago=4.9)
    assert client.get("/prove/godkjenne").status_code == 200
    log_in(client, sesjoner, privileges="SVARUT.GODKJENNE", minutes_ago=5.1)
    assert client.get("/prove/godkjenne").location == "/innlogging/bekreft?neste=/prove/godkjenne"


def test_a_form_sent_too_late_comes_back_to_its_page(client: FlaskClient, sesjoner: FakeSesjoner) -> None:
    log_in(client, sesjoner, privileges="SVARUT.GODKJENNE", minutes_ago=6)
    answer = client.post("/prove/godkjenne", headers={"Referer": "http://localhost/prove/godkjenne?id=1"})
    assert answer.location == "/innlogging/bekreft?neste=/prove/godkjenne?id%3D1"
    answer = client.post("/prove/godkjenne", headers={"Referer": "http://evil.example/x"})
    assert answer.location == "/innlogging/bekreft?neste=/"


def test_a_form_sent_without_a_session_says_that_nothing_was_saved(client: FlaskClient) -> None:
    answer = client.post("/prove/sende", data={"x": "1"})
    assert answer.status_code == 401
    assert "er ikke lagret" in answer.text
    assert 'href="/logg-inn?neste=/"' in answer.text


def test_htmx_is_told_where_to_log_in(client: FlaskClient) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/prove/sende"}
    answer = client.get("/prove/sende", headers=headers)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/logg-inn?neste=/prove/sende")


def test_the_wrong_method_is_405_and_not_an_error(client: FlaskClient, sesjoner: FakeSesjoner) -> None:
    log_in(client, sesjoner, privileges="SVARUT.SENDE")
    assert client.post("/prove/brudd").status_code == 405
    assert client.delete("/hjelp").status_code == 405


def test_a_form_needs_the_token_of_its_own_session(client: FlaskClient, sesjoner: FakeSesjoner) -> None:
    log_in(client, sesjoner, privileges="SVARUT.SENDE")
    token = csrf_of(client.get("/prove/sende").text)
    assert client.post("/prove/sende", data={"x": "1"}).status_code == 400
    assert client.post("/prove/sende", data={"csrf_token": token}).status_code == 200
    log_in(client, sesjoner, privileges="SVARUT.SENDE")
    assert client.post("/prove/sende", data={"csrf_token": token}).status_code == 400


def test_what_was_written_with_the_token_of_an_earlier_login_is_shown_again_and_not_carried_out(
    client: FlaskClient, sesjoner: FakeSesjoner
) -> None:
    log_in(client, sesjoner, privileges="SVARUT.SENDE")
    version = "0123456789abcdef" * 4
    form = {"csrf_token": csrf_of(client.get("/prove/sende").text), "versjon": version, "grunn": "Feil sats."}
    log_in(client, sesjoner, privileges="SVARUT.SENDE")
    headers = {"Referer": "http://localhost/prove/sende", "Origin": "http://localhost"}
    answer = client.post("/prove/sende", data=form | {"varsle": "ja", "utvalg.1": "ja"}, headers=headers)
    assert (answer.status_code, answer.location) == (303, "/innlogging/skjema")
    assert "lagret" not in client.get("/prove/sende").text
    page = client.get("/innlogging/skjema").text
    for field in (
        f'type="hidden" name="versjon" value="{version}"',
        'type="hidden" name="utvalg.1" value="ja"',
        'name="varsle" value="ja" checked',
        'name="grunn" value="Feil sats."',
    ):
        assert field in page, field


def test_a_form_that_needs_a_higher_level_says_so_and_not_that_one_is_logged_out(
    client: FlaskClient, sesjoner: FakeSesjoner
) -> None:
    log_in(client, sesjoner, acr=3, privileges="SVARUT.SENDE")
    answer = client.post("/prove/sende", data={"tekst": "Hei"})
    assert answer.status_code == 401 and "nivaa=4" in answer.text
    assert "Du må logge inn på nivå 4" in answer.text and "inaktiv" not in answer.text


def test_a_message_waits_in_the_session_and_is_shown_once(
    client: FlaskClient, sesjoner: FakeSesjoner
) -> None:
    log_in(client, sesjoner, privileges="SVARUT.SENDE")
    token = csrf_of(client.get("/prove/sende").text)
    assert "lagret" in client.post("/prove/sende", data={"csrf_token": token}).text
    assert "lagret" not in client.get("/prove/sende").text


def test_reading_a_page_writes_nothing(client: FlaskClient, sesjoner: FakeSesjoner) -> None:
    token = log_in(client, sesjoner, privileges="SVARUT.SENDE")
    before = dict(sesjoner.sessions[token].data)
    client.get("/prove/sende")
    assert sesjoner.sessions[token].data == before
    assert not sesjoner.logins
