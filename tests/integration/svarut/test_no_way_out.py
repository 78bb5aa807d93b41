"""A letter that its mailbox failed with, and that waits for a person, has a way out."""

from __future__ import annotations

from uuid import UUID

import pytest

from fiks.core.db import session
from fiks.core.errors import Avvist, Konflikt
from fiks.core.queue.owner_lock import Owner
from fiks.registeroppslag.rules import Adressebeskyttelse
from fiks.svarut.receipts import feed
from fiks.svarut.rules import Bane, Kanal, Status
from fiks.svarut.sender import actions
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.svarut.letters import codes, hand_over, letter, levering, leveringer, make_letter
from tests.integration.svarut.test_receipts import receive
from tests.integration.worlds import Receipt, World


@pytest.fixture
def failed(hus: Hus, eier: Owner, world: World) -> UUID:
    """The mailbox said that it failed, Altinn refused it, and its receiver's address is strengt fortrolig."""
    number = world.register.add_person(
        new_fnr(), postkasse="EBOKS", beskyttelse=Adressebeskyttelse.STRENGT_FORTROLIG
    )
    made = make_letter(hus, number)
    hand_over(eier, world)
    receive(Kanal.DPI, "FEILET", letter_id=made)
    world.altinn.svar = [Avvist("HTTP_400")]
    hand_over(eier, world)
    stands = levering(made).status, levering(made).bane, letter(made).status
    assert stands == ("TIL_BEHANDLING", Bane.SPERRET, Status.SENDT_SDP)
    session().rollback()
    return made


def test_one_whose_receiver_is_protected_can_be_closed_and_was_never_sent(failed: UUID) -> None:
    actions.set_manually_handled(failed, actor=HOUSE)
    now = letter(failed)
    assert (now.status, now.kanal, now.overlevert) == (Status.MANUELT_HANDTERT, None, None)
    assert (levering(failed).status, codes(failed)[-1]) == ("STOPPET", "MANUELT_HANDTERT")


def test_one_that_goes_on_by_itself_cannot_be_closed(hus: Hus, eier: Owner, world: World) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="EBOKS"))
    hand_over(eier, world)
    receive(Kanal.DPI, "FEILET", letter_id=made)
    assert (levering(made).status, letter(made).status) == ("KLAR", Status.SENDT_SDP)
    with pytest.raises(Konflikt, match="KAN_IKKE_HANDTERES"):
        actions.set_manually_handled(made, actor=HOUSE)


def test_one_that_the_mailbox_delivered_after_all_waits_for_nobody(failed: UUID) -> None:
    first = leveringer(failed)[0].id
    session().rollback()
    feed.apply_receipt(Kanal.DPI, Receipt(str(first), "LEVERT"))
    assert (letter(failed).status, levering(failed).status) == (Status.LEVERT_SDP, "STOPPET")
