"""Two requests of one session at once: neither writes back what it read before the other was done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask, flash

from fiks.konfigurasjon.person import sessions
from portal.access.actor import current_session
from portal.session.cookie_session import NAME_KEY
from tests.integration.houses import new_fnr, new_orgnr
from tests.integration.minside.letters import POST_ARKIV, part
from tests.integration.utsending.browser import Browser, citizen, post, text_of, token_of
from tests.integration.utsending.kommuner import FakeAltinn

FIRST, SECOND = "Fjellheim AS", "Havvik AS"


class Faner:
    """Somebody who may act for two organisations, in two tabs of one browser."""

    def __init__(self, app: Flask, altinn: FakeAltinn) -> None:
        self.app, pid = app, new_fnr()
        self.first, self.second = (part(new_orgnr(), POST_ARKIV, navn=navn) for navn in (FIRST, SECOND))
        altinn.parter[pid] = [self.first, self.second]
        self.browser: Browser = citizen(app, pid, acr=4)
        self.act_for(self.first.orgnr)

    @property
    def token(self) -> str:
        cookie = self.browser.get_cookie("fiks")
        assert cookie is not None
        return cookie.value

    def act_for(self, orgnr: str) -> None:
        assert post(self.browser, "/minside/velg", "/minside/velg", orgnr=orgnr).location == "/minside"

    @contextmanager
    def slow_request(self) -> Iterator[None]:
        """A request that has read its session, and ends when the block does."""
        with self.app.test_request_context("/minside", headers={"Cookie": f"fiks={self.token}"}):
            current_session().get("lest")
            yield
            self.app.session_interface.save_session(self.app, current_session(), self.app.response_class())

    def header(self) -> str:
        return text_of(self.browser.get("/minside").text)


@pytest.fixture
def faner(app: Flask, altinn: FakeAltinn) -> Faner:
    return Faner(app, altinn)


def test_a_slow_request_does_not_write_back_the_name_of_whom_one_acted_for(faner: Faner) -> None:
    assert f"Du representerer {FIRST}" in faner.header()
    with faner.slow_request():
        faner.act_for(faner.second.orgnr)
        flash("Filen er lastet opp.")
    shown = faner.header()
    assert f"Du representerer {SECOND}" in shown and FIRST not in shown
    assert "Filen er lastet opp." in shown


def test_a_form_made_after_a_change_of_actor_is_good_also_when_an_older_request_ends_later(
    faner: Faner,
) -> None:
    with faner.slow_request():
        faner.act_for(faner.second.orgnr)
        page = faner.browser.get("/minside/velg").text
        flash("Filen er lastet opp.")
    sent = faner.browser.post("/minside/sprak", data={"csrf_token": token_of(page), "sprak": "nn"})
    assert sent.status_code == 302


def test_two_requests_that_end_at_once_lose_neither_a_choice_nor_a_message(faner: Faner) -> None:
    with faner.slow_request():
        post(faner.browser, "/minside", "/minside/sprak", sprak="nn")
        flash("Filen er lastet opp.")
    shown = faner.header()
    assert f"Du representerer {FIRST}" in shown and "Byt kven du representerer" in shown
    assert "Filen er lastet opp." in shown


def test_a_message_beside_one_that_waits_is_written(faner: Faner) -> None:
    for said in ("Den første.", "Den andre."):
        with faner.slow_request():
            flash(said)
    shown = faner.header()
    assert "Den første." in shown and "Den andre." in shown


def test_a_message_that_was_shown_meanwhile_is_not_shown_again(faner: Faner) -> None:
    with faner.slow_request():
        flash("Vist alt.")
    with faner.slow_request():
        assert "Vist alt." in faner.header()
        current_session()["annet"] = 1
    assert "Vist alt." not in faner.header()


def test_a_name_that_was_kept_of_another_organisation_is_not_shown(faner: Faner) -> None:
    faner.act_for(faner.second.orgnr)
    sessions.save_data(faner.token, {NAME_KEY: {"orgnr": faner.first.orgnr, "navn": FIRST}})
    shown = faner.header()
    assert f"Du representerer {faner.second.orgnr}" in shown and FIRST not in shown
