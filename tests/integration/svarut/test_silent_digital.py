"""What Altinn never said that it delivered, or said that it failed with, does not count as delivered."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.letters import load_letters
from fiks.svarut.lifecycle import lesefrist
from fiks.svarut.lifecycle.fallback import continue_after_refusal
from fiks.svarut.lifecycle.read_status import record_reading
from fiks.svarut.models import Kanalavvik
from fiks.svarut.operations.alarms import count_digital_overdue
from fiks.svarut.receipts import feed
from fiks.svarut.rules import Kanal, Status
from tests.integration.houses import Hus, make_hus, new_orgnr
from tests.integration.svarut.letters import (
    codes,
    hand_over,
    let_lesefrist_pass,
    letter,
    leveringer,
    make_letter,
)
from tests.integration.svarut.test_receipts import receive, sent
from tests.integration.worlds import Receipt, World


def let_it_expire() -> None:
    session().rollback()
    let_lesefrist_pass()
    lesefrist.expire_lesefrist()
    session().rollback()


def noted() -> list[str]:
    found = session().scalars(select(Kanalavvik.art)).all()
    session().rollback()
    return list(found)


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


def to_organisation(eier: Owner, world: World) -> UUID:
    """A letter to an organisation, of a konto that sends no paper after it."""
    hus = make_hus(ettersending_virksomheter=False)
    made = make_letter(hus, world.register.add_unit(new_orgnr()))
    hand_over(eier, world)
    return made


def test_one_that_altinn_never_said_it_delivered_is_told_of_also_after_its_deadline(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = sent(hus, eier, world, "ALTINN", kun_digital=True)
    clock.move(timedelta(days=3, hours=23))
    assert count_digital_overdue() == 0
    let_it_expire()
    assert lesefrist.expire_lesefrist() == 0
    assert (letter(made).status, count_digital_overdue()) == (Status.SENDT_ALTINN, 1)
    assert codes(made)[-1] == "LESEFRIST_UTLOPT"
    receive(Kanal.ALTINN, "LEVERT", letter_id=made)
    assert (letter(made).status, count_digital_overdue()) == (Status.SENDT_DIGITALT, 0)
    assert hand_over(eier, world) == 0


def test_one_that_altinn_delivered_is_not_told_of(hus: Hus, eier: Owner, world: World) -> None:
    made = sent(hus, eier, world, "ALTINN", kun_digital=True)
    receive(Kanal.ALTINN, "LEVERT", letter_id=made)
    let_it_expire()
    assert (letter(made).status, count_digital_overdue()) == (Status.SENDT_DIGITALT, 0)


def test_one_that_goes_on_paper_is_not_told_of(hus: Hus, eier: Owner, world: World) -> None:
    made = sent(hus, eier, world, "ALTINN")
    let_it_expire()
    assert count_digital_overdue() == 0
    receive_first(made, "LEVERT")
    assert letter(made).status == Status.LEVERT_ALTINN
    hand_over(eier, world)
    assert (letter(made).status, count_digital_overdue()) == (Status.SENDT_PRINT, 0)


def receive_first(made: UUID, art: str) -> None:
    """A receipt of the letter's first hand-over."""
    feed.apply_receipt(Kanal.ALTINN, Receipt(str(leveringer(made)[0].id), art))


@pytest.mark.parametrize("after_deadline", [False, True])
def test_a_digital_letter_that_altinn_never_delivered_and_failed_with_is_not_delivered(
    hus: Hus, eier: Owner, world: World, after_deadline: bool
) -> None:
    made = sent(hus, eier, world, "ALTINN", kun_digital=True)
    if after_deadline:
        let_it_expire()
    receive(Kanal.ALTINN, "FEILET", letter_id=made)
    assert letter(made).status == Status.IKKE_LEVERT
    let_it_expire()
    assert (letter(made).status, count_digital_overdue()) == (Status.IKKE_LEVERT, 0)


def test_a_digital_letter_that_altinn_failed_with_after_it_was_delivered_is_not_sent_digitally(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    made = sent(hus, eier, world, "ALTINN", kun_digital=True)
    receive(Kanal.ALTINN, "LEVERT", "FEILET", letter_id=made)
    assert letter(made).status == Status.IKKE_LEVERT
    let_it_expire()
    assert (letter(made).status, errors(caplog)) == (Status.IKKE_LEVERT, [])


@pytest.mark.parametrize("organisation", [False, True])
def test_altinns_failure_after_the_deadline_of_what_is_not_printed_says_that_nobody_has_it(
    hus: Hus, eier: Owner, world: World, organisation: bool, caplog: pytest.LogCaptureFixture
) -> None:
    made = (
        to_organisation(eier, world) if organisation else sent(hus, eier, world, "ALTINN", kun_digital=True)
    )
    receive(Kanal.ALTINN, "LEVERT", letter_id=made)
    let_it_expire()
    assert letter(made).status == Status.SENDT_DIGITALT
    receive(Kanal.ALTINN, "FEILET", "FEILET", letter_id=made)
    assert (letter(made).status, codes(made).count("FEILET_ALTINN")) == (Status.IKKE_LEVERT, 1)
    assert errors(caplog) == ["delivered_letter_failed"]
    assert hand_over(eier, world) == 0


def test_altinns_failure_with_what_was_opened_there_is_a_persons_to_look_into(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    made = sent(hus, eier, world, "ALTINN", kun_digital=True)
    receive(Kanal.ALTINN, "LEVERT", "LEST", letter_id=made)
    let_it_expire()
    receive(Kanal.ALTINN, "FEILET", letter_id=made)
    assert (letter(made).status, codes(made)[-1]) == (Status.SENDT_DIGITALT, "FEILET_ALTINN")
    assert (noted(), errors(caplog)) == (["UKJENT_HOS_DEM"], ["delivered_letter_failed", "books_differ"])


def test_a_mailboxs_failure_with_what_it_delivered_is_a_persons_to_look_into(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    made = sent(hus, eier, world, "DPI")
    receive(Kanal.DPI, "LEVERT", "FEILET", letter_id=made)
    assert letter(made).status == Status.LEVERT_SDP
    assert (noted(), errors(caplog)) == (["UKJENT_HOS_DEM"], ["delivered_letter_failed", "books_differ"])


def test_what_was_read_before_altinn_failed_with_it_stays_read(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    made = sent(hus, eier, world, "ALTINN", kun_digital=True)
    with transaction():
        record_reading(made, kode="LEST", aktor="test")
    receive(Kanal.ALTINN, "FEILET", letter_id=made)
    assert (letter(made).status, noted(), errors(caplog)) == (Status.LEST, [], [])


def test_a_refusal_that_ends_nothing_is_told_of(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    made = sent(hus, eier, world, "ALTINN", kun_digital=True)
    receive(Kanal.ALTINN, "LEVERT", letter_id=made)
    let_it_expire()
    with transaction():
        continue_after_refusal(load_letters([made])[made], Kanal.ALTINN, "FEILET_ALTINN")
    assert errors(caplog) == ["refused_letter_not_ended"]
