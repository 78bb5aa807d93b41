"""What the gateway tells settles an SMS, whatever we had made of the call: nobody who has had it gets it again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, KanalFeil, ProvIgjen
from fiks.sms import queries, service, work
from fiks.sms.client import Utfall
from fiks.sms.models import Sms, Smshendelse
from fiks.sms.rules import Grunn, Status
from tests.integration.sms.gateways import FakeGateway, Smshus
from tests.integration.worlds import FakeRegister

KARI = "+4790000001"


def told_after(smshus: Smshus, error: KanalFeil, utfall: Utfall) -> queries.Stand:
    """How an SMS stands when its call ended so, then the receipt came, and then the lane had its turn again."""
    gateway = FakeGateway(svar=[error])
    sms_id = service.send_to_number(smshus.konto_id, "Vannet er stengt.", KARI, actor=smshus.sender)
    work.send_next(gateway, FakeRegister())
    gateway.tell(sms_id, utfall)
    work.read_receipts(gateway)
    with transaction() as tx:
        tx.execute(update(Sms).values(neste_forsok=Sms.neste_forsok - timedelta(hours=1)))
    assert work.send_next(gateway, FakeRegister()) == 0
    assert gateway.fikk == []
    session().rollback()
    return queries.status(smshus.konto_id, sms_id, actor=smshus.sender)


@pytest.mark.parametrize(
    ("utfall", "status"), [(Utfall.LEVERT, Status.LEVERT), (Utfall.IKKE_LEVERT, Status.IKKE_LEVERT)]
)
def test_an_sms_the_gateway_tells_of_is_not_sent_again_though_the_call_was_answered_with_try_again(
    smshus: Smshus, utfall: Utfall, status: Status
) -> None:
    """A proxy's 503 after the gateway took the call; the receipt comes within the minute before the next try."""
    assert told_after(smshus, ProvIgjen("HTTP_503"), utfall).status is status


def test_one_that_was_called_refused_and_arrived_is_told_to_have_arrived(smshus: Smshus) -> None:
    stand = told_after(smshus, Avvist("HTTP_404"), Utfall.LEVERT)
    assert (stand.status, stand.grunn) == (Status.LEVERT, None)


def test_one_that_was_refused_and_did_not_arrive_keeps_its_reason(smshus: Smshus) -> None:
    stand = told_after(smshus, Avvist("HTTP_422"), Utfall.IKKE_LEVERT)
    assert (stand.status, stand.grunn) == (Status.IKKE_SENDT, Grunn.AVVIST_AV_LEVERANDOR)


def test_a_receipt_that_comes_before_the_answer_to_its_call_stands_whatever_the_answer_is(
    smshus: Smshus,
) -> None:
    gateway = FakeGateway(svar=[ProvIgjen("HTTP_503")])
    sms_id = service.send_to_number(smshus.konto_id, "Vannet er stengt.", KARI, actor=smshus.sender)

    def meanwhile() -> None:
        gateway.tell(sms_id, Utfall.LEVERT)
        work.read_receipts(gateway)

    gateway.under = meanwhile
    work.send_next(gateway, FakeRegister())
    session().rollback()
    assert queries.status(smshus.konto_id, sms_id, actor=smshus.sender).status is Status.LEVERT
    steps = select(Smshendelse.til).where(Smshendelse.sms_id == sms_id).order_by(Smshendelse.lopenr)
    assert list(session().scalars(steps)) == ["OPPRETTET", "SENDER", "LEVERT"]


def test_one_that_is_taken_to_be_sent_when_its_receipt_comes_is_not_called_about(smshus: Smshus) -> None:
    gateway = FakeGateway()
    sms_id = service.send_to_number(smshus.konto_id, "Vannet er stengt.", KARI, actor=smshus.sender)
    taken = work._claim()
    assert taken is not None
    gateway.tell(sms_id, Utfall.LEVERT)
    work.read_receipts(gateway)
    work._send(taken, gateway, FakeRegister())
    assert gateway.fikk == []
