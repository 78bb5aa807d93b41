"""Login sessions: 30 minutes idle, 120 in all, single-use login state, ended from either side."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.konfigurasjon.models import Innlogging, Person, Sesjon
from fiks.konfigurasjon.person import logout, service, sessions
from tests.integration.databases import Database
from tests.integration.houses import HOUSE, make_hus, new_fnr

pytestmark = pytest.mark.usefixtures("app_context")
ISS = "https://idporten.example"


def open_session(*, sid: str = "sid-1", minutter_siden: float = 0, iss: str = ISS) -> str:
    """Log somebody in who proved who they are `minutter_siden` ago."""
    return sessions.open_session(
        pid=new_fnr(),
        acr=4,
        auth_time=clock.database_now() - timedelta(minutes=minutter_siden),
        iss=iss,
        idporten_sid=sid,
        id_token="token-fra-idporten",
        navn="Kari Fjellstad",
    )


def last_seen(token: str, minutter_siden: float) -> None:
    with transaction() as tx:
        tx.execute(
            update(Sesjon)
            .where(Sesjon.token_hash == sessions.token_hash(token))
            .values(sist_sett=func.now() - timedelta(minutes=minutter_siden))
        )


def stored(token: str) -> Sesjon:
    session().rollback()
    return session().scalars(select(Sesjon).where(Sesjon.token_hash == sessions.token_hash(token))).one()


def test_a_session_tells_who_and_how_strongly() -> None:
    live = sessions.load_session(open_session())
    assert live is not None
    assert (live.navn, live.acr, live.organisasjon_id) == ("Kari Fjellstad", 4, None)
    assert live.fnr_maskert.endswith("*****")
    assert len(live.fnr_maskert) == 11


def test_a_token_nobody_was_given_opens_nothing() -> None:
    assert sessions.load_session("noe helt annet") is None


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {open_session() for _ in range(5)}
    assert len(tokens) == 5
    assert all(len(token) >= 43 for token in tokens)


@pytest.mark.parametrize(("minutter", "lever"), [(29.5, True), (30.5, False)])
def test_a_session_ends_after_thirty_minutes_without_use(minutter: float, lever: bool) -> None:
    token = open_session(minutter_siden=minutter)
    last_seen(token, minutter)
    assert (sessions.load_session(token) is not None) is lever
    assert (stored(token).avsluttet_grunn == "UTLOPT") is not lever


@pytest.mark.parametrize(("minutter", "lever"), [(119.5, True), (120.5, False)])
def test_a_session_ends_two_hours_after_the_proof_however_much_it_is_used(
    minutter: float, lever: bool
) -> None:
    token = open_session(minutter_siden=minutter)
    assert (sessions.load_session(token) is not None) is lever
    assert (stored(token).avsluttet_grunn == "UTLOPT") is not lever


def test_an_ended_session_never_comes_back_to_life() -> None:
    token = open_session()
    last_seen(token, 31)
    assert sessions.load_session(token) is None
    last_seen(token, 0)
    assert sessions.load_session(token) is None


def test_use_keeps_a_session_alive_and_is_written_at_most_once_a_minute() -> None:
    token = open_session()
    last_seen(token, 0.5)
    before = stored(token).sist_sett
    sessions.load_session(token)
    assert stored(token).sist_sett == before
    last_seen(token, 20)
    sessions.load_session(token)
    assert clock.database_now() - stored(token).sist_sett < timedelta(seconds=10)


def test_logging_out_ends_the_session_and_forgets_the_identity_token() -> None:
    token = open_session()
    assert sessions.id_token_of(token) == "token-fra-idporten"
    sessions.end_session(token, "LOGGET_UT")
    assert sessions.load_session(token) is None
    assert sessions.id_token_of(token) is None
    assert stored(token).avsluttet_grunn == "LOGGET_UT"


def test_a_session_whose_time_is_over_keeps_the_identity_token_until_its_person_logs_out() -> None:
    """ID-porten's own session may live, and asks for the token to end it without a question."""
    token = open_session()
    last_seen(token, 31)
    assert sessions.load_session(token) is None
    assert sessions.id_token_of(token) == "token-fra-idporten"
    logout.log_out(token)
    assert (sessions.id_token_of(token), sessions.load_expired_session(token)) == (None, None)
    assert stored(token).avsluttet_grunn == "LOGGET_UT"


def test_looking_at_a_session_does_not_keep_it_alive() -> None:
    """What a page asks for by itself is not the person at work."""
    token = open_session()
    last_seen(token, 29)
    before = stored(token).sist_sett
    live = sessions.peek_session(token)
    assert live is not None and live.navn == "Kari Fjellstad"
    assert stored(token).sist_sett == before
    last_seen(token, 31)
    assert sessions.peek_session(token) is None
    assert stored(token).avsluttet_grunn == "UTLOPT"


def test_a_session_says_how_long_it_goes_on() -> None:
    token = open_session()
    last_seen(token, 25)
    live = sessions.peek_session(token)
    assert live is not None
    assert timedelta(minutes=4) < live.varer <= timedelta(minutes=5)
    assert timedelta(minutes=119) < live.varer_hoyst <= timedelta(minutes=120)
    used = sessions.load_session(token)
    assert used is not None and used.varer == timedelta(minutes=30), "it was used just now"
    old = sessions.load_session(open_session(minutter_siden=110))
    assert old is not None and timedelta(minutes=9) < old.varer == old.varer_hoyst <= timedelta(minutes=10)


def test_logout_at_idporten_ends_every_session_of_that_login_and_no_other() -> None:
    first, second = open_session(sid="a"), open_session(sid="a")
    other_login, other_issuer = open_session(sid="b"), open_session(sid="a", iss="https://andre.example")
    assert logout.end_sessions_by_sid(ISS, "a") == 2
    assert sessions.load_session(first) is None
    assert sessions.load_session(second) is None
    assert sessions.load_session(other_login) is not None
    assert sessions.load_session(other_issuer) is not None
    assert logout.end_sessions_by_sid(ISS, "a") == 0


def test_what_a_login_must_remember_is_given_out_once() -> None:
    sessions.begin_login(b"state-1", data={"nonce": "n", "retur": "/utsendinger"}, expires=in_ten_minutes())
    assert sessions.take_pending_login(b"state-1") == {"nonce": "n", "retur": "/utsendinger"}
    assert sessions.take_pending_login(b"state-1") is None
    assert sessions.take_pending_login(b"state-2") is None


def test_a_login_that_took_too_long_is_forgotten() -> None:
    past = clock.database_now() - timedelta(seconds=1)
    sessions.begin_login(b"state-3", data={"nonce": "n"}, expires=past)
    assert sessions.take_pending_login(b"state-3") is None


def test_the_next_login_clears_away_those_that_took_too_long() -> None:
    sessions.begin_login(b"state-4", data={}, expires=clock.database_now() - timedelta(seconds=1))
    sessions.begin_login(b"state-5", data={}, expires=in_ten_minutes())
    assert session().scalars(select(Innlogging.state_hash)).all() == [b"state-5"]


def in_ten_minutes() -> datetime:
    return clock.database_now() + timedelta(minutes=10)


def test_the_chosen_organisation_stays_with_the_session() -> None:
    hus, token = make_hus(), open_session()
    sessions.choose_organisation(token, hus.organisasjon_id)
    live = sessions.load_session(token)
    assert live is not None
    assert live.organisasjon_id == hus.organisasjon_id


def test_a_second_login_finds_the_person_again_and_keeps_their_name() -> None:
    number = new_fnr()
    first = service.find_or_create_person(number, "Kari Fjellstad")
    assert service.find_or_create_person(number, None) == first
    assert session().get_one(Person, first).navn == "Kari Fjellstad"
    assert service.pid_of(first) == number


def test_neither_token_nor_number_nor_login_data_can_be_read_in_the_raw_tables(database: Database) -> None:
    number = new_fnr()
    token = sessions.open_session(
        pid=number,
        acr=4,
        auth_time=clock.database_now(),
        iss=ISS,
        idporten_sid="sid-9",
        id_token="hemmelig-id-token",
    )
    sessions.begin_login(b"state-6", data={"nonce": "hemmelig-nonce"}, expires=in_ten_minutes())
    lump = database.dump()
    for secret in (number, token, "hemmelig-id-token", "hemmelig-nonce"):
        assert secret.encode() not in lump
        assert secret.encode().hex().encode() not in lump


def test_operations_can_make_everybody_log_in_again() -> None:
    logout.end_all_sessions(actor=HOUSE)
    tokens = [open_session() for _ in range(3)]

    assert logout.end_all_sessions(actor=HOUSE) == 3
    assert [sessions.load_session(token) for token in tokens] == [None, None, None]
    assert {stored(token).avsluttet_grunn for token in tokens} == {"AVSLUTTET_AV_DRIFT"}
    assert logout.end_all_sessions(actor=HOUSE) == 0
