"""A channel or print house that tells something odd: everything else it tells has its effect, and is read once."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from fiks.core.db import session
from fiks.core.queue.feed_markers import Kvitteringsmarkor
from fiks.core.queue.owner_lock import Owner
from fiks.print.handover import receipts as printing
from fiks.print.handover.client import _receipt
from fiks.svarut.channels.altinn import AltinnClient
from fiks.svarut.channels.dpi import DpiClient
from fiks.svarut.models import Kanalavvik
from fiks.svarut.receipts.feed import UNKNOWN_RECEIPTS, read_feed
from fiks.svarut.rules import Kanal, Status
from tests.integration.houses import Hus, new_fnr
from tests.integration.print.orders import HOUSE, FakeHouse, make_order, order
from tests.integration.print.orders import deliver as deliver_packages
from tests.integration.svarut.letters import hand_over, letter, levering, make_letter
from tests.integration.worlds import World


class Feed:
    """Altinn's feed, over no wire."""

    def __init__(self, client: AltinnClient, *told: dict[str, Any]) -> None:
        self.unreadable, self._told = client._wire.unreadable, told

    def read(self, method: str, path: str, *, params: dict[str, Any]) -> object:
        return [one for one in self._told if int(one["id"]) > int(params["after"])]


def happening(nr: int, referanse: object) -> dict[str, Any]:
    return {
        "id": str(nr),
        "type": "no.altinn.correspondence.correspondencepublished",
        "time": "2027-01-11T12:00:00+00:00",
        "data": {"sendersReference": referanse},
    }


@pytest.mark.parametrize("odd", [None, 7, ["x"], "x\0", "\ud800", "{" * 500])
def test_a_reference_nobody_can_read_or_keep_holds_no_receipt_up(
    hus: Hus, eier: Owner, world: World, odd: object
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    hand_over(eier, world)
    client = AltinnClient("http://127.0.0.1:1")
    feed = Feed(client, happening(1, odd), happening(2, str(levering(made).id)))
    client._wire = feed  # type: ignore[assignment]
    read_feed(Kanal.ALTINN, client)
    assert letter(made).status == Status.LEVERT_ALTINN
    assert marker("ALTINN") == "2"
    assert read_feed(Kanal.ALTINN, client) == 0


def marker(kilde: str) -> str | None:
    session().rollback()
    stored = select(Kvitteringsmarkor.markor).where(Kvitteringsmarkor.kilde == kilde)
    return session().execute(stored).scalar_one_or_none()


def line(ordre_id: UUID, **changes: object) -> bytes:
    told = {
        "referanse": str(ordre_id),
        "art": "PRINTET",
        "tidspunkt": "2027-01-11T12:00:00+01:00",
        "ark": 1,
        "vektGram": 12,
        "portoOre": 2700,
        "produksjonOre": 312,
        "melding": None,
    }
    return json.dumps(told | changes).encode()


@pytest.mark.parametrize("name", ["ark", "vektGram", "portoOre", "produksjonOre"])
def test_a_number_no_letter_can_have_holds_no_receipt_up(hus: Hus, eier: Owner, name: str) -> None:
    odd, other = make_order(hus), make_order(hus)
    deliver_packages(eier, FakeHouse())
    lines = [line(odd, **{name: 2**63}), line(other)]
    told = [one for nr, told in enumerate(lines) for one in _receipt(told, "000000000001.jsonl", nr)]
    assert printing.read_house_receipts(HOUSE, FakeHouse(kvitteringer=told)) == 1
    assert (order(odd).status, order(other).status) == ("PRODUSERT", "POSTLAGT")


def test_a_letter_that_could_not_be_printed_is_known_of_though_the_reason_cannot_be_kept(
    hus: Hus, eier: Owner
) -> None:
    made = make_order(hus)
    deliver_packages(eier, FakeHouse())
    told = _receipt(line(made, art="FEILET", melding="papir\0stopp"), "000000000001.jsonl", 1)
    assert printing.read_house_receipts(HOUSE, FakeHouse(kvitteringer=told)) == 1
    assert (order(made).status, order(made).feilkode) == ("FEILET", "papirstopp")


class Mailboxes:
    """The wire to an integrasjonspunkt that tells of one message, and says this of its conversation."""

    def __init__(self, client: DpiClient, conversation: dict[str, str] | None) -> None:
        self.unreadable, self._conversation, self.told = client._wire.unreadable, conversation, str(uuid4())

    def read(self, method: str, path: str, *, params: dict[str, Any]) -> object:
        status = {"id": 1, "messageId": self.told, "status": "LEVERT", "lastUpdate": "2027-01-11T12:00:00Z"}
        return {"content": [status] if params["fromId"] == "0" else []}

    def find(self, path: str) -> object:
        assert path.endswith(self.told)
        return self._conversation


@pytest.mark.parametrize(
    ("conversation", "ours"),
    [
        ({"serviceIdentifier": "DPI", "direction": "OUTGOING"}, True),
        ({"serviceIdentifier": "DPO", "direction": "OUTGOING"}, False),
        ({"serviceIdentifier": "DPI", "direction": "INCOMING"}, False),
        (None, True),
        ({}, True),
    ],
)
def test_what_an_integrasjonspunkt_tells_of_others_messages_is_no_disagreement_of_ours(
    hus: Hus, conversation: dict[str, str] | None, ours: bool
) -> None:
    client = DpiClient("http://127.0.0.1:1")
    client._wire = wire = Mailboxes(client, conversation)  # type: ignore[assignment]
    before = UNKNOWN_RECEIPTS.labels(Kanal.DPI)._value.get()
    assert read_feed(Kanal.DPI, client) == 1
    noted = select(Kanalavvik.referanse).where(Kanalavvik.referanse == wire.told)
    assert (session().scalar(noted) is not None) is ours
    assert UNKNOWN_RECEIPTS.labels(Kanal.DPI)._value.get() == before + ours
    assert marker("DPI") == "1"
