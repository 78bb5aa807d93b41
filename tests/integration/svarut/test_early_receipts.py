"""A channel that tells of a letter has it, whatever we know of our call: it is not sent again, nor called unsent."""

from __future__ import annotations

import logging
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from fiks.core.db import session, transaction
from fiks.core.errors import Avvist, ProvIgjen, Uavklart
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.delivery import deliver as delivery_deliver
from fiks.svarut.delivery import outcomes, unknown_outcomes
from fiks.svarut.delivery.claims import claim
from fiks.svarut.delivery.deliver import deliver
from fiks.svarut.inbox import access
from fiks.svarut.invariants import check_letters
from fiks.svarut.letters import Brev
from fiks.svarut.models import Forsendelse, Kanalavvik, Levering, TidligKvittering
from fiks.svarut.receipts import feed
from fiks.svarut.rules import Bane, Kanal, Leveringsstatus, Status
from fiks.svarut.transitions import move_levering
from tests.integration.houses import HOUSE, Hus, new_fnr
from tests.integration.svarut.letters import (
    codes,
    hand_over,
    ledger,
    let_lookup_gap_pass,
    letter,
    levering,
    leveringer,
    make_letter,
    statuses,
)
from tests.integration.svarut.test_receipts import receive
from tests.integration.worlds import Receipt, World

SENT = (Status.LEVERT_ALTINN, Leveringsstatus.OVERLEVERT)


def unknown(hus: Hus, eier: Owner, world: World, **options: object) -> UUID:
    """Altinn took it, the answer was lost, and its search does not find it yet."""
    made = make_letter(hus, world.register.add_person(new_fnr()), **options)  # type: ignore[arg-type]
    world.altinn.svar = [Uavklart("TIDSAVBRUDD")]
    hand_over(eier, world)
    assert levering(made).status == "UAVKLART"
    return made


def now(made: UUID) -> tuple[str, str]:
    session().rollback()
    return letter(made).status, levering(made).status


def ask_to_stop(made: UUID) -> None:
    with transaction() as tx:
        tx.execute(update(Levering).where(Levering.forsendelse_id == made).values(stopp_onsket=True))


def look_up_twice(made: UUID, world: World) -> None:
    unknown_outcomes.resolve_unknown_outcomes(world.verden)
    let_lookup_gap_pass(made, quarantine=True)
    unknown_outcomes.resolve_unknown_outcomes(world.verden)
    session().rollback()


def not_found(hus: Hus, eier: Owner, world: World) -> UUID:
    """One whose look-ups found nothing, and that is to be sent again."""
    made = unknown(hus, eier, world)
    look_up_twice(made, world)
    assert levering(made).status == "KLAR"
    return made


def stands(made: UUID, eier: Owner, world: World, status: Leveringsstatus) -> None:
    """It was not found, and waits for a try or for a person."""
    if status is Leveringsstatus.VENTER:
        world.altinn.svar = [ProvIgjen("HTTP_503")]
        hand_over(eier, world)
    elif status is Leveringsstatus.TIL_BEHANDLING:
        wait_for_a_person(made)
    assert levering(made).status == status
    session().rollback()


def wait_for_a_person(made: UUID) -> None:
    with transaction():
        move_levering(
            levering(made).id,
            fra=Leveringsstatus.KLAR,
            til=Leveringsstatus.TIL_BEHANDLING,
            kode="TIL_BEHANDLING",
            aktor="test",
        )


def kept() -> int:
    found = session().scalar(select(func.count()).select_from(TidligKvittering))
    session().rollback()
    return found or 0


def noted() -> list[tuple[str, str]]:
    rows = session().execute(select(Kanalavvik.referanse, Kanalavvik.art)).all()
    session().rollback()
    return [(row.referanse, row.art) for row in rows]


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("stopped", [False, True])
def test_an_empty_look_up_of_one_that_altinn_tells_of_finds_it(
    hus: Hus, eier: Owner, world: World, stopped: bool
) -> None:
    made = unknown(hus, eier, world)
    receive(Kanal.ALTINN, "LEVERT", letter_id=made)
    if stopped:
        ask_to_stop(made)
    assert unknown_outcomes.resolve_unknown_outcomes(world.verden) == 1
    assert now(made) == SENT
    assert statuses(made)[-2:] == [Status.SENDT_ALTINN, Status.LEVERT_ALTINN]
    assert (letter(made).kanal, letter(made).overlevert is not None) == ("ALTINN", True)
    assert letter(made).lesefrist is not None
    assert ledger(made) == [(1, "ALTINN", "FUNNET")]
    assert (hand_over(eier, world), kept()) == (0, 0)
    assert check_letters(select(Forsendelse.id).where(Forsendelse.id == made)) == []


def test_what_only_its_reader_has_told_of_is_no_word_of_the_channel(
    hus: Hus, eier: Owner, world: World
) -> None:
    number = world.register.add_person(new_fnr())
    made = make_letter(hus, number)
    world.altinn.svar = [Uavklart("TIDSAVBRUDD")]
    hand_over(eier, world)
    access.mark_read(made, pid=number, orgnrs=frozenset(), actor=HOUSE)
    unknown_outcomes.resolve_unknown_outcomes(world.verden)
    assert now(made) == (Status.AKSEPTERT, "UAVKLART")


@pytest.mark.parametrize(("printable", "status"), [(True, Status.SENDT_PRINT), (False, Status.IKKE_LEVERT)])
def test_one_that_altinn_says_it_failed_with_goes_on_by_its_next_channel(
    hus: Hus, eier: Owner, world: World, printable: bool, status: Status
) -> None:
    made = unknown(hus, eier, world, kun_digital=not printable)
    receive(Kanal.ALTINN, "FEILET", letter_id=made)
    unknown_outcomes.resolve_unknown_outcomes(world.verden)
    hand_over(eier, world)
    assert (now(made)[0], world.altinn.antall) == (status, 0)
    assert statuses(made)[-2:] == [Status.SENDT_ALTINN, status]


def test_one_that_was_to_be_stopped_and_that_altinn_says_it_failed_with_goes_nowhere(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = unknown(hus, eier, world)
    receive(Kanal.ALTINN, "FEILET", letter_id=made)
    ask_to_stop(made)
    unknown_outcomes.resolve_unknown_outcomes(world.verden)
    assert hand_over(eier, world) == 0
    assert (now(made)[0], letter(made).overlevert, letter(made).kanal) == (
        Status.MANUELT_HANDTERT,
        None,
        None,
    )


@pytest.mark.parametrize(
    "status", [Leveringsstatus.KLAR, Leveringsstatus.VENTER, Leveringsstatus.TIL_BEHANDLING]
)
def test_one_that_is_to_be_sent_again_or_waits_for_a_person_is_sent_when_altinn_tells_of_it(
    hus: Hus, eier: Owner, world: World, status: Leveringsstatus
) -> None:
    made = not_found(hus, eier, world)
    stands(made, eier, world, status)
    receive(Kanal.ALTINN, "LEVERT", letter_id=made)
    assert now(made) == SENT
    assert hand_over(eier, world) == 0
    assert (ledger(made)[0], kept()) == ((1, "ALTINN", "FUNNET"), 0)
    receive(Kanal.ALTINN, "LEVERT", letter_id=made)
    assert now(made) == SENT
    assert check_letters(select(Forsendelse.id).where(Forsendelse.id == made)) == []


def test_one_that_a_restored_database_has_not_sent_is_sent_when_a_channel_tells_of_it(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="EBOKS"))
    receive(Kanal.DPI, "LEVERT", letter_id=made)
    assert now(made) == (Status.LEVERT_SDP, "OVERLEVERT")
    assert (levering(made).kanal, hand_over(eier, world)) == ("DPI", 0)


@pytest.mark.parametrize(
    "answer", [ProvIgjen("HTTP_503"), Avvist("HTTP_400"), ProvIgjen("HTTP_429", throttled=True)]
)
@pytest.mark.parametrize("stopped", [False, True])
def test_whatever_the_next_call_says_one_that_altinn_told_of_meanwhile_is_there(
    hus: Hus, eier: Owner, world: World, answer: ProvIgjen | Avvist, stopped: bool
) -> None:
    made = not_found(hus, eier, world)

    def meanwhile(referanse: str, brev: Brev) -> None:
        receive(Kanal.ALTINN, "LEVERT", letter_id=made)
        if stopped:
            ask_to_stop(made)

    world.altinn.under, world.altinn.svar = meanwhile, [answer]
    deliver(Bane.ENKELT, eier, world.verden)
    assert now(made) == SENT
    assert [row.kanal for row in leveringer(made)] == ["ALTINN"]
    assert check_letters(select(Forsendelse.id).where(Forsendelse.id == made)) == []


def test_one_that_is_stopped_right_before_its_next_call_and_that_altinn_has_told_of_was_sent(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = not_found(hus, eier, world)
    claims = claim(Bane.ENKELT, eier.number)
    receive(Kanal.ALTINN, "LEVERT", letter_id=made)
    ask_to_stop(made)
    delivery_deliver.hand_over(claims, eier, world.verden)
    assert (*now(made), world.altinn.antall) == (*SENT, 0)


@pytest.mark.parametrize("stopped", [False, True])
def test_one_whose_owner_died_before_its_next_call_and_that_altinn_has_told_of_was_sent(
    hus: Hus, eier: Owner, world: World, stopped: bool
) -> None:
    made = not_found(hus, eier, world)
    claims = claim(Bane.ENKELT, eier.number)
    receive(Kanal.ALTINN, "LEVERT", letter_id=made)
    if stopped:
        ask_to_stop(made)
    outcomes.give_back([krav.claim for krav in claims])
    assert now(made) == SENT


def test_one_that_was_stopped_and_that_altinn_has_was_sent_and_operations_are_told(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    made = unknown(hus, eier, world)
    ask_to_stop(made)
    look_up_twice(made, world)
    assert now(made) == (Status.MANUELT_HANDTERT, "STOPPET")
    assert letter(made).overlevert is None
    session().rollback()
    for _ in range(2):
        receive(Kanal.ALTINN, "LEVERT", letter_id=made)
    assert now(made) == (Status.MANUELT_HANDTERT, "STOPPET")
    assert (letter(made).kanal, letter(made).overlevert is not None) == ("ALTINN", True)
    assert codes(made).count("LEVERT_ALTINN") == 1
    assert noted() == [(str(levering(made).id), "UKJENT_HOS_OSS")]
    assert errors(caplog).count("given_up_letter_is_there") == 1
    assert kept() == 0


def test_one_that_altinn_refused_and_says_that_it_delivered_is_told_of(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    made = not_found(hus, eier, world)
    world.altinn.svar = [Avvist("HTTP_400")]
    hand_over(eier, world)
    refused, printed = leveringer(made)
    feed.apply_receipt(Kanal.ALTINN, Receipt(str(refused.id), "LEVERT"))
    assert (now(made)[0], printed.kanal) == (Status.SENDT_PRINT, "PRINT")
    assert noted() == [(str(refused.id), "UKJENT_HOS_OSS")]
    assert errors(caplog) == ["books_differ", "given_up_letter_is_there"]


def test_a_failure_of_what_was_stopped_is_nothing_new(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    made = unknown(hus, eier, world)
    ask_to_stop(made)
    look_up_twice(made, world)
    before = codes(made)
    receive(Kanal.ALTINN, "FEILET", letter_id=made)
    assert (codes(made), letter(made).overlevert, noted()) == (before, None, [])
    assert errors(caplog) == []


def test_what_a_channel_first_failed_with_and_then_delivered_is_told_of(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()), kun_digital=True)
    hand_over(eier, world)
    receive(Kanal.ALTINN, "FEILET", "LEVERT", "LEVERT", letter_id=made)
    assert letter(made).status == Status.IKKE_LEVERT
    assert noted() == [(str(levering(made).id), "UKJENT_HOS_OSS")]
    assert errors(caplog) == ["books_differ", "given_up_letter_is_there"]


def test_a_delivery_told_of_again_after_the_failure_is_nothing_new(
    hus: Hus, eier: Owner, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()), kun_digital=True)
    hand_over(eier, world)
    receive(Kanal.ALTINN, "LEVERT", "FEILET", "LEVERT", letter_id=made)
    assert letter(made).status == Status.IKKE_LEVERT
    assert (noted(), errors(caplog)) == ([], [])
