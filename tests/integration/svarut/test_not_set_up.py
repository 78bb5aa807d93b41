"""What is not set is not used: an installation without digital mailboxes, or without Altinn."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, update

from config.settings import Settings
from fiks.core.db import session, transaction
from fiks.core.errors import ProvIgjen, Uavklart
from fiks.core.queue.owner_lock import Owner
from fiks.svarut.delivery import circuit_breaker, unknown_outcomes
from fiks.svarut.delivery.deliver import Verden, deliver
from fiks.svarut.models import Levering
from fiks.svarut.operations import restore
from fiks.svarut.receipts import reconciliation
from fiks.svarut.receipts.feed import Feed
from fiks.svarut.rules import Bane, Kanal, Status
from tests.integration.houses import Hus, new_fnr
from tests.integration.svarut.letters import hand_over, let_wait_pass, letter, levering, make_letter
from tests.integration.worlds import World
from workers.channels import open_world


def opened(**addresses: str) -> tuple[Verden, dict[Kanal, Feed]]:
    def never() -> Any:
        raise AssertionError("nothing is drawn here")

    settings = Settings.from_env({"FIKS_ENV": "test", "DATABASE_URL": "postgresql://ingen", **addresses})
    return open_world(settings, never, never)


@pytest.mark.parametrize(
    ("addresses", "channels"),
    [
        ({}, []),
        ({"DPI_URL": "http://127.0.0.1:1"}, [Kanal.DPI]),
        ({"ALTINN_URL": "http://127.0.0.1:2"}, [Kanal.ALTINN]),
    ],
)
def test_a_channel_without_an_address_is_neither_called_nor_read(
    addresses: dict[str, str], channels: list[Kanal]
) -> None:
    world, feeds = opened(**addresses)
    assert list(world.kanaler) == channels
    assert set(feeds) == {*channels, Kanal.PRINT}


def without(world: World, *kanaler: Kanal) -> Verden:
    """The world of an installation that has no address of these."""
    others = {kanal: port for kanal, port in world.verden.kanaler.items() if kanal not in kanaler}
    return replace(world.verden, kanaler=others)


def test_without_mailboxes_a_letter_for_one_goes_by_altinn(hus: Hus, eier: Owner, world: World) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    deliver(Bane.ENKELT, eier, without(world, Kanal.DPI))
    assert (letter(made).status, letter(made).kanalregel) == (Status.SENDT_ALTINN, "2b")


def test_without_altinn_a_letter_for_it_waits_says_why_and_goes_when_there_is_one(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr()))
    for _ in range(9):
        deliver(Bane.ENKELT, eier, without(world, Kanal.ALTINN))
        assert (levering(made).status, levering(made).feilkode) == ("VENTER", "ALTINN_IKKE_SATT_OPP")
        assert world.print.antall == 0, "paper is never taken back"
        let_wait_pass(made)
    hand_over(eier, world)
    assert letter(made).status == Status.SENDT_ALTINN


def test_letters_that_wait_for_what_is_not_set_up_are_told_of_as_those_of_a_paused_channel(
    hus: Hus, eier: Owner, world: World
) -> None:
    for _ in range(10):
        make_letter(hus, world.register.add_person(new_fnr()))
        deliver(Bane.ENKELT, eier, without(world, Kanal.ALTINN))
    assert circuit_breaker.state(Kanal.ALTINN) is circuit_breaker.State.PAUSED


def test_an_unknown_outcome_stays_unknown_when_nobody_can_be_asked(
    hus: Hus, eier: Owner, world: World
) -> None:
    made = make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    world.dpi.svar = [Uavklart("TIDSAVBRUDD")]
    hand_over(eier, world)
    long_ago = func.now() - timedelta(hours=3)
    with transaction() as tx:
        tx.execute(update(Levering).values(uavklart_siden=long_ago))
    for _ in range(3):
        assert unknown_outcomes.resolve_unknown_outcomes(without(world, Kanal.DPI)) == 0
        with transaction() as tx:
            tx.execute(update(Levering).values(sist_oppslag=long_ago))
    assert (levering(made).status, levering(made).tomme_oppslag) == ("UAVKLART", 0)


def test_a_restored_house_without_a_channel_looks_up_in_the_others_and_comes_to_an_end(
    hus: Hus, eier: Owner, world: World
) -> None:
    waits = make_letter(hus, world.register.add_person(new_fnr()))
    deliver(Bane.ENKELT, eier, without(world, Kanal.ALTINN))
    make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    assert levering(waits).kanal == "ALTINN"
    session().rollback()
    assert restore.look_up_unsent(eier, without(world, Kanal.ALTINN), ()).sett == 2
    assert restore.unaskable_channels(without(world, Kanal.ALTINN)) == []


def test_one_that_had_letters_before_must_be_set_up_for_the_books_to_agree(
    hus: Hus, eier: Owner, world: World
) -> None:
    make_letter(hus, world.register.add_person(new_fnr(), postkasse="DIGIPOST"))
    hand_over(eier, world)
    assert restore.unaskable_channels(without(world, Kanal.DPI, Kanal.ALTINN)) == [Kanal.DPI]
    assert restore.unaskable_channels(world.verden) == []
    with pytest.raises(ProvIgjen, match="DPI_IKKE_SATT_OPP"):
        without(world, Kanal.DPI).port(Kanal.DPI).lookup("0192f3a4-7b1c-7def-8123-456789012345")


def test_one_that_never_had_a_letter_is_compared_with_as_one_that_knows_none(hus: Hus, world: World) -> None:
    port = without(world, Kanal.DPI).port(Kanal.DPI)
    assert reconciliation.compare(Kanal.DPI, port) == reconciliation.Sammenligning(0)
