"""What the portal may expect of its session service: the double of the tests and the one on rows do it alike."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask

from fiks.core.db import session
from fiks.core.errors import Konflikt
from portal.session.login_sessions import KonfigurasjonSesjoner, NyInnlogging, Sesjoner
from tests.integration.databases import Database
from tests.integration.houses import new_fnr
from tests.portal.apps import make_app
from tests.portal.fakes import FakeSesjoner

ISSUER = "https://idporten.example"


@pytest.fixture(scope="module")
def app(database: Database) -> Flask:
    return make_app(DATABASE_URL=database.app_url)


@pytest.fixture(params=["double", "rows"])
def service(request: pytest.FixtureRequest, app: Flask) -> Iterator[Sesjoner]:
    with app.app_context():
        yield FakeSesjoner() if request.param == "double" else KonfigurasjonSesjoner()
        session().rollback()


def login(pid: str | None = None, *, sid: str | None = None, sub: str | None = None) -> NyInnlogging:
    own = secrets.token_hex(8)
    return NyInnlogging(
        pid=pid or new_fnr(),
        sub=sub or f"sub-{own}",
        acr=4,
        auth_time=datetime.now(UTC),
        iss=ISSUER,
        idporten_sid=sid or f"sid-{own}",
        id_token="bevis",
        navn=None,
    )


def test_a_login_under_way_is_kept_until_it_is_taken_once(service: Sesjoner) -> None:
    state = secrets.token_bytes(32)
    service.begin_login(state, data={"nonce": "n"}, expires=datetime.now(UTC) + timedelta(minutes=5))
    assert [service.kept_login(state), service.kept_login(state)] == [{"nonce": "n"}] * 2
    assert [service.take_login(state), service.take_login(state)] == [{"nonce": "n"}, None]
    assert service.kept_login(state) is None


def test_a_login_that_took_too_long_is_none(service: Sesjoner) -> None:
    state = secrets.token_bytes(32)
    service.begin_login(state, data={}, expires=datetime.now(UTC) - timedelta(seconds=1))
    assert [service.kept_login(state), service.take_login(state)] == [None, None]


def test_a_session_is_who_logged_in_and_keeps_its_data(service: Sesjoner) -> None:
    proved = login()
    token = service.open_session(proved, {"vei": "hjem"}, "")
    found = service.load_session(token)
    assert found is not None and found.person_id is not None
    assert (found.acr, dict(found.data), found.organisasjon_id) == (4, {"vei": "hjem"}, None)
    assert service.id_token_of(token) == "bevis"
    service.save_data(token, {"vei": "bort"})
    changed = service.load_session(token)
    assert changed is not None
    assert (changed.id, dict(changed.data)) == (found.id, {"vei": "bort"})


def test_what_one_request_writes_leaves_what_another_has_written_alone(service: Sesjoner) -> None:
    token = service.open_session(login(), {"vei": "hjem", "vær": "sol", "sted": "her"}, "")
    service.save_data(token, {"vei": "bort", "til": ["byen"]}, ["vær", "ukjent"])
    service.save_data(token, {}, ["sted"])
    found = service.load_session(token)
    assert found is not None and dict(found.data) == {"vei": "bort", "til": ["byen"]}


def test_one_person_is_one_person_in_every_session(service: Sesjoner) -> None:
    pid = new_fnr()
    first, second = (service.load_session(service.open_session(login(pid), {}, "")) for _ in range(2))
    assert first is not None and second is not None
    assert first.person_id == second.person_id
    assert first.id != second.id


def test_an_ended_session_is_gone_and_may_be_ended_again(service: Sesjoner) -> None:
    token = service.open_session(login(), {}, "")
    for _ in range(2):
        service.log_out(token)
        assert [service.load_session(token), service.id_token_of(token)] == [None, None]
    assert service.load_expired(token) is None, "it was ended, its time was not over"


def test_a_session_whose_time_is_over_keeps_its_hint_until_its_person_logs_out(service: Sesjoner) -> None:
    token = service.open_session(login(), {}, "")
    service.end_session(token, "UTLOPT")
    assert (service.load_session(token), service.id_token_of(token)) == (None, "bevis")
    assert service.load_expired(token) is not None
    service.log_out(token)
    assert [service.load_expired(token), service.id_token_of(token)] == [None, None]


def test_a_session_may_be_looked_at(service: Sesjoner) -> None:
    token = service.open_session(login(), {"vei": "hjem"}, "")
    found = service.look_at_session(token)
    assert found is not None and dict(found.data) == {"vei": "hjem"}
    assert service.look_at_session("x") is None


def test_an_unknown_token_is_nobody(service: Sesjoner) -> None:
    assert [service.load_session("x"), service.load_expired("x"), service.id_token_of("x")] == [None] * 3


def test_a_login_that_ended_at_the_provider_ends_its_own_sessions(service: Sesjoner) -> None:
    mine, other = login(), login()
    ended, stays = (service.open_session(one, {}, "") for one in (mine, other))
    service.end_sessions_by_sid("https://annen.example", str(mine.idporten_sid))
    assert service.load_session(ended) is not None
    service.end_sessions_by_sid(ISSUER, str(mine.idporten_sid))
    assert service.load_session(ended) is None
    assert service.load_session(stays) is not None


@pytest.mark.parametrize("by", ["sid", "sub"])
def test_a_logout_token_ends_what_it_names_and_is_taken_once(service: Sesjoner, by: str) -> None:
    mine, jti = login(), secrets.token_hex(8)
    ended, stays = service.open_session(mine, {}, ""), service.open_session(login(), {}, "")
    named = (mine.idporten_sid, None) if by == "sid" else (None, mine.sub)
    service.take_logout_token(ISSUER, jti, *named)
    assert service.load_session(ended) is None
    assert service.load_session(stays) is not None
    with pytest.raises(Konflikt, match="UTLOGGINGSBEVIS_BRUKT"):
        service.take_logout_token(ISSUER, jti, *named)


def test_who_has_no_privilege_has_no_organisation(service: Sesjoner) -> None:
    found = service.load_session(service.open_session(login(), {}, ""))
    assert found is not None and found.person_id is not None
    assert list(service.organisations(found.person_id)) == []
    assert service.runs_platform(found.person_id) is False
    assert service.prints_by_hand(found.person_id, uuid4()) is False
