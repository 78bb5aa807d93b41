"""While all sending is stopped no document goes to the signing service; what was signed comes back all the same."""

from __future__ import annotations

import pytest

from fiks.core.db import session
from fiks.core.errors import ProvIgjen
from fiks.drift import service as drift
from fiks.svarut.rules import Signeringsstatus
from fiks.svarut.signing.client import Art
from fiks.svarut.signing.copies import send_signed_copies
from fiks.svarut.signing.feed import read_feed
from fiks.svarut.signing.orders import register_orders
from tests.integration.houses import HOUSE, Hus
from tests.integration.svarut.signings import accepted, let_sign, let_wait_pass, order, sent_back
from tests.integration.worlds import FakeSigning


def freeze() -> None:
    drift.freeze("restored from backup of 3 May", actor=HOUSE)
    session().rollback()


@pytest.fixture
def service() -> FakeSigning:
    return FakeSigning()


def test_no_order_is_given_while_all_sending_is_stopped_and_each_is_afterwards(
    hus: Hus, service: FakeSigning
) -> None:
    letter_id = accepted(let_sign(hus))
    freeze()
    assert register_orders(service) == 0
    assert (service.kall, order(letter_id).forsok) == ([], 0)
    drift.thaw(actor=HOUSE)
    assert register_orders(service) == 1
    assert list(service.fikk) == [str(letter_id)]


class Stopping(FakeSigning):
    """Sending is stopped while it is asked whether it has an order."""

    def find(self, referanse: str) -> str | None:
        found = super().find(referanse)
        freeze()
        return found


def test_an_order_that_was_taken_just_before_is_not_given_any_more(hus: Hus) -> None:
    letter_id = accepted(let_sign(hus))
    service = Stopping(svar=[ProvIgjen("IKKE_NAADD")])
    register_orders(service)
    let_wait_pass()
    assert register_orders(service) == 1
    assert (service.kall, service.fikk) == (["create", "find"], {})
    assert (order(letter_id).status, order(letter_id).referanse) == (Signeringsstatus.VENTER_SIGNERING, None)
    drift.thaw(actor=HOUSE)
    let_wait_pass()
    register_orders(FakeSigning())
    assert order(letter_id).referanse == f"oppdrag-{letter_id}"


def test_what_was_signed_comes_back_as_a_letter_that_waits_as_any_other(
    hus: Hus, service: FakeSigning
) -> None:
    letter_id = accepted(let_sign(hus))
    register_orders(service)
    freeze()
    service.tells(letter_id, Art.SIGNERT)
    read_feed(service)
    assert send_signed_copies(service) == 1
    assert len(sent_back()) == 1
    assert order(letter_id).status == Signeringsstatus.SIGNERT_AV_MOTTAKER
