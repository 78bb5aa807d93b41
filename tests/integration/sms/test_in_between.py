"""What is not the gateway's own answer, and what never left the house, gives no SMS up and loses sight of none."""

from __future__ import annotations

from uuid import UUID

import pytest

from fiks.core.db import session
from fiks.sms import service, work
from fiks.sms.client import SmsClient
from fiks.sms.models import Sms
from fiks.sms.rules import Status
from tests.integration.in_between import in_between
from tests.integration.sms.gateways import Smshus
from tests.integration.worlds import FakeRegister

pytestmark = pytest.mark.slow

NUMBERS = [f"+4790{n:06}" for n in range(3)]


def sent(smshus: Smshus, register: FakeRegister, port: SmsClient) -> list[UUID]:
    """Three SMS that have been tried once each by that way."""
    made = service.send_to_numbers(
        smshus.konto_id, "Vannet er stengt.", NUMBERS, nokkel="", actor=smshus.sender
    )
    while work.send_next(port, register):
        pass
    return made


def rows(made: list[UUID]) -> set[tuple[str, bool]]:
    """Their status, and whether a call of theirs may have been made."""
    session().rollback()
    found = [session().get_one(Sms, one, populate_existing=True) for one in made]
    return {(one.status, one.kall_startet is not None) for one in found}


@pytest.mark.parametrize(
    "body", [b"<html>default backend - 404</html>", b'{"message": "no Route matched"}', b""]
)
@pytest.mark.parametrize("status", [404, 405, 407, 413, 421])
def test_an_ingress_without_a_route_refuses_no_sms(
    smshus: Smshus, register: FakeRegister, status: int, body: bytes
) -> None:
    with in_between(status, body) as url:
        made = sent(smshus, register, SmsClient(url))
    assert rows(made) == {(Status.OPPRETTET, False)}


ENVOY = b"upstream connect error or disconnect/reset before headers. reset reason: "


@pytest.mark.parametrize("body", [ENVOY + b"connection termination", ENVOY + b"remote reset"])
def test_somebody_in_between_who_lost_the_gateway_may_have_passed_the_call_on(
    smshus: Smshus, register: FakeRegister, body: bytes
) -> None:
    with in_between(503, body) as url:
        made = sent(smshus, register, SmsClient(url))
    assert rows(made) == {(Status.UKJENT, True)}


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (503, b'{"title": "Vi er nede", "status": 503}', {}),
        (503, b"", {"Retry-After": "60"}),
        (503, ENVOY + b"connection termination", {"Retry-After": "60"}),
        (429, b"", {}),
        (503, b"<html>503 Service Temporarily Unavailable</html>", {}),
        (503, b"no healthy upstream", {}),
        (503, ENVOY + b"connection failure", {}),
        (503, b"", {}),
    ],
)
def test_a_gateway_that_asks_us_to_wait_or_is_away_has_sent_nothing(
    smshus: Smshus, register: FakeRegister, status: int, body: bytes, headers: dict[str, str]
) -> None:
    with in_between(status, body, headers) as url:
        made = sent(smshus, register, SmsClient(url))
    assert rows(made) == {(Status.OPPRETTET, False)}


@pytest.mark.parametrize("status", [400, 422])
def test_what_the_gateway_refuses_is_given_up(smshus: Smshus, register: FakeRegister, status: int) -> None:
    with in_between(status, b'{"title": "Ugyldig nummer", "status": %d}' % status) as url:
        made = sent(smshus, register, SmsClient(url))
    assert {status for status, _ in rows(made)} == {Status.IKKE_SENDT}


def test_sms_wait_when_the_certificates_to_trust_are_gone(
    smshus: Smshus, register: FakeRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/finnes/ikke.pem")
    made = sent(smshus, register, SmsClient("https://sms.invalid"))
    assert rows(made) == {(Status.OPPRETTET, False)}
