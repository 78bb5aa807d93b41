"""SMS while the gateway is away: somebody is told for as long as they wait, and of those that were given up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from fiks.core.db import transaction
from fiks.core.errors import ProvIgjen
from fiks.sms import queries, rules, service, work
from fiks.sms.models import Sms, Smsutsendelse
from fiks.sms.rules import Grunn, Status
from tests.integration.sms.gateways import FakeGateway, Smshus
from tests.integration.worlds import FakeRegister

KARI = "+4790000001"


def pass_time(step: timedelta) -> None:
    with transaction() as tx:
        tx.execute(update(Sms).values(neste_forsok=Sms.neste_forsok - step))
        tx.execute(update(Smsutsendelse).values(opprettet=Smsutsendelse.opprettet - step))


@pytest.mark.parametrize("tries", [4, 8])
def test_somebody_is_told_while_the_gateway_is_away_though_every_try_moves_the_next(
    smshus: Smshus, tries: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Told of as long as it has waited, also right after a try; FiksSmsLate goes by it."""
    gateway = FakeGateway(svar=[ProvIgjen("IKKE_NAADD")] * tries)
    service.send_to_number(smshus.konto_id, "Flom!", KARI, actor=smshus.sender)
    waited = timedelta()
    for attempt in range(1, tries + 1):
        assert work.send_next(gateway, FakeRegister()) == 1
        assert waited.total_seconds() <= work.measure() < waited.total_seconds() + 60
        waited += rules.retry_delay(attempt)
        pass_time(rules.retry_delay(attempt))
    assert work.measure() >= work.LATE_AFTER.total_seconds()
    assert "sms_late" in caplog.text


def test_nothing_waits_when_all_is_sent_or_given_up(smshus: Smshus) -> None:
    service.send_to_number(smshus.konto_id, "Flom!", KARI, actor=smshus.sender)
    pass_time(timedelta(hours=1))
    work.send_next(FakeGateway(), FakeRegister())
    assert work.measure() == 0


def test_one_that_is_given_up_since_it_is_a_day_old_is_counted_and_told_of(
    smshus: Smshus, caplog: pytest.LogCaptureFixture
) -> None:
    sms_id = service.send_to_number(smshus.konto_id, "Flom!", KARI, actor=smshus.sender)
    pass_time(rules.GYLDIG_I)
    before, gateway = work.EXPIRED._value.get(), FakeGateway()
    assert work.send_next(gateway, FakeRegister()) == 1
    assert gateway.fikk == []
    stand = queries.status(smshus.konto_id, sms_id, actor=smshus.sender)
    assert (stand.status, stand.grunn) == (Status.IKKE_SENDT, Grunn.UTLOPT)
    assert work.EXPIRED._value.get() == before + 1
    assert "sms_expired" in caplog.text
