"""Who asks too often is told to wait: of every route with a limit the last it allows is answered, and not one more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from uuid import uuid4

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from flask_limiter import RequestLimit

from portal import extensions
from portal.extensions import EXPORT_LIMIT, LOGIN_LIMIT, LOOKUP_LIMIT, limiter
from tests.architecture.tree import ROOT
from tests.portal.apps import csrf_of, log_in, make_app
from tests.portal.fakes import FakeSesjoner
from tests.portal.test_repeated_fields import EVERYTHING, path_of

LIMITED = {
    "innlogging.start": ("GET", LOGIN_LIMIT),
    "innlogging.tilbake": ("GET", LOGIN_LIMIT),
    "utsending.sla_opp": ("POST", LOOKUP_LIMIT),
    "svarut.mottaker": ("POST", LOOKUP_LIMIT),
    "tilganger.ny": ("POST", LOOKUP_LIMIT),
    "tilganger.fra_fil": ("POST", LOOKUP_LIMIT),
    "tilganger.personer": ("POST", LOOKUP_LIMIT),
    "integrasjoner.rediger": ("POST", LOOKUP_LIMIT),
    "rot.ny_organisasjon": ("POST", LOOKUP_LIMIT),
    "rot.ny_administrator": ("POST", LOOKUP_LIMIT),
    "rot.endre_organisasjon": ("POST", LOOKUP_LIMIT),
    "rot.rett_navn": ("POST", LOOKUP_LIMIT),
    "tilganger.nytt_medlem": ("POST", LOOKUP_LIMIT),
    "organisasjon.oppsett": ("POST", LOOKUP_LIMIT),
    "organisasjon.rediger": ("POST", LOOKUP_LIMIT),
    "organisasjon.edialog": ("POST", LOOKUP_LIMIT),
    "svarinn.ny_kobling": ("POST", LOOKUP_LIMIT),
    "svarinn.kobling": ("POST", LOOKUP_LIMIT),
    "oppslag.registeroppslag": ("POST", LOOKUP_LIMIT),
    "svarut.eksport": ("GET", EXPORT_LIMIT),
    "utsending.rapport": ("GET", EXPORT_LIMIT),
    "utsending.feilliste": ("GET", EXPORT_LIMIT),
    "forvaltning.statistikk_eksport": ("GET", EXPORT_LIMIT),
    "forvaltning.revisjonslogg_eksport": ("GET", EXPORT_LIMIT),
    "tilganger.eksport": ("POST", EXPORT_LIMIT),
}
"""Logins, look-ups and exports of people. (What costs work, makes secrets or is asked by machines has limits too, tried
beside their pages and doors.)"""


@pytest.fixture
def sesjoner() -> FakeSesjoner:
    return FakeSesjoner()


@pytest.fixture
def counted() -> list[RequestLimit]:
    """What the last request to a route with a limit was counted by."""
    return []


@pytest.fixture
def client(sesjoner: FakeSesjoner, counted: list[RequestLimit]) -> Iterator[FlaskClient]:
    """Somebody who may do everything. No database stands behind: what is let in ends in an error of ours."""
    app = make_app(sesjoner)
    note_limits(app, counted)
    app.config["TESTING"] = False
    made = app.test_client()
    log_in(made, sesjoner, privileges=EVERYTHING)
    sesjoner.operators.update(sesjoner.persons.values())
    yield made
    limiter.reset()


def note_limits(app: Flask, counted: list[RequestLimit]) -> None:
    """Keep in `counted` what each request to a route with a limit is counted by."""

    def note(answer: Response) -> Response:
        counted[:] = limiter.current_limits or counted
        return answer

    app.after_request(note)


def spend(limits: Iterable[RequestLimit], times: int) -> None:
    """Count as many more requests, without making them: with twelve hundred the first minute would be over."""
    for one in limits:
        assert one.limiter.hit(one.limit, *one.request_args, cost=times)


def answers(
    client: FlaskClient, counted: Sequence[RequestLimit], endpoint: str, method: str, allowed: int
) -> Iterator[int]:
    """Of the first, the last that is allowed, and the one after."""
    path = path_of(client.application, endpoint)
    form = {"csrf_token": csrf_of(client.get("/velg-organisasjon").text)} if method == "POST" else None
    yield client.open(path, method=method, data=form).status_code
    spend(counted, allowed - 2)
    for _ in range(2):
        yield client.open(path, method=method, data=form).status_code


@pytest.mark.slow
@pytest.mark.parametrize("endpoint", LIMITED)
def test_one_more_than_the_limit_is_429_and_none_before(
    client: FlaskClient, counted: list[RequestLimit], endpoint: str
) -> None:
    method, limit = LIMITED[endpoint]
    *before, last = answers(client, counted, endpoint, method, int(limit.split()[0]))
    assert 429 not in before
    assert last == 429


def test_a_limit_is_the_persons_and_not_begun_anew_by_another_login(
    client: FlaskClient, sesjoner: FakeSesjoner, counted: list[RequestLimit]
) -> None:
    [held] = sesjoner.sessions.values()
    sesjoner.sessions["token-igjen"] = replace(held, id=uuid4())
    *_, refused = answers(client, counted, "tilganger.eksport", "POST", int(EXPORT_LIMIT.split()[0]))
    client.set_cookie("fiks", "token-igjen")
    again = next(answers(client, counted, "tilganger.eksport", "POST", 2))
    assert (refused, again) == (429, 429)


def test_the_people_behind_one_address_can_all_log_in_within_their_first_minutes() -> None:
    """A kommune, or a mobile carrier, has one address for all of its people, and the limit on logins is by address."""
    assert int(LOGIN_LIMIT.split()[0]) >= 1_200


def test_no_limit_of_these_kinds_is_left_out() -> None:
    names = {getattr(extensions, name): name for name in ("LOGIN_LIMIT", "LOOKUP_LIMIT", "EXPORT_LIMIT")}
    source = "".join(path.read_text("utf-8") for path in (ROOT / "portal").rglob("*.py"))
    kinds = r"@limiter\.limit\((LOGIN_LIMIT|LOOKUP_LIMIT|EXPORT_LIMIT)(?!, key_func=machine_key)"
    used = Counter(re.findall(kinds, source))
    assert used == Counter(names[limit] for _, limit in LIMITED.values())
