"""What a channel tells of a letter that we had other thoughts of: it stops no other, doubles nothing, and is seen."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update

from fiks.core.db import session, transaction
from fiks.core.errors import Avvist
from fiks.core.queue.owner_lock import Owner
from fiks.konfigurasjon.models import Konto
from fiks.svarut.delivery import deliver
from fiks.svarut.delivery.claims import claim
from fiks.svarut.models import Forsendelse
from fiks.svarut.operations.alarms import count_digital_overdue
from fiks.svarut.receipts import feed
from fiks.svarut.retention import deletion
from fiks.svarut.rules import Bane, Kanal, Status
from tests.integration.houses import Hus, new_fnr
from tests.integration.svarut.letters import (
    hand_over,
    letter,
    levering,
    leveringer,
    make_letter,
)
from tests.integration.svarut.test_early_receipts import not_found, now
from tests.integration.svarut.test_receipts import receive, sent
from tests.integration.svarut.test_silent_digital import let_it_expire, to_organisation
from tests.integration.worlds import FakeFeed, Receipt, World


def damaged(hus: Hus, eier: Owner, world: World) -> UUID:
    """A letter that a call may have delivered, and that waits for a person since its receiver cannot be read."""
    made = not_found(hus, eier, world)
    spoilt = bytes(letter(made).mottaker_kryptert or b"")[:-1] + b"\x00"
    with transaction() as tx:
        tx.execute(update(Forsendelse).where(Forsendelse.id == made).values(mottaker_kryptert=spoilt))
    hand_over(eier, world)
    assert levering(made).status == "TIL_BEHANDLING"
    session().rollback()
    return made


def test_a_failure_of_a_letter_that_cannot_be_opened_stops_no_other_receipt(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = damaged(hus, eier, world)
    other = sent(hus, eier, world, "ALTINN")
    failed = Receipt(str(levering(made).id), "FEILET")
    session().rollback()
    feed.read_feed(Kanal.ALTINN, FakeFeed(failed, Receipt(str(levering(other).id), "LEVERT")))
    assert letter(other).status == Status.LEVERT_ALTINN
    assert [one.status for one in leveringer(made)] == ["OVERLEVERT", "KLAR"]


def test_one_that_was_refused_and_is_told_of_before_the_next_leaves_waits_for_a_person(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = not_found(hus, eier, world)
    world.altinn.svar = [Avvist("HTTP_400")]
    deliver.deliver(Bane.ENKELT, eier, world.verden)
    refused, following = leveringer(made)
    assert (refused.status, following.status) == ("AVVIST", "KLAR")
    session().rollback()
    feed.apply_receipt(Kanal.ALTINN, Receipt(str(refused.id), "LEVERT"))
    hand_over(eier, world)
    assert world.print.antall == 0
    assert [one.status for one in leveringer(made)] == ["AVVIST", "TIL_BEHANDLING"]


def test_one_that_altinn_first_failed_with_and_then_delivered_has_its_deadline_before_paper(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = sent(hus, eier, world, "ALTINN")
    receive(Kanal.ALTINN, "FEILET", letter_id=made)
    feed.apply_receipt(Kanal.ALTINN, Receipt(str(leveringer(made)[0].id), "LEVERT"))
    session().rollback()
    hand_over(eier, world)
    assert (world.print.antall, letter(made).status) == (0, Status.LEVERT_ALTINN)
    let_it_expire()
    hand_over(eier, world)
    assert (world.print.antall, letter(made).status) == (1, Status.SENDT_PRINT)


def test_one_that_was_opened_and_that_altinn_then_fails_with_is_a_persons_to_look_into(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = sent(hus, eier, world, "ALTINN", kun_digital=True)
    receive(Kanal.ALTINN, "LEVERT", "LEST", "FEILET", letter_id=made)
    assert letter(made).status == Status.LEVERT_ALTINN


def test_one_that_a_mailbox_has_told_of_is_not_ordered_on_paper(hus: Hus, eier: Owner, world: World) -> None:
    """Of a restored database: no channel was chosen, and by now the registers say paper."""
    made = make_letter(hus, world.register.add_person(new_fnr(), registrert=False))
    claims = claim(Bane.ENKELT, eier.number)
    feed.apply_receipt(Kanal.DPI, Receipt(str(levering(made).id), "LEVERT"))
    deliver.hand_over(claims, eier, world.verden)
    assert (world.print.antall, now(made)[0]) == (0, Status.LEVERT_SDP)


def test_what_altinn_never_confirmed_is_kept_for_as_long_as_what_a_mailbox_did_not(
    empty: None, eier: Owner, world: World
) -> None:
    made = to_organisation(eier, world)
    with transaction() as tx:
        tx.execute(update(Konto).values(lagringsdager=5))
    let_it_expire()
    session().rollback()
    deletion.expire_content()
    assert (letter(made).status, count_digital_overdue()) == (Status.SENDT_ALTINN, 1)
    receive(Kanal.ALTINN, "FEILET", letter_id=made)
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_PRINT
